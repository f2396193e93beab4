//! The mail of an alert. Called by the sender.

use askama::Template;
use domain::alert::channel::{Format, Told};
use domain::alert::{Content, Notice};
use domain::words;

use super::render::{Text, began};
use crate::mail::MailText;
use crate::mail::text::Button;

/// What the templates read.
struct AlertMail<'a> {
    title: &'a str,
    severity: &'static str,
    /// What a person's own template wrote, already inert.
    body: Option<&'a str>,
    plain_body: &'a str,
    told: Vec<One>,
    more: u32,
    note: Option<&'a str>,
    buttons: Vec<Button<'a>>,
    space: String,
}

/// One event.
struct One {
    headline: String,
    detail: String,
    facts: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "mail/alert.txt", escape = "none")]
struct Plain<'a> {
    mail: &'a AlertMail<'a>,
}

#[derive(Template)]
#[template(path = "mail/alert.html")]
struct Html<'a> {
    mail: &'a AlertMail<'a>,
}

/// Puts an alert into a mail; `is_own` when a person wrote the template of the body.
pub(super) fn text(told: &Told, text: &Text, is_own: bool, zone: &str) -> MailText {
    let mail = AlertMail {
        title: &told.plain_title,
        severity: told.severity.name(),
        body: (is_own && text.note.is_none()).then_some(told.body.as_str()),
        plain_body: &told.plain_body,
        told: told.content.told().into_iter().map(|notice| one(notice, zone)).collect(),
        more: told.content.more,
        note: text.note.as_deref(),
        buttons: told.links().map(|(label, url)| Button { label, url }).collect(),
        space: space(told.content),
    };
    // Writing these templates cannot fail: they only read what is here.
    let (plain, html) = (Plain { mail: &mail }.render().unwrap_or_default(), Html { mail: &mail }.render().unwrap_or_default());
    MailText { subject: told.plain_title.clone(), text: plain, html }
}

/// What people call the space.
pub(super) fn space(content: &Content) -> String {
    content.last().map_or_else(|| "you".to_owned(), |notice| Format::Plain.escape(&notice.space_name))
}

fn one(notice: &Notice, zone: &str) -> One {
    let subject = &notice.subject;
    let facts = [
        ("What", subject.target.clone()),
        ("When", began(notice, zone)),
        ("Lasted", notice.lasted_ms.map(words::duration_ms).unwrap_or_default()),
        ("Tags", subject.tags.join(", ")),
    ];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    One { headline: notice.headline(), detail: notice.said(), facts }
}
