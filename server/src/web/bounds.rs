//! How much a request may carry, whoever reads it: extractors have a limit of their own, server functions have none.

use axum::body::Body;
use axum::extract::{OriginalUri, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::{AppError, Code};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::Limited;

use crate::rest;

/// The largest legitimate body but one is that of a monitor that sends 64 KiB.
pub(super) const BODY_BYTES: usize = 256 * 1024;
/// A crontab of 1 MiB, as a form writes it.
pub(super) const IMPORT_BYTES: usize = 4 * 1024 * 1024;

/// What may come to an address.
pub(super) fn most(path: &str) -> usize {
    if path.ends_with("/schedules/import") || path.ends_with("/fn/import_webhooks") { IMPORT_BYTES } else { BODY_BYTES }
}

/// Refuses a body that says that it is too large, and cuts off one that does not say so.
pub(super) async fn body(uri: OriginalUri, request: Request, next: Next) -> Response {
    let most = most(uri.path());
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()).and_then(|length| length.parse().ok());
    if announced.is_some_and(|bytes: usize| bytes > most) {
        let error = AppError::new(Code::Invalid, format!("That is more than fits into a request: {} KiB at most.", most / 1024));
        if uri.path().starts_with("/api/") {
            return rest::too_large(error, request.extensions());
        }
        let text = serde_json::to_string(&error).unwrap_or_default();
        return (StatusCode::PAYLOAD_TOO_LARGE, [(CONTENT_TYPE, "application/json")], text).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, most)))).await
}
