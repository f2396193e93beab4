//! Mattermost: an incoming webhook. https://developers.mattermost.com/integrate/webhooks/incoming/

use super::field::webhook_url;
use super::{Facts, Format, Limits};
use crate::kind::Field;

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "mattermost",
    label: "Mattermost",
    line: "A channel of a Mattermost server.",
    fields: &[&[
        webhook_url("https://mattermost.example.com/hooks/…").hinted("Product menu, Integrations, Incoming Webhooks."),
        Field::line("room", "Channel").like("that of the webhook").hinted("The name in the address of another channel, or @name."),
    ]],
    format: Format::Markdown,
    limits: Limits { title: 250, body: 7_000 },
    rate: (10, 1),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::json;

    use crate::alert::channel::read::{address, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        address(r, "webhook_url");
        word(r, "room");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let links: Vec<String> = told.links().map(|(words, link)| format!("[{words}](<{link}>)")).collect();
        let body = if links.is_empty() { told.body.clone() } else { format!("{}\n\n{}", told.body, links.join(" · ")) };
        let mut attachment = json!({"fallback": told.plain_title, "color": told.css_colour(), "title": told.title, "text": body});
        if let Some(link) = &told.link {
            attachment["title_link"] = link.as_str().into();
        }
        let mut document = json!({"attachments": [attachment]});
        let room = text(settings, "room");
        if !room.is_empty() {
            document["channel"] = room.into();
        }
        Outgoing::json(text(settings, "webhook_url"), document)
    }
}
