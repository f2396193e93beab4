//! Incidents: list, open by hand, read, acknowledge, comment, resolve, reopen, and what was learnt of them.

mod json;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::alert::IncidentState;
use domain::{AppError, IncidentId};
use engine::Actor;
use engine::service::IncidentDraft;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use super::input::{each_field, object, text, texts};
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;
use json::{IncidentDetailJson, IncidentInput, IncidentJson, PostmortemInput, TextInput};

/// Which incidents are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `open`, `acknowledged` or `resolved`. Default: all of them.
    state: Option<String>,
    /// The id of the monitor that opened them.
    monitor: Option<String>,
    /// 1 to 500. Default: 100.
    limit: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

fn parse_id(text: &str) -> Result<IncidentId, AppError> {
    text.parse().map_err(|_| AppError::not_found("incident"))
}

async fn shown(state: &AppState, actor: &Actor, id: IncidentId) -> Result<IncidentDetailJson, AppError> {
    state.engine().incidents().view(actor, id).await.map(IncidentDetailJson::from)
}

/// Incidents of the space, the newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "Incidents", params(Wanted), security(("token" = [])),
    responses((status = 200, body = Page<IncidentJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<IncidentJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(wanted.limit.as_deref())?.min(500);
        let before = cursor::decode::<IncidentId>(wanted.cursor.as_deref())?;
        let states = match wanted.state.as_deref() {
            None => Vec::new(),
            Some(name) => {
                let wrong = || AppError::field("state", format!("“{name}” is not a state. There are open, acknowledged and resolved."));
                vec![IncidentState::from_name(name).ok_or_else(wrong)?]
            }
        };
        let monitor = wanted.monitor.as_deref().map(|id| id.parse().map_err(|_| AppError::not_found("monitor"))).transpose()?;
        let page = state.engine().incidents().page(&actor, &states, monitor, before, Some(limit)).await?;
        let next_cursor = page.next.as_ref().map(cursor::encode);
        Ok(Page { items: page.incidents.into_iter().map(IncidentJson::from).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// Opens an incident by hand, for what no monitor sees. Rules for `incident_opened` tell of it.
#[utoipa::path(post, path = "/api/v1/incidents", tag = "Incidents", request_body = IncidentInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second incident.")),
    responses((status = 201, body = IncidentDetailJson), (status = 422, body = Problem)))]
pub(super) async fn open(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, Json<IncidentDetailJson>), Failed> {
    let opened = async {
        let mut draft = IncidentDraft::default();
        let errors = each_field(&object(&body)?, |name, value| match name {
            "title" => text(value, &mut draft.title),
            "detail" => text(value, &mut draft.detail),
            "monitors" => texts(value).map(|ids| draft.monitors = ids.join("\n")),
            _ => Err("There is no such field."),
        });
        if !errors.is_empty() {
            return Err(errors.into_error());
        }
        let id = state.engine().incidents().open_by_hand(&actor, &draft).await?;
        shown(&state, &actor, id).await
    };
    opened.await.or_failed(&scope).map(|json| (StatusCode::CREATED, Json(json)))
}

/// One incident with its timeline and who was told.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "Incidents", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let found = async { shown(&state, &actor, parse_id(&id)?).await };
    found.await.or_failed(&scope).map(Json)
}

/// The one text that a body holds; an empty body is an empty text.
fn one_text(body: &[u8], field: &str) -> Result<String, AppError> {
    let mut said = String::new();
    if !body.is_empty() {
        let take =
            |name: &str, value: &serde_json::Value| if name == field { text(value, &mut said) } else { Err("There is no such field.") };
        let errors = each_field(&object(body)?, take);
        if !errors.is_empty() {
            return Err(errors.into_error());
        }
    }
    Ok(said)
}

/// Says that somebody looks at it: reminders and escalation stop.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "Incidents", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn acknowledge(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let done = async {
        let id = parse_id(&id)?;
        state.engine().incidents().acknowledge(&actor, id).await?;
        shown(&state, &actor, id).await
    };
    done.await.or_failed(&scope).map(Json)
}

/// Adds to the timeline.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/comment", tag = "Incidents", params(("id" = String, Path)), request_body = TextInput,
    security(("token" = [])), responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn comment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let done = async {
        let id = parse_id(&id)?;
        state.engine().incidents().comment(&actor, id, &one_text(&body, "text")?).await?;
        shown(&state, &actor, id).await
    };
    done.await.or_failed(&scope).map(Json)
}

/// Ends it by hand; `text` says why.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/resolve", tag = "Incidents", params(("id" = String, Path)), request_body = TextInput,
    security(("token" = [])), responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn resolve(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let done = async {
        let id = parse_id(&id)?;
        state.engine().incidents().resolve(&actor, id, &one_text(&body, "text")?).await?;
        shown(&state, &actor, id).await
    };
    done.await.or_failed(&scope).map(Json)
}

/// Opens it again.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reopen", tag = "Incidents", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn reopen(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let done = async {
        let id = parse_id(&id)?;
        state.engine().incidents().reopen(&actor, id).await?;
        shown(&state, &actor, id).await
    };
    done.await.or_failed(&scope).map(Json)
}

/// Writes what was learnt of it, in Markdown.
#[utoipa::path(patch, path = "/api/v1/incidents/{id}", tag = "Incidents", params(("id" = String, Path)), request_body = PostmortemInput,
    security(("token" = [])), responses((status = 200, body = IncidentDetailJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<IncidentDetailJson>, Failed> {
    let done = async {
        let id = parse_id(&id)?;
        state.engine().incidents().write_postmortem(&actor, id, &one_text(&body, "postmortem")?).await?;
        shown(&state, &actor, id).await
    };
    done.await.or_failed(&scope).map(Json)
}
