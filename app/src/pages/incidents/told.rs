//! Messages in a list: what was told to whom, and what became of it.

use domain::alert::MessageState;
use domain::alert::view::MessageRow;
use domain::words;
use leptos::prelude::*;

use crate::components::{Countdown, Moment};
use crate::environment::environment;

/// How a message stands, as the name of a state for its colour.
fn tone(state: MessageState) -> &'static str {
    match state {
        MessageState::Delivered => "up",
        MessageState::Failed => "down",
        MessageState::Waiting | MessageState::Sending => "degraded",
        MessageState::Cancelled | MessageState::Merged => "unknown",
    }
}

/// When a message that waits is tried next. A channel that failed again and again rests beyond that.
#[component]
pub fn NextTry(due: domain::Timestamp, attempts: u32) -> impl IntoView {
    let now = environment().now;
    let over = Memo::new(move |_| due <= now.get());
    view! {
        {move || if over.get() {
            view! { ", sent when the channel is tried again" }.into_any()
        } else {
            view! { {if attempts == 0 { ", sent in " } else { ", next try in " }} <Countdown to=Some(due)/> }.into_any()
        }}
    }
}

/// Messages, each with a link to its tries.
#[component]
pub fn MessageRows(messages: Vec<MessageRow>) -> impl IntoView {
    let row = |message: MessageRow| {
        let (state, due) = (message.state, message.due_at);
        let note = match state {
            // The note of a merged message is the id of the one that tells it.
            MessageState::Merged => String::new(),
            _ => message.note.clone(),
        };
        let merged = (state == MessageState::Merged).then(|| format!("/alerts/messages/{}", message.note));
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        <a href=format!("/alerts/messages/{}", message.id)>{message.headline}</a>
                        <span class="pill" data-state=tone(state)>{state.label()}</span>
                    </div>
                    <div class="record-note">
                        "to " {message.to} " · " <Moment at=message.planned_at/>
                        {(message.tells > 1).then(|| format!(" · tells {} things", message.tells))}
                        {(message.attempts > 1).then(|| {
                            let tries = words::count(usize::try_from(message.attempts).unwrap_or(0), "try", "tries");
                            format!(" · {tries}")
                        })}
                        {(state == MessageState::Waiting).then(|| view! { <NextTry due attempts=message.attempts/> })}
                        {merged.map(|href| view! { " · " <a class="link" href=href>"told in this one"</a> })}
                    </div>
                    {(!note.is_empty()).then(|| view! { <div class="record-note">{note}</div> })}
                </div>
            </li>
        }
    };
    view! { <ul class="record-list" data-rows="true">{messages.into_iter().map(row).collect_view()}</ul> }
}
