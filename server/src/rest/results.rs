//! The history of a monitor: single results, and uptime over a window.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::error::FieldErrors;
use domain::time::DAY_MS;
use domain::view::CheckView;
use domain::{AppError, Timestamp};
use engine::Actor;
use serde::Deserialize;
use utoipa::IntoParams;

use super::cursor;
use super::monitors::parse_id;
use super::output::{Page, ResultJson, UptimeJson};
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// A stretch of time.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// RFC 3339. Default: 24 hours before the end.
    pub from: Option<String>,
    /// RFC 3339. Default: now.
    pub to: Option<String>,
}

/// A stretch of time, a page at a time.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WindowPage {
    /// RFC 3339. Default: 24 hours before the end.
    pub(super) from: Option<String>,
    /// RFC 3339. Default: now.
    pub(super) to: Option<String>,
    /// Items of a page, 1 to 1000. Default: 100.
    #[param(value_type = Option<u32>)]
    pub(super) limit: Option<String>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

pub(super) fn window(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<(Timestamp, Timestamp), AppError> {
    let mut errors = FieldErrors::new();
    let mut read = |field: &str, text: Option<&str>| {
        let text = text?;
        let instant = Timestamp::parse_rfc3339(text).ok_or("This is not an instant like 2026-11-22T14:00:00Z; a + in it is written %2B.");
        errors.take(field, instant)
    };
    let (from, to) = (read("from", from), read("to", to));
    let to = to.unwrap_or(now);
    let from = from.unwrap_or(Timestamp::from_millis(to.as_millis() - DAY_MS));
    if errors.is_empty() && from >= to {
        errors.add("from", "This has to be before the end.");
    }
    if errors.is_empty() { Ok((from, to)) } else { Err(errors.into_error()) }
}

/// Single results, newest first.
#[utoipa::path(get, path = "/api/v1/monitors/{id}/results", tag = "History", params(("id" = String, Path), WindowPage), security(("token" = [])),
    responses((status = 200, body = Page<ResultJson>), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn results(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(query): Query<WindowPage>,
) -> Result<Json<Page<ResultJson>>, Failed> {
    let page = async {
        let id = parse_id(&id)?;
        let limit = cursor::limit(query.limit.as_deref())?;
        let before = cursor::decode::<i64>(query.cursor.as_deref())?.map(Timestamp::from_millis);
        let (from, to) = window(query.from.as_deref(), query.to.as_deref(), state.engine().now())?;
        let rows = state.engine().history().results(&actor, id, from, to, limit + 1, before).await?;
        let (rows, next_cursor) = cursor::cut(rows, limit, |row: &CheckView| row.at.as_millis());
        Ok(Page { items: rows.into_iter().map(Into::into).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// Uptime over a window.
#[utoipa::path(get, path = "/api/v1/monitors/{id}/uptime", tag = "History", params(("id" = String, Path), Window), security(("token" = [])),
    responses((status = 200, body = UptimeJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn uptime(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(query): Query<Window>,
) -> Result<Json<UptimeJson>, Failed> {
    let view = async {
        let id = parse_id(&id)?;
        let (from, to) = window(query.from.as_deref(), query.to.as_deref(), state.engine().now())?;
        state.engine().history().uptime(&actor, id, from, to).await
    };
    view.await.or_failed(&scope).map(|view| Json(view.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_defaults_and_an_order() {
        let now = Timestamp::from_millis(10 * DAY_MS);
        assert_eq!(window(None, None, now), Ok((Timestamp::from_millis(9 * DAY_MS), now)));
        assert!(window(Some("1970-01-02T00:00:00Z"), Some("1970-01-01T00:00:00Z"), now).is_err());
        let error = window(Some("yesterday"), Some("today"), now).expect_err("wrong");
        assert_eq!(error.fields.len(), 2);
    }
}
