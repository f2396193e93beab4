//! Telegram: a bot that writes to a chat. https://core.telegram.org/bots/api#sendmessage

use super::field::{server, token};
use super::{Facts, Format, Limits};
use crate::kind::Field;

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "telegram",
    label: "Telegram",
    line: "A chat, group or channel of Telegram, by a bot of your own.",
    fields: &[&[
        token("Bot token").like("123456789:AA…").hinted("From @BotFather: /newbot.").required(),
        Field::line("chat_id", "Chat")
            .like("-1001234567890")
            .hinted("The id of a chat, or @name of a public channel. Write to the bot first, or add it to the group.")
            .required(),
        Field::line("thread_id", "Topic").like("none").hinted("The number of a topic in a group that has topics."),
        server("https://api.telegram.org"),
    ]],
    format: Format::TelegramHtml,
    limits: Limits { title: 200, body: 3_500 },
    rate: (20, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use std::time::Duration;

    use serde_json::json;

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{base_url, part, server, text, word};
    use crate::alert::channel::{Carrier, Format, Outgoing, Told, Way};
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        word(r, "token");
        word(r, "chat_id");
        r.optional("thread_id", |text| text.parse::<u32>().map_err(|_| "A topic is a number."));
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        // Buttons would be refused, and the message with them, where Loopr has no public address.
        let links: Vec<String> =
            told.links().map(|(words, link)| format!("<a href=\"{}\">{words}</a>", Format::Html.escape(link))).collect();
        let body = if links.is_empty() { told.body.clone() } else { format!("{}\n\n{}", told.body, links.join(" · ")) };
        let mut document = json!({
            "chat_id": text(settings, "chat_id"),
            "text": format!("<b>{}</b>\n{body}", told.title),
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true},
        });
        if let Ok(thread) = text(settings, "thread_id").parse::<u32>() {
            document["message_thread_id"] = thread.into();
        }
        let (base, token) = (server(settings, "https://api.telegram.org"), part(text(settings, "token")));
        Outgoing::json(format!("{base}/bot{token}/sendMessage"), document)
    }

    fn judge(answer: &Answer) -> Option<Outcome> {
        let document = answer.json();
        if let Some(seconds) = document["parameters"]["retry_after"].as_u64() {
            return Some(answer.failed(Again::After(Duration::from_secs(seconds.min(86_400))), "Telegram takes no more for a while."));
        }
        if let Some(chat) = document["parameters"]["migrate_to_chat_id"].as_i64() {
            return Some(answer.failed(Again::Hardly, &format!("The group has become another one: save {chat} as its chat.")));
        }
        let way_out = match answer.status {
            401 | 404 => "Check the token of the bot.",
            400 => "Check the chat, and that somebody has written to the bot or added it.",
            403 => "The bot was removed or blocked; add it again.",
            _ => return None,
        };
        Some(answer.failed(Again::Hardly, way_out))
    }
}
