//! The reference page of all channels, `docs/CHANNELS.md`, made from what each kind says of its fields and from the names that templates
//! know. Called by the command line and by the test that keeps the page current.

use std::fmt::Write as _;

use domain::alert::Event;
use domain::alert::channel::{ChannelKind, Format, event_document, event_type};
use domain::kind::reference::row;
use domain::words;

use super::render::{BODY, TITLE, VARIABLES, sample};

const HEAD: &str = include_str!("reference/head.md");

const TEMPLATES: &str = include_str!("reference/templates.md");

const SIGNATURES: &str = include_str!("reference/signatures.md");

/// The whole page, as Markdown.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for kind in ChannelKind::ALL {
        let (messages, span) = kind.rate();
        // Writing to a String cannot fail.
        let _ = write!(page, "\n## {}\n\n`{}`: {}\n\n{}\n", kind.label(), kind.name(), kind.line(), set_up(kind));
        let _ = write!(
            page,
            "\nAt most {} in {}; a title of {} and a body of {} characters. The text is {}.\n",
            words::count(usize::try_from(messages).unwrap_or(0), "message", "messages"),
            words::duration(span),
            kind.limits().title,
            kind.limits().body,
            written(kind.format()),
        );
        page.push_str("\n| field | type | |\n|---|---|---|\n");
        kind.fields().for_each(|field| page.push_str(&row(field)));
    }
    page.push_str("\n\\* required\n");
    page.push('\n');
    page.push_str(TEMPLATES);
    page.push_str("\n| name | stands for |\n|---|---|\n");
    for (name, about) in VARIABLES {
        let _ = writeln!(page, "| `{name}` | {} |", about.replace('|', "\\|"));
    }
    let _ = write!(page, "\nThe default title:\n\n```jinja\n{TITLE}\n```\n\nThe default body:\n\n```jinja\n{BODY}\n```\n");
    page.push('\n');
    page.push_str(SIGNATURES);
    page.push_str("| rule | type | when |\n|---|---|---|\n");
    for event in Event::ALL {
        let _ = writeln!(page, "| `{}` | `{}` | {} |", event.name(), event_type(event), event.line());
    }
    for event in Event::ALL {
        let example = sample(event).notices.first().map(event_document).unwrap_or_default();
        let _ = write!(page, "\n### {}\n\n```json\n{example:#}\n```\n", event_type(event));
    }
    page
}

fn written(format: Format) -> &'static str {
    match format {
        Format::Plain => "plain",
        Format::Markdown => "Markdown",
        Format::Zulip => "Zulip's Markdown",
        Format::Slack => "Slack's mrkdwn: `*bold*`, `_italic_`, `<https://example.com|words>`",
        Format::TelegramHtml => "HTML with the tags that Telegram knows: `<b>`, `<i>`, `<code>`, `<a>`",
        Format::Html => "HTML; line breaks become `<br>`",
    }
}

/// What to create at the provider, and what arrives.
fn set_up(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => {
            "The operator sets up one mail server for the whole instance with `LOOPR_SMTP_URL` and `LOOPR_MAIL_FROM`; channels have none of their own.\n\
             A mail has a plain and an HTML part, and buttons to open and acknowledge the incident. Mails about one incident are shown together."
        }
        ChannelKind::Webhook => "Any address that takes a POST of JSON: see “Verifying a webhook” below.",
        ChannelKind::Slack => {
            "Create an app at api.slack.com/apps, switch on *Incoming Webhooks* and add one to the channel. Or give the app the bot scope `chat:write`, install\n\
             it, invite it to the channel, and enter its token and the channel's id. A coloured message with buttons arrives."
        }
        ChannelKind::Discord => {
            "In the channel's settings, under *Integrations*, create a webhook. An embed with links arrives; nobody is ever mentioned."
        }
        ChannelKind::Teams => {
            "In the channel's menu choose *Workflows* and the template “Send webhook alerts to a channel”. An Adaptive Card with buttons arrives. Connectors of\n\
             Office 365 (`webhook.office.com`) are switched off by Microsoft."
        }
        ChannelKind::Telegram => {
            "Talk to @BotFather (`/newbot`), write to the new bot or add it to the group, and look up the chat's id at\n\
             `https://api.telegram.org/bot<token>/getUpdates`. When a group becomes a supergroup its id changes; the failed message names the new one."
        }
        ChannelKind::Mattermost => "Under *Integrations*, *Incoming Webhooks*, create one. A coloured attachment with links arrives.",
        ChannelKind::Matrix => {
            "Make an account for Loopr, invite it to the room and let it join; take its access token and the room's internal id. The room must not be\n\
             encrypted. A try that is repeated is the same message for the server, so nothing arrives twice."
        }
        ChannelKind::Ntfy => {
            "Choose a topic that nobody guesses, or reserve one, and follow it in the app. Urgent messages have the highest priority; they carry buttons."
        }
        ChannelKind::Gotify => "Create an application in Gotify. Urgent messages have the priority 8, recoveries 5.",
        ChannelKind::Pushover => {
            "Create an application at pushover.net/apps/build; the user key is on the start page. Urgent messages pass the quiet hours. An application has\n\
             10,000 messages a month."
        }
        ChannelKind::Pagerduty => {
            "Add the integration *Events API V2* to a service and copy its key. An event triggers, acknowledges and resolves the incident with Loopr's as its\n\
             `dedup_key`."
        }
        ChannelKind::Opsgenie => {
            "Add the integration *API* to a team and copy its key. Alerts are created, acknowledged and closed by alias. Atlassian ends Opsgenie in April 2027."
        }
        ChannelKind::Twilio => {
            "Take the account SID and the auth token from the console, and a number or a messaging service to send from. The text is short, with the link at its\n\
             end; each message costs."
        }
        ChannelKind::GoogleChat => {
            "In the space's menu, under *Apps & integrations*, add a webhook. A card with buttons arrives, in one thread for each incident."
        }
        ChannelKind::Zulip => {
            "Under *Personal settings*, *Bots*, add a bot and subscribe it to the channel. A message in the topic arrives."
        }
        ChannelKind::Push => {
            "No channel of a space: each person allows notifications in their own browser, whose push service then takes messages that only that browser can\n\
             read. On iPhones and iPads, Loopr has to be installed to the home screen first."
        }
    }
}
