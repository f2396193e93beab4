//! From a draft to valid settings. Every field is judged, so that one answer names everything that is wrong.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::spec::{Disabling, Retry, ScheduleSpec, Signing, Trigger};
use super::{CatchUp, EVERY_MIN, Overlap, Priority, REQUEST_MAX, ScheduleDraft, Timetable, form};
use crate::account::{NAME_MAX, check_name};
use crate::backoff::Backoff;
use crate::cron::{self, Cron};
use crate::error::{AppError, FieldErrors};
use crate::http::{Header, StatusRanges};
use crate::kind::address::parse_url;
use crate::kind::http::HttpSettings;
use crate::kind::{Reader, Values, resolve};
use crate::monitor::{KEPT, NOTE_MAX, Secrets, parse_tags};
use crate::signing::SigningSecret;
use crate::time::Timestamp;
use crate::words::parse_duration;

const TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUT_MAX: Duration = Duration::from_secs(300);
const CONNECT: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// What the receiver asks for by `Retry-After` is waited for up to this.
const ASKED_MAX: Duration = HOUR;

/// An instant as people type it: on the wall of a zone, or with an offset of its own.
///
/// # Errors
/// A sentence for a form.
pub(super) fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(Timestamp::from_millis(instant.as_millisecond()));
    }
    let wall: DateTime = text.parse().map_err(|_| format!("“{text}” is not a date that there is, with a time: 2027-01-01 09:00."))?;
    cron::first_instant(zone, wall).ok_or_else(|| "This is beyond what calendars know.".to_owned())
}

/// Whether a text has something in it that is filled in for each run.
fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// A URL with a letter in the place of each template, to judge the rest of it by.
fn without_templates(url: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(url.len()), url);
    while let Some((before, after)) = rest.split_once("{{") {
        plain.push_str(before);
        plain.push('x');
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

fn span(text: &str, bare: Duration, least: Duration, most: Duration) -> Result<Duration, String> {
    let span = parse_duration(text, bare).ok_or("Write a number and a unit: 10 s, 5 min, 2 h.")?;
    if (least..=most).contains(&span) {
        Ok(Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(0)))
    } else {
        Err(format!("Choose between {} and {}.", crate::words::duration(least), crate::words::duration(most)))
    }
}

impl ScheduleDraft {
    /// Judges the draft of a new schedule.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn validate(&self, now: Timestamp) -> Result<ScheduleSpec, AppError> {
        self.validate_over(&Values::new(), now)
    }

    /// Judges the draft of a schedule that is edited: `saved` are its settings, whose secrets [`KEPT`] stands for.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn validate_over(&self, saved: &Values, now: Timestamp) -> Result<ScheduleSpec, AppError> {
        self.judge(saved, Some(now))
    }

    /// Reads what was accepted once. That it has no time any more is no fault of it.
    ///
    /// # Errors
    /// It is damaged, or was written by a version with other rules.
    pub fn restore(&self) -> Result<ScheduleSpec, AppError> {
        self.judge(&Values::new(), None)
    }

    fn judge(&self, saved: &Values, now: Option<Timestamp>) -> Result<ScheduleSpec, AppError> {
        let mut errors = FieldErrors::new();
        let values = resolve(form(), &self.settings, saved, &mut errors);
        let mut r = Reader::new(form(), values, &mut errors);
        let request = request(&mut r);
        let zone_name = r.text("timezone").to_owned();
        let zone = match zone_name.as_str() {
            "" => Some(TimeZone::UTC),
            name => r.parse("timezone", |_| cron::zone(name)),
        };
        let zone_name = zone.as_ref().and_then(|zone| zone.iana_name()).unwrap_or("UTC").to_owned();
        let wall = zone.unwrap_or(TimeZone::UTC);
        let not_before = r.optional("not_before", |text| moment(text, &wall));
        let not_after = r.optional("not_after", |text| moment(text, &wall));
        if not_before.zip(not_after).is_some_and(|(from, to)| from > to) {
            r.refuse("not_after", "This is before “not before”.");
        }
        let trigger = trigger(&mut r, &wall, not_before, now);
        let timeout = r.millis("timeout_ms").unwrap_or(TIMEOUT);
        if timeout > TIMEOUT_MAX {
            r.refuse("timeout_ms", "Choose at most 5 min.");
        }
        let max_latency = r.millis("max_latency_ms");
        let connect_timeout = r.millis("connect_timeout_ms").unwrap_or(CONNECT).min(timeout);
        let retry = retry(&mut r);
        let jitter = r.or("jitter", Duration::ZERO, |text| span(text, Duration::from_secs(1), Duration::ZERO, DAY));
        let overlap = Overlap::from_name(r.choice("overlap")).unwrap_or_default();
        let catch_up = CatchUp::from_name(r.choice("catch_up")).unwrap_or_default();
        let priority = Priority::from_name(r.choice("priority")).unwrap_or_default();
        let catch_up_window = r.optional("catch_up_window", |text| span(text, Duration::from_secs(60), Duration::from_secs(10), DAY * 366));
        let catch_up_max = r.number("catch_up_max", 10, 1..=1_000);
        let max_runs = r.optional("max_runs", |text| text.parse::<u64>().ok().filter(|n| *n > 0).ok_or("Choose a whole number from 1."));
        let concurrency = r.number("concurrency", 10, 1..=1_000);
        let per_minute = r.optional("per_minute", |text| {
            text.parse::<u32>().ok().filter(|n| (1..=60_000).contains(n)).ok_or("Choose a whole number from 1 to 60000.")
        });
        let (failures, hours) = (r.number("disable_after", 20u32, 0..=100_000), r.number("disable_hours", 24u64, 0..=8_784));
        let disabling = (failures > 0).then(|| Disabling { failures, span: Duration::from_secs(hours * 3_600) });
        let signing = signing(&mut r);
        let values = r.into_values();
        refuse_to_move(&self.settings, saved, &values, &mut errors);
        let name = match (self.name.trim(), &request) {
            ("", Some(request)) => Some(default_name(request)),
            ("", None) => None,
            (name, _) => errors.take("name", check_name(name, NAME_MAX)),
        };
        let note = self.note.trim().replace("\r\n", "\n");
        if note.chars().count() > NOTE_MAX {
            errors.add("note", format!("Use at most {NOTE_MAX} characters."));
        }
        let tags = errors.take("tags", parse_tags(&self.tags));
        let (Some(name), Some(tags), Some(request), Some(trigger), true) = (name, tags, request, trigger, errors.is_empty()) else {
            return Err(errors.into_error());
        };
        let spec = ScheduleSpec {
            name,
            note,
            tags,
            settings: Secrets(values),
            trigger,
            zone: zone_name,
            not_before,
            not_after,
            max_runs,
            jitter,
            catch_up,
            catch_up_max,
            catch_up_window,
            overlap,
            priority,
            concurrency,
            per_minute,
            request,
            signing,
            timeout,
            connect_timeout,
            max_latency,
            retry,
            disabling,
        };
        Timetable::new(&spec).map_err(|message| AppError::field("cron", message))?;
        Ok(spec)
    }
}

/// The method, the host and the beginning of the path: names go into messages, so what may be a token or a number of somebody is not in it.
fn default_name(request: &HttpSettings) -> String {
    let fixed = request.url.split("{{").next().unwrap_or_default();
    let url = url::Url::parse(fixed).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let is_word = |segment: &&str| {
        (1..=24).contains(&segment.len()) && segment.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_' | b'.'))
    };
    let path = url.iter().flat_map(url::Url::path_segments).flatten().take_while(is_word);
    let name = path.fold(format!("{} {host}", request.method), |name, segment| name + "/" + segment);
    name.chars().take(NAME_MAX).collect()
}

/// Reads what is sent. Templates are left where they are; what stands around them is judged as if a letter stood there.
fn request(r: &mut Reader) -> Option<HttpSettings> {
    let (url, body) = (r.text("url").to_owned(), r.text("body").to_owned());
    if url.is_empty() {
        r.refuse("url", "This cannot be empty: the address that is called.");
    }
    let plain = without_templates(&url);
    let after_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    if is_template(host) || after_scheme.len() < url.len() && is_template(url.get(..url.len() - after_scheme.len()).unwrap_or_default()) {
        r.refuse("url", "Templates can stand in the path and the query, not in the host: the host decides who gets your secrets.");
    }
    r.keep("url", plain);
    r.keep("body", String::new());
    let method = r.text("method").is_empty();
    if method {
        r.keep("method", "POST".into());
    }
    // A sign-in that checks of monitors do not know is read here.
    let auth = r.choice("auth");
    let hmac = auth == "hmac";
    if hmac {
        r.keep("auth", "none".into());
    }
    let read = HttpSettings::read(r);
    if hmac {
        r.keep("auth", "hmac".into());
    }
    let normal = read.as_ref().map_or_else(String::new, |read| read.url.clone());
    r.keep("url", if is_template(&url) { with_scheme(&url) } else { normal });
    r.keep("body", body.clone());
    let mut request = read?;
    request.url = r.text("url").to_owned();
    request.redirects = r.number("redirects", 0, 0..=3);
    if body.len() > REQUEST_MAX {
        r.refuse("body", format!("Use at most 64 KiB; this is {} KiB.", body.len().div_ceil(1024)));
    }
    if r.choice("body_type") == "json" && !body.is_empty() {
        if !is_template(&body)
            && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&body)
        {
            r.refuse("body", format!("This is not JSON: {error}."));
        }
        if !request.headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type")) {
            request.headers.push(Header { name: "Content-Type".into(), value: "application/json".into() });
        }
    }
    request.body = (!body.is_empty()).then_some(body);
    Some(request)
}

fn with_scheme(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("https://{url}") }
}

fn trigger(r: &mut Reader, wall: &TimeZone, not_before: Option<Timestamp>, now: Option<Timestamp>) -> Option<Trigger> {
    match r.choice("trigger") {
        "once" => {
            let at =
                r.parse("at", |text| if text.is_empty() { Err("Choose when: 2027-01-01 09:00.".to_owned()) } else { moment(text, wall) })?;
            Some(Trigger::Once(at))
        }
        "cron" => {
            if let Some(every) = r.text("cron").trim().strip_prefix("@every ") {
                let every = every.trim().to_owned();
                if every.ends_with(|c: char| c.is_ascii_digit()) {
                    r.refuse("cron", "Write the unit as well: @every 90s, @every 5m.");
                    return None;
                }
                return interval(r, "cron", &every, not_before);
            }
            let zone = wall.iana_name().unwrap_or("UTC");
            let read = |text: &str| {
                // Only here is a span a nickname, too.
                let also = if text.trim().starts_with('@') { " @every takes a span: @every 90s." } else { "" };
                Cron::shared(text, zone).map(|cron| (cron, text.trim().to_owned())).map_err(|error| error.message + also)
            };
            let (times, text) = r.parse("cron", read)?;
            r.keep("cron", text.clone());
            let comes = |now: Timestamp| times.next_after(not_before.unwrap_or(now).max(now));
            if now.is_some_and(|now| comes(now).is_none()) {
                r.refuse("cron", "This does not come again. Check the year.");
            }
            Some(Trigger::Cron(text))
        }
        _ => {
            let every = r.text("every").to_owned();
            if every.is_empty() {
                r.refuse("every", "Choose how often: 5 min.");
                return None;
            }
            interval(r, "every", &every, not_before)
        }
    }
}

fn interval(r: &mut Reader, field: &str, text: &str, not_before: Option<Timestamp>) -> Option<Trigger> {
    let every = r.parse(field, |_| span(text, Duration::from_secs(60), EVERY_MIN, DAY * 366))?;
    Some(Trigger::Every { every, anchor: not_before.unwrap_or_default() })
}

fn retry(r: &mut Reader) -> Retry {
    let second = Duration::from_secs(1);
    let attempts = r.number("max_attempts", 3, 1..=50);
    let max_age = r.or("max_age", HOUR, |text| span(text, Duration::from_secs(60), second, DAY * 30));
    let base = r.or("retry_base", Duration::from_secs(10), |text| span(text, second, Duration::from_millis(100), DAY));
    let cap = r.or("retry_cap", Duration::from_secs(600), |text| span(text, Duration::from_secs(60), Duration::from_millis(100), DAY));
    let usual = || "408, 425, 429, 500-599".parse::<StatusRanges>().unwrap_or_default();
    let statuses = r.optional("retry_on", str::parse).unwrap_or_else(usual);
    let backoff =
        Backoff { base, factor: 2, cap: cap.max(base), least: Duration::from_millis(100), asked_cap: ASKED_MAX, attempts, max_age };
    Retry { backoff, statuses }
}

fn signing(r: &mut Reader) -> Signing {
    let hmac = (r.choice("auth") == "hmac").then(|| {
        if r.text("hmac_secret").is_empty() {
            r.refuse("hmac_secret", "Enter the key.");
        }
        let header = match r.text("hmac_header") {
            "" => "X-Hub-Signature-256".to_owned(),
            name => name.to_owned(),
        };
        if !crate::http::is_token(&header) || crate::http::is_connection_header(&header) {
            r.refuse("hmac_header", "This is not a header that can be set.");
        }
        (r.secret("hmac_secret"), header)
    });
    let secret = r.optional("signing_secret", SigningSecret::parse);
    Signing { secrets: if r.flag("sign") { secret.into_iter().collect() } else { Vec::new() }, hmac }
}

/// A saved secret is not sent to another host than the one it was typed for: whoever may edit a schedule could read it there.
/// Secrets that only sign are never sent.
fn refuse_to_move(typed: &Values, saved: &Values, values: &Values, errors: &mut FieldErrors) {
    let origin = |values: &Values| {
        let plain = without_templates(values.get("url").map_or("", String::as_str));
        parse_url(&plain, &["https", "http"]).ok().map(|url| url.origin())
    };
    if saved.is_empty() || origin(saved) == origin(values) {
        return;
    }
    for field in form().iter().filter(|field| field.input.is_secret() && !field.name.ends_with("_secret")) {
        if typed.get(field.name).is_some_and(|text| text.contains(KEPT)) && !errors.has(field.name) {
            errors.add(field.name, "The address has changed, and saved secrets stay with the old one. Type it again.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn wrong(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut draft = ScheduleDraft::of([("url", "https://example.com/"), ("trigger", "every"), ("every", "60 s")]);
        draft.settings.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        match draft.validate(NOW) {
            Ok(_) => Vec::new(),
            Err(error) => error.fields.into_iter().map(|field| (field.field, field.message)).collect(),
        }
    }

    #[test]
    fn what_is_wrong_is_said_beside_its_field() {
        type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);
        let cases: [Case; 19] = [
            (&[("url", "")], "url", "cannot be empty"),
            (&[("url", "ftp://x.example/")], "url", ""),
            (&[("url", "https://{{ secret.HOST }}/x")], "url", "not in the host"),
            (&[("url", "https://x.example{{ run.id }}/x")], "url", "not in the host"),
            (&[("every", "0.5 s")], "every", "between 1 s"),
            (&[("every", "")], "every", "how often"),
            (&[("trigger", "cron"), ("cron", "0 25 * * *")], "cron", "Hour, at character 3"),
            (&[("trigger", "cron"), ("cron", "0 0 12 1 1 * 2020")], "cron", "not come again"),
            (&[("trigger", "cron"), ("cron", "@reboot")], "cron", "@every 90s"),
            (&[("trigger", "once"), ("at", "2027-02-30 09:00")], "at", "not a date"),
            (&[("trigger", "once")], "at", "when"),
            (&[("timezone", "Mars/Olympus")], "timezone", "not a time zone"),
            (&[("not_before", "2027-01-02 00:00"), ("not_after", "2027-01-01 00:00")], "not_after", "before"),
            (&[("timeout_ms", "6 min")], "timeout_ms", "at most 5 min"),
            (&[("body_type", "json"), ("body", "{")], "body", "not JSON"),
            (&[("auth", "hmac")], "hmac_secret", "Enter the key"),
            (&[("retry_on", "2xx")], "retry_on", "2xx"),
            (&[("max_attempts", "0")], "max_attempts", "whole number"),
            (&[("sign", "on"), ("signing_secret", "short")], "signing_secret", "whsec_"),
        ];
        for (fields, field, part) in cases {
            let wrong = wrong(fields);
            assert!(wrong.iter().any(|(name, message)| name == field && message.contains(part)), "{fields:?}: {wrong:?}");
        }
    }

    #[test]
    fn what_was_accepted_reads_back_the_same() {
        let draft = ScheduleDraft::of([
            ("url", "Example.com/hooks/{{ run.id }}?at={{ run.nominal }}"),
            ("trigger", "cron"),
            ("cron", " 0 2 * * 1 "),
            ("timezone", "Europe/Riga"),
            ("headers", "X-Key: key-{{ secret.KEY }}"),
            ("body_type", "json"),
            ("body", "{\"run\": {{ run.id | json }}}"),
            ("auth", "hmac"),
            ("hmac_secret", "hunter2"),
            ("retry_on", "500-599,429"),
        ]);
        let spec = draft.validate(NOW).expect("valid");
        assert_eq!(spec.request.url, "https://Example.com/hooks/{{ run.id }}?at={{ run.nominal }}");
        assert_eq!((spec.request.method.as_str(), spec.zone.as_str(), spec.when().as_str()), ("POST", "Europe/Riga", "At 02:00 on Monday"));
        assert!(spec.retry.statuses.contains(503) && !spec.retry.statuses.contains(404));
        let again = spec.draft().validate_over(&spec.settings.0, NOW).expect("valid");
        assert_eq!(again, ScheduleSpec { name: again.name.clone(), ..spec.clone() });
        assert!(!format!("{spec:?}").contains("hunter2"));
        let mut moved = spec.draft();
        moved.settings.insert("url".into(), "https://evil.example/".into());
        let error = moved.validate_over(&spec.settings.0, NOW).expect_err("secrets stay");
        assert!(error.fields.iter().any(|field| field.field == "headers"), "{error:?}");
    }

    #[test]
    fn without_a_name_it_is_called_by_where_it_goes_but_not_by_what_may_be_a_token() {
        let named =
            |url: &str| ScheduleDraft::of([("url", url), ("trigger", "every"), ("every", "60 s")]).validate(NOW).map(|spec| spec.name);
        for (url, name) in [
            ("https://example.com/", "POST example.com"),
            ("https://example.com/jobs/nightly-report?key=a", "POST example.com/jobs/nightly-report"),
            ("https://hooks.example.com/services/T0AB/b/c", "POST hooks.example.com/services"),
            ("https://example.com/hooks/{{ run.id }}/x", "POST example.com/hooks"),
        ] {
            assert_eq!(named(url).as_deref(), Ok(name));
        }
    }

    #[test]
    fn times_are_read_on_the_wall_of_the_zone() {
        let zone = cron::zone("Europe/Riga").expect("a zone");
        let at = |text: &str| moment(text, &zone).map(Timestamp::to_rfc3339);
        assert_eq!(at("2027-01-01 09:00").as_deref(), Ok("2027-01-01T07:00:00.000Z"));
        assert_eq!(at("2027-01-01T09:00:30").as_deref(), Ok("2027-01-01T07:00:30.000Z"));
        assert_eq!(at("2027-01-01T09:00:00Z").as_deref(), Ok("2027-01-01T09:00:00.000Z"));
        // In the gap: the first instant after it.
        assert_eq!(at("2027-03-28 03:30").as_deref(), Ok("2027-03-28T01:00:00.000Z"));
        assert!(at("tomorrow").is_err());
    }
}
