//! Any address that takes a request: signed by Standard Webhooks (v1, symmetric), so that the receiver knows who sent it.
//! The document is a contract: `docs/CHANNELS.md` describes it, and a field of it never changes its meaning.

use super::{Facts, Format, Limits};
use crate::kind::field::REQUEST;
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "webhook",
    label: "Webhook",
    line: "A signed request to any address: for what has no kind of its own here.",
    fields: &[&[
        Field::line("url", "Address")
            .like("https://example.com/hooks/loopr")
            .hinted("Secrets belong into headers: this is shown.")
            .required(),
        Field::line("signing_secret", "Signing secret")
            .typed(Input::Secret)
            .like("whsec_…")
            .hinted("whsec_ and 24 to 64 bytes in base 64. Empty: one is made, and shown when you ask for it."),
        Field::line("single", "One event a request")
            .typed(Input::Flag)
            .within("Grouping")
            .hinted("For programs. Otherwise what comes close together, in an outage of many monitors say, arrives as one request."),
        Field::line("headers", "Headers").typed(Input::Headers).within(REQUEST).like("Authorization: Bearer …"),
        Field::line("previous_secret", "Previous signing secret")
            .typed(Input::Secret)
            .within("Former secret")
            .hinted("Signs as well until the instant below, so that receivers can change over."),
        Field::line("previous_until", "Valid until").within("Former secret").like("2026-12-01T00:00:00Z"),
    ]],
    format: Format::Plain,
    limits: Limits { title: 500, body: 15_000 },
    rate: (60, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;
#[cfg(feature = "ssr")]
pub use speak::{event_document, event_type};

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::read::{address, headers, text};
    use crate::alert::channel::{Body, Carrier, Outgoing, Told, Way};
    use crate::alert::{Event, Notice, Subject};
    use crate::http::Header;
    use crate::kind::{Reader, Values};
    use crate::signing::{SigningSecret, sign};
    use crate::time::Timestamp;
    use sha2::{Digest, Sha256};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        address(r, "url");
        for name in ["signing_secret", "previous_secret"] {
            r.optional(name, SigningSecret::parse);
        }
        if r.headers("headers").iter().any(|header| header.name.to_ascii_lowercase().starts_with("webhook-")) {
            r.refuse("headers", "Headers that begin with webhook- are Loopr’s own.");
        }
        r.optional("previous_until", |text| Timestamp::parse_rfc3339(text).ok_or("Write an instant like 2026-12-01T00:00:00Z."));
        match (r.text("previous_secret").is_empty(), r.text("previous_until").is_empty()) {
            (false, true) => r.refuse("previous_until", "Say until when the previous secret signs as well."),
            (false, false) if r.text("signing_secret").is_empty() => r.refuse("signing_secret", "Enter the new secret."),
            _ => {}
        }
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let document = document(told).to_string();
        let mut own = vec![SigningSecret::parse(text(settings, "signing_secret")).ok()];
        let until = Timestamp::parse_rfc3339(text(settings, "previous_until"));
        if until.is_some_and(|until| told.now < until) {
            own.push(SigningSecret::parse(text(settings, "previous_secret")).ok());
        }
        let secrets: Vec<SigningSecret> = own.into_iter().flatten().collect();
        let mut all: Vec<Header> =
            headers(settings).into_iter().map(|(name, value)| Header { name: name.into(), value: value.into() }).collect();
        all.extend(sign(&secrets, &told.message.to_string(), told.now, document.as_bytes()));
        Outgoing { method: "POST", url: text(settings, "url").to_owned(), headers: all, body: Body::Text(document) }
    }

    fn document(told: &Told) -> Value {
        let kind = match told.content.notices.as_slice() {
            [only] if told.content.more == 0 => event_type(only.event),
            _ => "alert.group",
        };
        json!({
            "type": kind,
            "timestamp": told.now.to_rfc3339(),
            "data": {
                "title": told.title,
                "text": told.body,
                "severity": told.severity.name(),
                "key": told.key,
                "url": told.link,
                "events": told.content.notices.iter().map(event_document).collect::<Vec<_>>(),
                "more": told.content.more,
            },
        })
    }

    /// One event, as it stands in `data.events`.
    pub fn event_document(notice: &Notice) -> Value {
        let subject = &notice.subject;
        json!({
            "id": event_id(notice),
            "type": event_type(notice.event),
            "headline": notice.headline(),
            "space": {"id": notice.space, "name": notice.space_name},
            "subject": {
                "monitor": subject.monitor,
                "webhook": subject.schedule,
                "run": subject.run.map(|run| run.to_string()),
                "name": subject.name,
                "kind": subject.kind,
                "target": subject.target,
                "tags": subject.tags,
            },
            "incident": notice.incident,
            "at": notice.at.to_rfc3339(),
            "decided_at": notice.decided_at.to_rfc3339(),
            "cause": notice.cause,
            "detail": notice.detail,
            "lasted_ms": notice.lasted_ms,
            "reminder": notice.reminder,
            "step": notice.step,
        })
    }

    /// The same wherever the event is told: in each try, in a message that tells several, when it is sent again.
    fn event_id(notice: &Notice) -> String {
        let Notice { event, space, subject, incident, at, decided_at, reminder, step, cause, detail, .. } = notice;
        let Subject { monitor, schedule, run, name, .. } = subject;
        let about = json!([space, event.name(), monitor, schedule, run, incident, name, cause, detail, reminder, step]);
        let when = json!([at.as_millis(), decided_at.as_millis()]);
        let digest = Sha256::digest(format!("{about}{when}").as_bytes());
        digest.iter().take(16).fold(String::from("evt_"), |id, byte| id + &format!("{byte:02x}"))
    }

    /// What an event is called in documents that leave Loopr.
    pub fn event_type(event: Event) -> &'static str {
        match event {
            Event::Down => "monitor.down",
            Event::Up => "monitor.up",
            Event::Degraded => "monitor.degraded",
            Event::Flapping => "monitor.flapping",
            Event::Expiring => "monitor.expiring",
            Event::Late => "monitor.late",
            Event::Unwatched => "monitor.unwatched",
            Event::WebhookFailing => "webhook.failed",
            Event::WebhookRecovered => "webhook.recovered",
            Event::WebhookMissed => "webhook.missed",
            Event::ChannelFailing => "channel.failing",
            Event::NodeLost => "node.lost",
            Event::IncidentOpened => "incident.opened",
            Event::IncidentAcknowledged => "incident.acknowledged",
            Event::IncidentCommented => "incident.commented",
            Event::IncidentResolved => "incident.resolved",
            Event::DailyDigest => "digest.daily",
            Event::WeeklyDigest => "digest.weekly",
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::id::SpaceId;

        #[test]
        fn an_event_keeps_its_id_and_shares_it_with_no_other() {
            let at = Timestamp::from_millis(1_795_356_512_000);
            let notice = Notice {
                event: Event::IncidentCommented,
                space: SpaceId::new(at, 1),
                space_name: "Acme".into(),
                subject: Subject::named("incident", "Payments are slow".into()),
                incident: None,
                at,
                decided_at: at,
                cause: Some("person".into()),
                detail: "Ada: Looking.".into(),
                lasted_ms: None,
                reminder: 0,
                step: 0,
                by: None,
            };
            let id = event_id(&notice);
            // Receivers keep it: also a later version has to say the same. SHA-256 of the JSON, computed elsewhere.
            assert_eq!(id, "evt_1d045e0dfe4e8b9828bd91e3b637e2bb");
            for other in [
                Notice { detail: "Bob: Looking.".into(), ..notice.clone() },
                Notice { reminder: 1, ..notice.clone() },
                Notice { event: Event::IncidentResolved, ..notice.clone() },
                Notice { at: Timestamp::from_millis(1), ..notice.clone() },
            ] {
                assert_ne!(event_id(&other), id);
            }
            assert_eq!(event_id(&Notice { space_name: "Renamed".into(), ..notice }), id, "a space may be renamed between two tries");
        }
    }
}
