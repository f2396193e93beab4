//! Monitors: list, create, read, change, delete, pause, resume, check.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::account::Role;
use domain::live::MonitorLive;
use domain::monitor::{Monitor, MonitorDraft};
use domain::{AppError, MonitorId};
use engine::Actor;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use super::input::{MonitorInput, in_json, read};
use super::output::{MonitorJson, Page};
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// Items of a page, 1 to 1000. Default: 100.
    #[param(value_type = Option<u32>)]
    pub(super) limit: Option<String>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

pub(super) fn parse_id(text: &str) -> Result<MonitorId, AppError> {
    // An id that is none belongs to nobody: the answer is the same as for somebody else's.
    text.parse().map_err(|_| AppError::not_found("monitor"))
}

/// All monitors of the space, the oldest first.
#[utoipa::path(get, path = "/api/v1/monitors", tag = "Monitors", params(Paging), security(("token" = [])),
    responses((status = 200, body = Page<MonitorJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MonitorJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(paging.limit.as_deref())?;
        let after = cursor::decode::<MonitorId>(paging.cursor.as_deref())?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        let rows = state.engine().monitors().list_after(&actor, after, most).await?;
        let (rows, next_cursor) = cursor::cut(rows, limit, |row: &(Monitor, MonitorLive)| row.0.id);
        let may_write = actor.must_be(Role::Editor).is_ok();
        Ok(Page { items: rows.into_iter().map(|(monitor, live)| MonitorJson::new(monitor, live, may_write)).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// Adds a monitor. It is checked at once.
#[utoipa::path(post, path = "/api/v1/monitors", tag = "Monitors", request_body = MonitorInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second monitor.")),
    responses((status = 201, body = MonitorJson), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, [(http::HeaderName, HeaderValue); 1], Json<MonitorJson>), Failed> {
    let made = async {
        let monitors = state.engine().monitors();
        let change = read(&body, MonitorDraft::default())?.legible(|draft| monitors.judge(&actor, draft, None))?;
        let monitor = monitors.create(&actor, &change.draft).await.map_err(in_json)?;
        if change.enabled == Some(false) {
            monitors.set_enabled(&actor, &[monitor.id], false).await?;
            return monitors.get(&actor, monitor.id).await;
        }
        Ok(monitor)
    };
    let monitor = made.await.or_failed(&scope)?;
    let location =
        HeaderValue::from_str(&format!("/api/v1/monitors/{}", monitor.id)).unwrap_or(HeaderValue::from_static("/api/v1/monitors"));
    let json = shown(&state, &actor, monitor).or_failed(&scope)?;
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json)))
}

fn shown(state: &AppState, actor: &Actor, monitor: Monitor) -> Result<MonitorJson, AppError> {
    let live = state.engine().monitors().live(actor, monitor.id)?;
    Ok(MonitorJson::new(monitor, live, actor.must_be(Role::Editor).is_ok()))
}

/// One monitor.
#[utoipa::path(get, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = MonitorJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<MonitorJson>, Failed> {
    let found = async { shown(&state, &actor, state.engine().monitors().get(&actor, parse_id(&id)?).await?) };
    found.await.or_failed(&scope).map(Json)
}

/// Changes what the body names (RFC 7396): what is left out stays, null means the default.
#[utoipa::path(patch, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = String, Path)), request_body = MonitorInput,
    security(("token" = [])),
    responses((status = 200, body = MonitorJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<MonitorJson>, Failed> {
    let changed = async {
        let monitors = state.engine().monitors();
        let before = monitors.get(&actor, parse_id(&id)?).await?;
        let change = read(&body, before.draft())?.legible(|draft| monitors.judge(&actor, draft, Some(before.id)))?;
        let mut monitor = if change.draft == before.draft() {
            before
        } else {
            monitors.update(&actor, before.id, &change.draft).await.map_err(in_json)?
        };
        if let Some(enabled) = change.enabled.filter(|enabled| *enabled != monitor.enabled) {
            monitors.set_enabled(&actor, &[monitor.id], enabled).await?;
            monitor = monitors.get(&actor, monitor.id).await?;
        }
        shown(&state, &actor, monitor)
    };
    changed.await.or_failed(&scope).map(Json)
}

/// Deletes a monitor with its history.
#[utoipa::path(delete, path = "/api/v1/monitors/{id}", tag = "Monitors", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failed> {
    let deleted = async {
        let id = parse_id(&id)?;
        let monitors = state.engine().monitors();
        monitors.get(&actor, id).await?;
        monitors.delete(&actor, &[id]).await
    };
    deleted.await.or_failed(&scope).map(|_| StatusCode::NO_CONTENT)
}

/// Pauses a monitor.
#[utoipa::path(post, path = "/api/v1/monitors/{id}/pause", tag = "Monitors", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = MonitorJson), (status = 404, body = Problem)))]
pub(super) async fn pause(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<MonitorJson>, Failed> {
    enable(&state, &actor, &id, false).await.or_failed(&scope).map(Json)
}

/// Resumes a monitor.
#[utoipa::path(post, path = "/api/v1/monitors/{id}/resume", tag = "Monitors", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = MonitorJson), (status = 404, body = Problem)))]
pub(super) async fn resume(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<MonitorJson>, Failed> {
    enable(&state, &actor, &id, true).await.or_failed(&scope).map(Json)
}

async fn enable(state: &AppState, actor: &Actor, id: &str, enabled: bool) -> Result<MonitorJson, AppError> {
    let id = parse_id(id)?;
    let monitors = state.engine().monitors();
    monitors.get(actor, id).await?;
    monitors.set_enabled(actor, &[id], enabled).await?;
    shown(state, actor, monitors.get(actor, id).await?)
}

/// Checks a monitor now. The answer does not wait for the result.
#[utoipa::path(post, path = "/api/v1/monitors/{id}/check", tag = "Monitors", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 202, body = MonitorJson), (status = 404, body = Problem)))]
pub(super) async fn check(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<MonitorJson>), Failed> {
    let asked = async {
        let id = parse_id(&id)?;
        let monitors = state.engine().monitors();
        let monitor = monitors.get(&actor, id).await?;
        monitors.check_now(&actor, &[id]).await?;
        shown(&state, &actor, monitor)
    };
    asked.await.or_failed(&scope).map(|json| (StatusCode::ACCEPTED, Json(json)))
}
