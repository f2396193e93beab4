//! Zulip: a bot that writes to a channel. https://zulip.com/api/send-message

use super::field::{own_server, token};
use super::{Facts, Format, Limits};
use crate::kind::Field;

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "zulip",
    label: "Zulip",
    line: "A topic in a channel of Zulip, by a bot.",
    fields: &[&[
        own_server("https://acme.zulipchat.com"),
        Field::line("bot", "Bot’s e-mail")
            .like("loopr-bot@acme.zulipchat.com")
            .hinted("Personal settings, Bots, Add a new bot.")
            .required(),
        token("API key").hinted("Beside the bot.").required(),
        Field::line("room", "Channel").like("ops").required(),
        Field::line("topic", "Topic").by_default("Loopr"),
    ]],
    format: Format::Zulip,
    limits: Limits { title: 250, body: 8_000 },
    rate: (200, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use std::time::Duration;

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{base_url, basic, line, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way, cut};
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        base_url(r);
        word(r, "bot");
        word(r, "token");
        line(r, "room");
        line(r, "topic");
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let mut content = format!("**{}**\n{}", told.title, told.body);
        let links: Vec<String> = told.links().map(|(words, link)| format!("[{words}]({link})")).collect();
        if !links.is_empty() {
            content.push_str(&format!("\n\n{}", links.join(" · ")));
        }
        let topic = Some(text(settings, "topic")).filter(|topic| !topic.is_empty()).unwrap_or("Loopr");
        let fields =
            vec![("type", "stream".to_owned()), ("to", text(settings, "room").to_owned()), ("topic", cut(topic, 60)), ("content", content)];
        Outgoing::form(format!("{}/api/v1/messages", server(settings, "")), fields)
            .with("Authorization", basic(text(settings, "bot"), text(settings, "token")))
    }

    /// The pause is in the document, in seconds with a fraction.
    fn judge(answer: &Answer) -> Option<Outcome> {
        let pause = answer.json()["retry-after"].as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let pause = pause.filter(|_| answer.status == 429)?;
        Some(answer.failed(Again::After(pause), "Zulip takes no more for a while."))
    }
}
