//! What programs send: JSON becomes a [`MonitorDraft`], the same unvalidated text that forms produce, so that both pass
//! the same validation. Every mistake is named under the name that it has in JSON.

use std::collections::BTreeMap;

use domain::error::FieldErrors;
use domain::monitor::MonitorDraft;
use domain::{AppError, Code};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What a monitor can be made of. Only `url` is required. In `PATCH`, what is left out stays and null means the default.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(super) struct MonitorInput {
    /// `http`.
    #[schema(example = "http")]
    kind: Option<String>,
    /// Default: the host of the URL.
    #[schema(example = "Checkout API")]
    name: Option<String>,
    /// `http` or `https`; without a scheme, `https`.
    #[schema(example = "https://api.example.com/health")]
    url: String,
    /// Default: GET.
    #[schema(example = "GET")]
    method: Option<String>,
    /// 1 to 86400. Default: 60.
    #[schema(example = 60)]
    interval_seconds: Option<u32>,
    /// 50 to the interval. Default: 10 s or 80 % of the interval, whichever is less.
    #[schema(example = 10_000)]
    timeout_ms: Option<u32>,
    /// Values may be lists, for several headers of one name.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    headers: Option<BTreeMap<String, String>>,
    /// Sent as it is.
    body: Option<String>,
    /// Default: `["200-299"]`.
    #[schema(example = json!(["200-299", "301"]))]
    accepted_status: Option<Vec<String>>,
    /// 1 to 20. Default: 2.
    #[schema(example = 2)]
    failures_before_down: Option<u32>,
    /// 1 to 20. Default: 1.
    #[schema(example = 1)]
    successes_before_up: Option<u32>,
    /// 500 to the interval. Default: 10 s or half the interval, whichever is less.
    #[schema(example = 10_000)]
    retry_interval_ms: Option<u32>,
    /// True: up means that nothing answers. Default: false.
    upside_down: Option<bool>,
    /// Lower case.
    tags: Option<Vec<String>>,
    /// For people.
    note: Option<String>,
    /// False: paused.
    enabled: Option<bool>,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 9] =
    ["id", "state", "state_since", "state_confirmed_at", "flapping", "last_check", "next_check_at", "created_at", "updated_at"];

/// What a body asks for.
#[derive(Debug)]
pub(super) struct Change {
    pub draft: MonitorDraft,
    pub enabled: Option<bool>,
}

/// Reads a body on top of what there is: nothing for a new monitor, the saved settings for an edited one.
pub(super) fn read(body: &[u8], mut draft: MonitorDraft) -> Result<Change, AppError> {
    let object = object(body)?;
    let mut enabled = None;
    each_field(&object, |name, value| match name {
        "kind" if value == "http" || value.is_null() => Ok(()),
        "kind" => Err("The only kind is http."),
        "name" => text(value, &mut draft.name),
        "url" => text(value, &mut draft.url),
        "method" => text(value, &mut draft.method),
        "interval_seconds" => number(value, "s", &mut draft.interval),
        "timeout_ms" => number(value, "ms", &mut draft.timeout),
        "headers" => headers(value, &mut draft.headers),
        "body" => text(value, &mut draft.body),
        "accepted_status" => list(value, &mut draft.accepted_status),
        "failures_before_down" => count(value, &mut draft.failures),
        "successes_before_up" => count(value, &mut draft.successes),
        "retry_interval_ms" => number(value, "ms", &mut draft.retry),
        "upside_down" => flag(value, false).map(|yes| draft.upside_down = if yes { "on".into() } else { String::new() }),
        "tags" => list(value, &mut draft.tags),
        "note" => text(value, &mut draft.note),
        "enabled" => flag(value, true).map(|yes| enabled = Some(yes)),
        name if READ_ONLY.contains(&name) => Ok(()),
        _ => Err("There is no such field."),
    })?;
    Ok(Change { draft, enabled })
}

/// The object that a body is.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, AppError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(AppError::new(Code::Invalid, "The body has to be a JSON object.")),
        Err(error) => Err(AppError::new(Code::Invalid, format!("The body is not JSON: {error}."))),
    }
}

/// Reads every field of an object; all that are wrong are named at once.
pub(super) fn each_field(
    object: &Map<String, Value>,
    mut read: impl FnMut(&str, &Value) -> Result<(), &'static str>,
) -> Result<(), AppError> {
    let mut errors = FieldErrors::new();
    for (name, value) in object {
        if let Err(message) = read(name, value) {
            errors.add(name.chars().take(80).collect::<String>(), message);
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.into_error()) }
}

pub(super) fn text(value: &Value, field: &mut String) -> Result<(), &'static str> {
    match value {
        Value::String(text) => text.clone_into(field),
        Value::Null => field.clear(),
        _ => return Err("This has to be a text."),
    }
    Ok(())
}

fn number(value: &Value, unit: &str, field: &mut String) -> Result<(), &'static str> {
    match value {
        Value::Null => field.clear(),
        value => *field = format!("{} {unit}", value.as_u64().ok_or("This has to be a whole number.")?),
    }
    Ok(())
}

fn count(value: &Value, field: &mut String) -> Result<(), &'static str> {
    match value {
        Value::Null => field.clear(),
        value => *field = value.as_u64().ok_or("This has to be a whole number.")?.to_string(),
    }
    Ok(())
}

pub(super) fn flag(value: &Value, default: bool) -> Result<bool, &'static str> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Null => Ok(default),
        _ => Err("This has to be true or false."),
    }
}

fn list(value: &Value, field: &mut String) -> Result<(), &'static str> {
    const WRONG: &str = "This has to be a list of texts without commas.";
    let items = match value {
        Value::Null => Vec::new(),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().filter(|text| !text.contains([',', '\n']))).collect::<Option<_>>().ok_or(WRONG)?
        }
        _ => return Err(WRONG),
    };
    *field = items.join(", ");
    Ok(())
}

fn headers(value: &Value, field: &mut String) -> Result<(), &'static str> {
    let empty = Map::new();
    let map = match value {
        Value::Null => &empty,
        Value::Object(map) => map,
        _ => return Err("This has to be an object of names and values."),
    };
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
    *field = lines.join("\n");
    Ok(())
}

/// Names in errors as they are in JSON, where they differ from the form's.
pub(super) fn in_json(mut error: AppError) -> AppError {
    for wrong in &mut error.fields {
        match wrong.field.as_str() {
            "interval" => "interval_seconds".clone_into(&mut wrong.field),
            "timeout" => "timeout_ms".clone_into(&mut wrong.field),
            "failures" => "failures_before_down".clone_into(&mut wrong.field),
            "successes" => "successes_before_up".clone_into(&mut wrong.field),
            "retry" => "retry_interval_ms".clone_into(&mut wrong.field),
            _ => {}
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(body: &str) -> Result<MonitorDraft, AppError> {
        read(body.as_bytes(), MonitorDraft::default()).map(|change| change.draft)
    }

    #[test]
    fn when_a_result_is_believed_is_read_and_refused_by_its_name() {
        let body = r#"{"url":"example.com","failures_before_down":3,"successes_before_up":2,"retry_interval_ms":5000,"upside_down":true}"#;
        let spec = draft(body).and_then(|draft| draft.validate(&[])).expect("valid");
        assert_eq!((spec.confirmation.failures, spec.confirmation.successes, spec.upside_down), (3, 2, true));
        assert_eq!(spec.retry_after(), std::time::Duration::from_secs(5));
        let wrong = draft(r#"{"url":"example.com","failures_before_down":0,"retry_interval_ms":1}"#).expect("texts");
        let named = in_json(wrong.validate(&[]).expect_err("too few"));
        let fields: Vec<_> = named.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(fields, ["failures_before_down", "retry_interval_ms"]);
        let back = read(br#"{"upside_down":null}"#, MonitorDraft { upside_down: "on".into(), ..MonitorDraft::default() }).expect("valid");
        assert_eq!(back.draft.upside_down, "", "null is the default");
    }

    #[test]
    fn a_body_becomes_a_draft() {
        let body = r#"{"url":"example.com","interval_seconds":30,"timeout_ms":1500,"headers":{"A":"1","B":["2","3"]},
            "accepted_status":["200-299","301"],"tags":["a","b"],"enabled":false,"state":"up","name":null}"#;
        let change = read(body.as_bytes(), MonitorDraft { name: "old".into(), ..MonitorDraft::default() }).expect("valid");
        assert_eq!(change.enabled, Some(false));
        let draft = change.draft;
        assert_eq!((draft.interval.as_str(), draft.timeout.as_str(), draft.name.as_str()), ("30 s", "1500 ms", ""));
        assert_eq!((draft.headers.as_str(), draft.accepted_status.as_str()), ("A: 1\nB: 2\nB: 3", "200-299, 301"));
        assert!(draft.validate(&[]).is_ok());
    }

    #[test]
    fn every_mistake_is_named() {
        let body =
            r#"{"url":1,"interval_seconds":"60","timeout_ms":1.5,"headers":{"A":1},"tags":"a","enabled":"no","kind":"tcp","colour":"red"}"#;
        let error = draft(body).expect_err("wrong");
        let mut named: Vec<_> = error.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["colour", "enabled", "headers", "interval_seconds", "kind", "tags", "timeout_ms", "url"]);
        assert!(draft("[]").is_err() && draft("{").is_err());
    }

    #[test]
    fn nothing_is_smuggled_into_headers() {
        for body in [r#"{"headers":{"A":"1\nB: 2"}}"#, r#"{"headers":{"A\nB":"1"}}"#, r#"{"headers":{"A: B":"1"}}"#] {
            assert!(draft(body).is_err(), "{body}");
        }
    }
}
