//! Whether the process lives, and whether it does its work.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::AppError;
use http::StatusCode;
use serde::Serialize;

use super::state::AppState;

/// The process answers: that is all. Who restarts containers asks this.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
}

/// It takes and records checks. Who sends traffic asks this.
pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let engine::Health { ready, notice } = state.engine().health().await;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, notice })).into_response()
}

/// The HTTP status of an error.
pub(crate) fn status(error: &AppError) -> StatusCode {
    StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
