//! What a template can say: the names of the facts and their values.

use std::time::Duration;

use domain::Timestamp;
use domain::alert::channel::cut;
use domain::alert::notice::{AUTOMATIC, Subject};
use domain::alert::{Content, Event, Notice};
use domain::id::{IncidentId, MonitorId, ScheduleId, SpaceId};
use domain::webhook::OccurrenceId;
use domain::words;
use minijinja::context;
use minijinja::value::{Value, merge_maps};

/// The longest fact: what is told is a sentence, and fifty of them have to fit.
const TEXT: usize = 500;

/// What is not in the facts: where they are looked at from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// An IANA zone, in which instants are written; what is unknown is UTC.
    pub zone: &'a str,
    /// Where a browser shows it.
    pub link: Option<&'a str>,
    /// Where a browser acknowledges it.
    pub ack_link: Option<&'a str>,
    /// Something to be said of the message itself.
    pub note: Option<&'a str>,
}

impl Place<'_> {
    /// An invented one.
    pub fn example() -> Self {
        Self {
            zone: "UTC",
            link: Some("https://loopr.example.com/incidents/1"),
            ack_link: Some("https://loopr.example.com/ack/1"),
            note: None,
        }
    }
}

/// The names, and what they stand for. Those from `event` to `incident` are also those of each of `notices`.
pub const VARIABLES: [(&str, &str); 24] = [
    ("headline", "The news in a line: Checkout API is down"),
    ("space", "The space’s name"),
    ("severity", "critical, warning, resolved or info"),
    ("event", "down, up, degraded, flapping, late, expiring …"),
    ("name", "The monitor’s name"),
    ("kind", "The kind of monitor: http, tcp …"),
    ("target", "What is checked: GET https://example.com/"),
    ("tags", "The monitor’s tags, a list: {{ tags|join(', ') }}"),
    ("detail", "The cause in a sentence"),
    ("cause", "The stable name of the cause"),
    ("at", "When it began"),
    ("decided_at", "When it was certain"),
    ("began", "Both of them in a sentence"),
    ("lasted", "How long what ended had lasted: 6 min"),
    ("reminder", "Which reminder this is; 0 at first"),
    ("step", "Which step of an escalation this is; 0 at first"),
    ("incident", "The id of the incident"),
    ("link", "The address of it in Loopr"),
    ("ack_link", "The address that acknowledges it"),
    ("notices", "All events of a message that tells several, a list"),
    ("several", "Whether there is more than one"),
    ("count", "How many there are"),
    ("more", "How many of them are only counted"),
    ("note", "What Loopr says of the message itself; empty as a rule"),
];

/// The values of all names.
pub(super) fn facts(content: &Content, place: &Place) -> Value {
    let last = content.last();
    let notices: Vec<Value> = content.told().into_iter().map(|notice| told(notice, place)).collect();
    let all = context! {
        headline => cut(&content.headline(), TEXT),
        severity => content.severity().name(),
        link => place.link,
        ack_link => place.ack_link,
        note => place.note,
        several => content.count() > 1,
        count => content.count(),
        more => content.more,
        notices => notices,
    };
    // The last that knows a name wins: the headline of all comes before that of the newest.
    merge_maps([last.map(|notice| told(notice, place)), Some(all)].into_iter().flatten())
}

fn told(notice: &Notice, place: &Place) -> Value {
    let subject = &notice.subject;
    context! {
        headline => cut(&notice.headline(), TEXT),
        event => notice.event.name(),
        severity => notice.event.severity().name(),
        name => cut(&subject.name, TEXT),
        kind => subject.kind.as_str(),
        target => cut(&subject.target, TEXT),
        tags => subject.tags.clone(),
        detail => cut(&notice.said(), TEXT),
        cause => notice.cause.as_deref(),
        at => instant(notice.at, place.zone),
        decided_at => instant(notice.decided_at, place.zone),
        began => began(notice, place.zone),
        lasted => notice.lasted_ms.map(words::duration_ms),
        reminder => notice.reminder,
        step => notice.step,
        incident => notice.incident.map(|id| id.to_string()),
        space => notice.space_name.as_str(),
    }
}

/// When it was, in a sentence.
pub(in crate::alert) fn began(notice: &Notice, zone: &str) -> String {
    let at = instant(notice.at, zone);
    match notice.event {
        Event::DailyDigest | Event::WeeklyDigest => String::new(),
        Event::Up => format!("Up since {at}"),
        Event::IncidentAcknowledged | Event::IncidentCommented | Event::IncidentResolved => format!("At {at}"),
        _ if notice.decided_at.since(notice.at) >= Duration::from_secs(1) => {
            format!("Since {at}, certain at {}", instant(notice.decided_at, zone))
        }
        _ => format!("Since {at}"),
    }
}

/// `2026-11-22 16:08:32 EET`.
pub(crate) fn instant(at: Timestamp, zone: &str) -> String {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.to_rfc3339(), |instant| instant.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %Z").to_string())
}

/// An invented message, for tries, previews and the catalogue of events.
pub fn sample(event: Event) -> Content {
    let at = Timestamp::from_millis(1_795_356_512_000);
    let answer = "api.acme.example answered 503 Service Unavailable.";
    let monitor = |kind: &str, name: &str, target: &str| Subject {
        monitor: Some(MonitorId::new(at, 1)),
        target: target.to_owned(),
        tags: vec!["api".into(), "production".into()],
        ..Subject::named(kind, name.to_owned())
    };
    let schedule = ScheduleId::new(at, 1);
    let webhook = Subject {
        schedule: Some(schedule),
        run: Some(OccurrenceId { schedule, nominal: at }),
        target: "POST https://jobs.acme.example/nightly".into(),
        tags: vec!["jobs".into()],
        ..Subject::named("webhook", "Nightly report".into())
    };
    let api = || monitor("http", "Checkout API", "GET https://api.acme.example/checkout");
    let (subject, cause, detail) = match event {
        Event::Down => (api(), "status", answer),
        Event::Up => (api(), "", ""),
        Event::Degraded => (api(), "slow", "It took 2.4 s. It is degraded above 2 s."),
        Event::Flapping => (api(), "", "It goes down and up so often that single changes are not told until it settles."),
        Event::Expiring => (api(), "expiring", "The certificate ends in 7 days, on 2026-11-29."),
        Event::Late => (monitor("heartbeat", "Nightly backup", ""), "late", "No signal came within 1 d and a grace of 1 h."),
        Event::Unwatched => (Subject::named("space", "12 monitors".into()), "", "Loopr was not running for 9 min."),
        Event::WebhookFailing => {
            (webhook, "failed", "All 3 attempts failed. The last one: jobs.acme.example answered 500 Internal Server Error.")
        }
        Event::WebhookRecovered => (webhook, "recovered", "It succeeded after 2 failed runs."),
        Event::WebhookMissed => {
            (webhook, "missed", "The run that was due at 2026-11-22 14:08:32 UTC did not take place. Loopr was not running.")
        }
        Event::ChannelFailing => {
            let channel = Subject { target: "Slack".into(), ..Subject::named("channel", "On-call room".into()) };
            (channel, "", "hooks.slack.com answered 404 Not Found. It is told once until it takes a message again.")
        }
        Event::NodeLost => (Subject::named("node", "loopr-2".into()), "", "It has not been heard of for 30 s."),
        Event::IncidentOpened => (api(), AUTOMATIC, answer),
        Event::IncidentAcknowledged => (api(), "person", "Ada has acknowledged it."),
        Event::IncidentCommented => (api(), "person", "Ada: The database ran out of connections."),
        Event::IncidentResolved => (api(), AUTOMATIC, "It lasted 6 min."),
        Event::DailyDigest | Event::WeeklyDigest => (Subject::named("space", "2 incidents, 99.98% up".into()), "", ""),
    };
    let ends = matches!(event, Event::Up | Event::IncidentResolved);
    Content::of(Notice {
        event,
        space: SpaceId::new(at, 1),
        space_name: "Acme".into(),
        subject,
        incident: (event.opens() || event == Event::Up || event.is_of_incident()).then(|| IncidentId::new(at, 1)),
        at,
        decided_at: at.plus(Duration::from_secs(10)),
        cause: Some(cause.to_owned()).filter(|cause| !cause.is_empty()),
        detail: detail.to_owned(),
        lasted_ms: ends.then_some(360_000),
        reminder: 0,
        step: 0,
        by: None,
    })
}
