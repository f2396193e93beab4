//! A rule in JSON: what programs are given, and what they send. A body becomes a [`RuleDraft`], the same unvalidated text that the form
//! produces, so that both pass the same validation.

use domain::AppError;
use domain::alert::rule::{Audience, PEOPLE, Quiet, STEPS_MAX, Step};
use domain::alert::{Rule, RuleDraft};
use domain::error::FieldErrors;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::rest::input::{each_field, flag, object, text, texts};

/// A rule: which events of which monitors are told where.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct RuleJson {
    /// Prefixed and sortable by creation.
    #[schema(example = "rul_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    pub id: String,
    /// What people call it.
    #[schema(example = "Production to on call")]
    name: String,
    /// False: it sends nothing.
    enabled: bool,
    /// Of which events.
    #[schema(example = json!(["down", "up"]))]
    events: Vec<&'static str>,
    /// Of which monitors: all that is named has to fit.
    #[serde(rename = "match")]
    matching: MatchJson,
    /// Who is told first: ids of channels.
    channels: Vec<String>,
    /// Whether the members of the space are told first as well, each as they prefer.
    members: bool,
    /// So long it has to last before it is told.
    delay_seconds: u64,
    /// It is told again after this pause, then after twice as long, until somebody acknowledges; null: never.
    reminder_seconds: Option<u64>,
    /// Nothing is sent in these hours; it waits for their end.
    quiet_hours: Option<QuietJson>,
    /// The zone of the quiet hours and of the times that messages tell: an IANA name.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
    /// Who is told next while nobody has acknowledged.
    steps: Vec<StepJson>,
    /// When it was made.
    created_at: String,
    /// When its settings last changed.
    updated_at: String,
}

/// Which monitors a rule is for.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct MatchJson {
    /// With any of these tags; empty: any.
    tags: Vec<String>,
    /// One of these; empty: any.
    monitors: Vec<String>,
    /// Members of these groups, and the groups; empty: any.
    groups: Vec<String>,
    /// A name in which `*` stands for anything; empty: any.
    #[schema(example = "api*")]
    name: String,
    /// Of these kinds; empty: any.
    kinds: Vec<String>,
}

/// Hours in which nothing is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct QuietJson {
    /// The time of day at which they begin.
    #[schema(example = "22:00")]
    from: String,
    /// The time of day at which they end; earlier than `from`: the next morning.
    #[schema(example = "07:00")]
    to: String,
}

/// A step of an escalation.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct StepJson {
    /// So long after it was certain; longer than the step before.
    #[schema(example = 900)]
    after_seconds: u64,
    /// Ids of channels.
    channels: Vec<String>,
    /// Whether the members of the space are told, each as they prefer.
    members: bool,
}

impl From<Quiet> for QuietJson {
    fn from(quiet: Quiet) -> Self {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        Self { from: clock(quiet.from), to: clock(quiet.to) }
    }
}

fn channels(audience: &Audience) -> Vec<String> {
    audience.channels.iter().map(ToString::to_string).collect()
}

impl From<Step> for StepJson {
    fn from(step: Step) -> Self {
        Self { after_seconds: step.after.as_secs(), channels: channels(&step.to), members: step.to.people }
    }
}

impl From<Rule> for RuleJson {
    fn from(rule: Rule) -> Self {
        let Rule { id, spec, enabled, updated_at, .. } = rule;
        Self {
            id: id.to_string(),
            name: spec.name,
            enabled,
            events: spec.events.iter().map(domain::alert::Event::name).collect(),
            matching: MatchJson {
                tags: spec.matching.tags,
                monitors: spec.matching.monitors.iter().map(ToString::to_string).collect(),
                groups: spec.matching.groups.iter().map(ToString::to_string).collect(),
                name: spec.matching.name,
                kinds: spec.matching.kinds,
            },
            channels: channels(&spec.to),
            members: spec.to.people,
            delay_seconds: spec.delay.as_secs(),
            reminder_seconds: spec.reminder.map(|pause| pause.as_secs()),
            quiet_hours: spec.quiet.map(Into::into),
            timezone: spec.zone,
            steps: spec.steps.into_iter().map(Into::into).collect(),
            created_at: id.created_at().to_rfc3339(),
            updated_at: updated_at.to_rfc3339(),
        }
    }
}

/// What a rule can be made of. `events` is required, and somebody to tell. In `PATCH`, what is left out stays and null means the
/// default; lists and steps are sent whole.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct RuleInput {
    /// Default: its events in words.
    #[schema(example = "Production to on call")]
    name: Option<String>,
    /// False: it sends nothing. Default: true.
    enabled: Option<bool>,
    /// Of which events.
    #[schema(example = json!(["down", "up"]))]
    events: Vec<String>,
    /// `tags`, `monitors` and `groups` (ids or names), `name` (in which `*` stands for anything), `kinds`. All that is named has to fit; in `PATCH`,
    /// what it does not name stays. Default: all monitors.
    #[schema(value_type = Option<Object>, example = json!({"tags": ["web"]}))]
    r#match: Option<Map<String, Value>>,
    /// Who is told first: ids of channels.
    channels: Option<Vec<String>>,
    /// Whether the members of the space are told first as well, each as they prefer. Default: false.
    members: Option<bool>,
    /// 0 to 86400. Default: 0.
    #[schema(example = 120)]
    delay_seconds: Option<u32>,
    /// 60 to 86400. Default: no reminders.
    #[schema(example = 1800)]
    reminder_seconds: Option<u32>,
    /// `{"from": "22:00", "to": "07:00"}`. Default: none.
    #[schema(value_type = Option<Object>, example = json!({"from": "22:00", "to": "07:00"}))]
    quiet_hours: Option<Map<String, Value>>,
    /// An IANA name. Default: `UTC`.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// At most 3: `{"after_seconds": 900, "channels": ["chn_…"], "members": false}`. Default: none.
    #[schema(value_type = Option<Vec<Object>>, example = json!([{"after_seconds": 900, "members": true}]))]
    steps: Option<Vec<Map<String, Value>>>,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 3] = ["id", "created_at", "updated_at"];

/// Reads a body on top of what there is: nothing for a new rule, the saved settings for an edited one. When some of it cannot be
/// read, what is wrong with the rest of it is told as well, as `judge` says.
pub(super) fn read(
    body: &[u8],
    mut draft: RuleDraft,
    judge: impl FnOnce(&RuleDraft) -> Result<(), AppError>,
) -> Result<RuleDraft, AppError> {
    let object = object(body)?;
    let mut nested = FieldErrors::new();
    let mut unread = each_field(&object, |name, value| match name {
        "name" => text(value, &mut draft.name),
        "enabled" => flag(value, true).map(|yes| draft.enabled = if yes { "on".into() } else { String::new() }),
        "events" => texts(value).map(|names| draft.events = names),
        "match" => matching(value, &mut draft, &mut nested),
        "channels" => texts(value).map(|ids| put_channels(&mut draft.to, ids)),
        "members" => flag(value, false).map(|yes| put_members(&mut draft.to, yes)),
        "delay_seconds" => seconds(value, &mut draft.delay),
        "reminder_seconds" => seconds(value, &mut draft.reminder),
        "quiet_hours" => quiet(value, &mut draft, &mut nested),
        "timezone" => text(value, &mut draft.zone),
        "steps" => steps(value, &mut draft, &mut nested),
        name if READ_ONLY.contains(&name) => Ok(()),
        _ => Err("There is no such field."),
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

/// Channels beside the members, who are a word among them in a draft.
fn put_channels(to: &mut Vec<String>, ids: Vec<String>) {
    to.retain(|word| word == PEOPLE);
    to.extend(ids);
}

fn put_members(to: &mut Vec<String>, yes: bool) {
    to.retain(|word| word != PEOPLE);
    if yes {
        to.insert(0, PEOPLE.to_owned());
    }
}

fn seconds(value: &Value, field: &mut String) -> Result<(), &'static str> {
    match value {
        Value::Null => field.clear(),
        value => *field = format!("{} s", value.as_u64().ok_or("This has to be a whole number from 0 on.")?),
    }
    Ok(())
}

fn matching(value: &Value, draft: &mut RuleDraft, nested: &mut FieldErrors) -> Result<(), &'static str> {
    let object = match value {
        Value::Null => {
            let fresh = RuleDraft::default();
            (draft.tags, draft.monitors, draft.groups, draft.like, draft.kinds) =
                (fresh.tags, fresh.monitors, fresh.groups, fresh.like, fresh.kinds);
            return Ok(());
        }
        Value::Object(object) => object,
        _ => return Err("This has to be an object, such as {\"tags\": [\"web\"]}."),
    };
    let wrong = each_field(object, |name, value| match name {
        "tags" => texts(value).map(|tags| draft.tags = tags.join(", ")),
        "monitors" => texts(value).map(|ids| draft.monitors = ids.join("\n")),
        "groups" => texts(value).map(|ids| draft.groups = ids.join("\n")),
        "name" => text(value, &mut draft.like),
        "kinds" => texts(value).map(|names| draft.kinds = names),
        _ => Err("There is no such field."),
    });
    below("match", wrong, nested);
    Ok(())
}

fn quiet(value: &Value, draft: &mut RuleDraft, nested: &mut FieldErrors) -> Result<(), &'static str> {
    let hours = match value {
        Value::Null => &Map::new(),
        Value::Object(hours) => hours,
        _ => return Err("This has to be an object with from and to."),
    };
    (draft.quiet_from, draft.quiet_to) = (String::new(), String::new());
    let wrong = each_field(hours, |name, value| match name {
        "from" => text(value, &mut draft.quiet_from),
        "to" => text(value, &mut draft.quiet_to),
        _ => Err("There is no such field."),
    });
    below("quiet_hours", wrong, nested);
    Ok(())
}

fn steps(value: &Value, draft: &mut RuleDraft, nested: &mut FieldErrors) -> Result<(), &'static str> {
    const WRONG: &str = "This has to be a list of at most 3 steps.";
    let list: &[Value] = match value {
        Value::Null => &[],
        Value::Array(list) if list.len() <= STEPS_MAX => list,
        _ => return Err(WRONG),
    };
    let RuleDraft { after1, to1, after2, to2, after3, to3, .. } = draft;
    for (n, (after, to)) in [(after1, to1), (after2, to2), (after3, to3)].into_iter().enumerate() {
        after.clear();
        to.clear();
        let step = match list.get(n) {
            None => continue,
            Some(Value::Object(step)) => step,
            Some(_) => return Err(WRONG),
        };
        let wrong = each_field(step, |name, value| match name {
            "after_seconds" => seconds(value, after),
            "channels" => texts(value).map(|ids| put_channels(to, ids)),
            "members" => flag(value, false).map(|yes| put_members(to, yes)),
            _ => Err("There is no such field."),
        });
        below(&format!("steps[{n}]"), wrong, nested);
    }
    Ok(())
}

fn below(name: &str, wrong: FieldErrors, nested: &mut FieldErrors) {
    if !wrong.is_empty() {
        wrong.into_error().fields.into_iter().for_each(|wrong| nested.add(format!("{name}.{}", wrong.field), wrong.message));
    }
}

/// Names in errors as they are in JSON, where they differ from the form's.
pub(super) fn in_json(mut error: AppError) -> AppError {
    for wrong in &mut error.fields {
        let name = match wrong.field.as_str() {
            "tags" => "match.tags",
            "monitors" => "match.monitors",
            "groups" => "match.groups",
            "like" => "match.name",
            "kinds" => "match.kinds",
            "to" => "channels",
            "delay" => "delay_seconds",
            "reminder" => "reminder_seconds",
            "quiet_from" => "quiet_hours.from",
            "quiet_to" => "quiet_hours.to",
            "zone" => "timezone",
            "after1" => "steps[0].after_seconds",
            "to1" => "steps[0].channels",
            "after2" => "steps[1].after_seconds",
            "to2" => "steps[1].channels",
            "after3" => "steps[2].after_seconds",
            "to3" => "steps[2].channels",
            _ => continue,
        };
        name.clone_into(&mut wrong.field);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_becomes_a_draft_and_mistakes_have_their_names_in_json() {
        let judge = |draft: &RuleDraft| draft.validate().map(drop);
        let body = br#"{"events":["down"],"members":true,"delay_seconds":120,"quiet_hours":{"from":"22:00","to":"07:00"},
            "steps":[{"after_seconds":900,"members":true}],"match":{"tags":["a","b"],"name":"api*"},"created_at":"x"}"#;
        let draft = read(body, RuleDraft::default(), judge).expect("legible");
        let spec = draft.validate().expect("valid");
        assert_eq!((spec.delay.as_secs(), spec.steps[0].after.as_secs(), spec.to.people), (120, 900, true));
        assert_eq!((spec.matching.tags.len(), spec.matching.name.as_str(), spec.quiet.map(|q| q.from)), (2, "api*", Some(1_320)));
        let cleared = read(br#"{"steps":null,"quiet_hours":null,"reminder_seconds":null}"#, draft, judge).expect("legible");
        assert_eq!((cleared.after1.as_str(), cleared.quiet_from.as_str(), cleared.delay.as_str()), ("", "", "120 s"));

        let wrong =
            br#"{"events":["boom"],"steps":[{"after_seconds":"x","colour":1}],"quiet_hours":{"from":"25:99","to":"07:00"},"speed":1}"#;
        let error = read(wrong, RuleDraft::default(), judge).expect_err("wrong");
        let mut named: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["channels", "events", "quiet_hours.from", "speed", "steps[0].after_seconds", "steps[0].colour"]);
    }
}
