//! Assertions about an answer. JSON is read and searched off the runtime of the probes: a large document takes its time, and
//! no other check waits for it.

use std::sync::Arc;

use domain::assertion::{Assertion, Subject};
use domain::check::Failure;
use http::HeaderMap;
use serde_json::Value;

use super::exchange::Body;
use super::leg::Leg;
use super::words::not_as_asserted;

/// The first assertion that does not hold.
pub(super) async fn judge(assertions: &Arc<[Assertion]>, leg: &Leg, headers: Option<&HeaderMap>, body: &Body) -> Result<(), Failure> {
    if assertions.is_empty() {
        return Ok(());
    }
    for assertion in assertions.iter() {
        let judged = match assertion.subject() {
            Subject::Json(_) => continue,
            Subject::Url => assertion.judge_text(Some(leg.url.as_str())),
            Subject::Header(name) => {
                let value = headers.and_then(|headers| headers.get(name.as_str())).map(|value| String::from_utf8_lossy(value.as_bytes()));
                assertion.judge_text(value.as_deref())
            }
            Subject::Body => assertion.judge_text(Some(&String::from_utf8_lossy(&body.excerpt))),
        };
        judged.map_err(|actual| not_as_asserted(leg, assertion, &actual))?;
    }
    let about_json = |assertion: &&Assertion| matches!(assertion.subject(), Subject::Json(_));
    let Some(first) = assertions.iter().find(about_json) else { return Ok(()) };
    if body.capped {
        return Err(not_as_asserted(leg, first, "the answer is longer than what is read of it"));
    }
    let (shared, bytes) = (Arc::clone(assertions), body.excerpt.clone());
    let judged = tokio::task::spawn_blocking(move || judge_json(&shared, &bytes)).await;
    match judged {
        Ok(Ok(())) => Ok(()),
        Ok(Err((index, actual))) => Err(not_as_asserted(leg, assertions.get(index).unwrap_or(first), &actual)),
        Err(error) => Err(not_as_asserted(leg, first, &format!("it could not be judged ({error})"))),
    }
}

/// The index of the first assertion that does not hold, and what was there instead.
fn judge_json(assertions: &[Assertion], bytes: &[u8]) -> Result<(), (usize, String)> {
    let document: Result<Value, _> = serde_json::from_slice(bytes);
    for (index, assertion) in assertions.iter().enumerate() {
        let Subject::Json(path) = assertion.subject() else { continue };
        let document = document.as_ref().map_err(|error| (index, format!("the body is not JSON ({error})")))?;
        assertion.judge_json(path, document).map_err(|actual| (index, actual))?;
    }
    Ok(())
}
