//! The page of a monitor: what is the case, the figures, the chart, what was recorded, and the settings beside it.

use std::time::Duration;

use domain::account::Role;
use domain::kind::Kind;
use domain::live::MonitorLive;
use domain::maintenance::WindowState;
use domain::view::MonitorDetail;
use domain::{State, Timestamp, words};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::checks::Checks;
use super::figures::Figures;
use super::side::{Changes, Dependencies, Settings, States, Windows};
use crate::api::monitors::{DuplicateMonitor, MonitorCommand, show_monitor};
use crate::charts::ChartCard;
use crate::components::{Crumbs, FLAPPING, Form, Hidden, Instant, LoadOnce, Moment, PageHead, Since, StatePill, Submission, Submit};
use crate::environment::environment;
use crate::live::{Link, live};
use crate::session::session;

/// After a check, so that the recorder has written it.
const WRITTEN_MS: i64 = 1_000;
/// The shortest time between two loads for the sake of new checks.
const LOAD_EVERY_MS: i64 = 10_000;

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
            // A check that came while it was loaded is newer than what was loaded.
            let newest = |l: &MonitorLive| l.last.as_ref().map(|c| c.at);
            if now.with_untracked(newest) <= newest(&loaded.row.live) {
                live.signal(&loaded.row.live);
            }
            detail.set(loaded);
        }
    });
    follow(now, resource);
    // A change of state changes the history, also one there and back that comes as one message; a change of the lists may be
    // a change of this monitor's settings.
    Effect::new(move |before: Option<(State, Timestamp, u64, u32)>| {
        let (state, since, unwatched_ms) = now.with(|n| (n.state, n.since, n.unwatched_ms));
        let seen = (state, since, unwatched_ms, live.lists.get());
        if before.is_some_and(|before| before != seen) {
            resource.refetch();
        }
        seen
    });
    // What happened while the connection was lost is loaded.
    Effect::new(move |before: Option<Link>| {
        let link = live.link.get();
        if before == Some(Link::Lost) && link == Link::Live {
            resource.refetch();
        }
        link
    });
    let kind = detail.with_untracked(|d| d.draft.kind().unwrap_or_default());
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let name = Memo::new(move |_| detail.with(|d| d.row.name.clone()));
    let state = Memo::new(move |_| now.with(|n| n.state));
    let since = Signal::derive(move || now.with(|n| n.since));
    let flapping = Memo::new(move |_| now.with(|n| n.flapping));
    let unwatched = Memo::new(move |_| now.with(|n| n.unwatched_ms));
    let unwatched =
        move || Some(unwatched.get()).filter(|ms| *ms >= 1_000).map(|ms| format!(", {} of it unwatched", words::duration_ms(ms)));
    let mark = view! {
        <StatePill state>{move || state.get().word()} " for " <Since at=since/> {unwatched}</StatePill>
        <Show when=move || flapping.get()><span class="chip" data-tone="degraded" title=FLAPPING>"flapping"</span></Show>
    }
    .into_any();
    let lead = view! { <Lead detail now/> }.into_any();
    view! {
        {move || view! { <Crumbs above=vec![("/".into(), "Overview".into())] here=name.get()/> }}
        <PageHead title=Signal::derive(move || name.get()) mark lead>
            {may_edit.then(|| view! { <Actions id=id.to_string() state checked={kind != Kind::Heartbeat}/> })}
        </PageHead>
        <Figures detail now/>
        {(kind != Kind::Group).then(|| view! { <ChartCard id live=now kind/> })}
        <div class="columns">
            <div><Checks detail now kind reload=move |()| resource.refetch()/></div>
            <div>
                <super::report::Report detail/>
                <States detail/>
                <Changes detail/>
                <Windows detail/>
                <Dependencies detail/>
                <super::phases::PhaseCard detail/>
                <Settings detail/>
            </div>
        </div>
    }
}

/// Loads the page again for new checks. A load that waits is not put off by the next check, so that a check every second
/// is shown as well.
fn follow(now: RwSignal<MonitorLive>, resource: Resource<Result<MonitorDetail, crate::error::ApiError>>) {
    let clock = environment().now;
    let last = Memo::new(move |_| now.with(|n| n.last.as_ref().map(|c| c.at)));
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let loaded_ms = StoredValue::new(None);
    let load = move || {
        waiting.try_set_value(None);
        loaded_ms.try_set_value(Some(clock.get_untracked().as_millis()));
        resource.refetch();
    };
    Effect::new(move |before: Option<Option<Timestamp>>| {
        let at = last.get();
        if before.is_some_and(|before| before != at) && waiting.with_value(Option::is_none) {
            let pause = pause(clock.get_untracked().as_millis(), loaded_ms.get_value());
            waiting.set_value(set_timeout_with_handle(load, pause).ok());
        }
        at
    });
    on_cleanup(move || {
        waiting.try_update_value(|w| w.take().iter().for_each(TimeoutHandle::clear));
    });
}

/// How long the load after a check waits, by when the one before was.
fn pause(now_ms: i64, loaded_ms: Option<i64>) -> Duration {
    let left = loaded_ms.map_or(0, |loaded| loaded.saturating_add(LOAD_EVERY_MS).saturating_sub(now_ms));
    Duration::from_millis(u64::try_from(left.clamp(WRITTEN_MS, LOAD_EVERY_MS)).unwrap_or(0))
}

/// While it fails: why. Otherwise: what is sent, and how often.
#[component]
fn Lead(detail: RwSignal<MonitorDetail>, now: RwSignal<MonitorLive>) -> impl IntoView {
    let trouble = Memo::new(move |_| {
        now.with(|n| {
            let last = n.last.as_ref()?;
            match n.state {
                State::Down | State::Pending | State::Unreachable => last.error.clone().map(|text| ("down", text)),
                State::Degraded => last.warning.clone().map(|text| ("degraded", text)),
                _ => None,
            }
        })
    });
    let confirmed = Memo::new(move |_| now.with(|n| n.confirmed_at.filter(|at| *at > n.since).map(|at| (n.since, at))));
    let state = Memo::new(move |_| now.with(|n| n.state));
    let target = move || detail.with(|d| d.target.clone());
    let timed = move || detail.with(|d| d.draft.kind != Kind::Heartbeat.name());
    let every = move || detail.with(|d| words::duration_ms(u64::from(d.row.interval_seconds) * 1_000));
    view! {
        {move || trouble.get().map(|(state, text)| view! { <p class="state-word" data-state=state>{text}</p> })}
        {move || confirmed.get().map(|(first, at)| view! { <p>"First failure " <Instant at=first/> ", confirmed " <Instant at/> "."</p> })}
        {move || covered(state.get(), detail)}
        <p><span class="mono">{target}</span> {move || timed().then(|| view! { " · every " {every} })}</p>
    }
}

/// Why nothing is said of it, when that is so.
fn covered(state: State, detail: RwSignal<MonitorDetail>) -> Option<AnyView> {
    detail.with(|d| match state {
        State::Maintenance => {
            let open =
                d.windows.iter().find_map(|w| if let WindowState::Open(one) = w.state { Some((w.name.clone(), one.to)) } else { None });
            open.map(|(name, to)| view! { <p>{name} " is under way. It ends " <Moment at=to/> "."</p> }.into_any())
        }
        State::Unreachable => {
            let names: Vec<&str> = d.parents.iter().filter(|p| p.failing).map(|p| p.name.as_str()).collect();
            (!names.is_empty()).then(|| {
                let verb = if names.len() == 1 { "is" } else { "are" };
                view! { <p>"It fails while " {names.join(" and ")} " " {verb} " down."</p> }.into_any()
            })
        }
        State::Unknown if d.offline => {
            Some(view! { <p>"Loopr’s own network is gone. Nothing can be known of it until that is back."</p> }.into_any())
        }
        _ => None,
    })
}

#[component]
fn Actions(id: String, state: Memo<State>, checked: bool) -> impl IntoView {
    let command = Submission::told(MonitorCommand::PATH);
    let duplicate = Submission::told(DuplicateMonitor::PATH);
    let paused = move || state.get() == State::Paused;
    let (only, copied) = (id.clone(), id.clone());
    view! {
        <Form action=command class="page-actions" key="detail">
            <input type="hidden" name="ids[]" value=only/>
            {checked.then(|| view! { <button class="button" type="submit" name="command" value="check">"Check now"</button> })}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_waits_for_the_recorder_and_for_the_one_before() {
        let seconds = |now: i64, loaded: Option<i64>| pause(now * 1_000, loaded.map(|at| at * 1_000)).as_secs();
        assert_eq!(seconds(100, None), 1);
        assert_eq!(seconds(100, Some(97)), 7);
        assert_eq!(seconds(100, Some(91)), 1);
        assert_eq!(seconds(100, Some(10)), 1);
        // The clock was corrected in between.
        assert_eq!(seconds(100, Some(900)), 10);
    }
}
