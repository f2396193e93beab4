//! The fields of kinds, of monitors and of channels, in JSON: read, written and described by what each kind says of its fields.

use domain::kind::{Field, Input, Kind, Values};
use domain::monitor::KEPT;
use serde_json::{Map, Value};
use utoipa::Modify;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr, Schema};

/// Writes a value of JSON as the text of a field.
pub(super) fn read(field: &Field, value: &Value) -> Result<String, &'static str> {
    if value.is_null() {
        return Ok(String::new());
    }
    match field.input {
        Input::Line | Input::Zone | Input::Text | Input::Secret | Input::SecretText | Input::Choice(_) => {
            value.as_str().map(str::to_owned).ok_or("This has to be a text.")
        }
        Input::Number => value.as_u64().map(|n| n.to_string()).ok_or("This has to be a whole number from 0 on."),
        Input::Millis => value.as_u64().map(|n| format!("{n} ms")).ok_or("This has to be a whole number from 0 on."),
        Input::Flag => match value.as_bool() {
            Some(true) => Ok("on".into()),
            Some(false) => Ok(String::new()),
            None => Err("This has to be true or false."),
        },
        Input::List | Input::Monitors => {
            items(value, &[',', '\n']).ok_or("This has to be a list of texts without commas.").map(|l| l.join(", "))
        }
        Input::Lines => items(value, &['\n']).ok_or("This has to be a list of texts of one line.").map(|l| l.join("\n")),
        Input::Headers => headers(value),
    }
}

fn items<'a>(value: &'a Value, without: &[char]) -> Option<Vec<&'a str>> {
    value.as_array()?.iter().map(|item| item.as_str().filter(|text| !text.contains(without))).collect()
}

fn headers(value: &Value) -> Result<String, &'static str> {
    let map = value.as_object().ok_or("This has to be an object of names and values.")?;
    let mut lines = Vec::new();
    for (name, value) in map {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        for value in values {
            let value = value.as_str().ok_or("The value of a header has to be a text, or a list of texts.")?;
            // The draft has a header a line: a line break would smuggle in another one.
            if [name, value].into_iter().any(|part| part.contains(['\r', '\n'])) || name.contains(':') {
                return Err("A header has a line break or a colon in the wrong place.");
            }
            lines.push(format!("{name}: {value}"));
        }
    }
    Ok(lines.join("\n"))
}

/// Fields of a kind with their values; secrets are hidden, and what was not chosen has its default.
pub(super) fn write(fields: impl Iterator<Item = &'static Field>, values: &Values) -> Map<String, Value> {
    fields.map(|field| (field.name.to_owned(), written(field, values.get(field.name).map(String::as_str)))).collect()
}

fn written(field: &Field, value: Option<&str>) -> Value {
    let text = value.unwrap_or(field.default);
    let list = |separators: &[char]| text.split(separators).map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect();
    match field.input {
        Input::Flag => Value::from(!text.is_empty()),
        Input::List | Input::Monitors => Value::Array(list(&[',', '\n'])),
        Input::Lines => Value::Array(list(&['\n'])),
        Input::Headers => hidden_headers(text),
        Input::Choice(options) => Value::from(value.or(options.first().map(|(name, _)| *name))),
        _ if text.is_empty() => Value::Null,
        Input::Secret | Input::SecretText => Value::from(KEPT),
        Input::Number => text.parse::<u64>().map_or(Value::Null, Value::from),
        Input::Millis => {
            let span = domain::words::parse_duration(text, std::time::Duration::from_secs(1));
            span.and_then(|span| u64::try_from(span.as_millis()).ok()).map_or(Value::Null, Value::from)
        }
        Input::Line | Input::Zone | Input::Text => Value::from(text),
    }
}

/// Names without values; several of one name are a list.
fn hidden_headers(text: &str) -> Value {
    let mut counts: Map<String, Value> = Map::new();
    for name in text.lines().filter_map(|line| line.split(':').next()).map(str::trim) {
        // The spelling of the first one stands for all.
        let name = counts.keys().find(|there| there.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned());
        let next = match counts.get(&name) {
            None => Value::from(KEPT),
            Some(Value::Array(there)) => Value::from(vec![KEPT; there.len() + 1]),
            Some(_) => Value::from(vec![KEPT; 2]),
        };
        counts.insert(name, next);
    }
    Value::Object(counts)
}

/// Adds the fields of the kinds to the schemas of what is sent and answered.
pub(super) struct KindFields;

impl Modify for KindFields {
    fn modify(&self, document: &mut OpenApi) {
        let Some(components) = document.components.as_mut() else { return };
        for name in ["MonitorInput", "MonitorJson"] {
            if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(name) {
                for field in Kind::ALL.into_iter().flat_map(Kind::fields) {
                    object.properties.entry(field.name.to_owned()).or_insert_with(|| described(field));
                }
            }
        }
    }
}

fn described(field: &'static Field) -> RefOr<Schema> {
    let kinds: Vec<&str> = Kind::ALL.into_iter().filter(|kind| kind.field(field.name).is_some()).map(Kind::name).collect();
    let mut text = format!("{}. Of {}.", field.label, kinds.join(", "));
    if field.required {
        text = format!("{text} Required.");
    }
    if let Input::Choice(options) = field.input {
        let names: Vec<String> = options.iter().map(|(name, words)| format!("`{name}` ({words})")).collect();
        text = format!("{text} {}.", names.join(", "));
    }
    if !field.default.is_empty() {
        text = format!("{text} Default: `{}`.", field.default);
    }
    if !field.hint.is_empty() {
        text = format!("{text} {}", field.hint);
    }
    if field.input.is_secret() {
        text = format!("{text} Reads back as `{KEPT}`; sending that keeps the saved value.");
    }
    let plain = |kind: Type| {
        RefOr::T(Schema::Object(
            ObjectBuilder::new().schema_type(SchemaType::from_iter([kind, Type::Null])).description(Some(text.clone())).build(),
        ))
    };
    match field.input {
        Input::Number | Input::Millis => plain(Type::Integer),
        Input::Flag => plain(Type::Boolean),
        Input::Headers => plain(Type::Object),
        Input::List | Input::Lines | Input::Monitors => {
            let item = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
            RefOr::T(Schema::Array(ArrayBuilder::new().items(item).description(Some(text)).build()))
        }
        _ => plain(Type::String),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_can_be_read_again() {
        let values: Values = [
            ("url", "https://x.example/"),
            ("headers", "A: 1\nB: 2\nb: 3"),
            ("accepted_status", "200-299, 301"),
            ("assertions", "body contains a, b\njson $.x == 1"),
            ("degraded_above_ms", "800 ms"),
            ("insecure", "on"),
            ("token", "hunter2"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let json = write(Kind::Http.fields(), &values);
        assert_eq!(json["headers"], json!({"A": KEPT, "B": [KEPT, KEPT]}));
        assert_eq!((&json["accepted_status"], &json["degraded_above_ms"]), (&json!(["200-299", "301"]), &json!(800)));
        assert_eq!((&json["insecure"], &json["token"], &json["method"]), (&json!(true), &json!(KEPT), &json!("GET")));
        assert_eq!((&json["auth"], &json["body"], &json["redirects"]), (&json!("none"), &Value::Null, &json!(10)));
        assert!(!Value::Object(json.clone()).to_string().contains("hunter2"));
        for (name, value) in &json {
            let field = Kind::Http.field(name).expect(name);
            assert!(read(field, value).is_ok(), "{name}");
        }
    }

    #[test]
    fn nothing_is_smuggled_into_headers() {
        for value in [json!({"A": "1\nB: 2"}), json!({"A\nB": "1"}), json!({"A: B": "1"}), json!({"A": 1}), json!("A: 1")] {
            assert!(headers(&value).is_err(), "{value}");
        }
    }
}
