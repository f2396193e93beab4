//! One run: when it was due, what came of it, and every attempt in full.

use domain::account::Role;
use domain::webhook::{Outcome, RunState, RunView};
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::attempt::AttemptView;
use super::fresh;
use super::marks::{OriginChip, run_shape};
use crate::api::webhooks::{RunCommand, webhook_run};
use crate::components::{Banner, Crumbs, Form, Instant, LoadOnce, Moment, PageHead, StatePill, Submission, Tone};
use crate::environment::environment;
use crate::error::ApiError;
use crate::pages::settings::Section;
use crate::session::session;
use crate::zone;

type Loaded = Resource<Result<RunView, ApiError>>;

/// The page at `/webhooks/runs/{occ}`.
#[component]
pub fn RunPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    move || view! { <One id=id.get()/> }
}

#[component]
fn One(id: String) -> impl IntoView {
    let command = Submission::told(RunCommand::PATH);
    let loaded: Loaded = Resource::new(move || command.version().get(), move |_| webhook_run(id.clone()));
    let show = move |first: RunView| view! { <Run first loaded command/> }.into_any();
    view! { <div class="narrow stack"><LoadOnce resource=loaded skeleton=&["heading", "line", "row", "row"] view=show/></div> }
}

#[component]
fn Run(first: RunView, loaded: Loaded, command: Submission) -> impl IntoView {
    let env = environment();
    let run = RwSignal::new(first);
    Effect::new(move |_| {
        if let Some(Ok(now)) = loaded.get() {
            run.maybe_update(|there| std::mem::replace(there, now) != *there);
        }
    });
    fresh::follow(loaded);
    let (id, name, schedule) = run.with_untracked(|r| (r.row.id, r.name.clone(), r.schedule));
    let state = Memo::new(move |_| run.with(|r| r.row.state));
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let above = vec![("/webhooks".to_owned(), "Webhooks".to_owned()), (format!("/webhooks/{schedule}"), name.clone())];
    let crumbs = view! { <Crumbs above here="Run"/> }.into_any();
    let mark = view! {
        <StatePill state=Signal::derive(move || run_shape(state.get()))>{move || state.get().label()}</StatePill>
        {run.with_untracked(|r| view! { <OriginChip origin=r.row.origin/> })}
    }
    .into_any();
    let precise = zone::is_precise([id.nominal]);
    let title = Signal::derive(move || format!("{name}, {}", env.zone.with(|wall| zone::slot(id.nominal, env.now.get(), wall, precise))));
    let note = Memo::new(move |_| run.with(|r| r.row.note.clone()));
    let uncertain = Memo::new(move |_| run.with(|r| r.row.uncertain));
    let lead = view! { {move || Some(note.get()).filter(|note| !note.is_empty()).map(|note| view! { <p class="state-word" data-state=run_shape(state.get()).name()>{note}</p> })} }.into_any();
    let over = move || state.get().is_final();
    view! {
        <PageHead title crumbs mark lead>
            {may_edit.then(|| view! {
                <Form action=command key="run" class="form-actions">
                    <input type="hidden" name="ids[]" value=id.to_string()/>
                    <Show when=move || state.get() == RunState::Retrying>
                        <button class="button" type="submit" name="command" value="redeliver">"Try now"</button>
                    </Show>
                    <button
                        class="button"
                        type="submit"
                        name="command"
                        value=move || if over() { "redeliver" } else { "cancel" }
                        data-kind=move || over().then_some("primary")
                    >
                        {move || if over() { "Send again" } else { "Cancel" }}
                    </button>
                </Form>
            })}
        </PageHead>
        <Show when=move || uncertain.get()>
            <Banner tone=Tone::Warning>
                "Loopr ended once between sending a request and recording the answer. The receiver may have had it twice; the idempotency key tells it."
            </Banner>
        </Show>
        <Section title="Times"><Times run/></Section>
        <Section title="Attempts">
            <Attempts run/>
        </Section>
    }
}

/// Every attempt of a run in full, the last one first.
#[component]
pub fn Attempts(run: RwSignal<RunView>) -> impl IntoView {
    let state = Memo::new(move |_| run.with(|r| r.row.state));
    view! {
        <Show when=move || run.with(|r| !r.attempts.is_empty()) fallback=move || view! { <p class="muted">{none(state.get())}</p> }>
            <For
                each=move || run.with(|r| r.attempts.iter().rev().cloned().collect::<Vec<_>>())
                key=move |tried| (tried.n, matches!(tried.attempt.outcome, Outcome::Begun), state.get().is_final())
                children=move |tried| {
                    let at = tried.attempt.at;
                    view! {
                        <div class="stack">
                            <h3>"Attempt " {tried.n} ", " <Instant at/></h3>
                            <AttemptView attempt=tried.attempt label=format!("Attempt {}", tried.n) over=state.get_untracked().is_final()/>
                        </div>
                    }
                }
            />
        </Show>
    }
}

fn none(state: RunState) -> &'static str {
    match state {
        RunState::Scheduled => "None yet: it waits for its turn.",
        _ => "None was made.",
    }
}

/// When it was due, began, ended, and how late it began.
#[component]
fn Times(run: RwSignal<RunView>) -> impl IntoView {
    let env = environment();
    let facts = move || {
        let run = run.get();
        let row = run.row;
        let exact = move |at| move || env.zone.with(|wall| zone::exact(at, wall));
        let lag = row.started_at.map(|at| words::duration_ms(u64::try_from(at.since(row.id.nominal).as_millis()).unwrap_or(0)));
        let waits = !row.state.is_final() && row.state != RunState::Running;
        let many = (row.count > 1).then(|| words::grouped(u64::from(row.count)));
        view! {
            <dl class="facts">
                <dt>"Due"</dt><dd>{exact(row.id.nominal)}</dd>
                {many.map(|many| view! { <dt>"Stands for"</dt><dd>{many} " times"</dd> })}
                {run.first.map(|at| view! { <dt>"The first of them"</dt><dd>{exact(at)}</dd> })}
                {row.started_at.map(|at| view! { <dt>"Began"</dt><dd>{exact(at)}</dd> })}
                {lag.map(|lag| view! { <dt>"Began late by"</dt><dd>{lag}</dd> })}
                {row.ended_at.map(|at| view! { <dt>"Ended"</dt><dd>{exact(at)}</dd> })}
                {waits.then(|| view! { <dt>{if row.attempts > 0 { "Next attempt" } else { "Begins" }}</dt><dd><Moment at=row.due_at/></dd> })}
                <dt>"Attempts"</dt><dd>{row.attempts}</dd>
                <dt>"Id"</dt><dd class="mono">{row.id.to_string()}</dd>
            </dl>
        }
    };
    view! { {facts} }
}
