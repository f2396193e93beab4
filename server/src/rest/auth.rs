//! Bearer tokens: who asks, and whether they may change anything.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::account::Scope;
use domain::{AppError, Code};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method};
use sha2::{Digest as _, Sha256};

use super::problem::Problem;
use crate::web::AppState;

/// Tells callers apart without keeping their token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Caller([u8; 32]);

impl Caller {
    /// What names a request of this caller that may be sent again.
    pub fn slot(self, path: &str, key: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(key);
        super::replay::hex(&hash.finalize())
    }
}

/// Lets through who has a token, with an [`engine::Actor`] in the extensions.
pub(super) async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = super::problem::request_id(request.extensions());
    let Some(token) = bearer(request.headers()).map(str::to_owned) else {
        return unauthenticated("Send a token of this space: Authorization: Bearer <token>.", id);
    };
    let actor = match state.engine().tokens().authenticate(&token).await {
        Ok(Some(actor)) => actor,
        Ok(None) => return unauthenticated("This token is unknown or was revoked.", id),
        Err(error) => return Problem::new(error, id).into_response(),
    };
    if actor.scope == Some(Scope::Read) && !matches!(*request.method(), Method::GET | Method::HEAD) {
        let error = AppError::new(Code::Forbidden, "This token may only read. Make one that may write.");
        return Problem::new(error, id).into_response();
    }
    request.extensions_mut().insert(Caller(Sha256::digest(token.as_bytes()).into()));
    request.extensions_mut().insert(actor);
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()).filter(|token| !token.is_empty())
}

fn unauthenticated(message: &str, id: String) -> Response {
    let mut response = Problem::new(AppError::new(Code::Unauthenticated, message), id).into_response();
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"loopr\""));
    response
}
