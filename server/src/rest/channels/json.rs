//! A channel in JSON: what programs are given, and what they send. A body becomes a [`ChannelDraft`], the same unvalidated text that
//! the form produces, so that both pass the same validation.

use domain::alert::{Channel, ChannelDraft, ChannelKind};
use domain::error::FieldErrors;
use domain::{AppError, Code, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::rest::input::{each_field, flag, object, text};
use crate::rest::kinds;

/// A channel: where a space is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ChannelJson {
    /// Prefixed and sortable by creation.
    #[schema(example = "chn_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    pub id: String,
    /// What people call it.
    #[schema(example = "On call")]
    name: String,
    /// Such as `email`, `webhook` or `slack`.
    #[schema(example = "webhook")]
    kind: &'static str,
    /// The fields of its kind, as the guide to channels lists them. Secrets read back as `••••••••`; sending that keeps the saved value.
    #[schema(value_type = Object, example = json!({"url": "https://example.com/hook"}))]
    settings: Map<String, Value>,
    /// A template of the title; empty: the default one.
    title: String,
    /// A template of the body; empty: the default one.
    body: String,
    /// False: it sends nothing.
    enabled: bool,
    /// Since when every message to it was given up; null: it takes what is sent.
    failing_since: Option<String>,
    /// Why it switched itself off; null: it did not.
    switched_off: Option<String>,
    /// When it was made.
    created_at: String,
    /// When its settings last changed.
    updated_at: String,
}

impl From<Channel> for ChannelJson {
    fn from(channel: Channel) -> Self {
        let Channel { id, spec, enabled, health, updated_at, .. } = channel;
        Self {
            id: id.to_string(),
            kind: spec.kind.name(),
            settings: kinds::write(spec.kind.fields(), &spec.settings.0),
            name: spec.name,
            title: spec.title,
            body: spec.body,
            enabled,
            failing_since: health.failing_since.map(Timestamp::to_rfc3339),
            switched_off: health.switched_off,
            created_at: id.created_at().to_rfc3339(),
            updated_at: updated_at.to_rfc3339(),
        }
    }
}

/// What a channel can be made of. In `PATCH`, what is left out stays and null means the default; so it is with each of the settings.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct ChannelInput {
    /// `email`, `webhook`, `slack`, … It cannot be changed.
    #[schema(example = "webhook")]
    kind: String,
    /// Default: what the kind is called.
    #[schema(example = "On call")]
    name: Option<String>,
    /// The fields of its kind, as the guide to channels lists them.
    #[schema(value_type = Option<Object>, example = json!({"url": "https://example.com/hook"}))]
    settings: Option<Map<String, Value>>,
    /// A template of the title. Default: the headline.
    title: Option<String>,
    /// A template of the body. Default: what happened, when and why.
    body: Option<String>,
    /// False: it sends nothing. Default: true.
    enabled: Option<bool>,
}

/// Fields that are answered and cannot be set. They are passed over, so that an answer can be sent back with a change.
const READ_ONLY: [&str; 5] = ["id", "failing_since", "switched_off", "created_at", "updated_at"];

/// What a body asks for.
#[derive(Debug)]
pub(super) struct Change {
    pub draft: ChannelDraft,
    pub enabled: bool,
}

/// Reads a body on top of what there is: nothing for a new channel, the saved settings for an edited one. When some of it cannot be
/// read, what is wrong with the rest of it is told as well, as `judge` says.
pub(super) fn read(
    body: &[u8],
    mut draft: ChannelDraft,
    mut enabled: bool,
    judge: impl FnOnce(&ChannelDraft) -> Result<(), AppError>,
) -> Result<Change, AppError> {
    let object = object(body)?;
    match object.get("kind") {
        None => {}
        Some(value) => text(value, &mut draft.kind).map_err(|message| AppError::field("kind", message))?,
    }
    // The kind decides which settings there are, so nothing else can be read without one.
    let Some(kind) = draft.kind() else {
        let known = ChannelKind::ALL.into_iter().filter(|kind| kind.is_of_spaces()).map(ChannelKind::name).collect::<Vec<_>>().join(", ");
        return Err(AppError::field("kind", format!("There are {known}.")));
    };
    let mut of_settings = FieldErrors::new();
    let mut unread = each_field(&object, |name, value| match name {
        "kind" => Ok(()),
        "name" => text(value, &mut draft.name),
        "title" => text(value, &mut draft.title),
        "body" => text(value, &mut draft.body),
        "enabled" => flag(value, true).map(|yes| enabled = yes),
        "settings" => match value {
            Value::Null => {
                draft.settings.clear();
                Ok(())
            }
            Value::Object(settings) => {
                of_settings = each_field(settings, |name, value| match kind.fields().find(|field| field.name == name) {
                    Some(field) => kinds::read(field, value).map(|text| drop(draft.settings.insert(name.to_owned(), text))),
                    None => Err("This kind of channel has no such setting."),
                });
                Ok(())
            }
            _ => Err("This has to be an object of settings."),
        },
        name if READ_ONLY.contains(&name) => Ok(()),
        _ => Err("There is no such field."),
    });
    if !of_settings.is_empty() {
        of_settings.into_error().fields.into_iter().for_each(|wrong| unread.add(format!("settings.{}", wrong.field), wrong.message));
    }
    if unread.is_empty() {
        return Ok(Change { draft, enabled });
    }
    let judged = judge(&draft).map_err(|error| in_json(error, &draft));
    unread.join(judged).map(|()| Change { draft, enabled })
}

/// Names in errors as they are in JSON: the settings stand in an object of their own.
pub(super) fn in_json(mut error: AppError, draft: &ChannelDraft) -> AppError {
    if error.code == Code::Invalid
        && let Some(kind) = draft.kind()
    {
        for wrong in &mut error.fields {
            if kind.fields().any(|field| field.name == wrong.field) {
                wrong.field.insert_str(0, "settings.");
            }
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_becomes_a_draft_and_mistakes_have_their_names_in_json() {
        let judge = |draft: &ChannelDraft| draft.validate().map(drop);
        let body = br#"{"kind":"webhook","name":"Hook","settings":{"url":"https://example.com/a"},"enabled":false,"id":"chn_x"}"#;
        let change = read(body, ChannelDraft::default(), true, judge).expect("valid");
        assert_eq!((change.draft.name.as_str(), change.draft.setting("url"), change.enabled), ("Hook", "https://example.com/a", false));
        let wrong = br#"{"kind":"webhook","name":7,"settings":{"colour":1},"speed":1}"#;
        let error = read(wrong, ChannelDraft::default(), true, judge).expect_err("wrong");
        let mut named: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["name", "settings.colour", "settings.url", "speed"]);
        let unknown = read(br#"{"kind":"pigeon"}"#, ChannelDraft::default(), true, judge).expect_err("unknown");
        assert!(unknown.fields[0].field == "kind" && unknown.fields[0].message.contains("pagerduty"));
    }
}
