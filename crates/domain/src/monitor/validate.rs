//! From a draft to valid settings. Every field is judged, so that one answer names everything that is wrong.

use std::time::Duration;
use url::Url;

use super::{
    BODY_MAX, HEADERS_MAX, IN_A_ROW_MAX, INTERVAL_DEFAULT, INTERVAL_MAX, INTERVAL_MIN, KEPT, MonitorDraft, MonitorSpec, NOTE_MAX, Target,
    parse_tags, spell,
};
use crate::account::{NAME_MAX, check_name};
use crate::error::{AppError, FieldErrors};
use crate::http::{Header, HttpSettings, StatusRanges, is_connection_header, is_token};
use crate::machine::Confirmation;
use crate::schedule::default_timeout;
use crate::words::parse_duration;

impl MonitorDraft {
    /// Judges the draft. `saved` are the headers of the monitor that is edited, whose values [`KEPT`] stands for.
    pub fn validate(&self, saved: &[Header]) -> Result<MonitorSpec, AppError> {
        let mut errors = FieldErrors::new();
        let url = errors.take("url", parse_url(&self.url));
        let name = match (self.name.trim(), &url) {
            ("", Some(url)) => Some(url.host_str().unwrap_or("Monitor").to_owned()),
            ("", None) => None,
            (name, _) => errors.take("name", check_name(name, NAME_MAX)),
        };
        let method = errors.take("method", parse_method(&self.method));
        let interval = errors.take("interval", parse_interval(&self.interval));
        let timeout = errors.take("timeout", parse_timeout(&self.timeout, interval));
        let headers = errors.take("headers", parse_headers(&self.headers, saved));
        let body = errors.take("body", parse_body(&self.body));
        let accepted = if self.accepted_status.trim().is_empty() { Ok(StatusRanges::default()) } else { self.accepted_status.parse() };
        let accepted_status = errors.take("accepted_status", accepted);
        let default = Confirmation::default();
        let failures = errors.take("failures", parse_in_a_row(&self.failures, default.failures));
        let successes = errors.take("successes", parse_in_a_row(&self.successes, default.successes));
        let retry = errors.take("retry", parse_retry(&self.retry, interval));
        let upside_down = matches!(self.upside_down.as_str(), "on" | "true");
        let tags = errors.take("tags", parse_tags(&self.tags));
        let note = errors.take("note", parse_note(&self.note));
        let confirmation = failures.zip(successes).map(|(failures, successes)| Confirmation { failures, successes });
        match (name, url, method, interval, timeout, headers, body, accepted_status, confirmation, retry, tags, note) {
            (
                Some(name),
                Some(url),
                Some(method),
                Some(interval),
                Some(timeout),
                Some(headers),
                Some(body),
                Some(accepted_status),
                Some(confirmation),
                Some(retry),
                Some(tags),
                Some(note),
            ) if errors.is_empty() => Ok(MonitorSpec {
                name,
                target: Target::Http(HttpSettings { url: url.into(), method, headers, body, accepted_status }),
                interval,
                timeout: timeout.unwrap_or_else(|| default_timeout(interval)),
                timeout_is_default: timeout.is_none(),
                confirmation,
                retry,
                upside_down,
                tags,
                note,
            }),
            _ => Err(errors.into_error()),
        }
    }
}

fn parse_url(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter the URL to watch.".into());
    }
    if text.len() > 2_048 {
        return Err("Use at most 2048 characters.".into());
    }
    if text.contains(char::is_whitespace) {
        return Err("An address has no spaces. It looks like https://example.com/health.".into());
    }
    let scheme_typo = ["http//", "https//", "http:/", "https:/", "//", ":"].iter().any(|start| text.starts_with(start));
    if scheme_typo && !text.contains("://") {
        return Err("The beginning is mistyped. It looks like https://example.com/health.".into());
    }
    // "localhost:8080" parses as the scheme "localhost": without "://" it is a host.
    let absolute = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&absolute).map_err(|e| format!("This is not a URL: {e}. It looks like https://example.com/health."))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("Loopr speaks http and https; “{}” is something else.", url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("The URL has no host. It looks like https://example.com/health.".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave the name and password out of the URL, where they would be shown. Send an Authorization header instead.".into());
    }
    url.set_fragment(None);
    Ok(url)
}

fn parse_method(text: &str) -> Result<String, String> {
    let method = text.trim().to_uppercase();
    match method.as_str() {
        "" => Ok("GET".into()),
        "CONNECT" => Err("CONNECT opens a tunnel, which is nothing to check.".into()),
        _ if is_token(&method) && method.len() <= 20 => Ok(method),
        _ => Err("This is not an HTTP method. GET, HEAD and POST are.".into()),
    }
}

fn parse_interval(text: &str) -> Result<Duration, String> {
    if text.trim().is_empty() {
        return Ok(INTERVAL_DEFAULT);
    }
    let interval = parse_duration(text, Duration::from_secs(1)).ok_or("Write a number and a unit: 30 s, 5 min, 1 h.")?;
    if !(INTERVAL_MIN..=INTERVAL_MAX).contains(&interval) {
        return Err("Choose between 1 s and 24 h.".into());
    }
    if interval.subsec_nanos() != 0 {
        return Err("Choose whole seconds.".into());
    }
    Ok(interval)
}

fn parse_timeout(text: &str, interval: Option<Duration>) -> Result<Option<Duration>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let timeout = parse_duration(text, Duration::from_secs(1)).ok_or("Write a number and a unit: 10 s, 800 ms.")?;
    let longest = interval.unwrap_or(INTERVAL_MAX);
    if timeout < Duration::from_millis(50) {
        return Err("Choose at least 50 ms.".into());
    }
    if timeout > longest {
        return Err(format!("Choose at most the interval, {}: a check must end before the next one begins.", spell(longest)));
    }
    Ok(Some(Duration::from_millis(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX))))
}

fn parse_in_a_row(text: &str, default: u32) -> Result<u32, String> {
    match text.trim() {
        "" => Ok(default),
        text => text
            .parse()
            .ok()
            .filter(|n| (1..=IN_A_ROW_MAX).contains(n))
            .ok_or_else(|| format!("Choose a whole number from 1 to {IN_A_ROW_MAX}.")),
    }
}

fn parse_retry(text: &str, interval: Option<Duration>) -> Result<Option<Duration>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let retry = parse_duration(text, Duration::from_secs(1)).ok_or("Write a number and a unit: 10 s, 1 min.")?;
    let longest = interval.unwrap_or(INTERVAL_MAX);
    if !(Duration::from_millis(500)..=longest).contains(&retry) {
        return Err(format!("Choose between 500 ms and the interval, {}.", spell(longest)));
    }
    Ok(Some(Duration::from_millis(u64::try_from(retry.as_millis()).unwrap_or(u64::MAX))))
}

fn parse_headers(text: &str, saved: &[Header]) -> Result<Vec<Header>, String> {
    let mut headers: Vec<Header> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (name, value) =
            line.split_once(':').ok_or_else(|| format!("“{}” is not a header. Write one a line, as Name: value.", cut(line)))?;
        let (name, value) = (name.trim(), value.trim());
        if !is_token(name) {
            return Err(format!("“{}” is not a header name.", cut(name)));
        }
        if is_connection_header(name) {
            return Err(format!("{name} belongs to the connection and can’t be set."));
        }
        if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            return Err(format!("The value of {name} has control characters."));
        }
        let value = if value == KEPT {
            // The n-th header of a name keeps the n-th saved one.
            let nth = headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name)).count();
            let kept = saved.iter().filter(|h| h.name.eq_ignore_ascii_case(name)).nth(nth);
            kept.map(|h| h.value.clone()).ok_or_else(|| format!("There is no saved value of {name}. Type one."))?
        } else {
            value.to_owned()
        };
        headers.push(Header { name: name.to_owned(), value });
    }
    let bytes: usize = headers.iter().map(|h| h.name.len() + h.value.len() + 4).sum();
    if headers.len() > HEADERS_MAX || bytes > 16 * 1024 {
        return Err(format!("Use at most {HEADERS_MAX} headers and 16 KiB."));
    }
    Ok(headers)
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

fn parse_body(text: &str) -> Result<Option<String>, String> {
    match text.len() {
        0 => Ok(None),
        n if n > BODY_MAX => Err(format!("Use at most 64 KiB; this is {} KiB.", n.div_ceil(1024))),
        _ => Ok(Some(text.to_owned())),
    }
}

fn parse_note(text: &str) -> Result<String, String> {
    let note = text.trim();
    if note.chars().count() > NOTE_MAX { Err(format!("Use at most {NOTE_MAX} characters.")) } else { Ok(note.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(url: &str) -> MonitorDraft {
        MonitorDraft { url: url.into(), ..MonitorDraft::default() }
    }

    fn url_of(spec: &MonitorSpec) -> &str {
        let Target::Http(http) = &spec.target;
        &http.url
    }

    #[test]
    fn only_the_url_is_required() {
        let spec = draft(" example.com ").validate(&[]).expect("valid");
        assert_eq!((url_of(&spec), spec.name.as_str()), ("https://example.com/", "example.com"));
        assert_eq!((spec.interval, spec.timeout), (INTERVAL_DEFAULT, Duration::from_secs(10)));
        assert_eq!(url_of(&draft("localhost:8080/x#y").validate(&[]).expect("valid")), "https://localhost:8080/x");
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let mut bad = draft("ftp://x");
        bad.interval = "0.5 s".into();
        bad.timeout = "soon".into();
        bad.headers = "no colon".into();
        bad.accepted_status = "2xx".into();
        bad.method = "GE T".into();
        bad.failures = "0".into();
        bad.retry = "soon".into();
        let error = bad.validate(&[]).expect_err("invalid");
        let named: Vec<_> = error.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(named, ["url", "method", "interval", "timeout", "headers", "accepted_status", "failures", "retry"]);
    }

    #[test]
    fn when_a_result_is_believed() {
        let plain = draft("example.com").validate(&[]).expect("valid");
        assert_eq!((plain.confirmation, plain.retry_after()), (Confirmation { failures: 2, successes: 1 }, Duration::from_secs(10)));
        let mut careful = draft("example.com");
        (careful.failures, careful.successes, careful.retry) = ("5".into(), "2".into(), "3 s".into());
        let spec = careful.validate(&[]).expect("valid");
        assert_eq!((spec.confirmation, spec.retry_after()), (Confirmation { failures: 5, successes: 2 }, Duration::from_secs(3)));
        careful.retry = "2 min".into();
        assert!(careful.validate(&[]).is_err(), "longer than the interval");
    }

    #[test]
    fn refused_urls() {
        for url in [
            "",
            "http://",
            "https://user:secret@example.com",
            "javascript:alert(1)",
            "https://exa mple.com",
            "http//x",
            "https:/x",
            "//x",
            "file:///etc/passwd",
        ] {
            assert!(draft(url).validate(&[]).is_err(), "{url}");
        }
    }

    #[test]
    fn saved_header_values_are_kept_by_name() {
        let saved = vec![Header { name: "X-Key".into(), value: "one".into() }, Header { name: "x-key".into(), value: "two".into() }];
        let mut edited = draft("example.com");
        edited.headers = format!("X-Key: {KEPT}\nAccept: text/html\nx-key: {KEPT}");
        let Target::Http(http) = edited.validate(&saved).expect("valid").target;
        assert_eq!(http.headers.iter().map(|h| h.value.as_str()).collect::<Vec<_>>(), ["one", "text/html", "two"]);
        edited.headers = format!("Authorization: {KEPT}");
        assert!(edited.validate(&saved).is_err());
        edited.headers = "Transfer-Encoding: chunked".into();
        assert!(edited.validate(&saved).is_err());
    }

    #[test]
    fn the_timeout_never_exceeds_the_interval() {
        let mut d = draft("example.com");
        (d.interval, d.timeout) = ("5 s".into(), "6 s".into());
        assert!(d.validate(&[]).is_err());
        d.timeout = "5".into();
        assert_eq!(d.validate(&[]).expect("valid").timeout, Duration::from_secs(5));
    }
}
