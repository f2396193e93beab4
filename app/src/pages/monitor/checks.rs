//! The latest checks. A new one is put on top as it comes; older ones are loaded on demand.

use domain::State;
use domain::check::{Failure, Phases};
use domain::live::{LastCheck, MonitorLive};
use domain::view::{CheckView, MonitorDetail};
use domain::words;
use leptos::prelude::*;

use super::phases::PhaseBreakdown;
use crate::api::history::checks;
use crate::components::{Icon, StateMark, Symbol, Tone, toasts};
use crate::environment::environment;
use crate::zone;

/// Checks that are kept on the page.
const SHOWN_MAX: usize = 500;

/// A live check has no phases yet; the next load of the page brings them.
fn from_live(last: &LastCheck) -> CheckView {
    CheckView {
        at: last.at,
        duration_us: last.duration_us,
        phases: Phases::default(),
        status: last.status,
        failure: last.reason.map(|reason| Failure { reason, message: last.error.clone().unwrap_or_default() }),
    }
}

/// The list of checks.
#[component]
pub fn Checks(detail: RwSignal<MonitorDetail>, now: RwSignal<MonitorLive>) -> impl IntoView {
    let id = detail.with_untracked(|d| d.row.id);
    let shown = RwSignal::new(detail.with_untracked(|d| d.checks.clone()));
    let last = Memo::new(move |_| now.with(|n| n.last.clone()));
    Effect::new(move |_| {
        let Some(last) = last.get() else { return };
        shown.maybe_update(|all| {
            let newer = all.first().is_none_or(|first| first.at < last.at);
            if newer {
                all.insert(0, from_live(&last));
                all.truncate(SHOWN_MAX);
            }
            newer
        });
    });
    let older = Action::new(move |before: &domain::Timestamp| {
        let before = *before;
        async move { checks(id.to_string(), before).await }
    });
    let ended = RwSignal::new(shown.with_untracked(|all| all.len() < 50));
    Effect::new(move |_| match older.value().get() {
        Some(Ok(more)) => {
            ended.set(more.len() < 50);
            shown.update(|all| all.extend(more));
        }
        Some(Err(error)) => toasts().say(Tone::Bad, error.to_string()),
        None => {}
    });
    let load_older = move |_| {
        if let Some(at) = shown.with_untracked(|all| all.last().map(|c| c.at)) {
            older.dispatch(at);
        }
    };
    view! {
        <section class="card" aria-labelledby="checks-title">
            <div class="card-head"><h2 id="checks-title">"Recent checks"</h2></div>
            <div class="card-body">
                <Show when=move || !shown.with(Vec::is_empty) fallback=|| view! { <p class="muted">"The first check is on its way."</p> }>
                    <table class="checks">
                        <thead class="visually-hidden">
                            <tr><th>"Outcome"</th><th>"At"</th><th>"Status"</th><th>"Time"</th><th>"What happened"</th></tr>
                        </thead>
                        <tbody>
                            <For each=move || shown.get() key=|c| c.at children=|check| view! { <CheckRow check/> }/>
                        </tbody>
                    </table>
                </Show>
                <Show when=move || !ended.get()>
                    <button type="button" class="button needs-wasm" data-size="small" aria-busy=move || older.pending().get().then_some("true") on:click=load_older>
                        "Show older checks"
                    </button>
                </Show>
            </div>
        </section>
    }
}

#[component]
fn CheckRow(check: CheckView) -> impl IntoView {
    let env = environment();
    let state = if check.failure.is_some() { State::Down } else { State::Up };
    let at = check.at;
    let status = check.status.map_or_else(|| "—".to_owned(), |s| s.to_string());
    let note = check.failure.as_ref().map(|f| f.message.clone()).unwrap_or_default();
    let has_phases = check.phases != Phases::default();
    let open = RwSignal::new(false);
    let same_day = move || env.now.with(|now| now.since(at).as_secs() < 86_400);
    let when =
        move || env.zone.with(|z| if same_day() { zone::clock(at, z) } else { format!("{} {}", zone::day(at, z), zone::clock(at, z)) });
    let more = (has_phases || !note.is_empty()).then(|| {
        view! {
            <button
                type="button"
                class="icon-button needs-wasm"
                aria-label="Details of this check"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|o| *o = !*o)
            >
                <Icon symbol=Symbol::Chevron/>
            </button>
        }
    });
    let phases = check.phases;
    let detail_note = note.clone();
    view! {
        <tr>
            <td class="check-mark"><StateMark state label=true/></td>
            <td class="check-at">
                <time datetime=at.to_rfc3339() title=move || env.zone.with(|z| zone::exact(at, z))>{when}</time>
            </td>
            <td class="num">{status}</td>
            <td class="num">{words::latency(check.duration_us)}</td>
            <td class="check-note" title=note.clone()>{note.clone()}</td>
            <td class="check-more">{more}</td>
        </tr>
        <Show when=move || open.get()>
            <tr class="check-detail">
                <td colspan="6">
                    <div class="stack">
                        <p>{detail_note.clone()}</p>
                        {has_phases.then(|| view! { <PhaseBreakdown phases/> })}
                    </div>
                </td>
            </tr>
        </Show>
    }
}
