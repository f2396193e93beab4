//! One request of a webhook: filled in, signed, sent through the guarded dialer, judged.
//!
//! It goes the way of the HTTP check, whose phases are timed one by one and whose redirects are judged hop by hop. Invariant: what is kept of
//! it has no values of secrets, neither in what was sent nor in what came back.

use std::sync::Arc;

use domain::Timestamp;
use domain::alert::channel::retry_after;
use domain::check::{Reason, Trace};
use domain::http::{HIDDEN, Header, Sent, is_harmless, shown_header};
use domain::kind::http::{Auth, HttpSettings};
use domain::signing;
use domain::webhook::{ANSWER_MAX, Again, Attempt, Outcome, Schedule, ScheduleSpec};
use domain::words;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use sha2::Sha256;

use super::template::{Facts, Place, fill};
use crate::net::Dialer;
use crate::probe::{HttpDefaults, PreparedHttp};

/// Shorter values of secrets are words that may stand anywhere.
const SECRET_LEAST: usize = 8;

/// Sends requests of webhooks.
#[derive(Clone)]
pub(crate) struct Requester {
    pub dialer: Arc<Dialer>,
    pub user_agent: HeaderValue,
}

/// A request, filled in.
struct Filled {
    settings: HttpSettings,
    sent: Sent,
}

/// An attempt that never came to a request.
pub(crate) fn refused(at: Timestamp, sent: Sent, error: String) -> Attempt {
    Attempt { at, sent, trace: None, outcome: Outcome::Failed { error, again: Again::No } }
}

impl Requester {
    /// Sends once. `id` stays the same when it is sent again: receivers tell doubles by it.
    pub async fn send(&self, schedule: &Schedule, facts: &Facts, id: &str, now: Timestamp) -> Attempt {
        let spec = &schedule.spec;
        let filled = match self.fill(schedule, facts, id, now) {
            Ok(filled) => filled,
            Err(error) => return refused(now, Sent { method: spec.request.method.clone(), ..Sent::default() }, error),
        };
        let defaults = HttpDefaults { user_agent: self.user_agent.clone(), body_cap_bytes: u64::try_from(ANSWER_MAX).unwrap_or(u64::MAX) };
        let prepared = match PreparedHttp::new(&filled.settings, &defaults) {
            Ok(prepared) => prepared.connecting_within(spec.connect_timeout),
            Err(error) => return refused(now, filled.sent, error.to_string()),
        };
        let mut trace = prepared.deliver(&self.dialer, spec.timeout, now, ANSWER_MAX).await;
        let outcome = judge(spec, &trace, now);
        redact(&mut trace, &filled.sent.url, facts);
        Attempt { at: now, sent: filled.sent, trace: Some(trace), outcome }
    }

    fn fill(&self, schedule: &Schedule, facts: &Facts, id: &str, now: Timestamp) -> Result<Filled, String> {
        let spec = &schedule.spec;
        let (url, shown_url) = fill(&spec.request.url, Place::Url, facts)?;
        let (body, shown_body) = match &spec.request.body {
            Some(body) => fill(body, Place::Text, facts).map(|(sent, kept)| (Some(sent), kept))?,
            None => (None, String::new()),
        };
        let mut headers = Vec::with_capacity(spec.request.headers.len() + 5);
        for Header { name, value } in &spec.request.headers {
            headers.push(Header { name: name.clone(), value: fill(value, Place::Text, facts)?.0 });
        }
        let bytes = body.as_deref().unwrap_or_default().as_bytes();
        let own = |headers: &[Header], name: &str| headers.iter().any(|header| header.name.eq_ignore_ascii_case(name));
        if !own(&headers, "idempotency-key") {
            headers.push(Header { name: "Idempotency-Key".into(), value: id.to_owned() });
        }
        let secrets = schedule.signing_secrets(now);
        if !secrets.is_empty() {
            headers.extend(signing::sign(&secrets, id, now, bytes));
        }
        if let Some((key, header)) = &spec.signing.hmac {
            headers.push(Header { name: header.clone(), value: hmac_of(key.reveal(), bytes)? });
        }
        let mut shown: Vec<(String, String)> = headers.iter().map(|header| shown_header(&header.name, &header.value)).collect();
        if spec.request.auth != Auth::None {
            shown.push(("Authorization".into(), HIDDEN.into()));
        }
        let sent = Sent { method: spec.request.method.clone(), url: shown_url, headers: shown, body: shown_body };
        Ok(Filled { settings: HttpSettings { url, body, headers, ..spec.request.clone() }, sent })
    }
}

/// The way of GitHub: `sha256=` and the HMAC of the body in hexadecimal.
fn hmac_of(key: &str, body: &[u8]) -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| "The HMAC key cannot be used.".to_owned())?;
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("sha256={hex}"))
}

/// What came of it.
fn judge(spec: &ScheduleSpec, trace: &Trace, now: Timestamp) -> Outcome {
    let seen = &trace.observation;
    let failed = |error: String, again: Again| Outcome::Failed { error, again };
    let Some(failure) = &seen.failure else {
        let took = std::time::Duration::from_micros(u64::from(seen.duration_us));
        return match spec.max_latency {
            Some(most) if took > most => {
                let error = format!("It answered after {}; at most {} are wanted.", words::duration(took), words::duration(most));
                failed(error, Again::Later)
            }
            _ => Outcome::Succeeded,
        };
    };
    let again = match (failure.reason, seen.status) {
        (_, Some(410)) => Again::Gone,
        (Reason::Policy, _) => Again::No,
        (Reason::Status, Some(status)) if spec.retry.statuses.contains(status) => {
            let headers = trace.hops.last().map(|hop| hop.headers.as_slice()).unwrap_or_default();
            let asked = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
            asked.and_then(|(_, value)| retry_after(value, now)).map_or(Again::Later, Again::After)
        }
        (Reason::Status, _) => Again::No,
        _ => Again::Later,
    };
    failed(failure.message.clone(), again)
}

/// Takes out of what was seen what nobody is to read later.
fn redact(trace: &mut Trace, shown_url: &str, facts: &Facts) {
    if let Some(first) = trace.hops.first_mut() {
        shown_url.clone_into(&mut first.url);
    }
    for hop in &mut trace.hops {
        for (name, value) in &mut hop.headers {
            if !is_harmless(name) {
                HIDDEN.clone_into(value);
            }
        }
    }
    for secret in facts.secrets.values().filter(|secret| secret.len() >= SECRET_LEAST) {
        for text in [Some(&mut trace.excerpt), trace.observation.excerpt.as_mut()].into_iter().flatten() {
            if text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), HIDDEN);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_signed_as_github_signs_them() {
        let signed = hmac_of("It's a Secret to Everybody", b"Hello, World!");
        assert_eq!(signed.as_deref(), Ok("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));
    }
}
