//! Pushover: an application and the key of a person or group. https://pushover.net/api

use super::field::{server, token};
use super::{Facts, Format, Limits};
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "pushover",
    label: "Pushover",
    line: "A push message to the phones of a person or group.",
    fields: &[&[
        token("Application token").hinted("pushover.net/apps/build.").required(),
        Field::line("user_key", "User or group key").typed(Input::Secret).hinted("On the start page of pushover.net.").required(),
        Field::line("device", "Device").like("all of them"),
        server("https://api.pushover.net"),
    ]],
    format: Format::Plain,
    limits: Limits { title: 250, body: 1_000 },
    rate: (60, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use serde_json::json;

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{base_url, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::alert::event::Severity;
    use crate::alert::{Again, Outcome};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        for name in ["token", "user_key", "device"] {
            word(r, name);
        }
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let priority = match told.severity {
            // Past the quiet hours of the phone.
            Severity::Critical => 1,
            Severity::Warning | Severity::Resolved => 0,
            Severity::Info => -1,
        };
        let mut document = json!({
            "token": text(settings, "token"),
            "user": text(settings, "user_key"),
            "title": told.title,
            "message": told.body,
            "priority": priority,
            "timestamp": told.now.as_millis() / 1_000,
        });
        // It takes one link of at most 512 characters.
        if let Some((words, link)) = told.links().last().filter(|(_, link)| link.len() <= 512) {
            document["url"] = link.into();
            document["url_title"] = words.into();
        }
        let device = text(settings, "device");
        if !device.is_empty() {
            document["device"] = device.into();
        }
        Outgoing::json(format!("{}/1/messages.json", server(settings, "https://api.pushover.net")), document)
    }

    /// 429 means that the application's messages of this month are used up: no pause of a day helps.
    fn judge(answer: &Answer) -> Option<Outcome> {
        match answer.status {
            429 => Some(answer.failed(Again::Hardly, "The messages of this month are used up; see the application’s page at Pushover.")),
            400..=499 => Some(answer.failed(Again::Hardly, "Check the application token and the user key.")),
            _ => None,
        }
    }
}
