//! Slack: an incoming webhook, or a bot's token and the id of a channel. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks

use super::field::{server, token};
use super::{Facts, Format, Limits};
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "slack",
    label: "Slack",
    line: "A channel of Slack, by an incoming webhook or a bot.",
    fields: &[&[
        Field::line("webhook_url", "Webhook address")
            .typed(Input::Secret)
            .like("https://hooks.slack.com/services/T…/B…/…")
            .hinted("api.slack.com/apps, your app, Incoming Webhooks. Or use a bot token instead."),
        token("Bot token").like("xoxb-…").hinted("Instead of a webhook: a bot with the scope chat:write that is a member of the channel."),
        Field::line("room", "Channel of the bot").like("C0123456789").hinted("The id at the end of a channel’s details in Slack."),
        server("https://slack.com"),
    ]],
    format: Format::Slack,
    limits: Limits { title: 150, body: 2_700 },
    rate: (1, 1),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::answer::{Answer, default_judgement};
    use crate::alert::channel::read::{address, base_url, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        address(r, "webhook_url");
        word(r, "token");
        word(r, "room");
        base_url(r);
        match (r.text("webhook_url").is_empty(), r.text("token").is_empty()) {
            (true, true) => r.refuse("webhook_url", "Enter the address of an incoming webhook, or a bot token and a channel."),
            (true, false) if r.text("room").is_empty() => r.refuse("room", "Enter the id of the channel. It looks like C0123456789."),
            (false, false) => r.refuse("token", "Leave this empty with a webhook address: one way is enough."),
            _ => {}
        }
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let buttons: Vec<Value> = told
            .links()
            .map(|(words, link)| json!({"type": "button", "text": {"type": "plain_text", "text": words}, "url": link}))
            .collect();
        let mut blocks = vec![json!({"type": "section", "text": {"type": "mrkdwn", "text": format!("*{}*\n{}", told.title, told.body)}})];
        if !buttons.is_empty() {
            blocks.push(json!({"type": "actions", "elements": buttons}));
        }
        let attachment = json!({"color": told.css_colour(), "fallback": told.plain_title, "blocks": blocks});
        // The text is what a notification shows.
        let mut document = json!({"text": told.title, "attachments": [attachment], "unfurl_links": false, "unfurl_media": false});
        let webhook = text(settings, "webhook_url");
        if !webhook.is_empty() {
            return Outgoing::json(webhook, document);
        }
        document["channel"] = text(settings, "room").into();
        let url = format!("{}/api/chat.postMessage", server(settings, "https://slack.com"));
        Outgoing::json(url, document).with("Authorization", format!("Bearer {}", text(settings, "token")))
    }

    /// The API for bots refuses with the status 200.
    fn judge(answer: &Answer) -> Option<Outcome> {
        let document = answer.json();
        if answer.status != 200 || document["ok"] != Value::Bool(false) {
            return (answer.status == 403 && answer.body.contains("rate")).then(|| default_judgement(&Answer { status: 429, ..*answer }));
        }
        Some(match document["error"].as_str() {
            Some("ratelimited" | "rate_limited") => answer.failed(answer.pause(), "Slack takes no more for a while."),
            Some("internal_error" | "fatal_error" | "service_unavailable" | "request_timeout") => {
                answer.failed(Again::Later, "Another try may help.")
            }
            _ => answer.failed(Again::Hardly, "Check the token, its scope chat:write, and whether the bot is in the channel."),
        })
    }
}
