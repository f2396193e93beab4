//! `Idempotency-Key`: a POST that is sent again, because its answer got lost, gets the first answer again and does nothing
//! twice. Answers are kept in memory for 24 hours, within bounds, and are forgotten at a restart.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::{AppError, Code};
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sha2::{Digest as _, Sha256};

use super::auth::Caller;
use super::problem::{Problem, request_id};
use crate::web::AppState;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const FOR: Duration = Duration::from_secs(24 * 3600);
const ANSWERS: usize = 10_000;
const BYTES: usize = 16 << 20;
const BODY_BYTES: usize = 256 * 1024;

/// Who asked where, under which key.
type Slot = (Caller, [u8; 32]);

/// The answers that may be asked for again.
#[derive(Default)]
pub struct Replays(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    answers: HashMap<Slot, Kept>,
    /// The oldest first.
    order: VecDeque<(Slot, Instant)>,
    bytes: usize,
}

struct Kept {
    body: [u8; 32],
    /// None as long as the first request runs.
    answer: Option<Arc<Answer>>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

enum Found {
    New,
    Running,
    OtherBody,
    Known(Arc<Answer>),
}

pub(super) async fn replay(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(&KEY).filter(|_| request.method() == Method::POST).cloned() else {
        return next.run(request).await;
    };
    let id = request_id(request.extensions());
    let refuse = |code, message: &str| Problem::new(AppError::new(code, message), id.clone()).into_response();
    if key.is_empty() || key.len() > 255 {
        return refuse(Code::Invalid, "Idempotency-Key has to be 1 to 255 characters long.");
    }
    let Some(caller) = request.extensions().get::<Caller>().copied() else {
        return refuse(Code::Unauthenticated, "Sign in first.");
    };
    let mut hash = Sha256::new();
    hash.update(request.uri().path().as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let slot: Slot = (caller, hash.finalize().into());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES).await else {
        return refuse(Code::Invalid, "The body is too large.");
    };
    match state.replays().begin(slot, Sha256::digest(&body).into()) {
        Found::Running => refuse(Code::Conflict, "A request with this Idempotency-Key is still under way. Try again in a moment."),
        Found::OtherBody => refuse(Code::Invalid, "This Idempotency-Key was used with another body. Use a new key for a new request."),
        Found::Known(answer) => answer.again(),
        Found::New => {
            // Also when the client goes away and this future is dropped: the slot must not stay taken.
            let running = Running { state: &state, slot, done: false };
            running.finish(next.run(Request::from_parts(parts, Body::from(body))).await).await
        }
    }
}

struct Running<'a> {
    state: &'a AppState,
    slot: Slot,
    done: bool,
}

impl Running<'_> {
    async fn finish(mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        // A failure on our side is worth another try.
        if !parts.status.is_server_error() {
            let mut headers = HeaderMap::new();
            for name in [CONTENT_TYPE, LOCATION] {
                if let Some(value) = parts.headers.get(&name) {
                    headers.insert(name, value.clone());
                }
            }
            self.state.replays().keep(self.slot, Answer { status: parts.status, headers, body: body.clone() });
            self.done = true;
        }
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.state.replays().forget(&self.slot);
        }
    }
}

impl Answer {
    fn again(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }

    fn size(&self) -> usize {
        self.body.len() + 500
    }
}

impl Replays {
    fn lock(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, slot: Slot, body: [u8; 32]) -> Found {
        let mut shelf = self.lock();
        shelf.tidy();
        match shelf.answers.get(&slot) {
            Some(kept) if kept.body != body => Found::OtherBody,
            Some(Kept { answer: Some(answer), .. }) => Found::Known(answer.clone()),
            Some(_) => Found::Running,
            None => {
                shelf.answers.insert(slot, Kept { body, answer: None });
                Found::New
            }
        }
    }

    fn keep(&self, slot: Slot, answer: Answer) {
        let mut shelf = self.lock();
        let size = answer.size();
        if let Some(kept) = shelf.answers.get_mut(&slot) {
            kept.answer = Some(Arc::new(answer));
            shelf.bytes += size;
            shelf.order.push_back((slot, Instant::now() + FOR));
        }
        shelf.tidy();
    }

    fn forget(&self, slot: &Slot) {
        self.lock().answers.remove(slot);
    }
}

impl Shelf {
    fn tidy(&mut self) {
        let now = Instant::now();
        while let Some((slot, until)) = self.order.front() {
            if *until > now && self.order.len() <= ANSWERS && self.bytes <= BYTES {
                break;
            }
            if let Some(Kept { answer: Some(answer), .. }) = self.answers.remove(slot) {
                self.bytes = self.bytes.saturating_sub(answer.size());
            }
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(n: u64) -> Slot {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&n.to_be_bytes());
        (Caller::test(), id)
    }

    fn answer(size: usize) -> Answer {
        Answer { status: StatusCode::CREATED, headers: HeaderMap::new(), body: Bytes::from(vec![b'x'; size]) }
    }

    #[test]
    fn a_key_is_used_once() {
        let replays = Replays::default();
        assert!(matches!(replays.begin(slot(1), [1; 32]), Found::New));
        assert!(matches!(replays.begin(slot(1), [1; 32]), Found::Running));
        assert!(matches!(replays.begin(slot(1), [2; 32]), Found::OtherBody));
        replays.keep(slot(1), answer(3));
        assert!(matches!(replays.begin(slot(1), [1; 32]), Found::Known(_)));
        assert!(matches!(replays.begin(slot(1), [2; 32]), Found::OtherBody));
        assert!(matches!(replays.begin(slot(2), [1; 32]), Found::New));
        replays.forget(&slot(2));
        assert!(matches!(replays.begin(slot(2), [2; 32]), Found::New));
    }

    #[test]
    fn answers_are_bounded() {
        let replays = Replays::default();
        for n in 0..100 {
            assert!(matches!(replays.begin(slot(n), [0; 32]), Found::New));
            replays.keep(slot(n), answer(1 << 20));
        }
        assert!(replays.lock().bytes <= BYTES && replays.lock().answers.len() < 20);
        assert!(matches!(replays.begin(slot(0), [0; 32]), Found::New), "the oldest made room");
    }
}
