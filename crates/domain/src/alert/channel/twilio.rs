//! Twilio: a text message to one phone. https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource

use super::field::{server, token};
use super::{Facts, Format, Limits};
use crate::kind::Field;

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "twilio",
    label: "SMS (Twilio)",
    line: "A text message to one phone, by an account at Twilio.",
    fields: &[&[
        Field::line("account_sid", "Account SID").like("AC…").hinted("On the start page of the Twilio console.").required(),
        token("Auth token").required(),
        Field::line("sender", "From").like("+15017122661").hinted("A number of yours at Twilio, or a messaging service (MG…).").required(),
        Field::line("phone", "To").like("+37120000000").hinted("With the country code. One channel for each phone.").required(),
        server("https://api.twilio.com"),
    ]],
    format: Format::Plain,
    limits: Limits { title: 160, body: 300 },
    rate: (1, 1),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use crate::alert::channel::read::{base_url, basic, part, server, text, word};
    use crate::alert::channel::{Carrier, Outgoing, Told, Way};
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge: |_| None } };

    fn check(r: &mut Reader) {
        word(r, "account_sid");
        word(r, "token");
        word(r, "sender");
        if !r.text("phone").is_empty() {
            r.normal("phone", |text| {
                let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
                let digits = number.strip_prefix('+').unwrap_or_default();
                if (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    Ok(number)
                } else {
                    Err("A number begins with + and the country code: +37120000000.")
                }
            });
        }
        base_url(r);
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let mut words = if told.body.is_empty() { told.title.clone() } else { format!("{}\n{}", told.title, told.body) };
        if let Some(link) = &told.link {
            words.push_str(&format!("\n{link}"));
        }
        let (account, sender) = (text(settings, "account_sid"), text(settings, "sender"));
        let from = if sender.starts_with("MG") { "MessagingServiceSid" } else { "From" };
        let url = format!("{}/2010-04-01/Accounts/{}/Messages.json", server(settings, "https://api.twilio.com"), part(account));
        Outgoing::form(url, vec![("To", text(settings, "phone").to_owned()), (from, sender.to_owned()), ("Body", words)])
            .with("Authorization", basic(account, text(settings, "token")))
    }
}
