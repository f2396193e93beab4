//! Rules: list, create, read, change, delete.

mod json;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::alert::{Rule, RuleDraft};
use domain::{AppError, RuleId};
use engine::Actor;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};

use super::cursor;
use super::monitors::Paging;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;
use json::{RuleInput, RuleJson, in_json, read};

fn parse_id(text: &str) -> Result<RuleId, AppError> {
    text.parse().map_err(|_| AppError::not_found("rule"))
}

/// All rules of the space, the oldest first.
#[utoipa::path(get, path = "/api/v1/rules", tag = "Rules", params(Paging), security(("token" = [])),
    responses((status = 200, body = Page<RuleJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RuleJson>>, Failed> {
    let page = || {
        let limit = cursor::limit(paging.limit.as_deref())?;
        let after = cursor::decode::<RuleId>(paging.cursor.as_deref())?;
        let rows = state.engine().rules().list_after(&actor, after, usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1));
        let (rows, next_cursor) = cursor::cut(rows, limit, |rule: &Rule| rule.id);
        Ok(Page { items: rows.into_iter().map(RuleJson::from).collect(), next_cursor })
    };
    page().or_failed(&scope).map(Json)
}

/// Makes a rule: which events of which monitors are told where.
#[utoipa::path(post, path = "/api/v1/rules", tag = "Rules", request_body = RuleInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second rule.")),
    responses((status = 201, body = RuleJson), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<RuleJson>), Failed> {
    let made = async {
        let (rules, fresh) = (state.engine().rules(), RuleDraft { enabled: "on".into(), ..RuleDraft::default() });
        let draft = read(&body, fresh, |draft| rules.judge(&actor, draft))?;
        rules.create(&actor, &draft).await.map(RuleJson::from).map_err(in_json)
    };
    let json = made.await.or_failed(&scope)?;
    let location = HeaderValue::from_str(&format!("/api/v1/rules/{}", json.id)).unwrap_or(HeaderValue::from_static("/api/v1/rules"));
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json)))
}

/// One rule.
#[utoipa::path(get, path = "/api/v1/rules/{id}", tag = "Rules", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = RuleJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<RuleJson>, Failed> {
    parse_id(&id).and_then(|id| state.engine().rules().get(&actor, id)).map(RuleJson::from).or_failed(&scope).map(Json)
}

/// Changes what the body names (RFC 7396): what is left out stays, null means the default.
#[utoipa::path(patch, path = "/api/v1/rules/{id}", tag = "Rules", params(("id" = String, Path)), request_body = RuleInput,
    security(("token" = [])),
    responses((status = 200, body = RuleJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RuleJson>, Failed> {
    let changed = async {
        let id = parse_id(&id)?;
        let rules = state.engine().rules();
        let draft = read(&body, rules.get(&actor, id)?.draft(), |draft| rules.judge(&actor, draft))?;
        rules.update(&actor, id, &draft).await.map(RuleJson::from).map_err(in_json)
    };
    changed.await.or_failed(&scope).map(Json)
}

/// Deletes a rule.
#[utoipa::path(delete, path = "/api/v1/rules/{id}", tag = "Rules", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failed> {
    let deleted = async { state.engine().rules().delete(&actor, parse_id(&id)?).await };
    deleted.await.or_failed(&scope).map(|()| StatusCode::NO_CONTENT)
}
