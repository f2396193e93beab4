//! An incident in JSON.

use domain::Timestamp;
use domain::alert::incident::{By, Happened};
use domain::alert::view::IncidentView;
use domain::alert::{Event, Incident, IncidentEvent, IncidentState};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::messages::MessageJson;

/// An incident.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct IncidentJson {
    /// Prefixed and sortable by its beginning.
    #[schema(example = "inc_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    id: String,
    /// What broke.
    #[schema(example = "Checkout API is down")]
    title: String,
    /// `open`, `acknowledged` or `resolved`.
    #[schema(value_type = String, example = "open")]
    state: IncidentState,
    /// What opened it: `down` or `late`; null when a person did.
    #[schema(value_type = Option<String>, example = "down")]
    event: Option<Event>,
    /// The monitor that opened it; null when a person did.
    monitor: Option<String>,
    /// The reason of the first failure, such as `timeout`.
    cause: Option<String>,
    /// The first failing answer, or what a person wrote.
    detail: String,
    /// When it began: the first failure.
    began_at: String,
    /// When it was certain.
    confirmed_at: String,
    /// Who looks at it, and since when.
    acknowledged: Option<ByJson>,
    /// What ended it, and when; an empty name is the recovery.
    resolved: Option<ByJson>,
    /// Monitors that suffer, the one that opened it first.
    affected: Vec<AffectedJson>,
    /// What was learnt of it, in Markdown.
    postmortem: String,
    /// The last change.
    updated_at: String,
}

/// Who did something, and when.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ByJson {
    /// What people call whoever did it; empty: Loopr by itself.
    name: String,
    /// When.
    at: String,
}

/// A monitor that suffers.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct AffectedJson {
    /// Which one.
    monitor: String,
    /// What it was called.
    name: String,
    /// Since when.
    since: String,
}

/// An incident with its timeline and who was told.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct IncidentDetailJson {
    #[serde(flatten)]
    incident: IncidentJson,
    /// What happened, oldest first.
    timeline: Vec<TimelineJson>,
    /// Who was told, newest first.
    messages: Vec<MessageJson>,
}

/// An entry of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct TimelineJson {
    /// When.
    at: String,
    /// `detected`, `confirmed`, `opened`, `affected`, `alerted`, `alert_failed`, `acknowledged`, `commented`, `recovered`, `resolved`,
    /// `reopened` or `postmortem`.
    #[schema(value_type = String, example = "alerted")]
    happened: Happened,
    /// Who; empty: Loopr by itself.
    by: String,
    /// What was said, whom, why.
    text: String,
}

impl From<By> for ByJson {
    fn from(by: By) -> Self {
        Self { name: by.name, at: by.at.to_rfc3339() }
    }
}

impl From<Incident> for IncidentJson {
    fn from(incident: Incident) -> Self {
        let instant = Timestamp::to_rfc3339;
        let affected = incident.affected.into_iter();
        Self {
            id: incident.id.to_string(),
            title: incident.title,
            state: incident.state,
            event: incident.event,
            monitor: incident.monitor.map(|id| id.to_string()),
            cause: incident.cause,
            detail: incident.detail,
            began_at: instant(incident.began_at),
            confirmed_at: instant(incident.confirmed_at),
            acknowledged: incident.acknowledged.map(Into::into),
            resolved: incident.resolved.map(Into::into),
            affected: affected
                .map(|one| AffectedJson { monitor: one.monitor.to_string(), name: one.name, since: instant(one.since) })
                .collect(),
            postmortem: incident.postmortem,
            updated_at: instant(incident.updated_at),
        }
    }
}

impl From<IncidentEvent> for TimelineJson {
    fn from(event: IncidentEvent) -> Self {
        Self { at: event.at.to_rfc3339(), happened: event.happened, by: event.by, text: event.text }
    }
}

impl From<IncidentView> for IncidentDetailJson {
    fn from(view: IncidentView) -> Self {
        Self {
            incident: view.incident.into(),
            timeline: view.timeline.into_iter().map(Into::into).collect(),
            messages: view.messages.into_iter().map(Into::into).collect(),
        }
    }
}

/// An incident that is opened by hand.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct IncidentInput {
    /// What broke.
    #[schema(example = "Payments are slow")]
    title: String,
    /// What is known.
    detail: Option<String>,
    /// Ids or names of monitors that suffer.
    monitors: Option<Vec<String>>,
}

/// A text.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct TextInput {
    /// What is said.
    #[schema(example = "The disk was full.")]
    text: Option<String>,
}

/// What was learnt.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body; it is read field by field, to name every mistake at once")]
pub(in crate::rest) struct PostmortemInput {
    /// Markdown.
    #[schema(example = "The disk was full because nobody looked at it.")]
    postmortem: Option<String>,
}
