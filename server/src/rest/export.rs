//! A monitor's history as a file.

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::Timestamp;
use engine::Actor;
use serde::Deserialize;
use utoipa::IntoParams;

use super::monitors::parse_id;
use super::problem::{Failed, OrFailed as _, Problem};
use super::results::window;
use crate::web::scope::Scope;
use crate::web::{AppState, download};

/// Which checks, and how.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `csv` or `ndjson`. Default: `csv`.
    format: Option<String>,
    /// RFC 3339. Default: the monitor's first check.
    from: Option<String>,
    /// RFC 3339. Default: now.
    to: Option<String>,
}

/// Every check of a window, the oldest first, streamed as CSV or NDJSON. Spans are in microseconds; in CSV an apostrophe stands
/// before a text that a spreadsheet would take for a formula.
#[utoipa::path(get, path = "/api/v1/monitors/{id}/export", tag = "History", params(("id" = String, Path), Wanted), security(("token" = [])),
    responses((status = 200, content((String = "text/csv"), (String = "application/x-ndjson"))), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn export(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failed> {
    let file = || {
        let id = parse_id(&id)?;
        let format = download::format(wanted.format.as_deref())?;
        let first = Timestamp::default().to_rfc3339();
        let window = window(Some(wanted.from.as_deref().unwrap_or(&first)), wanted.to.as_deref(), state.engine().now())?;
        let export = state.engine().history().export(&actor, id, window, format)?;
        Ok(download::respond(id, format, export))
    };
    file().or_failed(&scope)
}
