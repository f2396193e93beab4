//! Microsoft Teams: a workflow that posts an Adaptive Card when a webhook request is received.
//! https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using

use super::field::webhook_url;
use super::{Facts, Format, Limits};

/// What is known of it. The text is plain: cards understand some Markdown, but only in blocks of another type than those used here.
pub(super) const FACTS: Facts = Facts {
    name: "teams",
    label: "Microsoft Teams",
    line: "A channel or chat of Teams, by a workflow.",
    fields: &[&[webhook_url("https://….api.powerplatform.com/…/workflows/…").hinted(
        "In Teams: the channel’s menu, Workflows, “Send webhook alerts to a channel”. Copy the address that it shows at the end.",
    )]],
    format: Format::Plain,
    limits: Limits { title: 200, body: 6_000 },
    rate: (4, 1),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::read::{address, text};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::event::Severity;
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        address(r, "webhook_url");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let colour = match told.severity {
            Severity::Critical => "attention",
            Severity::Warning => "warning",
            Severity::Resolved => "good",
            Severity::Info => "default",
        };
        let title = json!({"type": "TextRun", "text": told.title, "weight": "bolder", "size": "medium", "color": colour});
        let mut body = vec![json!({"type": "RichTextBlock", "inlines": [title]})];
        // A line break in a run is not shown everywhere.
        body.extend(
            told.body
                .lines()
                .filter(|line| !line.is_empty())
                .map(|line| json!({"type": "RichTextBlock", "spacing": "small", "inlines": [{"type": "TextRun", "text": line}]})),
        );
        let actions: Vec<Value> =
            told.links().map(|(words, link)| json!({"type": "Action.OpenUrl", "title": words, "url": link})).collect();
        let card = json!({
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "fallbackText": told.plain_title,
            "msteams": {"width": "Full"},
            "body": body,
            "actions": actions,
        });
        let attachment = json!({"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card});
        Outgoing::json(text(settings, "webhook_url"), json!({"type": "message", "attachments": [attachment]}))
    }
}
