//! That a channel does not take messages is news, too, and goes over the other ones. An endpoint of events that takes nothing for days, or says that
//! it is gone, switches itself off: whoever runs it has forgotten it, and what waits for it is of no use to anybody.

use std::time::Duration;

use domain::alert::{Attempt, Channel, ChannelHealth, ChannelKind, Event, Message, Notice, Subject};
use domain::{Timestamp, words};

/// An endpoint whose messages are all given up for so long switches itself off.
const OFF_AFTER: Duration = Duration::from_secs(5 * 86_400);
/// What says that it is gone (RFC 9110, section 15.5.11).
const GONE: u16 = 410;

/// How a channel fares after a message that was given up, and what is said of it, if that is new.
pub(super) fn after(channel: &Channel, before: &ChannelHealth, attempt: &Attempt, now: Timestamp) -> (ChannelHealth, Option<String>) {
    let since = before.failing_since.unwrap_or(now);
    let error = attempt.error().unwrap_or_default();
    let endpoint = channel.spec.kind == ChannelKind::Webhook;
    let why = match now.since(since) {
        _ if !endpoint => None,
        _ if attempt.status == Some(GONE) => Some("The receiver answered 410: it wants nothing more.".to_owned()),
        lasts if lasts >= OFF_AFTER => Some(format!("It took nothing for {}.", words::duration(lasts))),
        _ => None,
    };
    let said = match &why {
        Some(why) => Some(format!("It switched itself off. {why} {error}")),
        None if before.failing_since.is_some() => None,
        None if endpoint => Some(format!("{error} It switches itself off when it takes nothing for {}.", words::duration(OFF_AFTER))),
        None => Some(error.to_owned()),
    };
    (ChannelHealth { failing_since: Some(since), switched_off: why }, said)
}

/// The news of a channel.
pub(super) fn notice(message: &Message, channel: &Channel, space_name: &str, detail: String, now: Timestamp) -> Notice {
    Notice {
        event: Event::ChannelFailing,
        space: message.space,
        space_name: space_name.to_owned(),
        subject: Subject { target: channel.spec.kind.label().to_owned(), ..Subject::named("channel", channel.spec.name.clone()) },
        incident: None,
        at: message.planned_at,
        decided_at: now,
        cause: None,
        detail,
        lasted_ms: None,
        reminder: 0,
        step: 0,
        by: None,
    }
}
