//! Beside the checks: the states of thirty days, the latest changes, the settings.

use domain::account::Role;
use domain::change::Change;
use domain::machine::Transition;
use domain::maintenance::{WindowState, WindowView};
use domain::uptime::Span;
use domain::view::{MonitorDetail, Related};
use domain::{State, Timestamp, words};
use leptos::prelude::*;

use crate::components::{Instant, Moment, Since, StateMark, Timeline};
use crate::environment::environment;
use crate::session::session;
use crate::zone;

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
    // With the end of each: the beginning of the one after it. The newest one goes on, like the heading says.
    let changes = Memo::new(move |_| {
        detail.with(|d| {
            let ends = std::iter::once(None).chain(d.changes.iter().map(|c| Some(c.transition.at)));
            d.changes.iter().cloned().zip(ends).collect::<Vec<(Change, Option<Timestamp>)>>()
        })
    });
    let one = |(change, end): (Change, Option<Timestamp>)| {
        let Transition { to, at, decided_at, .. } = change.transition;
        let confirmed = (decided_at > at && matches!(to, State::Down | State::Unreachable | State::Degraded)).then_some(decided_at);
        let cause = change.cause_words();
        view! {
            <li>
                <StateMark state=to/>
                <span>
                    {to.word()} " for "
                    {match end {
                        Some(end) => words::duration(end.since(at)).into_any(),
                        None => view! { <Since at/> }.into_any(),
                    }}
                    <small>
                        {cause}
                        {(cause.is_some() && confirmed.is_some()).then_some(", ")}
                        {confirmed.map(|at| view! { "confirmed " <Instant at/> })}
                    </small>
                </span>
                <Moment at/>
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

/// The maintenance windows that it is in, or will be in.
#[component]
pub fn Windows(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let windows = Memo::new(move |_| detail.with(|d| d.windows.clone()));
    let plan = move || detail.with(|d| format!("/maintenance/new?monitor={}", d.row.id));
    let one = |window: WindowView| {
        let when = (window.when != window.name).then(|| window.when.clone());
        let next = match window.state {
            WindowState::Open(one) => view! { "open, ends " <Moment at=one.to/> }.into_any(),
            WindowState::Next(one) => view! { "begins " <Moment at=one.from/> }.into_any(),
            WindowState::Past | WindowState::Off => ().into_any(),
        };
        view! {
            <li>
                <StateMark state=State::Maintenance/>
                <span>{window.name}<small>{when}</small></span>
                <span class="change-when">{next}</span>
            </li>
        }
    };
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Maintenance"</h2>
                {may_edit.then(|| view! { <a class="link card-note" href=plan>"Plan"</a> })}
            </div>
            <div class="card-body">
                {move || match windows.get() {
                    none if none.is_empty() => view! { <p class="muted">"None is planned."</p> }.into_any(),
                    some => view! { <ol class="change-list">{some.into_iter().map(one).collect_view()}</ol> }.into_any(),
                }}
            </div>
        </section>
    }
}

/// What it stands for, what it depends on, and what depends on it.
#[component]
pub fn Dependencies(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let parents = Memo::new(move |_| detail.with(|d| d.parents.clone()));
    let children = Memo::new(move |_| detail.with(|d| d.children.clone()));
    let members = Memo::new(move |_| detail.with(|d| d.members.clone()));
    let one = |other: Related| {
        view! {
            <li>
                <StateMark state=other.state label=true/>
                <a class="link" href=format!("/monitors/{}", other.id)>{other.name}</a>
            </li>
        }
    };
    let list = move |title: &'static str, others: Memo<Vec<Related>>| {
        move || {
            (!others.with(Vec::is_empty)).then(|| {
                view! {
                    <section class="card">
                        <div class="card-head"><h2>{title}</h2></div>
                        <div class="card-body"><ul class="change-list">{others.get().into_iter().map(one).collect_view()}</ul></div>
                    </section>
                }
            })
        }
    };
    view! {
        {list("Members", members)}
        {list("Depends on", parents)}
        {list("What depends on it", children)}
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
