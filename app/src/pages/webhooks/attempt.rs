//! One attempt: what was sent, what was answered, where the time went, and what it means.

use domain::State;
use domain::webhook::{Again, Attempt, Outcome};
use domain::words;
use leptos::prelude::*;

use crate::components::{Icon, SentView, StatePill, Symbol};
use crate::pages::monitor::HopView;

/// The outcome in a word, and its shape.
fn verdict(outcome: &Outcome, over: bool) -> (State, &'static str) {
    match outcome {
        Outcome::Begun if over => (State::Unknown, "Nobody knows"),
        Outcome::Begun => (State::Pending, "On its way"),
        Outcome::Succeeded => (State::Up, "Succeeded"),
        Outcome::Failed { .. } => (State::Down, "Failed"),
    }
}

/// What follows from a failure.
fn follows(again: &Again) -> String {
    match again {
        Again::Later => "Another attempt may help.".into(),
        Again::After(pause) => format!("The receiver asks for a pause of {}.", words::duration(*pause)),
        Again::No => "Another attempt would not help.".into(),
        Again::Gone => "The receiver wants nothing more of it.".into(),
    }
}

/// An attempt. `over`: nothing of it is on its way any more.
#[component]
pub fn AttemptView(attempt: Attempt, #[prop(into)] label: String, #[prop(optional)] over: bool) -> impl IntoView {
    let (state, word) = verdict(&attempt.outcome, over);
    let trace = attempt.trace;
    // The first hop says the same line.
    let told = trace.as_ref().and_then(|trace| trace.hops.first()).is_some_and(|hop| hop.url == attempt.sent.url);
    let took = trace.as_ref().map(|trace| format!(" in {}", words::latency(trace.observation.duration_us)));
    let status = trace.as_ref().and_then(|trace| trace.observation.status);
    let failed = match attempt.outcome {
        Outcome::Failed { error, again } => Some((error, follows(&again))),
        Outcome::Begun if over => Some((
            "Loopr ended between sending and recording: the receiver may have had this request.".to_owned(),
            "A retry carries the same idempotency key.".to_owned(),
        )),
        Outcome::Begun | Outcome::Succeeded => None,
    };
    view! {
        <section class="trace" aria-label=label>
            <div class="trace-head">
                <StatePill state>{word} {took}</StatePill>
                {status.map(|status| view! { <span>"Status " {status}</span> })}
            </div>
            {failed.map(|(error, follows)| view! {
                <div>
                    <p class="state-word" data-state=if state == State::Down { "down" } else { "degraded" }>{error}</p>
                    <p class="muted">{follows}</p>
                </div>
            })}
            <SentView sent=attempt.sent told/>
            {trace.map(|trace| {
                let cap = if trace.body_capped { ", reading stopped there" } else { "" };
                let size = format!("{} bytes{cap}", words::grouped(trace.body_bytes));
                view! {
                    {trace.hops.into_iter().map(|hop| view! { <HopView hop/> }).collect_view()}
                    {(!trace.excerpt.is_empty()).then(|| view! {
                        <details class="disclosure">
                            <summary><Icon symbol=Symbol::Chevron/>"Body of the answer: " {size}</summary>
                            <pre>{trace.excerpt}</pre>
                        </details>
                    })}
                }
            })}
        </section>
    }
}
