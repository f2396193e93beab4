//! The page of a monitor: what is the case, the figures, the chart, what was recorded, and the settings beside it.

use domain::account::Role;
use domain::live::MonitorLive;
use domain::view::MonitorDetail;
use domain::{State, words};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::checks::Checks;
use super::figures::Figures;
use super::side::{Changes, Settings, States};
use crate::api::monitors::{DuplicateMonitor, MonitorCommand, show_monitor};
use crate::charts::ChartCard;
use crate::components::{Crumbs, Form, Hidden, LoadOnce, PageHead, Since, StatePill, Submission, Submit};
use crate::live::live;
use crate::session::session;

/// The page at `/monitors/{id}`.
#[component]
pub fn MonitorPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    // Everything below belongs to one monitor: the way to another one makes it anew.
    move || view! { <Monitor id=id.get()/> }
}

#[component]
fn Monitor(id: String) -> impl IntoView {
    let detail = Resource::new(|| (), move |()| show_monitor(id.clone()));
    let show = move |first: MonitorDetail| view! { <Detail first resource=detail/> }.into_any();
    view! { <LoadOnce resource=detail skeleton=&["heading", "line", "stats", "chart", "row", "row"] view=show/> }
}

#[component]
fn Detail(first: MonitorDetail, resource: Resource<Result<MonitorDetail, crate::error::ApiError>>) -> impl IntoView {
    let live = live();
    let now: RwSignal<MonitorLive> = ArcRwSignal::into(live.signal(&first.row.live));
    let id = first.row.id;
    let detail = RwSignal::new(first);
    Effect::new(move |_| live.watch(vec![id]));
    Effect::new(move |_| {
        if let Some(Ok(loaded)) = resource.get() {
            live.signal(&loaded.row.live);
            detail.set(loaded);
        }
    });
    // A change of state changes the history; a change of the lists may be a change of this monitor's settings.
    Effect::new(move |before: Option<(State, u32)>| {
        let seen = (now.with(|n| n.state), live.lists.get());
        if before.is_some_and(|before| before != seen) {
            resource.refetch();
        }
        seen
    });
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let name = Memo::new(move |_| detail.with(|d| d.row.name.clone()));
    let state = Memo::new(move |_| now.with(|n| n.state));
    let since = Signal::derive(move || now.with(|n| n.since));
    let mark = view! { <StatePill state>{move || state.get().word()} " for " <Since at=since/></StatePill> }.into_any();
    let lead = view! { <Lead detail now/> }.into_any();
    view! {
        {move || view! { <Crumbs above=vec![("/".into(), "Overview".into())] here=name.get()/> }}
        <PageHead title=Signal::derive(move || name.get()) mark lead>
            {may_edit.then(|| view! { <Actions id=id.to_string() state/> })}
        </PageHead>
        <Figures detail/>
        <ChartCard id live=now/>
        <div class="columns">
            <div><Checks detail now/></div>
            <div>
                <States detail/>
                <Changes detail/>
                <super::phases::PhaseCard detail/>
                <Settings detail/>
            </div>
        </div>
    }
}

/// While it fails: why. Otherwise: what is sent, and how often.
#[component]
fn Lead(detail: RwSignal<MonitorDetail>, now: RwSignal<MonitorLive>) -> impl IntoView {
    let trouble = Memo::new(move |_| {
        now.with(|n| n.last.as_ref().and_then(|l| l.error.clone()).filter(|_| matches!(n.state, State::Down | State::Pending)))
    });
    let target = move || detail.with(|d| format!("{} {}", d.method, d.url));
    let every = move || detail.with(|d| words::duration_ms(u64::from(d.row.interval_seconds) * 1_000));
    view! {
        {move || trouble.get().map(|text| view! { <p class="state-word" data-state="down">{text}</p> })}
        <p><span class="mono">{target}</span> " · every " {every}</p>
    }
}

#[component]
fn Actions(id: String, state: Memo<State>) -> impl IntoView {
    let command = Submission::told(MonitorCommand::PATH);
    let duplicate = Submission::told(DuplicateMonitor::PATH);
    let paused = move || state.get() == State::Paused;
    let (only, copied) = (id.clone(), id.clone());
    view! {
        <Form action=command class="page-actions" key="detail">
            <input type="hidden" name="ids[]" value=only/>
            <button class="button" type="submit" name="command" value="check">"Check now"</button>
            <button class="button" type="submit" name="command" value=move || if paused() { "resume" } else { "pause" }>
                {move || if paused() { "Resume" } else { "Pause" }}
            </button>
        </Form>
        <Form action=duplicate key="detail">
            <Hidden name="id" value=copied/>
            <Submit label="Duplicate"/>
        </Form>
        <a class="button" href=format!("/monitors/{id}/edit") aria-keyshortcuts="e">"Edit"</a>
    }
}
