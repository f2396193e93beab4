//! Below the heading: why it does not run or keeps failing, and what it calls when.

use domain::webhook::{Pause, ScheduleDetail, Standing};
use leptos::prelude::*;

use crate::components::Moment;

/// The sentences.
#[component]
pub fn Lead(detail: RwSignal<ScheduleDetail>) -> impl IntoView {
    let trouble = Memo::new(move |_| {
        detail.with(|d| {
            let failing = matches!(d.row.standing, Standing::Failing | Standing::Retrying);
            d.row.last.as_ref().filter(|last| failing && !last.note.is_empty()).map(|last| last.note.clone())
        })
    });
    let pause = Memo::new(move |_| detail.with(|d| d.pause.clone()));
    let disabling = Memo::new(move |_| detail.with(|d| (d.disabling.clone(), d.streak > 0)));
    let target = move || detail.with(|d| d.row.target.clone());
    let when = move || detail.with(|d| format!("{}, {}", d.row.when, d.row.zone));
    view! {
        {move || trouble.get().map(|text| view! { <p class="state-word" data-state="down">{text}</p> })}
        {move || pause.get().map(|pause| view! { <Stopped pause/> })}
        {move || {
            let (text, failing) = disabling.get();
            // While all is well, that is only a rule among others.
            (!text.is_empty() && failing).then(|| view! { <p class="state-word" data-state="degraded">{text}</p> })
        }}
        <p><span class="mono">{target}</span> " · " {when}</p>
    }
}

/// Who stopped it, why, and until when.
#[component]
fn Stopped(pause: Pause) -> impl IntoView {
    let Pause { at, by, note, until } = pause;
    let who = if by.is_empty() { "It switched itself off ".to_owned() } else { format!("Paused by {by} ") };
    view! {
        <p>
            {who} <Moment at/>
            {(!note.is_empty()).then(|| format!(": {note}"))}
            {(!note.ends_with('.')).then_some(".")}
            {until.map(|at| view! { " It goes on " <Moment at/> "." })}
        </p>
    }
}
