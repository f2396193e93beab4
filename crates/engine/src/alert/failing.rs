//! That a channel does not take messages is news, too, and goes over the other ones.

use domain::Timestamp;
use domain::alert::{Channel, Event, Message, Notice, Subject};

/// What is said of a channel that gave up on a message.
pub(super) fn notice(message: &Message, channel: &Channel, space_name: &str, error: &str, now: Timestamp) -> Notice {
    Notice {
        event: Event::ChannelFailing,
        space: message.space,
        space_name: space_name.to_owned(),
        subject: Subject {
            monitor: None,
            name: channel.spec.name.clone(),
            kind: "channel".into(),
            target: channel.spec.kind.label().to_owned(),
            tags: Vec::new(),
        },
        incident: None,
        at: message.planned_at,
        decided_at: now,
        cause: None,
        detail: error.to_owned(),
        lasted_ms: None,
        reminder: 0,
        step: 0,
    }
}
