//! Runs that are to come, on the wall of the schedule and on the reader's side by side, with what the clock does to them.

use domain::webhook::{NextRun, ShiftNote};
use leptos::prelude::*;

use crate::components::{Icon, Symbol};
use crate::environment::environment;
use crate::zone;

/// The table. Where both walls are the same, one column is enough.
#[component]
pub fn NextRuns(runs: Vec<NextRun>, #[prop(into)] zone: String) -> impl IntoView {
    let env = environment();
    let theirs = StoredValue::new(zone);
    let elsewhere = Memo::new(move |_| theirs.with_value(|wall| env.zone.with(|mine| mine != wall)));
    let precise = zone::is_precise(runs.iter().map(|run| run.at));
    let row = move |run: NextRun| {
        let there = move || theirs.with_value(|wall| zone::slot(run.at, env.now.get(), wall, precise));
        let here = move || env.zone.with(|wall| zone::slot(run.at, env.now.get(), wall, precise));
        let title = move || env.zone.with(|wall| zone::exact(run.at, wall));
        let left = move || zone::span(run.at.since(env.now.get()));
        view! {
            <tr data-shift=run.note.map(|_| "true")>
                <th scope="row"><time datetime=run.at.to_rfc3339() title=title>{there}</time></th>
                <Show when=move || elsewhere.get()><td>{here}</td></Show>
                <td class="left">"in " {left}</td>
            </tr>
            {run.note.map(|note| view! { <tr class="shift-note"><td colspan="3"><Shift note/></td></tr> })}
        }
    };
    view! {
        <table class="next-runs">
            <thead>
                <tr>
                    <th scope="col">{theirs.get_value()}</th>
                    <Show when=move || elsewhere.get()><th scope="col">"For you, " {move || env.zone.get()}</th></Show>
                    <th scope="col" class="left"><span class="visually-hidden">"Time left"</span></th>
                </tr>
            </thead>
            <tbody>{runs.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Shift(note: ShiftNote) -> impl IntoView {
    view! { <p class="shift"><Icon symbol=Symbol::Alert/><span>{note.words()}</span></p> }
}
