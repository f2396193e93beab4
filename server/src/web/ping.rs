//! `/ping/{token}`: where jobs report to. Any method, so that every tool that can open an address will do; no cookie, no origin:
//! the token says it all. Answers are plain text, for logs of cron.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use domain::AppError;
use engine::service::Signal;
use futures::StreamExt as _;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::request::Parts;

use super::state::AppState;

/// So much of a log is passed on.
const LOG_BYTES: usize = 1_024;
/// So much more of it is read and thrown away, so that who sends it gets an answer.
const DRAIN_BYTES: usize = 16 << 20;

/// What the end of the address says.
pub(super) struct Said(Option<Signal>);

impl<S: Send + Sync> FromRequestParts<S> for Said {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        // `/ping/{token}` or `/ping/{token}/{word}`.
        let word = parts.uri.path().trim_start_matches('/').split('/').nth(2);
        Ok(Self(match word {
            None | Some("") => Some(Signal::Success),
            Some("start") => Some(Signal::Start),
            Some("fail") => Some(Signal::Fail),
            Some(code) => code.parse().ok().map(Signal::Exit),
        }))
    }
}

pub(super) async fn signal(State(state): State<AppState>, Path(token): Path<Vec<(String, String)>>, said: Said, body: Body) -> Response {
    let token = token.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token).unwrap_or_default();
    let Said(Some(signal)) = said else {
        return answer(StatusCode::NOT_FOUND, "After the token comes nothing, start, fail, or an exit code from 0 to 255.".into());
    };
    let log = beginning(body).await;
    match state.engine().heartbeats().signal(&token, signal, &log).await {
        Ok(()) => answer(StatusCode::OK, "OK".into()),
        Err(error) => refused(&error),
    }
}

fn refused(error: &AppError) -> Response {
    answer(StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error.message.clone())
}

fn answer(status: StatusCode, text: String) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")], text + "\n").into_response()
}

/// The beginning of what a job wrote. A log that breaks off is a log up to there: the signal counts.
async fn beginning(body: Body) -> Vec<u8> {
    let (mut log, mut read) = (Vec::new(), 0usize);
    let mut stream = body.into_data_stream();
    while let Some(Ok(bytes)) = stream.next().await {
        let room = LOG_BYTES.saturating_sub(log.len());
        log.extend(bytes.iter().take(room));
        read = read.saturating_add(bytes.len());
        if read > DRAIN_BYTES {
            break;
        }
    }
    log
}
