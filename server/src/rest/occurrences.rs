//! Occurrences: the runs of schedules with every attempt; sent again, and ended by hand.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::check::Phases;
use domain::http::Sent;
use domain::webhook::{Attempt, DeadRun, OccurrenceId, Outcome, RunRow, RunState, RunView};
use domain::{AppError, Timestamp};
use engine::Actor;
use serde::{Deserialize, Serialize};
use store::RunFilter;
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::monitors::Paging;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use super::schedules::parse_id as parse_schedule;
use crate::web::AppState;
use crate::web::scope::Scope;

/// Which runs are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `scheduled`, `running`, `succeeded`, `retrying`, `failed`, `skipped`, `missed` or `cancelled`. Default: all of them.
    state: Option<String>,
    /// 1 to 200. Default: 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A run: one time of a timetable.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct RunJson {
    /// Made of its schedule and its nominal time.
    #[schema(example = "occ_01jd2v9x3k5m7q8r9s0t1v2w3x_1795572000000")]
    id: String,
    /// Of which schedule.
    schedule: String,
    /// When it was due, by the timetable.
    nominal_at: String,
    /// `schedule`, `catch_up`, `manual` or `backfill`.
    #[schema(example = "schedule")]
    origin: &'static str,
    /// `scheduled`, `running`, `succeeded`, `retrying`, `failed`, `skipped`, `missed` or `cancelled`.
    #[schema(example = "succeeded")]
    state: &'static str,
    /// While it waits: when it is tried next.
    due_at: Option<String>,
    /// When its first attempt began.
    started_at: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
    /// Attempts that were begun.
    attempts: u32,
    /// The last status.
    status: Option<u16>,
    /// How long the last attempt took.
    duration_ms: u32,
    /// What went wrong, or why it did not run; empty: nothing.
    note: String,
    /// For how many times of the timetable it stands: more than one only of times that were missed or skipped together.
    count: u32,
    /// The process ended between sending and recording: the receiver may have had it twice.
    uncertain: bool,
    /// Its attempts, the first one first; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<Vec<RunAttemptJson>>,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct RunAttemptJson {
    /// From 1.
    n: u32,
    /// When it began.
    at: String,
    /// `begun` (of one that is over: nobody knows), `succeeded` or `failed`.
    outcome: &'static str,
    /// Why not.
    error: Option<String>,
    /// What was sent; values of secrets are left out.
    request: SentJson,
    /// What came back; null: nothing did.
    response: Option<ReceivedJson>,
}

/// What was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct SentJson {
    method: String,
    url: String,
    /// Names and values; values that may be secrets are `[redacted]`.
    headers: Vec<(String, String)>,
    body: String,
}

impl From<Sent> for SentJson {
    fn from(sent: Sent) -> Self {
        Self { method: sent.method, url: sent.url, headers: sent.headers, body: sent.body }
    }
}

/// What came back.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ReceivedJson {
    status: Option<u16>,
    /// Names and values; values that are not known to be harmless are `[redacted]`.
    headers: Vec<(String, String)>,
    /// The first 64 KiB.
    body: String,
    /// How many bytes were read.
    body_bytes: u64,
    /// There was more of it.
    body_cut: bool,
    /// How long it took in all, in milliseconds.
    duration_ms: f64,
    /// How long each phase took, in milliseconds; null: there was none.
    phases: PhasesMs,
}

/// The phases of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct PhasesMs {
    dns: Option<f64>,
    connect: Option<f64>,
    tls: Option<f64>,
    first_byte: Option<f64>,
    download: Option<f64>,
}

impl From<Phases> for PhasesMs {
    fn from(phases: Phases) -> Self {
        let ms = |us: Option<u32>| us.map(|us| f64::from(us) / 1e3);
        Self {
            dns: ms(phases.dns_us),
            connect: ms(phases.connect_us),
            tls: ms(phases.tls_us),
            first_byte: ms(phases.first_byte_us),
            download: ms(phases.download_us),
        }
    }
}

impl RunAttemptJson {
    pub(super) fn of(n: u32, attempt: Attempt) -> Self {
        let Attempt { at, sent, trace, outcome } = attempt;
        let (outcome, error) = match outcome {
            Outcome::Begun => ("begun", None),
            Outcome::Succeeded => ("succeeded", None),
            Outcome::Failed { error, .. } => ("failed", Some(error)),
        };
        let response = trace.map(|trace| ReceivedJson {
            status: trace.observation.status,
            headers: trace.hops.last().map(|hop| hop.headers.clone()).unwrap_or_default(),
            body: trace.excerpt,
            body_bytes: trace.body_bytes,
            body_cut: trace.body_capped,
            duration_ms: f64::from(trace.observation.duration_us) / 1e3,
            phases: trace.observation.phases.into(),
        });
        Self { n, at: at.to_rfc3339(), outcome, error, request: sent.into(), response }
    }
}

impl From<RunRow> for RunJson {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id.to_string(),
            schedule: row.id.schedule.to_string(),
            nominal_at: row.id.nominal.to_rfc3339(),
            origin: row.origin.name(),
            state: row.state.name(),
            due_at: (!row.state.is_final()).then(|| row.due_at.to_rfc3339()),
            started_at: row.started_at.map(Timestamp::to_rfc3339),
            ended_at: row.ended_at.map(Timestamp::to_rfc3339),
            attempts: row.attempts,
            status: row.status,
            duration_ms: row.duration_ms,
            note: row.note,
            count: row.count,
            uncertain: row.uncertain,
            tries: None,
        }
    }
}

impl From<RunView> for RunJson {
    fn from(view: RunView) -> Self {
        let tries = view.attempts.into_iter().map(|tried| RunAttemptJson::of(tried.n, tried.attempt)).collect();
        Self { tries: Some(tries), ..view.row.into() }
    }
}

fn parse_id(text: &str) -> Result<OccurrenceId, AppError> {
    text.parse().map_err(|_| AppError::not_found("run"))
}

/// The runs of a schedule, the newest first.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/occurrences", tag = "Webhooks", params(("id" = String, Path), Wanted), security(("token" = [])),
    responses((status = 200, body = Page<RunJson>), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<RunJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(wanted.limit.as_deref())?.min(199);
        let before = cursor::decode::<i64>(wanted.cursor.as_deref())?.map(Timestamp::from_millis);
        let states = match wanted.state.as_deref() {
            None => Vec::new(),
            Some(name) => {
                let known = RunState::ALL.iter().map(|state| state.name()).collect::<Vec<_>>().join(", ");
                vec![RunState::from_name(name).ok_or_else(|| AppError::field("state", format!("There are {known}.")))?]
            }
        };
        let filter = RunFilter { states, before, since: None };
        let rows = state.engine().schedules().runs(&actor, parse_schedule(&id)?, &filter, limit + 1).await?;
        let (rows, next_cursor) = cursor::cut(rows, limit, |row: &RunRow| row.id.nominal.as_millis());
        Ok(Page { items: rows.into_iter().map(RunJson::from).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// The runs of all schedules that were given up and not sent again since, the newest first.
#[utoipa::path(get, path = "/api/v1/dead-letters", tag = "Webhooks", params(Paging), security(("token" = [])),
    responses((status = 200, body = Page<RunJson>), (status = 422, body = Problem)))]
pub(super) async fn dead(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RunJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(paging.limit.as_deref())?.min(199);
        let before = cursor::decode::<i64>(paging.cursor.as_deref())?.map(Timestamp::from_millis);
        let rows = state.engine().schedules().dead(&actor, None, before, limit + 1).await?;
        let (rows, next_cursor) = cursor::cut(rows, limit, |run: &DeadRun| run.row.id.nominal.as_millis());
        Ok(Page { items: rows.into_iter().map(|run| run.row.into()).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}

/// One run with its attempts.
#[utoipa::path(get, path = "/api/v1/occurrences/{id}", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = RunJson), (status = 404, body = Problem)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<RunJson>, Failed> {
    let found = async { state.engine().schedules().run(&actor, parse_id(&id)?).await.map(RunJson::from) };
    found.await.or_failed(&scope).map(Json)
}

/// Sends a run again that has ended: one attempt, with the same `webhook-id` and the secret of now. It says nothing about the schedule.
/// Of a run that waits to be tried again, the next attempt is made now.
#[utoipa::path(post, path = "/api/v1/occurrences/{id}/redeliver", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 202, body = RunJson), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn redeliver(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<(http::StatusCode, Json<RunJson>), Failed> {
    let sent = async {
        let id = parse_id(&id)?;
        state.engine().schedules().redeliver(&actor, &[id]).await?;
        state.engine().schedules().run(&actor, id).await.map(RunJson::from)
    };
    sent.await.or_failed(&scope).map(|json| (http::StatusCode::ACCEPTED, Json(json)))
}

/// Ends a run that waits. What is on its way comes back, and is not tried again; of one that has ended nothing changes.
#[utoipa::path(post, path = "/api/v1/occurrences/{id}/cancel", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = RunJson), (status = 404, body = Problem)))]
pub(super) async fn cancel(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<RunJson>, Failed> {
    let ended = async {
        let id = parse_id(&id)?;
        state.engine().schedules().cancel(&actor, &[id]).await?;
        state.engine().schedules().run(&actor, id).await.map(RunJson::from)
    };
    ended.await.or_failed(&scope).map(Json)
}
