//! The frame around every request: an id, a log span, and who asks.

use std::any::Any;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use engine::Client;
use http::{HeaderValue, StatusCode};
use rand::RngExt as _;
use tracing::Instrument as _;

use super::client::{Peer, client, is_behind_tls};
use super::state::AppState;
use crate::config::PublicUrl;

/// Under which id a request is logged; also in the response header `x-request-id`.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// What is known of a request before anybody has looked at its path.
#[derive(Debug, Clone)]
pub struct Scope {
    /// For the log.
    pub request_id: String,
    /// Where it comes from.
    pub client: Client,
    /// The browser speaks TLS: cookies get `Secure`.
    pub secure: bool,
}

/// Gives a request its scope.
pub(super) async fn enter(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        // The listener always says who is there; without it, nothing that depends on addresses would be right.
        tracing::error!("a request without a peer address");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let request_id = new_id();
    let trusted = state.listen().trusted_proxies.as_ref().map_or(&[][..], |networks| &networks.0);
    let public = state.listen().public_url.as_ref().is_some_and(PublicUrl::is_secure);
    let secure = public || is_behind_tls(peer, request.headers(), trusted);
    let client = client(peer, request.headers(), trusted);
    let span = tracing::info_span!("request", request.id = %request_id);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let quiet = path.starts_with("/assets/") || matches!(path.as_str(), "/healthz" | "/readyz" | "/metrics");
    request.extensions_mut().insert(Scope { request_id: request_id.clone(), client, secure });
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| match status.as_u16() {
        500.. => tracing::warn!(http.method = %method, http.path = %logged(&path), http.status = status.as_u16(), duration_ms, "answered"),
        _ if quiet => tracing::trace!(http.method = %method, http.path = %path, http.status = status.as_u16(), duration_ms, "answered"),
        _ => tracing::debug!(http.method = %method, http.path = %logged(&path), http.status = status.as_u16(), duration_ms, "answered"),
    });
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

/// Links that let somebody in are secrets: the log shows that one was used, not which.
fn logged(path: &str) -> &str {
    ["/invitation/", "/reset/", "/verify/", "/acknowledge/", "/ping/"].into_iter().find(|secret| path.starts_with(secret)).unwrap_or(path)
}

fn new_id() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// What is answered when a handler panicked: nothing about the panic.
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, "Something broke on our side. The log has the details.\n").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_paths_are_not_logged() {
        assert_eq!((logged("/reset/abc"), logged("/verify/abc")), ("/reset/", "/verify/"));
        assert_eq!(logged("/monitors/new"), "/monitors/new");
    }

    #[test]
    fn ids_are_sixteen_digits() {
        let id = new_id();
        assert!(id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }
}
