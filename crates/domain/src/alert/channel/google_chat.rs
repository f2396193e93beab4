//! Google Chat: a webhook of a space. https://developers.google.com/workspace/chat/quickstart/webhooks

use super::field::webhook_url;
use super::{Facts, Format, Limits};

/// What is known of it. Its cards take some HTML; its plain messages have markup that cannot be escaped.
pub(super) const FACTS: Facts = Facts {
    name: "google_chat",
    label: "Google Chat",
    line: "A space of Google Chat.",
    fields: &[&[webhook_url("https://chat.googleapis.com/v1/spaces/…/messages?key=…&token=…")
        .hinted("The space’s menu, Apps & integrations, Webhooks.")]],
    format: Format::Html,
    limits: Limits { title: 200, body: 8_000 },
    rate: (1, 1),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::read::{address, text, with_query};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        address(r, "webhook_url");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let buttons: Vec<Value> =
            told.links().map(|(words, link)| json!({"text": words, "onClick": {"openLink": {"url": link}}})).collect();
        let mut widgets = vec![json!({"textParagraph": {"text": format!("<b>{}</b><br>{}", told.title, told.body)}})];
        if !buttons.is_empty() {
            widgets.push(json!({"buttonList": {"buttons": buttons}}));
        }
        let document = json!({
            "fallbackText": told.plain_title,
            "cardsV2": [{"cardId": told.message.to_string(), "card": {"sections": [{"widgets": widgets}]}}],
            "thread": {"threadKey": told.key},
        });
        let url = with_query(text(settings, "webhook_url"), "messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
        Outgoing::json(url, document)
    }
}
