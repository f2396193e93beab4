//! Schedules of webhooks: list, create, read, change, delete; stop, go on, run, try, look ahead, run the past; many at once, their secrets and
//! their figures.

mod json;
pub(super) mod many;
mod shapes;
pub(super) mod signing;
pub(super) mod statistics;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::webhook::{Attempt, Backfilled, ScheduleDraft, ScheduleFilter, ScheduleForm};
use domain::{AppError, ScheduleId, Timestamp};
use engine::Actor;
use engine::service::Described;
use http::header::LOCATION;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::input::{flag_of, known, object, optional, text_of};
use super::occurrences::{RunAttemptJson, RunJson};
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;
use json::{NextRunJson, ScheduleInput, ScheduleJson, in_json, read};

/// Times of a preview, at most.
const PREVIEW_MAX: u32 = 100;

/// Which schedules are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Name, address, note or tag has this in it.
    search: Option<String>,
    /// `failing`, `retrying`, `running`, `well`, `new`, `paused`, `disabled` or `ended`. Default: all of them.
    standing: Option<String>,
    /// With this tag.
    tag: Option<String>,
    /// Items of a page, 1 to 1000. Default: 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// How far ahead to look.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Ahead {
    /// 1 to 100. Default: 10.
    #[param(value_type = Option<u32>)]
    count: Option<String>,
    /// RFC 3339. Default: now.
    after: Option<String>,
}

/// Times that are to come.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AheadJson {
    /// When it runs, in words.
    #[schema(example = "At 02:00")]
    when: String,
    /// The times.
    next_runs: Vec<NextRunJson>,
}

/// Why it stops, and until when.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(super) struct PauseInput {
    /// For people.
    note: Option<String>,
    /// Local time in its zone, or an instant. Default: until somebody has it go on.
    until: Option<String>,
}

/// How it goes on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(super) struct ResumeInput {
    /// What passed meanwhile runs, by its rule for catching up. Default: false.
    catch_up: Option<bool>,
}

/// A span of the past.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(super) struct BackfillInput {
    /// Local time in its zone, or an instant.
    from: String,
    /// The same; not in the future.
    to: String,
    /// 1 to 1000. Default: 100.
    limit: Option<u32>,
    /// Only says which times would run. Default: false.
    dry_run: Option<bool>,
}

/// What runs, or would.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BackfillJson {
    /// The times.
    times: Vec<String>,
    /// Times that have run already and are left alone.
    done: u32,
    /// There are more times than the limit.
    more: bool,
}

impl From<Backfilled> for BackfillJson {
    fn from(filled: Backfilled) -> Self {
        Self { times: filled.times.into_iter().map(Timestamp::to_rfc3339).collect(), done: filled.done, more: filled.more }
    }
}

pub(super) fn parse_id(text: &str) -> Result<ScheduleId, AppError> {
    text.parse().map_err(|_| AppError::not_found("webhook"))
}

fn fresh() -> ScheduleDraft {
    ScheduleDraft { enabled: "on".into(), ..ScheduleDraft::default() }
}

/// The draft of a saved one, to be changed.
fn saved(state: &AppState, actor: &Actor, id: ScheduleId) -> Result<ScheduleDraft, AppError> {
    state.engine().schedules().form(actor, Some(id), None, None).map(|form: ScheduleForm| form.draft)
}

fn ahead(count: Option<&str>, after: Option<&str>) -> Result<(usize, Option<Timestamp>), AppError> {
    let wrong = || AppError::field("count", format!("Choose a number from 1 to {PREVIEW_MAX}."));
    let count = match count {
        None => 10,
        Some(text) => text.parse::<u32>().ok().filter(|n| (1..=PREVIEW_MAX).contains(n)).ok_or_else(wrong)?,
    };
    let instant =
        |text: &str| text.parse::<jiff::Timestamp>().map_err(|_| AppError::field("after", "This is not an instant: 2027-01-01T00:00:00Z."));
    let after = after.map(instant).transpose()?.map(|instant| Timestamp::from_millis(instant.as_millisecond()));
    Ok((usize::try_from(count).unwrap_or(10), after))
}

/// All schedules of the space, the oldest first. Secrets are hidden.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "Webhooks", params(Wanted), security(("token" = [])),
    responses((status = 200, body = Page<ScheduleJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<ScheduleJson>>, Failed> {
    let page = || {
        let limit = cursor::limit(wanted.limit.as_deref())?;
        let after = cursor::decode::<ScheduleId>(wanted.cursor.as_deref())?;
        let standing = wanted.standing.unwrap_or_default();
        if !standing.is_empty() && domain::webhook::Standing::from_name(&standing).is_none() {
            let known = domain::webhook::Standing::ALL.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
            return Err(AppError::field("standing", format!("There are {known}.")));
        }
        let filter = ScheduleFilter { search: wanted.search.unwrap_or_default(), standing, tag: wanted.tag.unwrap_or_default(), page: 0 };
        let most = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        let rows = state.engine().schedules().list_after(&actor, after, &filter, most);
        let (rows, next_cursor) = cursor::cut(rows, limit, |one: &Described| one.schedule.id);
        Ok(Page { items: rows.into_iter().map(ScheduleJson::from).collect(), next_cursor })
    };
    page().or_failed(&scope).map(Json)
}

/// Makes a schedule.
#[utoipa::path(post, path = "/api/v1/schedules", tag = "Webhooks", request_body = ScheduleInput, security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key within 24 hours gets the same answer, without a second schedule.")),
    responses((status = 201, body = ScheduleJson), (status = 422, body = Problem)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1], Json<ScheduleJson>), Failed> {
    let made = async {
        let schedules = state.engine().schedules();
        let draft = read(&body, fresh(), |draft| schedules.judge(&actor, None, draft))?;
        schedules.create(&actor, &draft).await.map(ScheduleJson::from).map_err(in_json)
    };
    let json = made.await.or_failed(&scope)?;
    let location =
        HeaderValue::from_str(&format!("/api/v1/schedules/{}", json.id)).unwrap_or(HeaderValue::from_static("/api/v1/schedules"));
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(json)))
}

/// One schedule.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = ScheduleJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<ScheduleJson>, Failed> {
    parse_id(&id).and_then(|id| state.engine().schedules().get(&actor, id)).map(ScheduleJson::from).or_failed(&scope).map(Json)
}

/// Changes what the body names (RFC 7396): what is left out stays, null means the default. A trigger is sent whole.
#[utoipa::path(patch, path = "/api/v1/schedules/{id}", tag = "Webhooks", params(("id" = String, Path)), request_body = ScheduleInput,
    security(("token" = [])),
    responses((status = 200, body = ScheduleJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ScheduleJson>, Failed> {
    let changed = async {
        let id = parse_id(&id)?;
        let schedules = state.engine().schedules();
        let draft = read(&body, saved(&state, &actor, id)?, |draft| schedules.judge(&actor, Some(id), draft))?;
        schedules.update(&actor, id, &draft).await.map(ScheduleJson::from).map_err(in_json)
    };
    changed.await.or_failed(&scope).map(Json)
}

/// Deletes a schedule and its runs.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<StatusCode, Failed> {
    let deleted = async { state.engine().schedules().delete(&actor, &[parse_id(&id)?]).await };
    deleted.await.or_failed(&scope).map(|_| StatusCode::NO_CONTENT)
}

/// Stops a schedule. What is on its way goes on.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/pause", tag = "Webhooks", params(("id" = String, Path)), request_body = Option<PauseInput>,
    security(("token" = [])), responses((status = 200, body = ScheduleJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn pause(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ScheduleJson>, Failed> {
    let paused = async {
        let (id, body) = (parse_id(&id)?, optional(&body)?);
        known(&body, &["note", "until"])?;
        let schedules = state.engine().schedules();
        schedules.pause(&actor, &[id], &text_of(&body, "note")?, &text_of(&body, "until")?).await?;
        schedules.get(&actor, id).map(ScheduleJson::from)
    };
    paused.await.or_failed(&scope).map(Json)
}

/// Has a schedule go on. What passed meanwhile runs only when it is asked for.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/resume", tag = "Webhooks", params(("id" = String, Path)), request_body = Option<ResumeInput>,
    security(("token" = [])), responses((status = 200, body = ScheduleJson), (status = 404, body = Problem)))]
pub(super) async fn resume(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<ScheduleJson>, Failed> {
    let resumed = async {
        let (id, body) = (parse_id(&id)?, optional(&body)?);
        known(&body, &["catch_up"])?;
        let schedules = state.engine().schedules();
        schedules.resume(&actor, &[id], flag_of(&body, "catch_up")?).await?;
        schedules.get(&actor, id).map(ScheduleJson::from)
    };
    resumed.await.or_failed(&scope).map(Json)
}

/// Runs a schedule now, beside its timetable.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/run", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 202, body = RunJson), (status = 404, body = Problem)))]
pub(super) async fn run(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<RunJson>), Failed> {
    let ran = async {
        let schedules = state.engine().schedules();
        let begun = schedules.run_now(&actor, &[parse_id(&id)?]).await?;
        let first = begun.first().copied().ok_or_else(|| AppError::not_found("run"))?;
        schedules.run(&actor, first).await.map(RunJson::from)
    };
    ran.await.or_failed(&scope).map(|json| (StatusCode::ACCEPTED, Json(json)))
}

/// Sends the request once and answers what was sent and seen; nothing is kept. A body is tried on top of what is saved.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/test", tag = "Webhooks", params(("id" = String, Path)), request_body = Option<ScheduleInput>,
    security(("token" = [])), responses((status = 200, body = RunAttemptJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn test(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<RunAttemptJson>, Failed> {
    let tried = async {
        let id = parse_id(&id)?;
        let schedules = state.engine().schedules();
        let draft = saved(&state, &actor, id)?;
        let draft = if body.is_empty() { draft } else { read(&body, draft, |draft| schedules.judge(&actor, Some(id), draft))? };
        schedules.test(&actor, Some(id), &draft).await.map(|attempt: Attempt| RunAttemptJson::of(1, attempt)).map_err(in_json)
    };
    tried.await.or_failed(&scope).map(Json)
}

/// Sends the request of a draft once and answers what was sent and seen; nothing is kept.
#[utoipa::path(post, path = "/api/v1/schedules/test", tag = "Webhooks", request_body = ScheduleInput, security(("token" = [])),
    responses((status = 200, body = RunAttemptJson), (status = 422, body = Problem)))]
pub(super) async fn test_draft(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<Json<RunAttemptJson>, Failed> {
    let tried = async {
        let schedules = state.engine().schedules();
        let draft = read(&body, fresh(), |draft| schedules.judge(&actor, None, draft))?;
        schedules.test(&actor, None, &draft).await.map(|attempt: Attempt| RunAttemptJson::of(1, attempt)).map_err(in_json)
    };
    tried.await.or_failed(&scope).map(Json)
}

/// The next times of a schedule.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/preview", tag = "Webhooks", params(("id" = String, Path), Ahead), security(("token" = [])),
    responses((status = 200, body = AheadJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn preview(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(asked): Query<Ahead>,
) -> Result<Json<AheadJson>, Failed> {
    let seen = || {
        let (id, (count, after)) = (parse_id(&id)?, ahead(asked.count.as_deref(), asked.after.as_deref())?);
        let schedules = state.engine().schedules();
        let when = schedules.get(&actor, id)?.schedule.spec.when();
        let next = schedules.next_of(&actor, id, after, count)?;
        Ok(AheadJson { when, next_runs: next.into_iter().map(Into::into).collect() })
    };
    seen().or_failed(&scope).map(Json)
}

/// The next times of a schedule that is not saved: of a body with a `trigger`, and perhaps bounds.
#[utoipa::path(post, path = "/api/v1/schedules/preview", tag = "Webhooks", params(Ahead), request_body = ScheduleInput, security(("token" = [])),
    responses((status = 200, body = AheadJson), (status = 422, body = Problem)))]
pub(super) async fn preview_draft(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(asked): Query<Ahead>,
    body: Bytes,
) -> Result<Json<AheadJson>, Failed> {
    let seen = || {
        let (count, after) = ahead(asked.count.as_deref(), asked.after.as_deref())?;
        let draft = read(&body, fresh(), |_| Ok(()))?;
        let (when, next) = state.engine().schedules().preview(&actor, None, &draft, after, count).map_err(in_json)?;
        Ok(AheadJson { when, next_runs: next.into_iter().map(Into::into).collect() })
    };
    seen().or_failed(&scope).map(Json)
}

/// Runs the times of a span of the past that did not run.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/backfill", tag = "Webhooks", params(("id" = String, Path)), request_body = BackfillInput,
    security(("token" = [])), responses((status = 200, body = BackfillJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn backfill(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<BackfillJson>, Failed> {
    let filled = async {
        let (id, body) = (parse_id(&id)?, object(&body)?);
        known(&body, &["from", "to", "limit", "dry_run"])?;
        let wrong = || AppError::field("limit", "Choose a number from 1 to 1000.");
        let limit = match body.get("limit") {
            None | Some(Value::Null) => 100,
            Some(value) => value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (1..=1_000).contains(n)).ok_or_else(wrong)?,
        };
        let (from, to, dry_run) = (text_of(&body, "from")?, text_of(&body, "to")?, flag_of(&body, "dry_run")?);
        state.engine().schedules().backfill(&actor, id, &from, &to, limit, dry_run).await.map(BackfillJson::from)
    };
    filled.await.or_failed(&scope).map(Json)
}
