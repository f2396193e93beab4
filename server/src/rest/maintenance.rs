//! Maintenance windows: list, create, read, change, delete, start, end.

mod json;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::maintenance::{Window, WindowDraft, WindowState};
use domain::{AppError, WindowId};
use engine::Actor;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};

use super::cursor;
use super::monitors::Paging;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;
use json::{WindowInput, WindowJson, in_json, read};

fn parse_id(text: &str) -> Result<WindowId, AppError> {
    text.parse().map_err(|_| AppError::not_found("maintenance window"))
}

fn shown(state: &AppState, actor: &Actor, id: WindowId) -> Result<WindowJson, AppError> {
    state.engine().maintenance().get(actor, id).map(WindowJson::from)
}

/// All maintenance windows of the space, the oldest first.
#[utoipa::path(get, path = "/api/v1/maintenance", tag = "Maintenance", params(Paging), security(("token" = [])),
    responses((status = 200, body = Page<WindowJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WindowJson>>, Failed> {
    let page = || {
        let limit = cursor::limit(paging.limit.as_deref())?;
        let after = cursor::decode::<WindowId>(paging.cursor.as_deref())?;
        let rows = state.engine().maintenance().list_after(&actor, after, usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
        let (rows, next_cursor) = cursor::cut(rows, limit, |row: &(Window, WindowState)| row.0.id);
        Ok(Page { items: rows.into_iter().map(WindowJson::from).collect(), next_cursor })
    };
    page().or_failed(&scope).map(Json)
}

/// Plans a maintenance window.
#[utoipa::path(post, path = "/api/v1/maintenance", tag = "Maintenance", request_body = WindowInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second window.")),
    responses((status = 201, body = WindowJson), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<WindowJson>), Failed> {
    let made = async {
        let (maintenance, fresh) = (state.engine().maintenance(), WindowDraft { enabled: "on".into(), ..WindowDraft::default() });
        let draft = read(&body, fresh, |draft| maintenance.judge(&actor, draft))?;
        let window = maintenance.create(&actor, &draft).await.map_err(in_json)?;
        shown(&state, &actor, window.id)
    };
    let json = made.await.or_failed(&scope)?;
    let location =
        HeaderValue::from_str(&format!("/api/v1/maintenance/{}", json.id)).unwrap_or(HeaderValue::from_static("/api/v1/maintenance"));
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json)))
}

/// One maintenance window.
#[utoipa::path(get, path = "/api/v1/maintenance/{id}", tag = "Maintenance", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = WindowJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<WindowJson>, Failed> {
    parse_id(&id).and_then(|id| shown(&state, &actor, id)).or_failed(&scope).map(Json)
}

/// Changes what the body names (RFC 7396): what is left out stays, null means the default.
#[utoipa::path(patch, path = "/api/v1/maintenance/{id}", tag = "Maintenance", params(("id" = String, Path)), request_body = WindowInput,
    security(("token" = [])),
    responses((status = 200, body = WindowJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<WindowJson>, Failed> {
    let changed = async {
        let id = parse_id(&id)?;
        let maintenance = state.engine().maintenance();
        let draft = read(&body, maintenance.get(&actor, id)?.0.draft(), |draft| maintenance.judge(&actor, draft))?;
        maintenance.update(&actor, id, &draft).await.map_err(in_json)?;
        shown(&state, &actor, id)
    };
    changed.await.or_failed(&scope).map(Json)
}

/// Deletes a maintenance window. If it is open, it ends.
#[utoipa::path(delete, path = "/api/v1/maintenance/{id}", tag = "Maintenance", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failed> {
    let deleted = async { state.engine().maintenance().delete(&actor, parse_id(&id)?).await };
    deleted.await.or_failed(&scope).map(|()| StatusCode::NO_CONTENT)
}

/// Begins a maintenance window now, out of turn, for as long as it lasts.
#[utoipa::path(post, path = "/api/v1/maintenance/{id}/start", tag = "Maintenance", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = WindowJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn start(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<WindowJson>, Failed> {
    let started = async {
        let window = state.engine().maintenance().start(&actor, parse_id(&id)?).await?;
        shown(&state, &actor, window.id)
    };
    started.await.or_failed(&scope).map(Json)
}

/// Ends a maintenance window that is open. Its monitors are checked at once.
#[utoipa::path(post, path = "/api/v1/maintenance/{id}/end", tag = "Maintenance", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = WindowJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn end(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<WindowJson>, Failed> {
    let ended = async {
        let window = state.engine().maintenance().end(&actor, parse_id(&id)?).await?;
        shown(&state, &actor, window.id)
    };
    ended.await.or_failed(&scope).map(Json)
}
