//! The log of runs: those of a state, page by page, the newest first. New ones come in at the top; each unfolds into its attempts.

use std::collections::HashSet;

use domain::Timestamp;
use domain::webhook::{OccurrenceId, RunRow, RunView};
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::webhooks::{webhook_run, webhook_runs};
use crate::components::{Icon, Instant, LoadOnce, Symbol, Tone, toasts};
use crate::error::ApiError;
use crate::pages::webhooks::fresh;
use crate::pages::webhooks::marks::{OriginChip, RunMark};
use crate::pages::webhooks::run::Attempts;

/// The states of the address, and their words.
const FILTERS: [(&str, &str); 5] =
    [("", "All"), ("failed", "Failed"), ("succeeded", "Succeeded"), ("open", "Under way"), ("not_run", "Did not run")];
/// Runs of one load; fewer are the last.
const LOADED: usize = 50;

type Rows = Resource<Result<Vec<RunRow>, ApiError>>;

/// The card.
#[component]
pub fn RunLog(id: String, may_edit: bool) -> impl IntoView {
    let query = use_query_map();
    let get = move |name: &'static str| Memo::new(move |_| query.with(|q| q.get(name)).unwrap_or_default());
    let (state, before) = (get("state"), get("before"));
    let here = StoredValue::new(format!("/webhooks/{id}"));
    let dead = format!("/webhooks/dead?webhook={id}");
    let rows: Rows = Resource::new(move || (state.get(), before.get()), move |(state, before)| webhook_runs(id.clone(), state, before));
    fresh::follow(rows);
    let show = move |first: Vec<RunRow>| view! { <Table first rows state here/> }.into_any();
    let link = move |(name, word): (&'static str, &'static str)| {
        let href = here.with_value(|here| if name.is_empty() { here.clone() } else { format!("{here}?state={name}") });
        view! { <a href=href aria-current=move || (state.get() == name).then_some("true")>{word}</a> }
    };
    view! {
        <section class="card" aria-labelledby="runs-title" id="runs">
            <div class="card-head">
                <h2 id="runs-title">"Runs"</h2>
                <nav class="segmented" aria-label="Runs by state">{FILTERS.map(link).collect_view()}</nav>
            </div>
            <div class="card-body">
                <LoadOnce resource=rows skeleton=&["row", "row", "row"] view=show/>
                {may_edit.then(|| view! { <p class="muted">"What was given up is in the " <a class="link" href=dead>"dead letters"</a> "."</p> })}
            </div>
        </section>
    }
}

#[component]
fn Table(first: Vec<RunRow>, rows: Rows, state: Memo<String>, here: StoredValue<String>) -> impl IntoView {
    let shown = RwSignal::new(first);
    Effect::new(move |_| match rows.get() {
        Some(Ok(loaded)) => shown.maybe_update(|there| std::mem::replace(there, loaded) != *there),
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        None => {}
    });
    // Rows are made anew when a run goes on: what is unfolded stays so.
    let unfolded = RwSignal::new(HashSet::new());
    let some = Memo::new(move |_| !shown.with(Vec::is_empty));
    let none = move || if state.with(String::is_empty) { "Nothing has run yet." } else { "No run is in this state." };
    let older = move || {
        let last = shown.with(|all| all.last().filter(|_| all.len() >= LOADED).map(|row| row.id.nominal.as_millis()))?;
        Some(here.with_value(|here| state.with(|state| format!("{here}?state={state}&before={last}#runs"))))
    };
    view! {
        <Show when=move || some.get() fallback=move || view! { <p class="muted">{none}</p> }>
            <table class="checks run-log">
                <thead class="visually-hidden">
                    <tr><th>"State"</th><th>"Due"</th><th>"Status"</th><th>"Took"</th><th>"What happened"</th><th>"Attempts"</th></tr>
                </thead>
                <tbody>
                    <For
                        each=move || shown.get()
                        key=|row| (row.id, row.state, row.attempts, row.status, row.ended_at, row.count)
                        children=move |row| view! { <Row row unfolded/> }
                    />
                </tbody>
            </table>
            {move || older().map(|href| view! { <a class="link" href=href>"Earlier runs"</a> })}
        </Show>
    }
}

/// What a run says beside its figures.
fn note(row: &RunRow) -> String {
    let many = (row.count > 1).then(|| format!("{} times", words::grouped(u64::from(row.count))));
    let tries = (row.attempts > 1).then(|| format!("attempt {}", row.attempts));
    let said = (!row.note.is_empty()).then(|| row.note.clone());
    [many, tries, said].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[component]
fn Row(row: RunRow, unfolded: RwSignal<HashSet<OccurrenceId>>) -> impl IntoView {
    let (said, id) = (note(&row), row.id);
    let open = Memo::new(move |_| unfolded.with(|ids| ids.contains(&id)));
    let toggle = move |_| {
        unfolded.update(|ids| {
            if !ids.remove(&id) {
                ids.insert(id);
            }
        });
    };
    let at: Timestamp = row.id.nominal;
    let status = row.status.map_or_else(|| "—".to_owned(), |status| status.to_string());
    let took = if row.attempts == 0 { "—".to_owned() } else { words::duration_ms(u64::from(row.duration_ms)) };
    view! {
        <tr>
            <td><RunMark state=row.state/></td>
            <td class="check-at"><a class="link" href=format!("/webhooks/runs/{}", row.id)><Instant at/></a></td>
            <td class="num">{status}</td>
            <td class="num">{took}</td>
            <td class="check-note" title=said.clone()>
                <OriginChip origin=row.origin/> " "
                {row.uncertain.then(|| view! { <span class="chip" data-tone="degraded">"perhaps twice"</span> })} " "
                {said.clone()}
            </td>
            <td class="check-more">
                {(row.attempts > 0).then(|| view! {
                    <button
                        type="button"
                        class="icon-button needs-wasm"
                        aria-label="Attempts of this run"
                        aria-expanded=move || open.get().to_string()
                        on:click=toggle
                    >
                        <Icon symbol=Symbol::Chevron/>
                    </button>
                })}
            </td>
        </tr>
        <Show when=move || open.get()>
            <tr class="check-detail"><td colspan="6"><Unfolded id/></td></tr>
        </Show>
    }
}

/// The attempts of a run, read when they are wanted.
#[component]
fn Unfolded(id: OccurrenceId) -> impl IntoView {
    let loaded = Resource::new(|| (), move |()| webhook_run(id.to_string()));
    fresh::follow(loaded);
    let show = move |first: RunView| {
        let run = RwSignal::new(first);
        Effect::new(move |_| {
            if let Some(Ok(now)) = loaded.get() {
                run.maybe_update(|there| std::mem::replace(there, now) != *there);
            }
        });
        view! { <Attempts run/> }.into_any()
    };
    view! { <div class="stack"><LoadOnce resource=loaded skeleton=&["line", "row"] view=show/></div> }
}
