//! PagerDuty: an integration with the Events API v2. https://developer.pagerduty.com/docs/events-api-v2-overview

use super::field::server;
use super::{Facts, Format, Limits};
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "pagerduty",
    label: "PagerDuty",
    line: "An incident in PagerDuty, resolved when it is over.",
    fields: &[&[
        Field::line("routing_key", "Integration key")
            .typed(Input::Secret)
            .hinted("The service’s Integrations tab: add “Events API V2”.")
            .required(),
        server("https://events.pagerduty.com").hinted("Accounts in Europe: https://events.eu.pagerduty.com."),
    ]],
    format: Format::Plain,
    limits: Limits { title: 1_000, body: 8_000 },
    rate: (120, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{base_url, server, text, word};
    use crate::alert::channel::{Act, Carrier, Outgoing, Told, Way, cut};
    use crate::alert::event::Severity;
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        word(r, "routing_key");
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let action = match told.act {
            Act::Trigger => "trigger",
            Act::Acknowledge => "acknowledge",
            Act::Resolve => "resolve",
        };
        let mut document = json!({"routing_key": text(settings, "routing_key"), "event_action": action, "dedup_key": told.key});
        if told.act == Act::Trigger {
            let severity = match told.severity {
                Severity::Critical => "critical",
                Severity::Warning => "warning",
                Severity::Resolved | Severity::Info => "info",
            };
            let last = told.content.last();
            let source =
                last.map_or("Loopr", |notice| if notice.subject.target.is_empty() { &notice.subject.name } else { &notice.subject.target });
            let links: Vec<Value> = told.links().map(|(words, link)| json!({"href": link, "text": words})).collect();
            document["payload"] = json!({
                "summary": told.title,
                "source": cut(source, 1_000),
                "severity": severity,
                "timestamp": last.map_or(told.now, |notice| notice.at).to_rfc3339(),
                "custom_details": {"text": told.body},
            });
            if let Some(last) = last {
                let payload = &mut document["payload"];
                payload["component"] = last.subject.name.as_str().into();
                payload["group"] = last.space_name.as_str().into();
                payload["custom_details"]["tags"] = last.subject.tags.join(", ").into();
                if let Some(cause) = &last.cause {
                    payload["class"] = cause.as_str().into();
                }
            }
            document["links"] = links.into();
            document["client"] = "Loopr".into();
            if let Some(link) = &told.link {
                document["client_url"] = link.as_str().into();
            }
        }
        Outgoing::json(format!("{}/v2/enqueue", server(settings, "https://events.pagerduty.com")), document)
    }

    fn judge(answer: &Answer) -> Option<Outcome> {
        (answer.status == 400).then(|| answer.failed(Again::Hardly, "Check the integration key: it is one of the Events API v2."))
    }
}
