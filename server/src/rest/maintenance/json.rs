//! A maintenance window in JSON: what programs are given, and what they send. A body becomes a [`WindowDraft`], the same
//! unvalidated text that the form produces, so that both pass the same validation.

use domain::AppError;
use domain::maintenance::{Covers, Occurrence, Repeat, Window, WindowDraft, WindowState};
use domain::monitor::spell;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::rest::input::{each_field, flag, object, text, texts};

/// A maintenance window.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct WindowJson {
    /// Prefixed and sortable by creation.
    #[schema(example = "mnt_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Database upgrade")]
    name: String,
    /// For people.
    note: String,
    /// Which monitors it is for: `all`, `tags` or `chosen`.
    #[schema(example = "tags")]
    covers: &'static str,
    /// With `tags`: monitors with any of them are meant.
    tags: Vec<String>,
    /// With `chosen`: the ids of monitors.
    monitors: Vec<String>,
    /// `once`, `daily`, `weekly` or `cron`.
    #[schema(example = "weekly")]
    repeat: &'static str,
    /// With `once`: when it begins, on the wall of the time zone.
    #[schema(example = "2026-11-30T02:00")]
    start: Option<String>,
    /// With `daily` and `weekly`: the time of day.
    #[schema(example = "02:00")]
    time: Option<String>,
    /// With `weekly`: `mon` to `sun`.
    #[schema(example = json!(["sat", "sun"]))]
    days: Vec<&'static str>,
    /// With `cron`: five fields.
    cron: Option<String>,
    /// How long it lasts.
    #[schema(example = 60)]
    duration_minutes: u64,
    /// On whose wall it begins: an IANA name.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    /// False: it begins only when somebody starts it.
    enabled: bool,
    /// `open`, `next`, `past` or `off`.
    #[schema(example = "next")]
    state: &'static str,
    /// The time that is open now or comes next.
    occurrence: Option<OccurrenceJson>,
    /// When it was made.
    created_at: String,
    /// When its settings last changed.
    updated_at: String,
}

/// One time that a window is open.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct OccurrenceJson {
    /// The first instant.
    from: String,
    /// The instant after the last.
    to: String,
}

impl From<Occurrence> for OccurrenceJson {
    fn from(one: Occurrence) -> Self {
        Self { from: one.from.to_rfc3339(), to: one.to.to_rfc3339() }
    }
}

impl From<(Window, WindowState)> for WindowJson {
    fn from((window, state): (Window, WindowState)) -> Self {
        let Window { id, spec, updated_at, .. } = window;
        let mut json = Self {
            id: id.to_string(),
            name: spec.name,
            note: spec.note,
            covers: spec.covers.name(),
            tags: Vec::new(),
            monitors: Vec::new(),
            repeat: spec.repeat.name(),
            start: None,
            time: None,
            days: Vec::new(),
            cron: None,
            duration_minutes: spec.duration.as_secs() / 60,
            timezone: spec.zone,
            enabled: spec.enabled,
            state: state.name(),
            occurrence: state.occurrence().map(Into::into),
            created_at: id.created_at().to_rfc3339(),
            updated_at: updated_at.to_rfc3339(),
        };
        match spec.covers {
            Covers::All => {}
            Covers::Tagged(tags) => json.tags = tags,
            Covers::Chosen(ids) => json.monitors = ids.iter().map(ToString::to_string).collect(),
        }
        match spec.repeat {
            Repeat::Once(start) => json.start = Some(start.to_string()),
            Repeat::Daily(time) => json.time = Some(time.to_string()),
            Repeat::Weekly(days, time) => (json.days, json.time) = (days.names().collect(), Some(time.to_string())),
            Repeat::Cron(text) => json.cron = Some(text),
        }
        json
    }
}

/// What a maintenance window can be made of. `duration_minutes` is required, and what belongs to the way it repeats. In
/// `PATCH`, what is left out stays and null means the default.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct WindowInput {
    /// Default: when it begins, in words.
    #[schema(example = "Database upgrade")]
    name: Option<String>,
    /// For people.
    note: Option<String>,
    /// Which monitors it is for: `all`, `tags` or `chosen`. Default: `all`.
    #[schema(example = "tags")]
    covers: Option<String>,
    /// With `tags`: monitors with any of them are meant.
    tags: Option<Vec<String>>,
    /// With `chosen`: ids or names of monitors of this space.
    monitors: Option<Vec<String>>,
    /// `once`, `daily`, `weekly` or `cron`. Default: `once`.
    #[schema(example = "weekly")]
    repeat: Option<String>,
    /// With `once`: when it begins, on the wall of the time zone.
    #[schema(example = "2026-11-30T02:00")]
    start: Option<String>,
    /// With `daily` and `weekly`: the time of day.
    #[schema(example = "02:00")]
    time: Option<String>,
    /// With `weekly`: `mon` to `sun`.
    #[schema(example = json!(["sat", "sun"]))]
    days: Option<Vec<String>>,
    /// With `cron`: five fields.
    cron: Option<String>,
    /// 1 to 43200.
    #[schema(example = 60)]
    duration_minutes: u32,
    /// An IANA name. Default: `UTC`.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// False: it begins only when somebody starts it. Default: true.
    enabled: Option<bool>,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 5] = ["id", "state", "occurrence", "created_at", "updated_at"];

/// Reads a body on top of what there is: nothing for a new window, the saved settings for an edited one. When some of it cannot be
/// read, what is wrong with the rest of it is told as well, as `judge` says.
pub(super) fn read(
    body: &[u8],
    mut draft: WindowDraft,
    judge: impl FnOnce(&WindowDraft) -> Result<(), AppError>,
) -> Result<WindowDraft, AppError> {
    let object = object(body)?;
    let unread = each_field(&object, |name, value| match name {
        "name" => text(value, &mut draft.name),
        "note" => text(value, &mut draft.note),
        "covers" => text(value, &mut draft.covers),
        "tags" => texts(value).map(|tags| draft.tags = tags.join(", ")),
        "monitors" => texts(value).map(|ids| draft.monitors = ids.join("\n")),
        "repeat" => text(value, &mut draft.repeat),
        "start" => text(value, &mut draft.start),
        "time" => text(value, &mut draft.time),
        "days" => texts(value).map(|days| draft.days = days),
        "cron" => text(value, &mut draft.cron),
        "duration_minutes" => minutes(value).map(|duration| draft.duration = duration),
        "timezone" => text(value, &mut draft.zone),
        "enabled" => flag(value, true).map(|yes| draft.enabled = if yes { "on".into() } else { String::new() }),
        name if READ_ONLY.contains(&name) => Ok(()),
        _ => Err("There is no such field."),
    });
    if unread.is_empty() {
        return Ok(draft);
    }
    let judged = judge(&draft).map_err(in_json);
    unread.join(judged).map(|()| draft)
}

fn minutes(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::Null => Ok(String::new()),
        value => {
            let minutes = value.as_u64().ok_or("This has to be a whole number from 0 on.")?;
            Ok(spell(std::time::Duration::from_secs(minutes.saturating_mul(60))))
        }
    }
}

/// Names in errors as they are in JSON, where they differ from the form's.
pub(super) fn in_json(mut error: AppError) -> AppError {
    for wrong in &mut error.fields {
        match wrong.field.as_str() {
            "duration" => "duration_minutes".clone_into(&mut wrong.field),
            "zone" => "timezone".clone_into(&mut wrong.field),
            _ => {}
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_body_becomes_a_draft_and_mistakes_have_their_names_in_json() {
        let body = r#"{"repeat":"weekly","days":["sat"],"time":"02:00","duration_minutes":90,"timezone":"Europe/Berlin","covers":"tags","tags":["db","api"],"state":"open"}"#;
        let judge = |draft: &WindowDraft| draft.validate(Timestamp::default()).map(drop);
        let draft = read(body.as_bytes(), WindowDraft::default(), judge).expect("valid");
        assert_eq!((draft.duration.as_str(), draft.tags.as_str(), draft.zone.as_str()), ("90 min", "db, api", "Europe/Berlin"));
        assert!(draft.validate(Timestamp::default()).is_ok());
        let wrong = read(br#"{"days":"sat","duration_minutes":"90","colour":1}"#, WindowDraft::default(), judge).expect_err("wrong");
        let mut named: Vec<_> = wrong.fields.iter().map(|field| field.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["colour", "days", "duration_minutes", "start"]);
        let short = WindowDraft { duration: "0".into(), zone: "Mars".into(), ..draft };
        let named = in_json(short.validate(Timestamp::default()).expect_err("invalid"));
        assert_eq!(named.fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["duration_minutes", "timezone"]);
    }
}
