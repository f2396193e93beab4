//! The latest checks. A new one is put on top as it comes; older ones are loaded on demand.

use domain::check::{Failure, Phases};
use domain::kind::Kind;
use domain::live::{LastCheck, MonitorLive};
use domain::view::{CheckView, MonitorDetail};
use domain::{MonitorId, State, Timestamp, words};
use leptos::prelude::*;

use super::phases::PhaseBreakdown;
use crate::api::history::checks;
use crate::components::{Icon, Since, StateMark, Symbol, Tone, toasts};
use crate::environment::environment;
use crate::zone;

/// Checks that are kept on the page.
const SHOWN_MAX: usize = 500;
/// Checks of one load; fewer are the last.
const LOADED: usize = 50;

/// A row: it stays, with its focus and open or not, while its check is completed.
#[derive(Clone)]
struct Row {
    at: Timestamp,
    check: ArcRwSignal<CheckView>,
    /// Of a check that has just come, phases and excerpt are not known yet.
    whole: ArcRwSignal<bool>,
}

impl From<CheckView> for Row {
    fn from(check: CheckView) -> Self {
        Self { at: check.at, check: ArcRwSignal::new(check), whole: ArcRwSignal::new(true) }
    }
}

/// The rows after the newest checks were loaded: live ones are completed, missed ones are put between. When more were missed
/// than were loaded, the list goes on after them on demand; then the second value is true.
fn merged(shown: &[Row], loaded: &[CheckView]) -> (Vec<Row>, bool) {
    let oldest = loaded.last().map(|c| c.at);
    let gap = loaded.len() >= LOADED && !shown.iter().any(|row| Some(row.at) == oldest);
    let mut rows: Vec<Row> = shown.iter().filter(|row| !gap || Some(row.at) > oldest).cloned().collect();
    for check in loaded {
        // Newest first.
        let place = rows.partition_point(|row| row.at > check.at);
        match rows.get(place).filter(|row| row.at == check.at) {
            Some(row) => {
                row.check.maybe_update(|there| (there != check).then(|| check.clone_into(there)).is_some());
                row.whole.maybe_update(|whole| !std::mem::replace(whole, true));
            }
            None => rows.insert(place, check.clone().into()),
        }
    }
    rows.truncate(SHOWN_MAX);
    (rows, gap)
}

/// A live check has no phases yet; the load of the page that follows it brings them.
fn from_live(last: &LastCheck) -> Row {
    let check = CheckView {
        at: last.at,
        duration_us: last.duration_us,
        phases: Phases::default(),
        status: last.status,
        failure: last.reason.zip(last.error.clone()).map(|(reason, message)| Failure { reason, message }),
        warning: last.reason.zip(last.warning.clone()).map(|(reason, message)| Failure { reason, message }),
        excerpt: None,
    };
    Row { whole: ArcRwSignal::new(false), ..check.into() }
}

/// Every check there is, as a file. Not a page of the app: the browser fetches it.
fn download(id: MonitorId, format: &'static str) -> impl IntoView {
    let label = format!("Download all checks as {}", format.to_uppercase());
    view! {
        <a class="button" data-size="small" rel="external" download="" aria-label=label href=format!("/monitors/{id}/export?format={format}")>
            {format.to_uppercase()}
        </a>
    }
}

/// The list of checks. A row of which more is wanted than is known asks for the page to be loaded again.
#[component]
pub fn Checks(
    detail: RwSignal<MonitorDetail>,
    now: RwSignal<MonitorLive>,
    kind: Kind,
    #[prop(into)] reload: Callback<()>,
) -> impl IntoView {
    let (title, none, more) = match kind {
        Kind::Heartbeat => ("Recent signals", "No signal has come yet. The first one starts the watch.", "Show older signals"),
        _ => ("Recent checks", "The first check is on its way.", "Show older checks"),
    };
    let id = detail.with_untracked(|d| d.row.id);
    let shown = RwSignal::new(detail.with_untracked(|d| d.checks.iter().cloned().map(Row::from).collect::<Vec<_>>()));
    let ended = RwSignal::new(shown.with_untracked(|all| all.len() < LOADED));
    let last = Memo::new(move |_| now.with(|n| n.last.clone()));
    let running = Memo::new(move |_| now.with(|n| n.running_since));
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
    Effect::new(move |_| {
        let (rows, gap) = detail.with(|d| shown.with_untracked(|all| merged(all, &d.checks)));
        shown.set(rows);
        if gap {
            ended.set(false);
        }
    });
    let older = Action::new(move |before: &Timestamp| {
        let before = *before;
        async move { checks(id.to_string(), before).await }
    });
    Effect::new(move |_| match older.value().get() {
        Some(Ok(more)) => {
            ended.set(more.len() < LOADED);
            shown.update(|all| all.extend(more.into_iter().map(Row::from)));
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
            <div class="card-head">
                <h2 id="checks-title">{title}</h2>
                <div class="card-tools">{["csv", "ndjson"].map(|format| download(id, format)).collect_view()}</div>
            </div>
            <div class="card-body">
                <Show when=move || !shown.with(Vec::is_empty) || running.get().is_some() fallback=move || view! { <p class="muted">{none}</p> }>
                    <table class="checks">
                        <thead class="visually-hidden">
                            <tr><th>"Outcome"</th><th>"At"</th><th>"Status"</th><th>"Time"</th><th>"What happened"</th></tr>
                        </thead>
                        <tbody>
                            {move || running.get().map(|at| view! { <RunningRow at/> })}
                            <For each=move || shown.get() key=|row| row.at children=move |row| view! { <CheckRow row kind reload/> }/>
                        </tbody>
                    </table>
                </Show>
                <Show when=move || !ended.get()>
                    <button type="button" class="button needs-wasm" data-size="small" aria-busy=move || older.pending().get().then_some("true") on:click=load_older>
                        {more}
                    </button>
                </Show>
            </div>
        </section>
    }
}

/// A job that said that it begins, and not yet how it ended.
#[component]
fn RunningRow(at: Timestamp) -> impl IntoView {
    let env = environment();
    view! {
        <tr>
            <td class="check-mark"><StateMark state=State::Pending/></td>
            <td class="check-at">
                <time datetime=at.to_rfc3339() title=move || env.zone.with(|z| zone::exact(at, z))>
                    {move || env.zone.with(|z| zone::clock(at, z))}
                </time>
            </td>
            <td class="num">"—"</td>
            <td class="num"><Since at/></td>
            <td class="check-note">"It began, and runs."</td>
            <td></td>
        </tr>
    }
}

/// What a row says beside its figures: what went wrong, or of a job, that it was a run. When that began is not known to the second,
/// as durations are kept to one in a hundred.
fn note(check: &CheckView, kind: Kind) -> String {
    match check.failure.as_ref().or(check.warning.as_ref()) {
        Some(fault) => fault.message.clone(),
        None if kind == Kind::Heartbeat && check.duration_us > 0 => "The end of a run".to_owned(),
        None => String::new(),
    }
}

#[component]
fn CheckRow(row: Row, kind: Kind, reload: Callback<()>) -> impl IntoView {
    let env = environment();
    let (check, whole) = (RwSignal::from(row.check), RwSignal::from(row.whole));
    // What is not checked by us has nothing to break down.
    let phased = !matches!(kind, Kind::Heartbeat | Kind::Group);
    let CheckView { at, duration_us, status, .. } = check.get_untracked();
    let status = status.map_or_else(|| "—".to_owned(), |s| s.to_string());
    let state = check.with_untracked(|c| match (&c.failure, &c.warning) {
        (Some(_), _) => State::Down,
        (None, Some(_)) => State::Degraded,
        (None, None) => State::Up,
    });
    let note = Memo::new(move |_| check.with(|c| note(c, kind)));
    let excerpt = Memo::new(move |_| check.with(|c| c.excerpt.clone()));
    let phases = Memo::new(move |_| check.with(|c| Some(c.phases).filter(|p| *p != Phases::default())));
    let awaited = Memo::new(move |_| phased && !whole.get());
    let has_fault = Memo::new(move |_| check.with(|c| c.failure.is_some() || c.warning.is_some()));
    let has_more = Memo::new(move |_| awaited.get() || phases.with(Option::is_some) || has_fault.get() || excerpt.with(Option::is_some));
    let open = RwSignal::new(false);
    let toggle = move |_| {
        open.update(|open| *open = !*open);
        if open.get_untracked() && awaited.get_untracked() {
            reload.run(());
        }
    };
    let same_day = move || env.now.with(|now| now.since(at).as_secs() < 86_400);
    let when =
        move || env.zone.with(|z| if same_day() { zone::clock(at, z) } else { format!("{} {}", zone::day(at, z), zone::clock(at, z)) });
    view! {
        <tr>
            <td class="check-mark"><StateMark state label=true/></td>
            <td class="check-at">
                <time datetime=at.to_rfc3339() title=move || env.zone.with(|z| zone::exact(at, z))>{when}</time>
            </td>
            <td class="num">{status}</td>
            <td class="num">{if duration_us == 0 { "—".to_owned() } else { words::latency(duration_us) }}</td>
            <td class="check-note" title=move || note.get()>{move || note.get()}</td>
            <td class="check-more">
                <Show when=move || has_more.get()>
                    <button
                        type="button"
                        class="icon-button needs-wasm"
                        aria-label="Details of this check"
                        aria-expanded=move || open.get().to_string()
                        on:click=toggle
                    >
                        <Icon symbol=Symbol::Chevron/>
                    </button>
                </Show>
            </td>
        </tr>
        <Show when=move || open.get()>
            <tr class="check-detail">
                <td colspan="6">
                    <div class="stack">
                        <p>{move || note.get()}</p>
                        {move || excerpt.get().map(|text| view! { <pre class="excerpt" aria-label="The beginning of the answer">{text}</pre> })}
                        {move || phases.get().map(|phases| view! { <PhaseBreakdown phases/> })}
                        {move || awaited.get().then(|| view! { <p class="muted">"Where the time went is on its way."</p> })}
                    </div>
                </td>
            </tr>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(second: i64, dns_us: Option<u32>) -> CheckView {
        let phases = Phases { dns_us, ..Phases::default() };
        CheckView { at: Timestamp::from_millis(second * 1_000), duration_us: 1, phases, status: Some(200), ..CheckView::default() }
    }

    fn seconds(rows: &[Row]) -> Vec<i64> {
        rows.iter().map(|row| row.at.as_millis() / 1_000).collect()
    }

    #[test]
    fn a_live_check_is_completed_in_its_row_and_a_missed_one_is_put_between() {
        let shown: Vec<Row> = [check(5, None), check(4, None), check(2, Some(7))].map(Row::from).into();
        let (rows, gap) = merged(&shown, &[check(4, Some(9)), check(3, Some(8)), check(2, Some(7))]);
        assert_eq!((seconds(&rows), gap), (vec![5, 4, 3, 2], false));
        assert_eq!(shown[1].check.get_untracked().phases.dns_us, Some(9));
    }

    #[test]
    fn of_a_live_check_more_is_awaited_until_it_was_loaded() {
        let live = from_live(&LastCheck { at: Timestamp::from_millis(4_000), ..LastCheck::default() });
        let (rows, _) = merged(std::slice::from_ref(&live), &[check(3, Some(8))]);
        assert!(!rows[0].whole.get_untracked(), "the load did not contain it");
        let (rows, _) = merged(&rows, &[check(4, Some(9)), check(3, Some(8))]);
        assert_eq!((rows[0].whole.get_untracked(), rows[0].check.get_untracked().phases.dns_us), (true, Some(9)));
    }

    #[test]
    fn a_signal_with_a_run_says_so() {
        let run = check(1, None);
        assert_eq!(note(&run, Kind::Heartbeat), "The end of a run");
        assert_eq!((note(&run, Kind::Http), note(&CheckView { duration_us: 0, ..run }, Kind::Heartbeat)), Default::default());
    }

    #[test]
    fn when_too_many_were_missed_the_list_begins_anew() {
        let shown: Vec<Row> = [check(200, None), check(2, None), check(1, None)].map(Row::from).into();
        let loaded: Vec<CheckView> = (100..150).rev().map(|second| check(second, Some(1))).collect();
        let (rows, gap) = merged(&shown, &loaded);
        assert!(gap);
        assert_eq!(seconds(&rows), [200].into_iter().chain((100..150).rev()).collect::<Vec<_>>());
        // With older ones asked for, a full load that ends at a known check leaves no gap.
        assert!(!merged(&rows, &loaded).1);
    }
}
