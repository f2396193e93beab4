//! Dead letters: runs of the space that were given up. They are sent again, one or many.

use domain::account::Role;
use domain::webhook::DeadRun;
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use super::fresh;
use super::marks::RunMark;
use crate::address::address;
use crate::api::webhooks::{RunCommand, dead_runs};
use crate::components::{Crumbs, Empty, Form, Instant, LoadOnce, PageHead, Submission, Symbol, Tone, toasts};
use crate::error::ApiError;
use crate::session::session;

/// Runs of one load; fewer are the last.
const LOADED: usize = 50;

type Rows = Resource<Result<Vec<DeadRun>, ApiError>>;

/// The page at `/webhooks/dead`.
#[component]
pub fn DeadRunsPage() -> impl IntoView {
    let query = use_query_map();
    let get = move |name: &'static str| Memo::new(move |_| query.with(|q| q.get(name)).unwrap_or_default());
    let (before, of) = (get("before"), get("webhook"));
    let command = Submission::told(RunCommand::PATH);
    let rows: Rows = Resource::new(move || (before.get(), of.get(), command.version().get()), |(before, of, _)| dead_runs(before, of));
    let show = move |first: Vec<DeadRun>| view! { <Dead first rows command of/> }.into_any();
    view! { <LoadOnce resource=rows skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

fn title(n: usize) -> String {
    match n {
        0 => "Nothing was given up".into(),
        n if n >= LOADED => format!("{LOADED} runs or more were given up"),
        n => format!("{} given up", words::count(n, "run was", "runs were")),
    }
}

#[component]
fn Dead(first: Vec<DeadRun>, rows: Rows, command: Submission, of: Memo<String>) -> impl IntoView {
    let shown = RwSignal::new(first);
    Effect::new(move |_| match rows.get() {
        Some(Ok(loaded)) => shown.maybe_update(|there| std::mem::replace(there, loaded) != *there),
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        None => {}
    });
    fresh::follow(rows);
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let title = Memo::new(move |_| title(shown.with(Vec::len)));
    let some = Memo::new(move |_| !shown.with(Vec::is_empty));
    let crumbs = view! { <Crumbs above=vec![("/webhooks".into(), "Webhooks".into())] here="Dead letters"/> }.into_any();
    let lead = view! { <p>"A run that failed to its last attempt stands here until it is sent again."</p> }.into_any();
    let older = move || {
        let last = shown.with(|all| all.last().filter(|_| all.len() >= LOADED).map(|run| run.row.id.nominal.as_millis().to_string()));
        last.map(|last| address("/webhooks/dead", &[("webhook", &of.get()), ("before", &last)]))
    };
    let only = move || {
        let id = of.get();
        let name = shown.with(|all| all.first().map_or_else(|| "one webhook".to_owned(), |run| run.name.clone()));
        (!id.is_empty()).then(|| {
            view! {
                <p class="chips">
                    "Of " <a class="link" href=format!("/webhooks/{id}")>{name}</a> ". "
                    <a class="link" href="/webhooks/dead">"Show those of all webhooks"</a>
                </p>
            }
        })
    };
    view! {
        <PageHead title crumbs lead/>
        {only}
        <section class="card" aria-label="Dead letters">
            <Show
                when=move || some.get()
                fallback=|| view! { <Empty symbol=Symbol::Check title="No dead letters" text="Every run was taken in the end, or is still being tried."/> }
            >
                <Form action=command key="dead">
                    {may_edit.then(|| view! { <Picking/> })}
                    <ul class="record-list">
                        <For each=move || shown.get() key=|run| run.row.id children=move |run| view! { <Row run may_edit/> }/>
                    </ul>
                </Form>
                {move || older().map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier ones"</a></div> })}
            </Show>
        </section>
    }
}

/// Picks all rows, and sends the picked ones again.
#[component]
fn Picking() -> impl IntoView {
    let on_change = |event: leptos::ev::Event| {
        let on = event_target_checked(&event);
        let Ok(boxes) = document().query_selector_all("input[name='ids[]']") else { return };
        for nth in 0..boxes.length() {
            let one = boxes.item(nth).and_then(|node| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlInputElement>(node).ok());
            if let Some(one) = one {
                one.set_checked(on);
            }
        }
    };
    view! {
        <div class="dead-tools">
            <label class="check needs-wasm"><input type="checkbox" autocomplete="off" on:change=on_change/><span>"All on this page"</span></label>
            <button class="button" data-kind="primary" data-size="small" type="submit" name="command" value="redeliver">"Send the picked ones again"</button>
        </div>
    }
}

#[component]
fn Row(run: DeadRun, may_edit: bool) -> impl IntoView {
    let DeadRun { schedule, name, row } = run;
    let id = row.id.to_string();
    let attempts = words::count(usize::try_from(row.attempts).unwrap_or(0), "attempt", "attempts");
    view! {
        <li>
            {may_edit.then(|| view! {
                <label class="pick-box">
                    <input type="checkbox" name="ids[]" value=id.clone() autocomplete="off" aria-label=format!("Pick the run of {name}")/>
                </label>
            })}
            <div class="record-text">
                <div class="record-name"><a href=format!("/webhooks/{schedule}")>{name}</a> <RunMark state=row.state/></div>
                <div class="record-note">
                    "Due " <a class="link" href=format!("/webhooks/runs/{id}")><Instant at=row.id.nominal/></a>
                    " · " {attempts} {row.status.map(|status| format!(" · status {status}"))}
                </div>
                {(!row.note.is_empty()).then(|| view! { <div class="record-note">{row.note}</div> })}
            </div>
        </li>
    }
}
