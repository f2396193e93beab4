//! How fast a monitor's checks were over a window.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::view::LatencyView;
use engine::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::monitors::parse_id;
use super::problem::{Failed, OrFailed as _, Problem};
use super::results::{Window, window};
use crate::web::AppState;
use crate::web::scope::Scope;

/// How fast the successes of a window were, in milliseconds; null when there was none. Percentiles are within 1 %.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LatencyJson {
    /// The beginning of the window.
    pub from: String,
    /// Its end.
    pub to: String,
    /// Checks in it.
    pub checks: u32,
    /// Failures among them.
    pub failures: u32,
    /// The fastest success.
    pub min_ms: Option<f64>,
    /// The mean.
    pub mean_ms: Option<f64>,
    /// Half of them were as fast or faster.
    #[schema(example = 84.2)]
    pub p50_ms: Option<f64>,
    /// 90 % of them.
    pub p90_ms: Option<f64>,
    /// 95 % of them.
    pub p95_ms: Option<f64>,
    /// 99 % of them.
    pub p99_ms: Option<f64>,
    /// The slowest success.
    pub max_ms: Option<f64>,
}

impl From<LatencyView> for LatencyJson {
    fn from(view: LatencyView) -> Self {
        let ms = |us: Option<u32>| us.map(|us| f64::from(us) / 1e3);
        Self {
            from: view.from.to_rfc3339(),
            to: view.to.to_rfc3339(),
            checks: view.checks,
            failures: view.failures,
            min_ms: ms(view.min_us),
            mean_ms: ms(view.mean_us),
            p50_ms: ms(view.p50_us),
            p90_ms: ms(view.p90_us),
            p95_ms: ms(view.p95_us),
            p99_ms: ms(view.p99_us),
            max_ms: ms(view.max_us),
        }
    }
}

/// Latency percentiles over a window.
#[utoipa::path(get, path = "/api/v1/monitors/{id}/latency", tag = "History", params(("id" = String, Path), Window), security(("token" = [])),
    responses((status = 200, body = LatencyJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn latency(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(query): Query<Window>,
) -> Result<Json<LatencyJson>, Failed> {
    let view = async {
        let id = parse_id(&id)?;
        let (from, to) = window(query.from.as_deref(), query.to.as_deref(), state.engine().now())?;
        state.engine().history().latency(&actor, id, from, to).await
    };
    view.await.or_failed(&scope).map(|view| Json(view.into()))
}
