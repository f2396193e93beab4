//! `Idempotency-Key`: a POST that is sent again, because its answer got lost, gets the first answer again and does nothing
//! twice. Answers are kept in the database for 24 hours; which requests are under way is known in memory.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::{AppError, Code};
use engine::Answer;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};

use super::auth::Caller;
use super::problem::{Problem, request_id};
use crate::web::AppState;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// An answer that is larger is not kept: no answer of the interface comes near it.
const ANSWER_BYTES: usize = 256 * 1024;

/// The keys of requests that are under way.
#[derive(Default)]
pub struct Running(Mutex<HashSet<String>>);

impl Running {
    fn begin(&self, key: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned())
    }

    fn end(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Ends a key's request also when the client goes away and the future is dropped.
struct Turn<'a> {
    running: &'a Running,
    key: &'a str,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.running.end(self.key);
    }
}

pub(super) async fn replay(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(&KEY).filter(|_| request.method() == Method::POST).cloned() else {
        return next.run(request).await;
    };
    let id = request_id(request.extensions());
    let refuse = |error: AppError| Problem::new(error, id.clone()).into_response();
    if key.is_empty() || key.len() > 255 {
        return refuse(AppError::new(Code::Invalid, "Idempotency-Key has to be 1 to 255 characters long."));
    }
    let Some(caller) = request.extensions().get::<Caller>().copied() else {
        return refuse(AppError::unauthenticated());
    };
    let key = caller.slot(request.uri().path(), key.as_bytes());
    if !state.running().begin(&key) {
        let message = "A request with this Idempotency-Key is still under way. Try again in a moment.";
        return refuse(AppError::new(Code::Conflict, message));
    }
    let _turn = Turn { running: state.running(), key: &key };
    let (parts, body) = request.into_parts();
    // What comes this far is bounded.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return refuse(AppError::new(Code::Invalid, "The body is too large."));
    };
    let hash = hex(&Sha256::digest(&body));
    match state.engine().replays().find(&key).await {
        Err(error) => refuse(error),
        Ok(Some(answer)) if answer.request != hash => {
            refuse(AppError::new(Code::Invalid, "This Idempotency-Key was used with another body. Use a new key for a new request."))
        }
        Ok(Some(answer)) => again(answer),
        Ok(None) => {
            let response = next.run(Request::from_parts(parts, Body::from(body))).await;
            keep(&state, &key, hash, response).await
        }
    }
}

/// Keeps an answer and passes it on. A failure on our side, and a refusal for the moment, are not kept: they are worth
/// another try.
async fn keep(state: &AppState, key: &str, request: String, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let for_now = parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS;
    if !for_now
        && body.len() <= ANSWER_BYTES
        && let Ok(text) = String::from_utf8(body.to_vec())
    {
        let answer =
            Answer { request, status: parts.status.as_u16(), content_type: header(CONTENT_TYPE), location: header(LOCATION), body: text };
        // Logged where it failed; what was asked for is done, and the client hears so.
        let _ = state.engine().replays().keep(key, &answer).await;
    }
    Response::from_parts(parts, Body::from(body))
}

fn again(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    for (name, value) in [(CONTENT_TYPE, answer.content_type), (LOCATION, answer.location)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
