//! What a rule would have told in the last days: tried as its form is filled in.

use std::time::Duration;

use domain::AppError;
use domain::alert::view::{PastEvent, RulePast, RuleTried};
use domain::words;
use leptos::html;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::JsCast;

use crate::api::alerts::PreviewRule;
use crate::components::{Moment, Submission};
use crate::later::Later;

/// Fields that are tried on the last days as they are typed, and below them what the rule would have told.
#[component]
pub fn Tried(first: RuleTried, children: Children) -> impl IntoView {
    let action = Submission::new(PreviewRule::PATH);
    let around = NodeRef::<html::Div>::new();
    let ask = move || {
        let form = around.get_untracked().and_then(|div| div.closest("form").ok().flatten());
        if let Some(data) = form.and_then(|form| web_sys::FormData::new_with_form(form.unchecked_ref()).ok()) {
            action.send(&data);
        }
    };
    let later = Later::new(Duration::from_millis(400));
    let on_input = move |_| later.run(ask);
    let (answer, first) = (action.answer::<RuleTried>(), StoredValue::new(first));
    let shown = move || match answer.get().unwrap_or_else(|| first.get_value()) {
        RuleTried::Past(past) => view! { <Past past/> }.into_any(),
        RuleTried::Wrong(error) => view! { <NotYet error/> }.into_any(),
    };
    view! {
        <div class="form" node_ref=around on:input=on_input on:change=on_input>
            {children()}
            <section class="card" aria-live="polite">
                <div class="card-head"><h2>"What it would have told"</h2><p class="card-note">"In the last 7 days"</p></div>
                <div class="card-body">{shown}</div>
            </section>
        </div>
    }
}

/// Why it cannot be said.
#[component]
fn NotYet(error: AppError) -> impl IntoView {
    let lines: Vec<String> =
        if error.fields.is_empty() { vec![error.message] } else { error.fields.into_iter().map(|wrong| wrong.message).collect() };
    view! {
        <p class="muted">"This cannot be said yet:"</p>
        <ul class="plain-list">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
    }
}

fn number(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[component]
fn Past(past: RulePast) -> impl IntoView {
    let RulePast { notices, by_event, by_channel, too_short, held, newest, cut, .. } = past;
    let short = (too_short > 0)
        .then(|| format!("{} over before the delay was, and not told.", words::count(number(too_short), "outage was", "outages were")));
    if notices == 0 {
        let text = match short {
            Some(short) => format!("Nothing. {short}"),
            None => "Nothing. Either nothing of this kind happened, or no monitor is meant.".to_owned(),
        };
        return view! { <p class="muted">{text}</p> }.into_any();
    }
    let by = by_event.iter().map(|(event, n)| format!("{} × {}", words::grouped(u64::from(*n)), event.label())).collect::<Vec<_>>();
    let held = (held > 0).then(|| format!("{} for the end of the quiet hours.", words::count(number(held), "event waits", "events wait")));
    let most = if cut { "At least " } else { "" };
    let row = |event: PastEvent| {
        let said = match event.incident {
            Some(id) => view! { <a class="link" href=format!("/incidents/{id}")>{event.headline}</a> }.into_any(),
            None => event.headline.into_any(),
        };
        view! {
            <li>
                {said} " " <span class="muted"><Moment at=event.at/></span>
                {event.held_until.map(|until| view! { <span class="muted">", told " <Moment at=until/></span> })}
            </li>
        }
    };
    view! {
        <p><strong>{most}{words::count(number(notices), "event", "events")}</strong> ": " {by.join(", ")} "."</p>
        <ul class="plain-list">
            {by_channel.into_iter().map(|(name, n)| view! { <li><strong>{words::count(number(n), "message", "messages")}</strong> " to " {name}</li> }).collect_view()}
        </ul>
        {short.map(|text| view! { <p class="muted">{text}</p> })}
        {held.map(|text| view! { <p class="muted">{text}</p> })}
        <p class="muted">"The newest of them:"</p>
        <ul class="plain-list">{newest.into_iter().map(row).collect_view()}</ul>
    }
    .into_any()
}
