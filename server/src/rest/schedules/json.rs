//! A schedule in JSON: what programs are given, and what they send. A body becomes a [`ScheduleDraft`], the same unvalidated text that the
//! form produces, so that both pass the same validation. Which field stands where is one table.

use std::time::Duration;

use domain::error::FieldErrors;
use domain::kind::Values;
use domain::webhook::{NextRun, Pause, ScheduleDraft, form};
use domain::words::parse_duration;
use domain::{AppError, Code};
use engine::service::Described;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::shapes::Settings;
use crate::rest::input::{each_field, flag, object, text, texts};
use crate::rest::kinds;

/// How a value is written in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    /// As its field says.
    Field,
    /// A span of time: seconds.
    Seconds,
}

/// Object, name in it, field of the form. An empty object is the schedule itself.
const PLACES: [(&str, &str, &str, As); 42] = [
    ("trigger", "every_seconds", "every", As::Seconds),
    ("trigger", "cron", "cron", As::Field),
    ("trigger", "at", "at", As::Field),
    ("trigger", "timezone", "timezone", As::Field),
    ("request", "method", "method", As::Field),
    ("request", "url", "url", As::Field),
    ("request", "headers", "headers", As::Field),
    ("request", "body", "body", As::Field),
    ("request", "body_type", "body_type", As::Field),
    ("request", "auth", "auth", As::Field),
    ("request", "username", "username", As::Field),
    ("request", "password", "password", As::Field),
    ("request", "token", "token", As::Field),
    ("request", "hmac_secret", "hmac_secret", As::Field),
    ("request", "hmac_header", "hmac_header", As::Field),
    ("request", "sign", "sign", As::Field),
    ("request", "signing_secret", "signing_secret", As::Field),
    ("request", "redirects", "redirects", As::Field),
    ("request", "insecure", "insecure", As::Field),
    ("success", "accepted_status", "accepted_status", As::Field),
    ("success", "assertions", "assertions", As::Field),
    ("success", "max_latency_ms", "max_latency_ms", As::Field),
    ("retry", "max_attempts", "max_attempts", As::Field),
    ("retry", "max_age_seconds", "max_age", As::Seconds),
    ("retry", "base_seconds", "retry_base", As::Seconds),
    ("retry", "cap_seconds", "retry_cap", As::Seconds),
    ("retry", "statuses", "retry_on", As::Field),
    ("disable", "after_failures", "disable_after", As::Field),
    ("disable", "after_hours", "disable_hours", As::Field),
    ("", "timeout_ms", "timeout_ms", As::Field),
    ("", "connect_timeout_ms", "connect_timeout_ms", As::Field),
    ("", "overlap", "overlap", As::Field),
    ("", "catch_up", "catch_up", As::Field),
    ("", "catch_up_max", "catch_up_max", As::Field),
    ("", "catch_up_window_seconds", "catch_up_window", As::Seconds),
    ("", "not_before", "not_before", As::Field),
    ("", "not_after", "not_after", As::Field),
    ("", "max_runs", "max_runs", As::Field),
    ("", "jitter_seconds", "jitter", As::Seconds),
    ("", "priority", "priority", As::Field),
    ("", "concurrency", "concurrency", As::Field),
    ("", "per_minute", "per_minute", As::Field),
];
/// The objects of it.
const OBJECTS: [&str; 5] = ["trigger", "request", "success", "retry", "disable"];

/// A schedule: when a request is made, and which.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ScheduleJson {
    /// Prefixed and sortable by creation.
    #[schema(example = "sch_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Nightly report")]
    name: String,
    /// For people.
    note: String,
    /// Sorted.
    tags: Vec<String>,
    /// False: it is paused, or has switched itself off; see `pause`.
    enabled: bool,
    /// `failing`, `retrying`, `running`, `well`, `new`, `paused`, `disabled` or `ended`.
    #[schema(example = "well")]
    standing: &'static str,
    /// When it runs, in words.
    #[schema(example = "At 02:00 on Monday")]
    when: String,
    /// The next ten times, with what a change of the clock does to them.
    next_runs: Vec<NextRunJson>,
    /// Who stopped it, when and why.
    pause: Option<PauseJson>,
    /// Failed runs in a row.
    failed_in_a_row: u32,
    /// How the last run ended.
    last_run: Option<LastJson>,
    /// Of the last runs, at most 64, 0 to 1.
    success_rate: Option<f64>,
    /// When it was made.
    created_at: String,
    /// When its settings last changed.
    updated_at: String,
    /// `trigger`, `request`, `success`, `timeout_ms`, `retry`, … as in what is sent. Secrets read back as `••••••••`; sending that keeps them.
    #[serde(flatten)]
    #[schema(value_type = Settings)]
    settings: Map<String, Value>,
}

/// A time that is to come.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct NextRunJson {
    /// When.
    at: String,
    /// What a change of the clock does to it.
    note: Option<&'static str>,
}

/// Why a schedule does not run.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct PauseJson {
    /// Since when.
    at: String,
    /// By whom; null: it switched itself off.
    by: Option<String>,
    /// Why.
    note: String,
    /// When it goes on by itself.
    until: Option<String>,
}

/// How the last run ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct LastJson {
    /// When it was due.
    nominal_at: String,
    /// `succeeded`, `failed` or `cancelled`.
    state: &'static str,
    /// The last status.
    status: Option<u16>,
    /// When it ended.
    ended_at: String,
    /// How long its last attempt took.
    duration_ms: u32,
    /// What went wrong; empty: nothing.
    error: String,
}

impl From<NextRun> for NextRunJson {
    fn from(next: NextRun) -> Self {
        Self { at: next.at.to_rfc3339(), note: next.note.map(domain::webhook::ShiftNote::words) }
    }
}

impl From<Pause> for PauseJson {
    fn from(pause: Pause) -> Self {
        Self {
            at: pause.at.to_rfc3339(),
            by: Some(pause.by).filter(|by| !by.is_empty()),
            note: pause.note,
            until: pause.until.map(domain::Timestamp::to_rfc3339),
        }
    }
}

impl From<Described> for ScheduleJson {
    fn from(described: Described) -> Self {
        let Described { schedule, progress, standing, next } = described;
        let spec = &schedule.spec;
        Self {
            id: schedule.id.to_string(),
            name: spec.name.clone(),
            note: spec.note.clone(),
            tags: spec.tags.clone(),
            enabled: progress.pause.is_none(),
            standing: standing.name(),
            when: spec.when(),
            next_runs: next.into_iter().map(Into::into).collect(),
            success_rate: progress.success_rate(),
            failed_in_a_row: progress.streak,
            last_run: progress.last.map(|last| LastJson {
                nominal_at: last.nominal.to_rfc3339(),
                state: last.state.name(),
                status: last.status,
                ended_at: last.ended_at.to_rfc3339(),
                duration_ms: last.duration_ms,
                error: last.note,
            }),
            pause: progress.pause.map(Into::into),
            created_at: schedule.id.created_at().to_rfc3339(),
            updated_at: schedule.updated_at.to_rfc3339(),
            settings: written(&spec.settings.0),
        }
    }
}

/// The settings in their objects.
fn written(values: &Values) -> Map<String, Value> {
    let fields = kinds::write(form().iter(), values);
    let mut settings: Map<String, Value> = OBJECTS.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let trigger = values.get("trigger").map_or("every", String::as_str);
    for (place, name, field, how) in PLACES {
        let other_trigger = matches!((field, trigger), ("every", "cron" | "once") | ("cron", "every" | "once") | ("at", "every" | "cron"));
        if other_trigger {
            continue;
        }
        let value = match how {
            As::Field => fields.get(field).cloned().unwrap_or(Value::Null),
            As::Seconds => {
                let text = fields.get(field).and_then(Value::as_str).unwrap_or_default();
                parse_duration(text, Duration::from_secs(60)).map_or(Value::Null, seconds)
            }
        };
        match settings.get_mut(place).and_then(Value::as_object_mut) {
            Some(object) => drop(object.insert(name.to_owned(), value)),
            None => drop(settings.insert(name.to_owned(), value)),
        }
    }
    settings
}

/// Whole seconds as a whole number.
fn seconds(span: Duration) -> Value {
    if span.subsec_nanos() == 0 { Value::from(span.as_secs()) } else { Value::from(span.as_secs_f64()) }
}

/// What a schedule can be made of. `request.url` and `trigger` are required. In `PATCH`, what is left out stays and null means the default.
#[derive(serde::Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct ScheduleInput {
    /// Default: method and host.
    #[schema(example = "Nightly report")]
    name: Option<String>,
    /// For people.
    note: Option<String>,
    /// At most 20.
    tags: Option<Vec<String>>,
    /// False: it begins paused. Default: true.
    enabled: Option<bool>,
    /// `trigger` and `request.url` are required.
    #[serde(flatten)]
    settings: Settings,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 10] =
    ["id", "standing", "when", "next_runs", "pause", "failed_in_a_row", "last_run", "success_rate", "created_at", "updated_at"];

/// Reads a body on top of what there is: nothing for a new schedule, the saved settings for an edited one. When some of it cannot be read,
/// what is wrong with the rest of it is told as well, as `judge` says.
pub(super) fn read(
    body: &[u8],
    mut draft: ScheduleDraft,
    judge: impl FnOnce(&ScheduleDraft) -> Result<(), AppError>,
) -> Result<ScheduleDraft, AppError> {
    let document = object(body)?;
    let mut nested = FieldErrors::new();
    let mut unread = each_field(&document, |name, value| match name {
        "name" => text(value, &mut draft.name),
        "note" => text(value, &mut draft.note),
        "tags" => texts(value).map(|tags| draft.tags = tags.join(", ")),
        "enabled" => flag(value, true).map(|yes| draft.enabled = if yes { "on".into() } else { String::new() }),
        "trigger" => trigger(value, &mut draft, &mut nested),
        name if OBJECTS.contains(&name) => inner(name, value, &mut draft, &mut nested),
        name if READ_ONLY.contains(&name) => Ok(()),
        name => put("", name, value, &mut draft),
    });
    if !nested.is_empty() {
        nested.into_error().fields.into_iter().for_each(|wrong| unread.add(wrong.field, wrong.message));
    }
    if unread.is_empty() {
        return Ok(draft);
    }
    let judged = judge(&draft).map_err(in_json);
    unread.join(judged).map(|()| draft)
}

/// Puts a value into its field.
fn put(place: &str, name: &str, value: &Value, draft: &mut ScheduleDraft) -> Result<(), &'static str> {
    let known = PLACES.iter().find(|(p, n, ..)| *p == place && *n == name);
    let Some(((_, _, field, how), described)) = known.and_then(|known| Some((known, form().get(known.2)?))) else {
        return Err("There is no such field.");
    };
    let text = match how {
        As::Field => kinds::read(described, value)?,
        As::Seconds if value.is_null() => String::new(),
        As::Seconds => {
            let seconds = value.as_f64().filter(|n| n.is_finite() && *n >= 0.0).ok_or("This has to be a number of seconds.")?;
            format!("{seconds} s")
        }
    };
    draft.settings.insert((*field).to_owned(), text);
    Ok(())
}

fn inner(place: &str, value: &Value, draft: &mut ScheduleDraft, nested: &mut FieldErrors) -> Result<(), &'static str> {
    let object = match value {
        Value::Null => {
            let fields = PLACES.iter().filter(|(p, ..)| *p == place).map(|(_, _, field, _)| *field);
            fields.for_each(|field| drop(draft.settings.remove(field)));
            return Ok(());
        }
        Value::Object(object) => object,
        _ => return Err("This has to be an object."),
    };
    let wrong = each_field(object, |name, value| put(place, name, value, draft));
    if !wrong.is_empty() {
        wrong.into_error().fields.into_iter().for_each(|wrong| nested.add(format!("{place}.{}", wrong.field), wrong.message));
    }
    Ok(())
}

/// A trigger is sent whole: it is one of three.
fn trigger(value: &Value, draft: &mut ScheduleDraft, nested: &mut FieldErrors) -> Result<(), &'static str> {
    const ONE: &str = "This has to have exactly one of every_seconds, cron and at.";
    let object = value.as_object().ok_or("This has to be an object.")?;
    let has = |name: &str| object.get(name).is_some_and(|value| !value.is_null());
    let chosen: Vec<&str> = [("every_seconds", "every"), ("cron", "cron"), ("at", "once")]
        .into_iter()
        .filter(|(name, _)| has(name))
        .map(|(_, kind)| kind)
        .collect();
    let [kind] = chosen.as_slice() else { return Err(ONE) };
    for field in ["every", "cron", "at", "timezone"] {
        draft.settings.remove(field);
    }
    draft.settings.insert("trigger".into(), (*kind).to_owned());
    inner("trigger", value, draft, nested)
}

/// Names in errors as they are in JSON.
pub(super) fn in_json(mut error: AppError) -> AppError {
    if error.code == Code::Invalid {
        for wrong in &mut error.fields {
            if let Some((place, name, ..)) = PLACES.iter().find(|(_, _, field, _)| *field == wrong.field) {
                wrong.field = if place.is_empty() { (*name).to_owned() } else { format!("{place}.{name}") };
            }
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_field_of_the_form_has_its_place() {
        let missing: Vec<_> =
            form().iter().filter(|field| field.name != "trigger" && !PLACES.iter().any(|(_, _, name, _)| *name == field.name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(PLACES.iter().all(|(_, _, name, _)| form().get(name).is_some()));
    }

    #[test]
    fn every_field_is_described_in_its_place() {
        let document = serde_json::to_value(crate::rest::openapi::describe()).expect("JSON");
        let described = |place: &str| {
            let name = if place.is_empty() { "Settings".to_owned() } else { format!("{}{}", place[..1].to_uppercase(), &place[1..]) };
            let schema =
                document["components"]["schemas"][format!("Schedule{name}")]["properties"].as_object().cloned().unwrap_or_default();
            schema.into_iter().map(|(name, _)| name).filter(|name| !OBJECTS.contains(&name.as_str())).collect::<BTreeSet<_>>()
        };
        for place in OBJECTS.into_iter().chain([""]) {
            let known = PLACES.iter().filter(|(p, ..)| *p == place).map(|(_, name, ..)| (*name).to_owned()).collect::<BTreeSet<_>>();
            assert_eq!(described(place), known, "{place}");
        }
    }

    #[test]
    fn a_body_becomes_a_draft_and_reads_back_the_same() {
        let body = json!({
            "name": "Nightly", "trigger": {"cron": "0 2 * * *", "timezone": "Europe/Riga"},
            "request": {"method": "PUT", "url": "https://example.com/x", "headers": {"X-Key": "k"}, "body": "hello"},
            "timeout_ms": 2_000, "retry": {"max_attempts": 5, "max_age_seconds": 90.5}, "overlap": "queue", "priority": "high", "enabled": true,
        });
        let draft = read(body.to_string().as_bytes(), ScheduleDraft::default(), |_| Ok(())).expect("a draft");
        let spec = draft.validate(domain::Timestamp::from_millis(1_790_000_000_000)).expect("valid");
        let back = written(&spec.settings.0);
        assert_eq!((&back["trigger"], &back["timeout_ms"], &back["overlap"]), (&body["trigger"], &json!(2_000), &json!("queue")));
        assert_eq!((&back["retry"]["max_attempts"], &back["retry"]["max_age_seconds"]), (&json!(5), &json!(90.5)));
        assert_eq!((&back["request"]["method"], &back["request"]["headers"]["X-Key"]), (&json!("PUT"), &json!("••••••••")));
    }

    #[test]
    fn mistakes_have_their_names_in_json() {
        let body = br#"{"trigger":{"every_seconds":60,"cron":"* * * * *"},"request":{"url":7,"nonsense":1},"priority":5,"nobody":1}"#;
        let error = read(body, ScheduleDraft::default(), |_| Ok(())).expect_err("wrong");
        let mut fields: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["nobody", "priority", "request.nonsense", "request.url", "trigger"]);
        let judged = in_json(AppError::field("max_age", "no"));
        assert_eq!(judged.fields[0].field, "retry.max_age_seconds");
    }
}
