//! Messages: what was told to whom, with every try; and sending again what failed.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::alert::view::{MessageRow, MessageView};
use domain::alert::{Attempt, MessageState, Purpose};
use domain::{AppError, MessageId};
use engine::Actor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::occurrences::SentJson;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// Which messages are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `waiting`, `sending`, `delivered`, `failed`, `cancelled` or `merged`. Default: all of them.
    state: Option<String>,
    /// To this destination, as messages name it: `channel:chn_…`.
    destination: Option<String>,
    /// 1 to 500. Default: 100.
    limit: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageJson {
    /// Prefixed and sortable by when it was written.
    #[schema(example = "msg_01jd2v9x3k5m7q8r9s0t1v2w3x")]
    id: String,
    /// Where it goes: `channel:chn_…`, `email:acc_…`, `push:acc_…`.
    destination: String,
    /// What people call that.
    to: String,
    /// `news`, `recovery`, `acknowledgement`, `reminder`, `escalation` or `account`.
    #[schema(value_type = String, example = "news")]
    purpose: Purpose,
    /// The news in a line.
    #[schema(example = "Checkout API is down")]
    headline: String,
    /// How many things it tells.
    tells: u32,
    /// The incident that it tells of.
    incident: Option<String>,
    /// `waiting`, `sending`, `delivered`, `failed`, `cancelled` (it had become pointless) or `merged` (another message tells it).
    #[schema(value_type = String, example = "delivered")]
    state: MessageState,
    /// Why it stands so: the last error, what it waits for, the id of the message that tells it.
    note: String,
    /// When it was to be sent first.
    planned_at: String,
    /// While it waits: when it is looked at next.
    due_at: Option<String>,
    /// Tries so far.
    attempts: u32,
    /// When it came into a final state.
    ended_at: Option<String>,
}

/// One try.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct AttemptJson {
    /// When it began.
    at: String,
    /// How long it took.
    duration_ms: u32,
    /// Where it went, without secrets.
    target: String,
    /// What was sent, without secrets and links that let people in; empty of what never came to that.
    request: SentJson,
    /// The status or reply code of the other side, when one came.
    status: Option<u16>,
    /// The beginning of what the other side said.
    answer: String,
    /// Whether it was taken.
    delivered: bool,
    /// Why not.
    error: Option<String>,
}

/// A message with its tries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageDetailJson {
    #[serde(flatten)]
    message: MessageJson,
    /// The tries, the first one first.
    tries: Vec<AttemptJson>,
}

impl From<MessageRow> for MessageJson {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id.to_string(),
            destination: row.destination,
            to: row.to,
            purpose: row.purpose,
            headline: row.headline,
            tells: row.tells,
            incident: row.incident.map(|id| id.to_string()),
            state: row.state,
            note: row.note,
            planned_at: row.planned_at.to_rfc3339(),
            due_at: (row.state == MessageState::Waiting).then(|| row.due_at.to_rfc3339()),
            attempts: row.attempts,
            ended_at: row.ended_at.map(domain::Timestamp::to_rfc3339),
        }
    }
}

impl From<Attempt> for AttemptJson {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at.to_rfc3339(),
            duration_ms: attempt.duration_ms,
            delivered: attempt.is_delivered(),
            error: attempt.error().map(str::to_owned),
            target: attempt.target,
            request: attempt.sent.into(),
            status: attempt.status,
            answer: attempt.answer,
        }
    }
}

impl From<MessageView> for MessageDetailJson {
    fn from(view: MessageView) -> Self {
        Self { message: view.row.into(), tries: view.attempts.into_iter().map(Into::into).collect() }
    }
}

fn parse_id(text: &str) -> Result<MessageId, AppError> {
    text.parse().map_err(|_| AppError::not_found("message"))
}

/// Messages of the space, the newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "Messages", params(Wanted), security(("token" = [])),
    responses((status = 200, body = Page<MessageJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<MessageJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(wanted.limit.as_deref())?.min(500);
        let before = cursor::decode::<MessageId>(wanted.cursor.as_deref())?;
        let states = match wanted.state.as_deref() {
            None => Vec::new(),
            Some(name) => {
                let known = MessageState::ALL.map(MessageState::name).join(", ");
                let wrong = || AppError::field("state", format!("“{name}” is not a state. There are {known}."));
                vec![MessageState::from_name(name).ok_or_else(wrong)?]
            }
        };
        let wrong = |_| AppError::field("destination", "This is not a destination. It looks like channel:chn_….");
        let to = wanted.destination.as_deref().map(|text| text.parse().map_err(wrong)).transpose()?;
        let page = state.engine().messages().page(&actor, &states, to, before, Some(limit)).await?;
        let next_cursor = page.next.as_ref().map(cursor::encode);
        Ok(Page { items: page.messages.into_iter().map(MessageJson::from).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// One message with its tries.
#[utoipa::path(get, path = "/api/v1/messages/{id}", tag = "Messages", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = MessageDetailJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<MessageDetailJson>, Failed> {
    let found = async { state.engine().messages().view(&actor, parse_id(&id)?).await.map(MessageDetailJson::from) };
    found.await.or_failed(&scope).map(Json)
}

/// Sends a message again: one that failed, was not needed, or has arrived. One that waits is sent now, also when its channel rests.
#[utoipa::path(post, path = "/api/v1/messages/{id}/retry", tag = "Messages", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = MessageDetailJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn retry(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<MessageDetailJson>, Failed> {
    let sent = async {
        let id = parse_id(&id)?;
        state.engine().messages().retry(&actor, id).await?;
        state.engine().messages().view(&actor, id).await.map(MessageDetailJson::from)
    };
    sent.await.or_failed(&scope).map(Json)
}
