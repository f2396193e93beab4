//! From a draft to valid settings. Every field is judged, so that one answer names everything that is wrong.

use std::time::Duration;

use super::{
    IN_A_ROW_MAX, INTERVAL_DEFAULT, INTERVAL_MAX, INTERVAL_MIN, MonitorDraft, MonitorSpec, NOTE_MAX, PARENTS_MAX, PING_TOKEN, Secrets,
    Thresholds, parse_ids, parse_tags, spell,
};
use crate::account::{NAME_MAX, check_name};
use crate::error::{AppError, FieldErrors};
use crate::kind::heartbeat::{HeartbeatSettings, Rhythm};
use crate::kind::{Kind, Reader, Target, Values, resolve};
use crate::machine::Confirmation;
use crate::schedule::default_timeout;
use crate::words::parse_duration;

impl MonitorDraft {
    /// Judges the draft of a new monitor.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn validate(&self) -> Result<MonitorSpec, AppError> {
        self.validate_over(&Values::new())
    }

    /// Judges the draft of a monitor that is edited: `saved` are its settings, whose secrets [`super::KEPT`] stands for.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn validate_over(&self, saved: &Values) -> Result<MonitorSpec, AppError> {
        let Some(kind) = self.kind() else {
            let names = Kind::ALL.map(Kind::name).join(", ");
            return Err(AppError::field("kind", format!("“{}” is not a kind of monitor. There are {names}.", super::cut(&self.kind))));
        };
        let mut errors = FieldErrors::new();
        let values = resolve(kind.form(), &self.settings, saved, &mut errors);
        let (target, mut values) = Target::read(kind, values, &mut errors);
        if let Some(token) = saved.get(PING_TOKEN).filter(|_| kind == Kind::Heartbeat) {
            values.insert(PING_TOKEN.into(), token.clone());
        }
        let name = match self.name.trim() {
            "" => target.as_ref().and_then(|target| default_name(target, &mut errors)),
            name => errors.take("name", check_name(name, NAME_MAX)),
        };
        let interval = interval(kind, &self.interval, target.as_ref(), &mut errors);
        let timeout = errors.take("timeout", parse_timeout(&self.timeout, interval)).flatten();
        let default = Confirmation { failures: if kind.is_active() { 2 } else { 1 }, ..Confirmation::default() };
        let failures = errors.take("failures", parse_in_a_row(&self.failures, default.failures));
        let successes = errors.take("successes", parse_in_a_row(&self.successes, default.successes));
        let retry = errors.take("retry", parse_retry(&self.retry, interval)).flatten();
        let depends_on = errors.take("depends_on", parse_ids(&self.depends_on, PARENTS_MAX));
        let tags = errors.take("tags", parse_tags(&self.tags));
        let note = errors.take("note", parse_note(&self.note));
        let thresholds = thresholds(kind, &values, &mut errors);
        let confirmation = failures.zip(successes).map(|(failures, successes)| Confirmation { failures, successes });
        match (name, target, interval, confirmation, depends_on, tags, note) {
            (Some(name), Some(target), Some(interval), Some(confirmation), Some(depends_on), Some(tags), Some(note))
                if errors.is_empty() =>
            {
                Ok(MonitorSpec {
                    name,
                    kind,
                    settings: Secrets(values),
                    target,
                    interval,
                    timeout: timeout.unwrap_or_else(|| default_timeout(interval)),
                    timeout_is_default: timeout.is_none(),
                    confirmation,
                    retry,
                    upside_down: kind.is_active() && matches!(self.upside_down.as_str(), "on" | "true"),
                    thresholds,
                    depends_on,
                    tags,
                    note,
                })
            }
            _ => Err(errors.into_error()),
        }
    }
}

/// The host names it; a job or a group has to be named by somebody.
fn default_name(target: &Target, errors: &mut FieldErrors) -> Option<String> {
    let name = target.default_name();
    if name.is_none() {
        errors.add("name", "Enter a name.");
    }
    name
}

/// What comes in by itself is looked at when it is overdue; its interval is that of its signals.
fn interval(kind: Kind, text: &str, target: Option<&Target>, errors: &mut FieldErrors) -> Option<Duration> {
    if kind == Kind::Heartbeat {
        return Some(match target {
            Some(Target::Heartbeat(HeartbeatSettings { rhythm: Rhythm::Every(period), .. })) => *period,
            _ => INTERVAL_DEFAULT,
        });
    }
    errors.take("interval", parse_interval(text))
}

/// Read from the values again when a monitor is loaded: they are kept there.
pub(crate) fn thresholds(kind: Kind, values: &Values, errors: &mut FieldErrors) -> Thresholds {
    let mut r = Reader::new(kind.form(), values.clone(), errors);
    let knows = |name: &str| kind.field(name).is_some();
    let (degraded_above, down_above) = (r.millis("degraded_above_ms"), r.millis("down_above_ms"));
    if degraded_above.zip(down_above).is_some_and(|(degraded, down)| degraded >= down) {
        r.refuse("degraded_above_ms", "Choose less than what counts as down.");
    }
    let expires = knows("degraded_below_days");
    let degraded_below_days = if expires { r.number("degraded_below_days", 14, 0..=1_000) } else { 0 };
    let down_below_days = if expires { r.number("down_below_days", 0, 0..=1_000) } else { 0 };
    Thresholds { degraded_above, down_above, degraded_below_days, down_below_days }
}

impl MonitorSpec {
    /// What is read from the fields of a monitor that was kept: what is checked, and the thresholds.
    pub fn restore(kind: Kind, values: &Values) -> (Target, Thresholds) {
        let mut errors = FieldErrors::new();
        (Target::restore(kind, values), thresholds(kind, values, &mut errors))
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

fn parse_note(text: &str) -> Result<String, String> {
    let note = text.trim();
    if note.chars().count() > NOTE_MAX { Err(format!("Use at most {NOTE_MAX} characters.")) } else { Ok(note.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::KEPT;

    fn draft(url: &str) -> MonitorDraft {
        MonitorDraft::http(url)
    }

    fn url_of(spec: &MonitorSpec) -> &str {
        spec.settings.0.get("url").map_or("", String::as_str)
    }

    #[test]
    fn only_the_url_is_required() {
        let spec = draft(" example.com ").validate().expect("valid");
        assert_eq!((url_of(&spec), spec.name.as_str()), ("https://example.com/", "example.com"));
        assert_eq!((spec.interval, spec.timeout), (INTERVAL_DEFAULT, Duration::from_secs(10)));
        assert_eq!(url_of(&draft("localhost:8080/x#y").validate().expect("valid")), "https://localhost:8080/x");
    }

    #[test]
    fn what_was_accepted_reads_back_the_same() {
        let examples: [(Kind, &[(&str, &str)]); 15] = [
            (
                Kind::Http,
                &[("url", "example.com"), ("assertions", "body contains ok\njson $.a == 1"), ("redirects", "0"), ("down_above_ms", "2 s")],
            ),
            (Kind::Tcp, &[("address", "Example.com:25"), ("send", "QUIT\\r\\n")]),
            (Kind::Ping, &[("host", "10.0.0.1"), ("count", "5")]),
            (Kind::Dns, &[("query", "Example.com."), ("record", "mx"), ("resolver", "1.1.1.1"), ("expected", "10 mail.example.com.")]),
            (Kind::Tls, &[("address", "example.com"), ("starttls", "smtp")]),
            (Kind::Websocket, &[("url", "example.com/live"), ("headers", "A: b")]),
            (Kind::Grpc, &[("address", "example.com"), ("service", "a.B")]),
            (Kind::Domain, &[("domain", "EXAMPLE.com")]),
            (Kind::Heartbeat, &[("cron", "0 3 * * *"), ("timezone", "Europe/Riga")]),
            (Kind::Postgres, &[("address", "db.example.com"), ("password", "p"), ("query", "SELECT 1"), ("expect", "1")]),
            (Kind::Mysql, &[("address", "db.example.com:3307")]),
            (Kind::Redis, &[("address", "cache.example.com"), ("command", "LLEN jobs"), ("expect", "< 5")]),
            (Kind::Smtp, &[("address", "mail.example.com"), ("security", "tls")]),
            (Kind::Ssh, &[("address", "[::1]")]),
            (Kind::Group, &[("members", "mon_00000000000000000000000001"), ("rule", "any")]),
        ];
        for (kind, fields) in examples {
            let settings = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let draft = MonitorDraft { kind: kind.name().into(), name: "It".into(), settings, ..MonitorDraft::default() };
            let spec = draft.validate().unwrap_or_else(|e| unreachable!("{kind:?}: {:?}", e.fields));
            let (target, thresholds) = MonitorSpec::restore(kind, &spec.settings.0);
            assert_eq!((&target, &thresholds), (&spec.target, &spec.thresholds), "{kind:?}");
            let again = MonitorDraft { settings: spec.settings.0.clone(), ..draft }.validate().expect("valid again");
            assert_eq!(again, spec, "{kind:?}");
        }
    }

    #[test]
    fn every_kind_says_which_field_is_missing() {
        for kind in Kind::ALL {
            let draft = MonitorDraft { kind: kind.name().into(), ..MonitorDraft::default() };
            let error = draft.validate().expect_err(kind.name());
            let first = kind.fields().find(|field| field.required).map_or("name", |field| field.name);
            assert_eq!(error.fields.first().map(|field| field.field.as_str()), Some(first), "{kind:?}");
        }
        let unknown = MonitorDraft { kind: "telepathy".into(), ..MonitorDraft::default() }.validate().expect_err("unknown");
        assert_eq!(unknown.fields[0].field, "kind");
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let mut bad = draft("ftp://x");
        bad.interval = "0.5 s".into();
        bad.timeout = "soon".into();
        bad.failures = "0".into();
        bad.retry = "soon".into();
        for (name, value) in [("headers", "no colon"), ("accepted_status", "2xx"), ("method", "GE T"), ("assertions", "nonsense")] {
            bad.settings.insert(name.into(), value.into());
        }
        let error = bad.validate().expect_err("invalid");
        let mut named: Vec<_> = error.fields.iter().map(|f| f.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["accepted_status", "assertions", "failures", "headers", "interval", "method", "retry", "timeout", "url"]);
    }

    #[test]
    fn when_a_result_is_believed() {
        let plain = draft("example.com").validate().expect("valid");
        assert_eq!((plain.confirmation, plain.retry_after()), (Confirmation { failures: 2, successes: 1 }, Duration::from_secs(10)));
        let mut careful = draft("example.com");
        (careful.failures, careful.successes, careful.retry) = ("5".into(), "2".into(), "3 s".into());
        let spec = careful.validate().expect("valid");
        assert_eq!((spec.confirmation, spec.retry_after()), (Confirmation { failures: 5, successes: 2 }, Duration::from_secs(3)));
        careful.retry = "2 min".into();
        assert!(careful.validate().is_err(), "longer than the interval");
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
            assert!(draft(url).validate().is_err(), "{url}");
        }
    }

    #[test]
    fn saved_secrets_are_kept() {
        let saved: Values = [("headers", "X-Key: one"), ("token", "two")].map(|(k, v)| (k.into(), v.into())).into();
        let mut edited = draft("example.com");
        edited.settings.insert("headers".into(), format!("X-Key: {KEPT}"));
        edited.settings.insert("auth".into(), "bearer".into());
        edited.settings.insert("token".into(), KEPT.into());
        let spec = edited.validate_over(&saved).expect("valid");
        assert_eq!((spec.settings.0["headers"].as_str(), spec.settings.0["token"].as_str()), ("X-Key: one", "two"));
        assert!(!format!("{spec:?}").contains("two"));
        assert_eq!(edited.validate().expect_err("nothing is saved").fields.len(), 2);
    }

    #[test]
    fn the_timeout_never_exceeds_the_interval() {
        let mut d = draft("example.com");
        (d.interval, d.timeout) = ("5 s".into(), "6 s".into());
        assert!(d.validate().is_err());
        d.timeout = "5".into();
        assert_eq!(d.validate().expect("valid").timeout, Duration::from_secs(5));
    }
}
