//! What programs send: JSON becomes a [`MonitorDraft`], the same unvalidated text that forms produce, so that both pass
//! the same validation. Every mistake is named under the name that it has in JSON.

use domain::error::FieldErrors;
use domain::kind::Kind;
use domain::monitor::MonitorDraft;
use domain::{AppError, Code};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::kinds;

/// What a monitor can be made of: the fields here, and those of its kind. In `PATCH`, what is left out stays and null means
/// the default.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(super) struct MonitorInput {
    /// `http`, `tcp`, `ping`, `dns`, `tls`, `websocket`, `grpc`, `domain`, `heartbeat`, `postgres`, `mysql`, `redis`, `smtp`, `ssh` or
    /// `group`. Default: http. It cannot be changed.
    #[schema(example = "http")]
    kind: Option<String>,
    /// Default: the host of the address. Heartbeats and groups need one.
    #[schema(example = "Checkout API")]
    name: Option<String>,
    /// 1 to 86400. Default: 60. A heartbeat has a period instead.
    #[schema(example = 60)]
    interval_seconds: Option<u32>,
    /// 50 to the interval. Default: 10 s or 80 % of the interval, whichever is less.
    #[schema(example = 10_000)]
    timeout_ms: Option<u32>,
    /// 1 to 20. Default: 2, or 1 for heartbeats and groups.
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
    /// Ids or names of monitors of this space: while one of them is down, this one is unreachable instead of down. At most 20.
    depends_on: Option<Vec<String>>,
    /// Lower case.
    tags: Option<Vec<String>>,
    /// For people.
    note: Option<String>,
    /// False: paused.
    enabled: Option<bool>,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 12] = [
    "ping_path",
    "running_since",
    "id",
    "state",
    "state_since",
    "state_confirmed_at",
    "state_unwatched_seconds",
    "flapping",
    "last_check",
    "next_check_at",
    "created_at",
    "updated_at",
];

/// What a body asks for.
#[derive(Debug)]
pub(super) struct Change {
    pub draft: MonitorDraft,
    pub enabled: Option<bool>,
    /// What could not be read; the draft has nothing of it.
    pub unread: FieldErrors,
}

impl Change {
    /// What is wrong with a body of which not everything could be read: also what is wrong with the rest of it, as `judge` says.
    pub fn legible(self, judge: impl FnOnce(&MonitorDraft) -> Result<(), AppError>) -> Result<Self, AppError> {
        if self.unread.is_empty() {
            return Ok(self);
        }
        let judged = judge(&self.draft).map_err(in_json);
        self.unread.clone().join(judged).map(|()| self)
    }
}

/// Reads a body on top of what there is: nothing for a new monitor, the saved settings for an edited one.
pub(super) fn read(body: &[u8], mut draft: MonitorDraft) -> Result<Change, AppError> {
    let object = object(body)?;
    let mut enabled = None;
    let kind = kind(object.get("kind"), &mut draft)?;
    let unread = each_field(&object, |name, value| match name {
        "kind" => Ok(()),
        "name" => text(value, &mut draft.name),
        "interval_seconds" => number(value, "s", &mut draft.interval),
        "timeout_ms" => number(value, "ms", &mut draft.timeout),
        "failures_before_down" => count(value, &mut draft.failures),
        "successes_before_up" => count(value, &mut draft.successes),
        "retry_interval_ms" => number(value, "ms", &mut draft.retry),
        "upside_down" => flag(value, false).map(|yes| draft.upside_down = if yes { "on".into() } else { String::new() }),
        "depends_on" => texts(value).map(|ids| draft.depends_on = ids.join("\n")),
        "tags" => texts(value).map(|tags| draft.tags = tags.join(", ")),
        "note" => text(value, &mut draft.note),
        "enabled" => flag(value, true).map(|yes| enabled = Some(yes)),
        name if READ_ONLY.contains(&name) => Ok(()),
        name => match kind.field(name) {
            Some(field) => kinds::read(field, value).map(|text| drop(draft.settings.insert(field.name.to_owned(), text))),
            None if Kind::ALL.into_iter().any(|other| other.field(name).is_some()) => Err("This kind of monitor has no such field."),
            None => Err("There is no such field."),
        },
    });
    Ok(Change { draft, enabled, unread })
}

/// The object that a body is.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, AppError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(AppError::new(Code::Invalid, "The body has to be a JSON object.")),
        Err(error) => Err(AppError::new(Code::Invalid, format!("The body is not JSON: {error}."))),
    }
}

/// Reads a body that may be empty.
pub(super) fn optional(body: &[u8]) -> Result<Map<String, Value>, AppError> {
    if body.iter().all(u8::is_ascii_whitespace) { Ok(Map::new()) } else { object(body) }
}

/// A text of a body; empty where there is none.
pub(super) fn text_of(body: &Map<String, Value>, name: &str) -> Result<String, AppError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(AppError::field(name, "This has to be a text.")),
    }
}

/// A flag of a body; false where there is none.
pub(super) fn flag_of(body: &Map<String, Value>, name: &str) -> Result<bool, AppError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(AppError::field(name, "This has to be true or false.")),
    }
}

/// Refuses a body with fields that nobody knows.
pub(super) fn known(body: &Map<String, Value>, names: &[&str]) -> Result<(), AppError> {
    match body.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(AppError::field(name, "There is no such field.")),
        None => Ok(()),
    }
}

/// Reads every field of an object, and names all that could not be read.
pub(super) fn each_field(object: &Map<String, Value>, mut read: impl FnMut(&str, &Value) -> Result<(), &'static str>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (name, value) in object {
        if let Err(message) = read(name, value) {
            errors.add(name.chars().take(80).collect::<String>(), message);
        }
    }
    errors
}

/// The kind decides which fields there are, so it is read first.
fn kind(value: Option<&Value>, draft: &mut MonitorDraft) -> Result<Kind, AppError> {
    match value {
        None => {}
        Some(Value::Null) => draft.kind.clear(),
        Some(Value::String(name)) => name.clone_into(&mut draft.kind),
        Some(_) => return Err(AppError::field("kind", "This has to be a text.")),
    }
    draft.kind().ok_or_else(|| AppError::field("kind", format!("There are {}.", Kind::ALL.map(Kind::name).join(", "))))
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
        value => *field = format!("{} {unit}", value.as_u64().ok_or("This has to be a whole number from 0 on.")?),
    }
    Ok(())
}

fn count(value: &Value, field: &mut String) -> Result<(), &'static str> {
    match value {
        Value::Null => field.clear(),
        value => *field = value.as_u64().ok_or("This has to be a whole number from 0 on.")?.to_string(),
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

pub(super) fn texts(value: &Value) -> Result<Vec<String>, &'static str> {
    const WRONG: &str = "This has to be a list of texts without commas.";
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            let text = |item: &Value| item.as_str().filter(|text| !text.contains([',', '\n'])).map(str::to_owned);
            items.iter().map(text).collect::<Option<_>>().ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
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
        read(body.as_bytes(), MonitorDraft::default())?.legible(|draft| draft.validate().map(drop)).map(|change| change.draft)
    }

    #[test]
    fn when_a_result_is_believed_is_read_and_refused_by_its_name() {
        let body = r#"{"url":"example.com","failures_before_down":3,"successes_before_up":2,"retry_interval_ms":5000,"upside_down":true}"#;
        let spec = draft(body).and_then(|draft| draft.validate()).expect("valid");
        assert_eq!((spec.confirmation.failures, spec.confirmation.successes, spec.upside_down), (3, 2, true));
        assert_eq!(spec.retry_after(), std::time::Duration::from_secs(5));
        let wrong = draft(r#"{"url":"example.com","failures_before_down":0,"retry_interval_ms":1}"#).expect("texts");
        let named = in_json(wrong.validate().expect_err("too few"));
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
        assert_eq!((draft.setting("headers"), draft.setting("accepted_status")), ("A: 1\nB: 2\nB: 3", "200-299, 301"));
        assert!(draft.validate().is_ok());
    }

    #[test]
    fn every_mistake_is_named() {
        let body =
            r#"{"url":1,"interval_seconds":"60","timeout_ms":1.5,"headers":{"A":1},"tags":"a","enabled":"no","send":"x","colour":"red"}"#;
        let error = draft(body).expect_err("wrong");
        let mut named: Vec<_> = error.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["colour", "enabled", "headers", "interval_seconds", "send", "tags", "timeout_ms", "url"]);
        let both = draft(r#"{"url":"ftp://x","retry_interval_ms":1,"colour":"red"}"#).expect_err("an unknown field and wrong values");
        let mut named: Vec<_> = both.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["colour", "retry_interval_ms", "url"]);
        assert!(draft("[]").is_err() && draft("{").is_err());
    }

    #[test]
    fn the_kind_decides_which_fields_there_are() {
        let tcp = draft(r#"{"send":"PING","address":"x.example:1","kind":"tcp"}"#).expect("valid");
        assert_eq!((tcp.kind.as_str(), tcp.setting("send")), ("tcp", "PING"));
        assert_eq!(draft(r#"{"kind":"telepathy"}"#).expect_err("unknown").fields[0].field, "kind");
        assert_eq!(draft(r#"{"kind":"tcp","url":"x"}"#).expect_err("not its field").fields[0].field, "url");
    }
}
