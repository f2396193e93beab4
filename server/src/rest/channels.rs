//! Channels: list, create, read, change, delete, and send a test.

mod json;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::alert::{Channel, ChannelDraft};
use domain::{AppError, ChannelId};
use engine::Actor;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use super::messages::AttemptJson;
use super::monitors::Paging;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use super::schedules::signing::{RotateInput, SigningJson, grace};
use crate::web::AppState;
use crate::web::scope::Scope;
use json::{ChannelInput, ChannelJson, in_json, read};

fn parse_id(text: &str) -> Result<ChannelId, AppError> {
    text.parse().map_err(|_| AppError::not_found("channel"))
}

/// All channels of the space, the oldest first. Secrets are hidden.
#[utoipa::path(get, path = "/api/v1/channels", tag = "Channels", params(Paging), security(("token" = [])),
    responses((status = 200, body = Page<ChannelJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ChannelJson>>, Failed> {
    let page = || {
        let limit = cursor::limit(paging.limit.as_deref())?;
        let after = cursor::decode::<ChannelId>(paging.cursor.as_deref())?;
        let rows = state.engine().channels().list_after(&actor, after, usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
        let (rows, next_cursor) = cursor::cut(rows, limit, |channel: &Channel| channel.id);
        Ok(Page { items: rows.into_iter().map(ChannelJson::from).collect(), next_cursor })
    };
    page().or_failed(&scope).map(Json)
}

/// Makes a channel. Nothing is sent by it until a rule names it.
#[utoipa::path(post, path = "/api/v1/channels", tag = "Channels", request_body = ChannelInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second channel.")),
    responses((status = 201, body = ChannelJson), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<ChannelJson>), Failed> {
    let made = async {
        let channels = state.engine().channels();
        let change = read(&body, ChannelDraft::default(), true, |draft| channels.judge(&actor, None, draft))?;
        channels.create(&actor, &change.draft, change.enabled).await.map(ChannelJson::from).map_err(|e| in_json(e, &change.draft))
    };
    let json = made.await.or_failed(&scope)?;
    let location = HeaderValue::from_str(&format!("/api/v1/channels/{}", json.id)).unwrap_or(HeaderValue::from_static("/api/v1/channels"));
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json)))
}

/// One channel. Secrets are hidden.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ChannelJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<ChannelJson>, Failed> {
    parse_id(&id).and_then(|id| state.engine().channels().get(&actor, id)).map(ChannelJson::from).or_failed(&scope).map(Json)
}

/// Changes what the body names (RFC 7396): what is left out stays, null means the default.
#[utoipa::path(patch, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = String, Path)), request_body = ChannelInput,
    security(("token" = [])),
    responses((status = 200, body = ChannelJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ChannelJson>, Failed> {
    let changed = async {
        let id = parse_id(&id)?;
        let channels = state.engine().channels();
        let saved = channels.get(&actor, id)?;
        let change = read(&body, saved.draft(), saved.enabled, |draft| channels.judge(&actor, Some(id), draft))?;
        channels.update(&actor, id, &change.draft, change.enabled).await.map(ChannelJson::from).map_err(|e| in_json(e, &change.draft))
    };
    changed.await.or_failed(&scope).map(Json)
}

/// Deletes a channel. A rule that sends to it alone has to be changed first.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "Channels", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failed> {
    let deleted = async { state.engine().channels().delete(&actor, parse_id(&id)?).await };
    deleted.await.or_failed(&scope).map(|()| StatusCode::NO_CONTENT)
}

/// What a test tells.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Tell {
    /// An event, as rules (`webhook_failing`) or documents (`webhook.failed`) name it. Default: `down`.
    event: Option<String>,
}

/// Tells the signing secret of a webhook; that is written in the activity log.
#[utoipa::path(get, path = "/api/v1/channels/{id}/secret", tag = "Channels", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = SigningJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn secret(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<SigningJson>, Failed> {
    let told = async { state.engine().channels().reveal(&actor, parse_id(&id)?).await };
    told.await.or_failed(&scope).map(|signing_secret| Json(SigningJson { signing_secret }))
}

/// Makes a new signing secret of a webhook and answers it. The old one signs beside it for a while.
#[utoipa::path(post, path = "/api/v1/channels/{id}/secret", tag = "Channels", params(("id" = String, Path)), request_body = Option<RotateInput>,
    security(("token" = [])), responses((status = 200, body = SigningJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn rotate(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<SigningJson>, Failed> {
    let made = async {
        let (id, grace) = (parse_id(&id)?, grace(&body)?);
        state.engine().channels().rotate(&actor, id, &grace).await
    };
    made.await.or_failed(&scope).map(|signing_secret| Json(SigningJson { signing_secret }))
}

/// Sends a test to a channel and answers what the other side said.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", tag = "Channels", params(("id" = String, Path), Tell), security(("token" = [])),
    responses((status = 200, body = AttemptJson), (status = 404, body = Problem)))]
pub(super) async fn test(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(tell): Query<Tell>,
) -> Result<Json<AttemptJson>, Failed> {
    let event = tell.event.unwrap_or_default();
    let tested = async { state.engine().channels().test(&actor, Some(parse_id(&id)?), None, &event).await };
    tested.await.or_failed(&scope).map(|attempt| Json(attempt.into()))
}
