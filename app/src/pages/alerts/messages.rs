//! Messages: what was told, what waits, what failed and why.

use domain::account::Role;
use domain::alert::view::{MessageRow, MessageView, MessagesView};
use domain::alert::{MessageState, Purpose};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};
use server_fn::ServerFn;

use super::Tabs;
use super::tested::AttemptView;
use crate::address::address;
use crate::api::alerts::{RetryMessage, message, messages, told_channels};
use crate::components::{Crumbs, Empty, Form, Hidden, Instant, Load, PageHead, Submission, Submit, Symbol};
use crate::live::live;
use crate::pages::incidents::{MessageRows, NextTry};
use crate::pages::settings::{Records, Section};
use crate::session::session;

const FILTERS: [(&str, &str); 6] = [
    ("", "All"),
    ("failed", "Failed"),
    ("waiting", "Waiting"),
    ("delivered", "Delivered"),
    ("merged", "In another message"),
    ("cancelled", "Not needed"),
];

fn href(state: &str, to: &str, before: &str) -> String {
    address("/alerts/messages", &[("state", state), ("to", to), ("before", before)])
}

/// What is the case with the messages that are shown.
fn heading(messages: &[MessageRow], filtered: bool) -> String {
    let all = messages.len();
    // Reminders wait as they should.
    let later = |message: &&MessageRow| message.attempts == 0 && matches!(message.purpose, Purpose::Reminder | Purpose::Escalation);
    let of = |states: &[MessageState]| messages.iter().filter(|message| !later(message) && states.contains(&message.state)).count();
    let (failed, waiting) = (of(&[MessageState::Failed]), of(&[MessageState::Waiting, MessageState::Sending]));
    match (all, failed, waiting) {
        (0, ..) if filtered => "No message is like that".to_owned(),
        (0, ..) => "Nothing was told yet".to_owned(),
        (1, 1, _) => "The message shown failed".to_owned(),
        (_, failed, _) if failed > 0 => format!("{failed} of the {all} messages shown failed"),
        (1, _, 1) => "The message shown waits".to_owned(),
        (_, _, waiting) if waiting > 0 => format!("{waiting} of the {all} messages shown wait"),
        _ => "Nothing failed, nothing waits".to_owned(),
    }
}

/// The page at `/alerts/messages`.
#[component]
pub fn MessagesPage() -> impl IntoView {
    let query = use_query_map();
    let get = move |name: &'static str| Memo::new(move |_| query.with(|q| q.get(name)).unwrap_or_default());
    let (state, to, before) = (get("state"), get("to"), get("before"));
    let live = live();
    let list = Resource::new(
        move || (state.get(), to.get(), before.get(), live.news.get()),
        |(state, to, before, _)| async move { Ok((messages(state, to, before).await?, told_channels().await?)) },
    );
    let show = move |(page, channels): (MessagesView, Vec<(String, String)>)| {
        let lead = view! { <p>"Every message is kept with all of its tries. What failed can be sent again."</p> };
        let (of_state, of_channel) = (state.get_untracked(), to.get_untracked());
        let next = page.next.map(|id| href(&of_state, &of_channel, &id.to_string()));
        let empty = page.messages.is_empty();
        view! {
            <PageHead title=heading(&page.messages, !of_state.is_empty() || !of_channel.is_empty()) lead=lead.into_any()/>
            <Tabs/>
            <div class="toolbar">
                <nav class="segmented" aria-label="By state">
                    {FILTERS.map(|(name, word)| {
                        let href = move || to.with(|to| href(name, to, ""));
                        view! { <a href=href aria-current=move || (state.get() == name).then_some("true")>{word}</a> }
                    })}
                </nav>
                {(!channels.is_empty()).then(|| view! { <ByChannel channels state=of_state to=of_channel/> })}
            </div>
            <Records title="Messages">
                {if empty {
                    view! { <Empty symbol=Symbol::Bell title="No messages" text="What rules send stands here, with what became of it."/> }.into_any()
                } else {
                    view! { <MessageRows messages=page.messages/> }.into_any()
                }}
                {next.map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier messages"</a></div> })}
            </Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

/// Chooses a channel; a form, so that it works without scripts.
#[component]
fn ByChannel(channels: Vec<(String, String)>, state: String, to: String) -> impl IntoView {
    let navigate = use_navigate();
    let kept = state.clone();
    let on_change = move |event: leptos::ev::Event| {
        navigate(&href(&kept, &event_target_value(&event), ""), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    let option = move |(value, name): (String, String)| {
        let selected = value == to;
        view! { <option value=value selected=selected>{name}</option> }
    };
    view! {
        <form class="toolbar-end filter-form" action="/alerts/messages" method="get">
            <input type="hidden" name="state" value=state/>
            <select class="input" data-size="small" name="to" aria-label="Channel" on:change=on_change>
                <option value="">"Every channel"</option>
                {channels.into_iter().map(option).collect_view()}
            </select>
            <noscript><button class="button" data-size="small" type="submit">"Filter"</button></noscript>
        </form>
    }
}

/// The page at `/alerts/messages/{id}`.
#[component]
pub fn MessagePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    let retry = Submission::told(RetryMessage::PATH);
    let live = live();
    let loaded = Resource::new(move || (id.get(), live.news.get(), retry.version().get()), |(id, ..)| message(id));
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let show = move |view: MessageView| {
        let MessageView { row, tells, attempts } = view;
        let again = may_edit && !matches!(row.state, MessageState::Merged | MessageState::Sending);
        let waits = row.state == MessageState::Waiting;
        let label = if waits { "Send now" } else { "Send again" };
        let kind = if row.state == MessageState::Delivered { "secondary" } else { "primary" };
        let crumbs = view! { <Crumbs above=vec![("/alerts/messages".into(), "Messages".into())] here="Message"/> }.into_any();
        let lead = view! {
            <p>
                "To " {row.to.clone()} ". " {row.state.label()}
                {row.ended_at.map(|at| view! { " " <Instant at/> })}
                {waits.then(|| view! { <NextTry due=row.due_at attempts=row.attempts/> })} "."
                {row.incident.map(|id| view! { " " <a class="link" href=format!("/incidents/{id}")>"The incident"</a> })}
            </p>
        };
        let key = row.id.to_string();
        let note = match row.state {
            MessageState::Merged => view! {
                <p><a class="link" href=format!("/alerts/messages/{}", row.note)>"Another message tells this one, too."</a></p>
            }
            .into_any(),
            _ if row.note.is_empty() => ().into_any(),
            _ => view! { <p class="prose">{row.note.clone()}</p> }.into_any(),
        };
        view! {
            <PageHead title=row.headline.clone() crumbs lead=lead.into_any()>
                {again.then(|| view! {
                    <Form action=retry><Hidden name="id" value=key/><Submit label kind=kind/></Form>
                })}
            </PageHead>
            {note}
            {(!tells.is_empty()).then(|| view! {
                <Records title="What it tells">
                    <ul class="record-list">
                        {tells.into_iter().map(|(at, headline, detail)| view! {
                            <li><div class="record-text">
                                <div class="record-name">{headline}</div>
                                <div class="record-note"><Instant at/> {(!detail.is_empty()).then(|| format!(" · {detail}"))}</div>
                            </div></li>
                        }).collect_view()}
                    </ul>
                </Records>
            })}
            <Section title="Tries">
                {if attempts.is_empty() {
                    let none = if row.state.is_final() { "None was made, or none is kept." } else { "None yet." };
                    view! { <p class="muted">{none}</p> }.into_any()
                } else {
                    attempts.into_iter().rev().map(|attempt| {
                        let at = attempt.at;
                        view! { <div class="stack"><p class="muted"><Instant at/></p><AttemptView attempt/></div> }
                    }).collect_view().into_any()
                }}
            </Section>
        }
        .into_any()
    };
    view! { <div class="narrow stack"><Load resource=loaded skeleton=&["heading", "line", "row", "row"] view=show/></div> }
}
