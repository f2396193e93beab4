//! Discord: a webhook of a channel. https://discord.com/developers/docs/resources/webhook#execute-webhook

use super::field::webhook_url;
use super::{Facts, Format, Limits};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "discord",
    label: "Discord",
    line: "A channel of a Discord server.",
    fields: &[&[webhook_url("https://discord.com/api/webhooks/…/…").hinted("Channel settings, Integrations, Webhooks, Copy webhook URL.")]],
    format: Format::Markdown,
    limits: Limits { title: 250, body: 3_500 },
    rate: (30, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use std::time::Duration;

    use serde_json::json;

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{address, text, with_query};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        address(r, "webhook_url");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let links: Vec<String> = told.links().map(|(words, link)| format!("[{words}](<{link}>)")).collect();
        let description = if links.is_empty() { told.body.clone() } else { format!("{}\n\n{}", told.body, links.join(" · ")) };
        let mut embed = json!({
            "title": told.title,
            "description": description,
            "color": told.colour(),
            "timestamp": told.now.to_rfc3339(),
        });
        if let Some(link) = &told.link {
            embed["url"] = link.as_str().into();
        }
        // With "wait", Discord answers when the message is there, not when it has read the request.
        Outgoing::json(
            with_query(text(settings, "webhook_url"), "wait", "true"),
            json!({"embeds": [embed], "allowed_mentions": {"parse": []}}),
        )
    }

    /// The document has the pause to the millisecond; the header may be missing.
    fn judge(answer: &Answer) -> Option<Outcome> {
        let pause = answer.json()["retry_after"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let pause = pause.filter(|_| answer.status == 429)?;
        Some(answer.failed(Again::After(pause), "Discord takes no more for a while."))
    }
}
