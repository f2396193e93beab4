//! The changes of a monitor's state: where its uptime comes from.

use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use domain::Timestamp;
use domain::change::Change;
use domain::state::State as MonitorState;
use engine::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::cursor;
use super::monitors::parse_id;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use super::results::{WindowPage, window};
use crate::web::AppState;
use crate::web::scope::Scope;

/// A change of state.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TransitionJson {
    /// The state before.
    #[schema(value_type = String, example = "up")]
    from: MonitorState,
    /// The state from `at` on.
    #[schema(value_type = String, example = "down")]
    to: MonitorState,
    /// When it began: for `down`, the first failure of the confirmed run.
    at: String,
    /// When it was decided: for `down`, the failure that confirmed it.
    decided_at: String,
    /// Why: a reason of a check, such as `timeout`, or `person`, `maintenance`, `no_network`, `parent_down`, `not_running` and
    /// the like; null when everything was as wanted.
    #[schema(example = "timeout")]
    reason: Option<String>,
}

impl From<Change> for TransitionJson {
    fn from(change: Change) -> Self {
        let transition = change.transition;
        Self {
            from: transition.from,
            to: transition.to,
            at: transition.at.to_rfc3339(),
            decided_at: transition.decided_at.to_rfc3339(),
            reason: change.cause,
        }
    }
}

/// Changes of state, newest first.
#[utoipa::path(get, path = "/api/v1/monitors/{id}/transitions", tag = "History", params(("id" = String, Path), WindowPage), security(("token" = [])),
    responses((status = 200, body = Page<TransitionJson>), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn transitions(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(query): Query<WindowPage>,
) -> Result<Json<Page<TransitionJson>>, Failed> {
    let page = async {
        let id = parse_id(&id)?;
        let limit = cursor::limit(query.limit.as_deref())?;
        let before = cursor::decode::<i64>(query.cursor.as_deref())?.map(Timestamp::from_millis);
        let (from, to) = window(query.from.as_deref(), query.to.as_deref(), state.engine().now())?;
        let to = before.map_or(to, |before| before.min(to));
        let rows = state.engine().history().changes(&actor, id, from, to, limit + 1).await?;
        let (rows, next_cursor) = cursor::cut(rows, limit, |change: &Change| change.transition.at.as_millis());
        Ok(Page { items: rows.into_iter().map(Into::into).collect(), next_cursor })
    };
    page.await.or_failed(&scope).map(Json)
}
