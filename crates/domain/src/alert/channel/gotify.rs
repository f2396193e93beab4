//! Gotify: an application of a server of one's own. https://gotify.net/docs/pushmsg

use super::field::{own_server, token};
use super::{Facts, Format, Limits};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "gotify",
    label: "Gotify",
    line: "A push message by a Gotify server of your own.",
    fields: &[&[
        own_server("https://gotify.example.com"),
        token("Application token").like("A…").hinted("In Gotify: Apps, Create application.").required(),
    ]],
    format: Format::Plain,
    limits: Limits { title: 200, body: 8_000 },
    rate: (60, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::json;

    use crate::alert::channel::read::{base_url, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::event::Severity;
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        base_url(r);
        word(r, "token");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let priority = match told.severity {
            Severity::Critical => 8,
            Severity::Warning | Severity::Resolved => 5,
            Severity::Info => 2,
        };
        let mut document = json!({"title": told.title, "message": told.body, "priority": priority});
        if let Some(link) = &told.link {
            document["extras"] = json!({"client::notification": {"click": {"url": link}}});
        }
        Outgoing::json(format!("{}/message", server(settings, "")), document).with("X-Gotify-Key", text(settings, "token"))
    }
}
