//! A year of days, each in the colour of how its runs went.

use domain::Timestamp;
use domain::time::DAY_MS;
use domain::webhook::DayOfRuns;
use domain::words;
use leptos::prelude::*;

use super::canvas::Canvas;
use super::{DAYS, RunCharts, Went, most};
use crate::components::{Icon, Symbol};
use crate::zone;

/// A cell and the gap after it.
const STEP: i32 = 19;
const CELL: i32 = 16;

/// `22 Nov 2026`.
fn date(day: i32) -> String {
    zone::date(Timestamp::from_millis(i64::from(day) * DAY_MS), "UTC")
}

/// What is said of a day.
fn said(day: &DayOfRuns) -> String {
    let count = |n: u32, word: &str| (n > 0).then(|| format!("{} {word}", words::grouped(u64::from(n))));
    let parts: Vec<String> =
        [count(day.succeeded, "succeeded"), count(day.failed, "failed"), count(day.missed, "did not run")].into_iter().flatten().collect();
    format!("{}\n{}", date(day.day), parts.join(", "))
}

/// Column and row of a day: weeks begin on Monday. 1970-01-01 was a Thursday.
fn place(day: i32, first: i32) -> (i32, i32) {
    let monday = first - (first + 3).rem_euclid(7);
    ((day - monday).div_euclid(7), (day + 3).rem_euclid(7))
}

/// The picture that is there before, and without, the interactive one.
fn still(days: &[DayOfRuns], today: i32) -> AnyView {
    let first = today - DAYS + 1;
    let most = most(days);
    let cells = (first..=today)
        .map(|day| {
            let (column, row) = place(day, first);
            let there = days.iter().find(|one| one.day == day);
            let went = there.map(|one| Went::of(one, most).name());
            view! {
                <rect data-went=went x=column * STEP y=row * STEP width=CELL height=CELL rx="3">
                    {there.map(|one| view! { <title>{said(one)}</title> })}
                </rect>
            }
        })
        .collect_view();
    view! { <svg class="chart-still-days" viewBox="0 0 1007 130" aria-hidden="true">{cells}</svg> }.into_any()
}

/// The calendar with its legend and its table.
#[component]
pub fn Calendar(days: Signal<Vec<DayOfRuns>>, charts: Signal<RunCharts>) -> impl IntoView {
    let option = Signal::derive(move || charts.with(|charts| charts.calendar.clone()));
    let sentences = Signal::derive(move || days.with(|days| days.iter().map(said).collect::<Vec<_>>()));
    let summary = move || {
        days.with(|days| {
            let sum = |of: fn(&DayOfRuns) -> u32| days.iter().map(|day| u64::from(of(day))).sum::<u64>();
            let (ran, failed) = (sum(|d| d.succeeded) + sum(|d| d.failed), sum(|d| d.failed));
            let on = words::count(days.len(), "day", "days");
            format!("{} runs on {on} of the last year, {} failed", words::grouped(ran), words::grouped(failed))
        })
    };
    view! {
        <figure class="stack">
            <figcaption class="card-note">{summary} <span class="faint">" · days in UTC" <span class="calendar-hint">" · scroll for earlier months"</span></span></figcaption>
            <div class="calendar-box" tabindex="0" role="region" aria-label="Calendar of runs">
                <Canvas option said=sentences label="Runs of each day of a year; the table below has the same figures" size="days">
                    <div class="chart-still-box">{move || days.with(|days| still(days, charts.with(|c| c.today)))}</div>
                </Canvas>
            </div>
            <ul class="chart-legend" aria-label="Colours of the calendar">
                {Went::ALL.map(|went| view! { <li><span class="day-swatch" data-went=went.name()></span>{went.word()}</li> }).collect_view()}
            </ul>
        </figure>
        <details class="disclosure">
            <summary><Icon symbol=Symbol::Chevron/>"Data as a table"</summary>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Runs by day">
                <table class="data-table">
                    <caption>"Runs of each day, in UTC"</caption>
                    <thead><tr><th scope="col">"Day"</th><th scope="col">"Succeeded"</th><th scope="col">"Failed"</th><th scope="col">"Did not run"</th></tr></thead>
                    <tbody>
                        {move || days.get().into_iter().rev().map(|day| view! {
                            <tr><th scope="row">{date(day.day)}</th><td>{day.succeeded}</td><td>{day.failed}</td><td>{day.missed}</td></tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_stand_in_their_weeks() {
        // 1 Jan 1970 was a Thursday, the fourth day of its week.
        assert_eq!([place(0, 0), place(3, 0), place(4, 0)], [(0, 3), (0, 6), (1, 0)]);
        let last = place(20_001, 20_001 - DAYS + 1).0;
        assert!((52..=53).contains(&last), "{last}");
    }

    #[test]
    fn only_what_happened_is_said() {
        let day = DayOfRuns { day: 0, succeeded: 1_200, failed: 0, missed: 2 };
        assert_eq!(said(&day), "1 Jan 1970\n1\u{202f}200 succeeded, 2 did not run");
    }
}
