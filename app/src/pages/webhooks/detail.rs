//! The page of a webhook: what is the case, its next runs, a year of runs, how long they took, the log, and what one does with it.

mod actions;
mod head;
mod past;
mod runs;
mod side;

use domain::account::Role;
use domain::webhook::{ScheduleDetail, Standing};
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::fresh;
use super::marks::shape;
use crate::api::webhooks::{WebhookCommand, webhook};
use crate::charts::{Calendar, RunCharts, RunTimes};
use crate::components::{Countdown, Crumbs, Instant, LoadOnce, Moment, PageHead, Stat, StatePill, Submission, Tone, toasts};
use crate::error::ApiError;
use crate::session::session;
use actions::Actions;
use head::Lead;
use runs::RunLog;
use side::Side;

type Loaded = (ScheduleDetail, RunCharts);

const SKELETON: &[&str] = &["heading", "line", "stats", "chart", "row", "row"];

/// The page at `/webhooks/{id}`.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    // Everything below belongs to one webhook: the way to another one makes it anew.
    move || view! { <Webhook id=id.get()/> }
}

#[component]
fn Webhook(id: String) -> impl IntoView {
    let command = Submission::told(WebhookCommand::PATH);
    let loaded = Resource::new(move || command.version().get(), move |_| webhook(id.clone()));
    let show = move |first: Loaded| view! { <Detail first loaded command/> }.into_any();
    view! { <LoadOnce resource=loaded skeleton=SKELETON view=show/> }
}

#[component]
fn Detail(first: Loaded, loaded: Resource<Result<Loaded, ApiError>>, command: Submission) -> impl IntoView {
    let id = first.0.row.id;
    let (detail, charts) = (RwSignal::new(first.0), RwSignal::new(first.1));
    Effect::new(move |_| match loaded.get() {
        Some(Ok((now, drawn))) => {
            detail.maybe_update(|there| std::mem::replace(there, now) != *there);
            charts.maybe_update(|there| std::mem::replace(there, drawn) != *there);
        }
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        None => {}
    });
    fresh::follow(loaded);
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let name = Memo::new(move |_| detail.with(|d| d.row.name.clone()));
    let standing = Memo::new(move |_| detail.with(|d| d.row.standing));
    let mark = view! {
        <StatePill state=Signal::derive(move || shape(standing.get()))>{move || standing.get().label()}</StatePill>
    }
    .into_any();
    let lead = view! { <Lead detail/> }.into_any();
    view! {
        {move || view! { <Crumbs above=vec![("/webhooks".into(), "Webhooks".into())] here=name.get()/> }}
        <PageHead title=Signal::derive(move || name.get()) mark lead>
            {may_edit.then(|| view! { <Actions id=id.to_string() standing command/> })}
        </PageHead>
        <Figures detail standing/>
        <section class="card" aria-labelledby="calendar-title">
            <div class="card-head"><h2 id="calendar-title">"A year of runs"</h2></div>
            <div class="card-body">
                <Calendar days=Signal::derive(move || detail.with(|d| d.days.clone())) charts=charts.into()/>
            </div>
        </section>
        <section class="card" aria-labelledby="times-title">
            <div class="card-head"><h2 id="times-title">"How long runs took"</h2></div>
            <div class="card-body">
                <RunTimes runs=Signal::derive(move || detail.with(|d| d.latency.clone())) charts=charts.into()/>
            </div>
        </section>
        <div class="columns">
            <div>
                <RunLog id=id.to_string() may_edit/>
                {may_edit.then(|| view! { <past::Past id=id.to_string() zone=detail.with_untracked(|d| d.row.zone.clone())/> })}
            </div>
            <div><Side detail may_edit command/></div>
        </div>
    }
}

/// Next, success, and what came of all runs.
#[component]
fn Figures(detail: RwSignal<ScheduleDetail>, standing: Memo<Standing>) -> impl IntoView {
    let next = Signal::derive(move || detail.with(|d| d.row.next));
    let last = Memo::new(move |_| detail.with(|d| d.row.last.as_ref().map(|last| last.ended_at)));
    let rated = move || detail.with(|d| d.row.rated);
    let rate = move || detail.with(|d| d.row.success_rate.map_or_else(|| "—".to_owned(), words::percent));
    let total = move |of: fn(&ScheduleDetail) -> u64| move || detail.with(|d| words::grouped(of(d)));
    let streak = move || {
        detail.with(|d| match d.streak {
            0 => "none since the last success".to_owned(),
            n => format!("{n} in a row now"),
        })
    };
    let failing = Signal::derive(move || standing.get() == Standing::Failing);
    view! {
        <dl class="stats">
            <Stat
                label="Next run in"
                figure=view! { <Countdown to=next/> }.into_any()
                note=view! { {move || next.get().map(|at| view! { <Instant at/> })} }.into_any()
            />
            <Stat
                label="Success"
                figure=view! { {rate} }.into_any()
                note=view! { {move || match last.get() {
                    Some(at) => view! { "of the last " {rated} ", latest " <Moment at/> }.into_any(),
                    None => view! { "no run has ended yet" }.into_any(),
                }} }.into_any()
            />
            <Stat label="Succeeded" figure=view! { {total(|d| d.totals.0)} }.into_any() note=view! { "runs in all" }.into_any()/>
            <Stat label="Failed" lit=failing state=domain::State::Down figure=view! { {total(|d| d.totals.1)} }.into_any() note=view! { {streak} }.into_any()/>
            <Stat label="Did not run" figure=view! { {total(|d| d.totals.2)} }.into_any() note=view! { "missed or skipped" }.into_any()/>
        </dl>
    }
}
