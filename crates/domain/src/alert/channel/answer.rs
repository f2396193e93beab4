//! What an answer means: whether the message was taken, and whether another try may help. The usual meaning of statuses is here; a kind
//! says what its provider does differently.

use std::time::Duration;

use serde_json::Value;

use crate::alert::{Again, Outcome};
use crate::time::Timestamp;

/// The longest sentence of a provider that is passed on.
const SAID_MAX: usize = 300;
/// No pause is believed to be longer.
const PAUSE_MAX: Duration = Duration::from_secs(86_400);

/// What a provider answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The host that was asked, for the sentence.
    pub host: &'a str,
    /// The status.
    pub status: u16,
    /// The header `Retry-After`, where there is one.
    pub retry_after: Option<&'a str>,
    /// The beginning of the body.
    pub body: &'a str,
    /// When it came.
    pub now: Timestamp,
}

impl Answer<'_> {
    /// The body as a document; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.body).unwrap_or(Value::Null)
    }

    /// What the provider says is wrong, in its own words: the field of its document that has them, or the first line of its text.
    pub fn said(&self) -> Option<String> {
        const PLACES: [&str; 11] = [
            "/errors/0",
            "/error/message",
            "/errorDescription",
            "/description",
            "/message",
            "/msg",
            "/errors/0/message",
            "/detail",
            "/error_description",
            "/error",
            "/errcode",
        ];
        let document = self.json();
        let found = PLACES.into_iter().find_map(|place| document.pointer(place)?.as_str());
        let text = match found {
            Some(text) => text,
            // A page for browsers says nothing to a person who reads one line of it.
            None if document.is_null() && !self.body.trim_start().starts_with('<') => self.body.trim().lines().next()?,
            None => return None,
        };
        let text = super::cut(&super::Format::Plain.escape(text), SAID_MAX);
        (!text.trim().is_empty()).then(|| text.trim().trim_end_matches('.').to_owned())
    }

    /// A failure: what the host answered, in its own words where it has some, and what is to be done.
    pub fn failed(&self, again: Again, way_out: &str) -> Outcome {
        let said = self.said().map(|said| format!(": {said}")).unwrap_or_default();
        Outcome::Failed { error: format!("{} answered {}{said}. {way_out}", self.host, self.status), again }
    }

    /// The pause that was asked for, or none in particular.
    pub fn pause(&self) -> Again {
        self.retry_after.and_then(|text| retry_after(text, self.now)).map_or(Again::Later, Again::After)
    }
}

/// What a status means where the provider says nothing else.
pub fn default_judgement(answer: &Answer) -> Outcome {
    match answer.status {
        200..=299 => Outcome::Delivered,
        410 => answer.failed(Again::Never, "It wants no more messages; make a new address there and save it here."),
        429 => answer.failed(answer.pause(), "It takes no more messages for a while; another try is made after that."),
        408 | 425 | 500..=599 => answer.failed(answer.pause(), "Another try may help."),
        300..=399 => answer.failed(Again::Hardly, "Redirects are not followed; save the address to which it leads."),
        401 | 403 => answer.failed(Again::Hardly, "Check the address and the secrets of this channel."),
        404 => answer.failed(Again::Hardly, "Check the address of this channel."),
        _ => answer.failed(Again::Hardly, "Check the settings of this channel."),
    }
}

/// Reads `Retry-After`: seconds, also with a fraction, or an instant (RFC 9110, 10.2.3). Rounded up to whole seconds.
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        let span = Duration::try_from_secs_f64(seconds.ceil()).ok()?;
        return Some(span.min(PAUSE_MAX));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Timestamp::from_millis(at.as_millisecond()).since(now).min(PAUSE_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&'static str>, body: &'static str) -> Answer<'static> {
        Answer { host: "hooks.example.com", status, retry_after, body, now: Timestamp::from_millis(1_445_412_470_000) }
    }

    fn again(answer: &Answer) -> Option<Again> {
        match default_judgement(answer) {
            Outcome::Delivered => None,
            Outcome::Failed { again, .. } => Some(again),
        }
    }

    #[test]
    fn pauses_are_read_however_they_are_written() {
        let now = Timestamp::from_millis(1_445_412_470_000);
        for (text, seconds) in [("120", 120), ("120.1", 121), ("120.6", 121), ("120.0", 120), ("Wed, 21 Oct 2015 07:28:00 GMT", 10)] {
            assert_eq!(retry_after(text, now), Some(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(retry_after("99999999", now), Some(PAUSE_MAX));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO), "past");
        for text in ["invalid", "", "-5", "NaN"] {
            assert_eq!(retry_after(text, now), None, "{text}");
        }
    }

    #[test]
    fn statuses_mean_what_they_say() {
        for (status, pause, expected) in [
            (204, None, None),
            (429, Some("7"), Some(Again::After(Duration::from_secs(7)))),
            (429, None, Some(Again::Later)),
            (503, Some("soon"), Some(Again::Later)),
            (408, None, Some(Again::Later)),
            (425, None, Some(Again::Later)),
            (410, None, Some(Again::Never)),
            (400, None, Some(Again::Hardly)),
            (302, None, Some(Again::Hardly)),
        ] {
            assert_eq!(again(&answer(status, pause, "")), expected, "{status}");
        }
    }

    #[test]
    fn a_provider_is_quoted() {
        for (body, said) in [
            (r#"{"error":{"code":400,"message":"Invalid JSON."}}"#, Some("Invalid JSON")),
            (r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#, Some("Bad Request: chat not found")),
            (
                r#"{"error":"Unauthorized","errorCode":401,"errorDescription":"you need to provide a valid token"}"#,
                Some("you need to provide a valid token"),
            ),
            ("invalid_payload\nmore", Some("invalid_payload")),
            ("<html>Bad gateway</html>", None),
            ("{}", None),
        ] {
            assert_eq!(answer(400, None, body).said().as_deref(), said, "{body}");
        }
        let Outcome::Failed { error, .. } = default_judgement(&answer(404, None, "no_service")) else { unreachable!() };
        assert_eq!(error, "hooks.example.com answered 404: no_service. Check the address of this channel.");
    }
}
