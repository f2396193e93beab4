//! The hours of the week: when checks fail, as a table whose cells are shaded.

use domain::analytics::{HourOfWeek, HourShare};
use domain::{Timestamp, words};
use leptos::prelude::*;

use super::Chosen;
use super::rankings::{failures_of, list};
use crate::environment::environment;
use crate::zone;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// How strongly a cell is shaded, 0 to 5, by the share of its checks that failed.
fn level(hour: &HourOfWeek) -> &'static str {
    let permyriad = u64::from(hour.failures).saturating_mul(10_000).checked_div(u64::from(hour.checks));
    match permyriad {
        None => "none",
        Some(0) => "0",
        Some(1..=10) => "1",
        Some(11..=50) => "2",
        Some(51..=200) => "3",
        Some(201..=1_000) => "4",
        Some(_) => "5",
    }
}

fn when(hour: usize) -> String {
    let (day, hour) = (DAYS.get(hour / 24).copied().unwrap_or_default(), hour % 24);
    format!("{day} {hour:02}:00 to {:02}:00", (hour + 1) % 24)
}

fn said(hour: usize, cell: &HourOfWeek) -> String {
    let when = when(hour);
    if cell.checks == 0 {
        return format!("{when}: no checks");
    }
    let latency = cell.p50_us.map_or_else(String::new, |us| format!(", median {}", words::latency(us)));
    let down = if cell.down_ms == 0 { String::new() } else { format!(", {} down", words::duration_ms(cell.down_ms)) };
    format!("{when}: {} of {} checks failed{down}{latency}", words::grouped(cell.failures.into()), words::grouped(cell.checks.into()))
}

/// The table of 7 days and 24 hours. A cell with failures leads to the monitors that had them.
#[component]
pub(super) fn Hours(hours: Vec<HourOfWeek>, from: Timestamp, shown: Option<HourShare>, chosen: Chosen) -> impl IntoView {
    let env = environment();
    let since = move || env.zone.with(|z| format!("since {}, in {z}", zone::day(from, z)));
    let cell = |hour: usize, cell: &HourOfWeek| {
        let (text, level) = (said(hour, cell), level(cell));
        let here = u8::try_from(hour).ok();
        if cell.failures == 0 {
            let title = text.clone();
            return view! { <td data-level=level title=title><span class="visually-hidden">{text}</span></td> }.into_any();
        }
        let href = format!("{}#hours", Chosen { hour: here, ..chosen.clone() }.href());
        let current = (chosen.hour == here).then_some("true");
        let title = text.clone();
        view! { <td data-level=level><a href=href title=title aria-current=current><span class="visually-hidden">{text}</span></a></td> }
            .into_any()
    };
    let rows = DAYS.iter().enumerate().map(|(day, name)| {
        let cells = hours.iter().enumerate().skip(day * 24).take(24).map(|(hour, of)| cell(hour, of)).collect_view();
        view! { <tr><th scope="row">{*name}</th>{cells}</tr> }
    });
    let share = shown.map(|HourShare { hour, monitors }| {
        let title = when(hour.into());
        view! { <h3 class="hours-share">{title}</h3><ol class="ranked">{list(monitors, failures_of)}</ol> }
    });
    let rows = rows.collect_view();
    let head = (0..24)
        .map(|hour: u8| view! { <th scope="col"><span class:visually-hidden=!hour.is_multiple_of(6)>{format!("{hour:02}")}</span></th> });
    view! {
        <section class="card" id="hours" aria-labelledby="hours-title">
            <div class="card-head">
                <h2 id="hours-title">"Hours of the week"</h2>
                <span class="card-note">{since}"; open one for its monitors"</span>
            </div>
            <div class="card-body">
                <table class="hours">
                    <caption class="visually-hidden">"Failed checks in each hour of the week"</caption>
                    <thead><tr><td></td>{head.collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="hours-key muted" aria-hidden="true">
                    "No failures" <i data-level="0"></i><i data-level="1"></i><i data-level="2"></i><i data-level="3"></i><i data-level="4"></i><i data-level="5"></i> "more than 10% failed"
                </p>
                {share}
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_shaded_by_their_share() {
        let cell = |failures, checks| HourOfWeek { checks, failures, ..HourOfWeek::default() };
        assert_eq!(
            [level(&cell(0, 0)), level(&cell(0, 9)), level(&cell(1, 10_000)), level(&cell(1, 100)), level(&cell(1, 2))],
            ["none", "0", "1", "3", "5"]
        );
        assert_eq!(said(23, &cell(2, 40)), "Mon 23:00 to 00:00: 2 of 40 checks failed");
    }
}
