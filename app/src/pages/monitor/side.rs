//! Beside the checks: the states of thirty days, the latest changes, the settings.

use domain::State;
use domain::uptime::Span;
use domain::view::MonitorDetail;
use domain::words;
use leptos::prelude::*;

use crate::components::{Moment, StateMark, Timeline};
use crate::environment::environment;
use crate::zone;

/// Changes that are listed.
const CHANGES: usize = 8;

/// The strip of thirty days.
#[component]
pub fn States(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let env = environment();
    let spans = Memo::new(move |_| detail.with(|d| d.spans.clone()));
    let from = move || spans.with(|s| s.first().map(|s| s.from)).map(|at| env.zone.with(|z| zone::day(at, z)));
    view! {
        <section class="card">
            <div class="card-head"><h2>"State"</h2><span class="card-note">"30 days"</span></div>
            <div class="card-body">
                {move || view! { <Timeline spans=spans.get() label=summary(&spans.get())/> }}
                <div class="timeline-axis"><span>{from}</span><span>"now"</span></div>
            </div>
        </section>
    }
}

fn summary(spans: &[Span]) -> String {
    let down = spans.iter().filter(|s| s.state == State::Down).count();
    format!("States of the last 30 days: down {}", words::count(down, "time", "times"))
}

/// The latest changes of state, newest first.
#[component]
pub fn Changes(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let changes = Memo::new(move |_| detail.with(|d| d.spans.iter().rev().take(CHANGES).copied().collect::<Vec<Span>>()));
    let one = |span: Span| {
        view! {
            <li>
                <StateMark state=span.state/>
                <span>{span.state.word()} " for " {words::duration(span.to.since(span.from))}</span>
                <Moment at=span.from/>
            </li>
        }
    };
    view! {
        <section class="card">
            <div class="card-head"><h2>"Changes"</h2></div>
            <div class="card-body">
                <ol class="change-list">{move || changes.get().into_iter().map(one).collect_view()}</ol>
            </div>
        </section>
    }
}

/// What is checked and how, with the note.
#[component]
pub fn Settings(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let facts = move || detail.with(|d| d.facts.clone());
    let note = move || detail.with(|d| (!d.note.is_empty()).then(|| d.note.clone()));
    let tags = move || detail.with(|d| d.row.tags.clone());
    let created = Signal::derive(move || detail.with(|d| d.created_at));
    view! {
        <section class="card">
            <div class="card-head"><h2>"Settings"</h2></div>
            <div class="card-body">
                <dl class="facts">
                    {move || facts().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                    <dt>"Added"</dt>
                    <dd><Moment at=created/></dd>
                </dl>
                {move || (!tags().is_empty()).then(|| view! { <p class="chips">{tags().into_iter().map(|t| view! { <span class="chip">{t}</span> }).collect_view()}</p> })}
                {move || note().map(|text| view! { <p class="prose">{text}</p> })}
            </div>
        </section>
    }
}
