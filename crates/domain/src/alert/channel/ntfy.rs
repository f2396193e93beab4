//! ntfy: a topic, at ntfy.sh or on a server of one's own. https://docs.ntfy.sh/publish/#publish-as-json

use super::field::{server, token};
use super::{Facts, Format, Limits};
use crate::kind::Field;
use crate::kind::field::{PASSWORD, SIGN_IN, USERNAME};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "ntfy",
    label: "ntfy",
    line: "A push message to phones and desktops that follow a topic.",
    fields: &[&[
        Field::line("topic", "Topic").like("loopr-x7Gq2").hinted("Who knows it can read it: choose one that nobody guesses.").required(),
        token("Access token").like("tk_…").within(SIGN_IN).hinted("For topics that are reserved. Or a name and a password."),
        USERNAME,
        PASSWORD,
        server("https://ntfy.sh"),
    ]],
    format: Format::Plain,
    limits: Limits { title: 200, body: 1_300 },
    rate: (60, 300),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::{Value, json};

    use crate::alert::channel::read::{base_url, basic, line, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::event::Severity;
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        r.optional("topic", |text| {
            if text.len() <= 64 && text.chars().all(fits) {
                Ok(())
            } else {
                Err("Use at most 64 letters, digits, hyphens and underscores.")
            }
        });
        word(r, "token");
        line(r, "username");
        line(r, "password");
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let (priority, tag) = match told.severity {
            Severity::Critical => (5, "rotating_light"),
            Severity::Warning => (4, "warning"),
            Severity::Resolved => (3, "white_check_mark"),
            Severity::Info => (2, "information_source"),
        };
        let actions: Vec<Value> =
            told.links().map(|(words, link)| json!({"action": "view", "label": words, "url": link, "clear": true})).collect();
        let mut document = json!({
            "topic": text(settings, "topic"),
            "title": told.title,
            "message": told.body,
            "priority": priority,
            "tags": [tag],
            "actions": actions,
        });
        if let Some(link) = &told.link {
            document["click"] = link.as_str().into();
        }
        // Documents are taken at the root of the server only.
        let request = Outgoing::json(format!("{}/", server(settings, "https://ntfy.sh")), document);
        match (text(settings, "token"), text(settings, "username")) {
            ("", "") => request,
            ("", name) => request.with("Authorization", basic(name, text(settings, "password"))),
            (token, _) => request.with("Authorization", format!("Bearer {token}")),
        }
    }
}
