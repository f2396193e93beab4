//! What an answer has to be, as people write it: one assertion a line.
//!
//! ```text
//! body contains "all good"            header content-type contains json
//! body not matches (?i)error          header x-cache exists
//! json $.status == "up"               json $.queue.length < 100
//! json $.items[*].ok == true          url == https://example.com/home
//! ```
//!
//! A JSONPath (RFC 9535) that selects several values asserts of each of them; one that selects nothing fails. Regular
//! expressions take linear time; of `..`, which visits a whole document, a path has at most two.

use std::fmt;

use regex::{Regex, RegexBuilder};
use serde_json::Value;
use serde_json_path::JsonPath;

/// The most assertions of a monitor.
pub const MOST: usize = 20;
/// The size of a compiled expression, in bytes.
const REGEX_BYTES: usize = 1 << 20;

/// What is looked at.
#[derive(Debug, Clone)]
pub enum Subject {
    /// The body, as text.
    Body,
    /// A header of the answer, by its name in lower case.
    Header(String),
    /// Values inside the body, which is JSON.
    Json(JsonPath),
    /// The address of the final answer.
    Url,
}

/// What has to be so.
#[derive(Debug, Clone)]
enum Test {
    Exists,
    Missing,
    Equals(String),
    Differs(String),
    Contains(String),
    Lacks(String),
    Matches(Regex),
    Differing(Regex),
    Compares(Ordering, f64),
}

#[derive(Debug, Clone, Copy)]
enum Ordering {
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Assertion {
    text: String,
    subject: Subject,
    test: Test,
}

impl PartialEq for Assertion {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The words between a subject and a value, the longer ones first.
const OPERATORS: [&str; 11] =
    [" not contains ", " not matches ", " contains ", " matches ", " == ", " != ", " <= ", " >= ", " < ", " > ", " = "];

impl Assertion {
    /// Reads a line.
    ///
    /// # Errors
    /// A sentence that names the line and what is wrong with it.
    pub fn parse(line: &str) -> Result<Self, String> {
        let line = line.trim();
        let wrong = |what: String| format!("“{}”: {what}", line.chars().take(60).collect::<String>());
        let (subject, operator, value) = split(line).ok_or_else(|| {
            wrong(
                "this is not an assertion. They look like: body contains ok, header content-type contains json, json $.status == \"up\"."
                    .into(),
            )
        })?;
        let subject = parse_subject(subject).map_err(&wrong)?;
        let test = parse_test(operator, value).map_err(&wrong)?;
        if matches!(test, Test::Exists | Test::Missing) && matches!(subject, Subject::Body | Subject::Url) {
            return Err(wrong("only a header or a JSON value can exist or be missing.".into()));
        }
        Ok(Self { text: line.to_owned(), subject, test })
    }

    /// Whether it needs the body of the answer.
    pub fn needs_body(&self) -> bool {
        matches!(self.subject, Subject::Body | Subject::Json(_))
    }

    /// What it looks at.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Judges a text that is there or not. An error is what was there instead.
    pub fn judge_text(&self, actual: Option<&str>) -> Result<(), String> {
        let Some(actual) = actual else {
            return if matches!(self.test, Test::Missing) { Ok(()) } else { Err("it is missing".into()) };
        };
        let holds = match &self.test {
            Test::Exists => true,
            Test::Missing => false,
            Test::Equals(text) => actual == text,
            Test::Differs(text) => actual != text,
            Test::Contains(text) => actual.contains(text.as_str()),
            Test::Lacks(text) => !actual.contains(text.as_str()),
            Test::Matches(regex) => regex.is_match(actual),
            Test::Differing(regex) => !regex.is_match(actual),
            Test::Compares(ordering, bound) => actual.trim().parse().is_ok_and(|number| ordering.holds(number, *bound)),
        };
        if holds { Ok(()) } else { Err(format!("it is “{}”", shown(actual))) }
    }

    /// Judges the values that a path selects. An error is what was there instead. Heavy for a large document: not for a
    /// thread that others wait for.
    pub fn judge_json(&self, path: &JsonPath, document: &Value) -> Result<(), String> {
        let selected = path.query(document).all();
        if selected.is_empty() {
            return self.judge_text(None);
        }
        selected.into_iter().try_for_each(|value| self.judge_value(value))
    }

    fn judge_value(&self, value: &Value) -> Result<(), String> {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // Numbers are compared as numbers, and so are a typed list or object: spaces do not matter.
        let same = |typed: &str| serde_json::from_str::<Value>(typed).is_ok_and(|typed| same_value(&typed, value)) || typed == text;
        match &self.test {
            Test::Equals(typed) if same(typed) => Ok(()),
            Test::Differs(typed) if same(typed) => Err(format!("it is {}", shown(&value.to_string()))),
            Test::Equals(_) => Err(format!("it is {}", shown(&value.to_string()))),
            _ => self.judge_text(Some(&text)),
        }
    }
}

fn same_value(typed: &Value, actual: &Value) -> bool {
    match (typed.as_f64(), actual.as_f64()) {
        (Some(typed), Some(actual)) => typed.total_cmp(&actual).is_eq(),
        _ => typed == actual,
    }
}

/// The beginning of what was there.
fn shown(actual: &str) -> String {
    let flat: String = actual.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    if actual.chars().count() > 80 { format!("{flat}…") } else { flat }
}

impl Ordering {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Less => number < bound,
            Self::AtMost => number <= bound,
            Self::Greater => number > bound,
            Self::AtLeast => number >= bound,
        }
    }
}

/// Subject, operator and value of a line. The first operator outside of brackets and quotes counts: paths have some inside.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    let (mut depth, mut quote) = (0u32, None);
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, ' ') if depth == 0 => {
                let rest = line.get(at..).unwrap_or_default();
                if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
                    let value = rest.get(operator.len()..).unwrap_or_default();
                    return Some((line.get(..at)?, operator.trim(), value.trim()));
                }
            }
            _ => {}
        }
    }
    let (subject, operator) = line.rsplit_once(' ')?;
    matches!(operator, "exists" | "missing").then_some((subject, operator, ""))
}

fn parse_subject(text: &str) -> Result<Subject, String> {
    let text = text.trim();
    match text.split_once(' ') {
        None if text == "body" => Ok(Subject::Body),
        None if text == "url" => Ok(Subject::Url),
        Some(("header", name)) if crate::http::is_token(name.trim()) => Ok(Subject::Header(name.trim().to_lowercase())),
        Some(("header", name)) => Err(format!("“{name}” is not a header name.")),
        Some(("json", path)) => {
            if path.matches("..").count() > 2 {
                return Err("a path has at most two “..”: each of them visits the whole document.".into());
            }
            JsonPath::parse(path.trim()).map(Subject::Json).map_err(|error| format!("“{path}” is not a JSONPath: {error}."))
        }
        _ => Err("an assertion begins with body, header NAME, json PATH or url.".into()),
    }
}

fn parse_test(operator: &str, value: &str) -> Result<Test, String> {
    let unquoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value);
    let regex = || {
        let built = RegexBuilder::new(unquoted).size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES).build();
        built
            .map_err(|error| format!("“{unquoted}” is not a regular expression: {}.", error.to_string().lines().last().unwrap_or_default()))
    };
    let number = || unquoted.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(|| format!("“{value}” is not a number."));
    if value.is_empty() && !matches!(operator, "exists" | "missing") {
        return Err("the value is missing.".into());
    }
    Ok(match operator {
        "exists" => Test::Exists,
        "missing" => Test::Missing,
        "==" | "=" => Test::Equals(unquoted.to_owned()),
        "!=" => Test::Differs(unquoted.to_owned()),
        "contains" => Test::Contains(unquoted.to_owned()),
        "not contains" => Test::Lacks(unquoted.to_owned()),
        "matches" => Test::Matches(regex()?),
        "not matches" => Test::Differing(regex()?),
        "<" => Test::Compares(Ordering::Less, number()?),
        "<=" => Test::Compares(Ordering::AtMost, number()?),
        ">" => Test::Compares(Ordering::Greater, number()?),
        _ => Test::Compares(Ordering::AtLeast, number()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(line: &str, actual: Option<&str>) -> bool {
        Assertion::parse(line).expect(line).judge_text(actual).is_ok()
    }

    fn json(line: &str, document: &str) -> Result<(), String> {
        let assertion = Assertion::parse(line).expect(line);
        let Subject::Json(path) = assertion.subject().clone() else { return Err("no path".into()) };
        assertion.judge_json(&path, &serde_json::from_str(document).expect(document))
    }

    #[test]
    fn texts() {
        for (line, actual, holds) in [
            ("body contains ok", "all ok", true),
            ("body contains \"all ok\"", "all ok", true),
            ("body not contains error", "an error", false),
            ("body matches ^a.*k$", "all ok", true),
            ("body not matches (?i)ERROR", "an error", false),
            ("header content-length < 100", "99", true),
            ("header content-length < 100", "many", false),
            ("url == https://example.com/", "https://example.com/", true),
            ("header x-a = b = c", "b = c", true),
        ] {
            assert_eq!(judge(line, Some(actual)), holds, "{line} of {actual}");
        }
        assert!(judge("header x missing", None) && !judge("header x exists", None) && judge("header x exists", Some("")));
        assert!(!judge("header x not contains y", None), "what is missing lacks nothing");
    }

    #[test]
    fn values_inside_json() {
        let document = r#"{"status":"up","n":100.0,"items":[{"ok":true},{"ok":true}],"list":[1, 2],"none":null}"#;
        for line in [
            r#"json $.status == "up""#,
            "json $.status == up",
            "json $.n == 100",
            "json $.n >= 100",
            "json $.items[*].ok == true",
            "json $.items[?@.ok == true].ok exists",
            "json $.list == [1,2]",
            "json $.none == null",
            "json $.other missing",
        ] {
            assert_eq!(json(line, document), Ok(()), "{line}");
        }
        assert_eq!(json("json $.n < 100", document), Err("it is “100.0”".into()));
        assert_eq!(json("json $.status == down", document), Err("it is \"up\"".into()));
        assert_eq!(json("json $.other == 1", document), Err("it is missing".into()));
        assert!(json("json $.items[*].ok == true", r#"{"items":[{"ok":true},{"ok":false}]}"#).is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, part) in [
            ("contains ok", "not an assertion"),
            ("cookie contains ok", "begins with"),
            ("ok", "not an assertion"),
            ("body contains", "not an assertion"),
            ("body matches (", "not a regular expression"),
            ("json status == 1", "not a JSONPath"),
            ("json $..a..b..c == 1", "at most two"),
            ("body < many", "not a number"),
            ("header a b exists", "not a header name"),
            ("body exists", "only a header"),
        ] {
            let error = Assertion::parse(line).expect_err(line);
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
