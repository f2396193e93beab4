//! The figures of a schedule: how its runs went, day by day and run by run.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::webhook::ScheduleDetail;
use engine::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::parse_id;
use crate::rest::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// The figures of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct StatisticsJson {
    /// All runs that succeeded.
    succeeded: u64,
    /// All runs that failed.
    failed: u64,
    /// All times that did not run.
    missed: u64,
    /// The days of the last year on which something ran, the oldest first.
    days: Vec<DayJson>,
    /// The runs that ended last, the oldest first.
    latency: Vec<LatencyJson>,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct DayJson {
    /// In UTC.
    #[schema(example = "2026-11-30")]
    day: String,
    succeeded: u32,
    failed: u32,
    missed: u32,
}

/// How long a run took.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct LatencyJson {
    /// When its first attempt began.
    at: String,
    /// Of its last attempt.
    duration_ms: u32,
    succeeded: bool,
}

impl From<ScheduleDetail> for StatisticsJson {
    fn from(detail: ScheduleDetail) -> Self {
        let (succeeded, failed, missed) = detail.totals;
        let day = |days: i32| domain::Timestamp::from_millis(i64::from(days) * 86_400_000).to_rfc3339().chars().take(10).collect();
        Self {
            succeeded,
            failed,
            missed,
            days: detail
                .days
                .into_iter()
                .map(|of| DayJson { day: day(of.day), succeeded: of.succeeded, failed: of.failed, missed: of.missed })
                .collect(),
            latency: detail
                .latency
                .into_iter()
                .map(|(at, duration_ms, succeeded)| LatencyJson { at: at.to_rfc3339(), duration_ms, succeeded })
                .collect(),
        }
    }
}

/// How the runs of a schedule went.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/statistics", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = StatisticsJson), (status = 404, body = Problem)))]
pub(in crate::rest) async fn statistics(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<StatisticsJson>, Failed> {
    let seen = async { state.engine().schedules().detail(&actor, parse_id(&id)?).await };
    seen.await.or_failed(&scope).map(|detail| Json(detail.into()))
}
