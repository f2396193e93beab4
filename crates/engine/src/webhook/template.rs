//! Fills in what people write into addresses, headers and bodies of requests: `{{ run.id }}`, `{{ secret.API_KEY }}`.
//!
//! Invariants: a template costs a bounded amount of time, memory and text; a name that means nothing is an error, so that no request goes out
//! with a hole in it; what is kept of a request was filled in without the values of secrets.

use std::collections::BTreeMap;

use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a template may use up: a unit is a step, or about a byte of text that is made.
const FUEL: u64 = 500_000;
/// How deep it may go.
const DEPTH: usize = 32;
/// Bytes that it may write.
const OUTPUT: usize = 256 * 1024;
/// What stands in the place of a secret in what is kept.
const HIDDEN: &str = "••••";
/// What may stand in a URL as it is (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What templates know of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Of the schedule.
    pub schedule: (String, String, Vec<String>),
    /// The id of the run.
    pub run: String,
    /// When it was due, in RFC 3339.
    pub nominal: String,
    /// The same in seconds since 1970.
    pub nominal_unix: i64,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// `schedule`, `catch_up`, `manual` or `backfill`.
    pub trigger: &'static str,
    /// The time of the attempt, in RFC 3339.
    pub now: String,
    /// The same in seconds since 1970.
    pub now_unix: i64,
    /// Random, another one for each attempt.
    pub uuid: String,
    /// Status and body of the answer to the run before.
    pub last: Option<(Option<u16>, String)>,
    /// The values by their names.
    pub secrets: BTreeMap<String, String>,
}

/// How a value is written where nothing says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Percent-encoded.
    Url,
    /// As it is.
    Text,
}

impl Facts {
    /// An invented run, by which a template is judged.
    pub fn example(secrets: BTreeMap<String, String>) -> Self {
        Self {
            schedule: ("sch_0".into(), "Example".into(), vec!["example".into()]),
            run: "occ_0".into(),
            nominal: "2026-11-25T02:00:00Z".into(),
            nominal_unix: 1_795_572_000,
            attempt: 1,
            trigger: "schedule",
            now: "2026-11-25T02:00:00.120Z".into(),
            now_unix: 1_795_572_000,
            uuid: "00000000-0000-4000-8000-000000000000".into(),
            last: Some((Some(200), "{}".into())),
            secrets,
        }
    }

    fn value(&self, hidden: bool) -> Value {
        let (id, name, tags) = &self.schedule;
        let secrets: BTreeMap<String, String> =
            self.secrets.iter().map(|(name, value)| (name.clone(), if hidden { HIDDEN.to_owned() } else { value.clone() })).collect();
        // There is always a last answer, also before the first run, so that no template waits for it for ever: status 0, and no body.
        let (status, body) = self.last.clone().unwrap_or_default();
        let json = serde_json::from_str::<serde_json::Value>(&body).unwrap_or_else(|_| serde_json::Value::Object(serde_json::Map::new()));
        let last = context! { status => status.unwrap_or(0), body => body, json => Value::from(Serde(json)) };
        context! {
            schedule => context! { id => id, name => name, tags => tags },
            run => context! {
                id => self.run.clone(), nominal => self.nominal.clone(), nominal_unix => self.nominal_unix, attempt => self.attempt, trigger => self.trigger,
            },
            now => self.now.clone(), now_unix => self.now_unix, uuid => self.uuid.clone(), last => last, secret => secrets,
        }
    }
}

/// A text filled in, once with the values of secrets and once without.
pub(crate) fn fill(text: &str, place: Place, facts: &Facts) -> Result<(String, String), String> {
    if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
        return Ok((text.to_owned(), text.to_owned()));
    }
    let sent = one(text, place, facts.value(false))?;
    let kept = if text.contains("secret") { one(text, place, facts.value(true))? } else { sent.clone() };
    Ok((sent, kept))
}

/// Judges a template by filling it in for an invented run.
///
/// # Errors
/// A sentence that says what is wrong, and in which line.
pub(crate) fn check(text: &str, secrets: &BTreeMap<String, String>) -> Result<(), String> {
    fill(text, Place::Text, &Facts::example(secrets.clone())).map(drop)
}

fn one(text: &str, place: Place, facts: Value) -> Result<String, String> {
    let mut env = Environment::empty();
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(DEPTH);
    // A value that may be missing, such as the answer before the first run, can be asked for by `default`.
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.add_filter("json", |value: Value| {
        serde_json::to_string(&value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
    });
    env.add_filter("url", |text: String| encoded(&text));
    env.add_filter("base64", |text: String| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    });
    env.add_filter("date", |text: String| text.get(..10).unwrap_or_default().to_owned());
    env.add_filter("default", minijinja::filters::default);
    env.add_filter("upper", |text: String| text.to_uppercase());
    env.add_filter("lower", |text: String| text.to_lowercase());
    env.add_filter("trim", |text: String| text.trim().to_owned());
    env.add_filter("join", minijinja::filters::join);
    env.add_filter("length", minijinja::filters::length);
    if place == Place::Url {
        env.set_formatter(|out, _, value| {
            if value.is_undefined() || value.is_none() {
                return Ok(());
            }
            out.write_str(&encoded(&value.to_string())).map_err(Error::from)
        });
    }
    let mut written = Bounded::default();
    let template = env.template_from_str(text).map_err(|error| said(&error, false, None))?;
    if let Err(error) = template.render_captured_to(&facts, &mut written) {
        let missing = template.undeclared_variables(true).into_iter().filter(|name| !is_there(&facts, name)).min();
        return Err(said(&error, written.full, missing.as_deref()));
    }
    String::from_utf8(written.bytes).map_err(|_| "It does not make a text.".to_owned())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// Whether a dotted name means something.
fn is_there(facts: &Value, name: &str) -> bool {
    let found = name.split('.').try_fold(facts.clone(), |value, part| value.get_attr(part).ok().filter(|value| !value.is_undefined()));
    found.is_some()
}

fn said(error: &Error, full: bool, missing: Option<&str>) -> String {
    let line = error.line().unwrap_or(1);
    let what = match error.kind() {
        _ if full => format!("it makes more than {} KiB", OUTPUT / 1024),
        ErrorKind::OutOfFuel => "it takes too long".into(),
        ErrorKind::UndefinedError => match missing {
            Some(name) => format!("there is no “{}”", name.chars().take(80).collect::<String>()),
            None => "it names something that there is not".into(),
        },
        _ => error.detail().map_or_else(|| error.kind().to_string(), str::to_owned),
    };
    format!("The template is wrong in line {line}: {what}.")
}

#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    full: bool,
}

impl std::io::Write for Bounded {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + data.len() > OUTPUT {
            self.full = true;
            return Err(std::io::Error::other("too much text"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts { run: "occ_a b&c".into(), ..Facts::example([("KEY".to_owned(), "hunter2 \"x\"".to_owned())].into()) }
    }

    #[test]
    fn values_are_written_as_their_place_needs_them() {
        let url = fill("https://example.com/r/{{ run.id }}?d={{ run.nominal | date }}", Place::Url, &facts()).expect("fine");
        assert_eq!(url.0, "https://example.com/r/occ_a%20b%26c?d=2026-11-25");
        let body = fill("{\"key\": {{ secret.KEY | json }}, \"n\": {{ run.attempt }}}", Place::Text, &facts()).expect("fine");
        assert_eq!(body.0, "{\"key\": \"hunter2 \\\"x\\\"\", \"n\": 1}");
        assert_eq!(body.1, "{\"key\": \"••••\", \"n\": 1}");
        for last in [None, Some((Some(200), "no document".to_owned())), Some((Some(200), "{\"x\": null}".to_owned()))] {
            let facts = Facts { last, ..facts() };
            assert_eq!(fill("{{ last.json.y | default('none') }}", Place::Text, &facts).expect("fine").0, "none");
            assert!(fill("{{ last.status }}", Place::Text, &facts).is_ok());
        }
    }

    #[test]
    fn what_is_wrong_is_said_and_what_is_too_much_is_stopped() {
        let none = BTreeMap::new();
        for (text, part) in [
            ("{{ secret.MISSING }}", "no “secret.MISSING”"),
            ("{{ run.id }}\n{{ rum.id }}", "line 2: there is no “rum.id”"),
            ("{{ run.id", "line 1"),
            ("\n{% if %}", "line 2"),
            ("{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}", ""),
            ("{{ nonsense(1) }}", ""),
        ] {
            let error = check(text, &none).expect_err(text);
            assert!(error.contains(part) && error.starts_with("The template is wrong"), "{text}: {error}");
        }
        assert!(check("{{ run.nominal_unix }} {{ uuid }} {{ schedule.tags | join(', ') }}", &none).is_ok());
    }
}
