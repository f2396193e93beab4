//! Opsgenie: an API integration. https://docs.opsgenie.com/docs/alert-api

use super::field::{server, token};
use super::{Facts, Format, Limits};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "opsgenie",
    label: "Opsgenie",
    line: "An alert in Opsgenie, closed when it is over.",
    fields: &[&[
        token("API key").hinted("The team’s Integrations: add “API”, and let it create alerts.").required(),
        server("https://api.opsgenie.com").hinted("Accounts in Europe: https://api.eu.opsgenie.com."),
    ]],
    format: Format::Plain,
    limits: Limits { title: 130, body: 14_000 },
    rate: (60, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::json;

    use crate::alert::channel::read::{base_url, part, server, text, word};
    use crate::alert::channel::{Act, Carrier, Outgoing, Told, Way};
    use crate::alert::event::Severity;
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        word(r, "token");
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let alerts = format!("{}/v2/alerts", server(settings, "https://api.opsgenie.com"));
        let of_this = |action: &str| format!("{alerts}/{}/{action}?identifierType=alias", part(&told.key));
        let note = json!({"source": "Loopr", "note": told.plain_title});
        let request = match told.act {
            Act::Acknowledge => Outgoing::json(of_this("acknowledge"), note),
            Act::Resolve => Outgoing::json(of_this("close"), note),
            Act::Trigger => {
                let priority = match told.severity {
                    Severity::Critical => "P1",
                    Severity::Warning => "P3",
                    Severity::Resolved | Severity::Info => "P5",
                };
                let last = told.content.last();
                let mut description = told.body.clone();
                for (words, link) in told.links() {
                    description.push_str(&format!("\n{words}: {link}"));
                }
                let document = json!({
                    "message": told.title,
                    "alias": told.key,
                    "description": description,
                    "source": "Loopr",
                    "priority": priority,
                    "entity": last.map_or("", |notice| &notice.subject.name),
                    "tags": last.map(|notice| notice.subject.tags.as_slice()).unwrap_or_default(),
                });
                Outgoing::json(alerts, document)
            }
        };
        request.with("Authorization", format!("GenieKey {}", text(settings, "token")))
    }
}
