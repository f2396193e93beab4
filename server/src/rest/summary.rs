//! The figures of a space.

use axum::extract::State;
use axum::{Extension, Json};
use engine::Actor;

use super::output::{SummaryJson, WebhooksJson};
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// The figures over all monitors and webhooks of the space.
#[utoipa::path(get, path = "/api/v1/summary", tag = "Summary", security(("token" = [])),
    responses((status = 200, body = SummaryJson), (status = 401, body = Problem)))]
pub(super) async fn summary(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
) -> Result<Json<SummaryJson>, Failed> {
    let seen = async {
        let (totals, schedules) = (state.engine().monitors().totals(&actor)?, state.engine().schedules());
        Ok(SummaryJson::of(totals, WebhooksJson::of(schedules.counts(&actor), schedules.last_day(&actor).await?)))
    };
    seen.await.or_failed(&scope).map(Json)
}
