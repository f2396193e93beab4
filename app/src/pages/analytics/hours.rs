//! The hours of the week: when checks fail, as a table whose cells are shaded.

use domain::analytics::{HourOfWeek, HourShare};
use domain::{Timestamp, words};
use leptos::html;
use leptos::prelude::*;

use super::Chosen;
use super::rankings::{failures_of, list};
use crate::browser;
use crate::environment::environment;
use crate::zone;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Shades of hours with failures.
const SHADES: usize = 5;

/// The shades of a week. Each has about as many hours: what is usual for one space is an outage for another, and steps that
/// are the same everywhere would show most weeks in one or two of them.
struct Scale {
    /// The shares of the hours with failures, in millionths, in order.
    shares: Vec<u64>,
}

/// The share of checks that failed, in millionths.
fn share(hour: &HourOfWeek) -> Option<u64> {
    u64::from(hour.failures).saturating_mul(1_000_000).checked_div(u64::from(hour.checks))
}

impl Scale {
    fn of(hours: &[HourOfWeek]) -> Self {
        let mut shares: Vec<u64> = hours.iter().filter(|hour| hour.failures > 0).filter_map(share).collect();
        shares.sort_unstable();
        Self { shares }
    }

    /// How strongly an hour is shaded, 0 to 5: by how many of those with failures had no larger share.
    fn level(&self, hour: &HourOfWeek) -> &'static str {
        const NAMES: [&str; SHADES + 1] = ["0", "1", "2", "3", "4", "5"];
        let Some(share) = share(hour) else { return "none" };
        let rank = if hour.failures == 0 { 0 } else { self.shares.partition_point(|other| *other <= share) };
        NAMES.get((rank * SHADES).div_ceil(self.shares.len().max(1))).copied().unwrap_or("5")
    }

    /// The smallest and the largest share, in words.
    fn ends(&self) -> Option<(String, String)> {
        let words = |millionths: &u64| {
            let percent = u32::try_from(*millionths).map_or(100.0, |millionths| f64::from(millionths) / 10_000.0);
            if percent < 0.01 {
                "less than 0.01%".to_owned()
            } else if percent < 1.0 {
                format!("{percent:.2}%")
            } else {
                format!("{percent:.1}%")
            }
        };
        self.shares.first().zip(self.shares.last()).map(|(least, most)| (words(least), words(most)))
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
pub(super) fn Hours(
    hours: Vec<HourOfWeek>,
    from: Timestamp,
    shown: Option<HourShare>,
    chosen: Chosen,
    /// Somebody opened an hour on this page.
    asked: RwSignal<bool>,
) -> impl IntoView {
    let env = environment();
    let scale = Scale::of(&hours);
    let opened = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(opened) = opened.get().filter(|_| asked.get_untracked()) {
            asked.set(false);
            request_animation_frame(move || browser::bring_in_sight(&opened));
        }
    });
    let since = move || env.zone.with(|z| format!("since {}, in {z}", zone::day(from, z)));
    let cell = |hour: usize, cell: &HourOfWeek| {
        let (text, level) = (said(hour, cell), scale.level(cell));
        let here = u8::try_from(hour).ok();
        if cell.failures == 0 {
            let title = text.clone();
            return view! { <td data-level=level title=title><span class="visually-hidden">{text}</span></td> }.into_any();
        }
        let href = format!("{}#hour", Chosen { hour: here, ..chosen.clone() }.href());
        let current = (chosen.hour == here).then_some("true");
        let title = text.clone();
        // The page stays where it is until the list is there; without scripts the address leads to it.
        view! {
            <td data-level=level>
                <a href=href title=title aria-current=current data-noscroll="" on:click=move |_| asked.set(true)>
                    <span class="visually-hidden">{text}</span>
                </a>
            </td>
        }
        .into_any()
    };
    let rows = DAYS.iter().enumerate().map(|(day, name)| {
        let cells = hours.iter().enumerate().skip(day * 24).take(24).map(|(hour, of)| cell(hour, of)).collect_view();
        view! { <tr><th scope="row">{*name}</th>{cells}</tr> }
    });
    let share = shown.map(|HourShare { hour, monitors }| {
        let title = when(hour.into());
        view! {
            <div id="hour" class="hours-share" tabindex="-1" node_ref=opened>
                <h3>{title}</h3>
                <ol class="ranked">{list(monitors, failures_of)}</ol>
            </div>
        }
    });
    let rows = rows.collect_view();
    let ends = scale.ends();
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
                    <i data-level="0"></i> "no failures"
                    {ends.map(|(least, most)| view! {
                        <span class="hours-key-shades">
                            {least} <i data-level="1"></i><i data-level="2"></i><i data-level="3"></i><i data-level="4"></i><i data-level="5"></i> {most} " failed"
                        </span>
                    })}
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
    fn each_shade_has_about_as_many_hours() {
        let cell = |failures, checks| HourOfWeek { checks, failures, ..HourOfWeek::default() };
        let hours: Vec<HourOfWeek> = (1..=10).map(|n| cell(n, 100_000)).chain([cell(0, 9), cell(0, 0)]).collect();
        let scale = Scale::of(&hours);
        let levels: Vec<&str> = hours.iter().map(|hour| scale.level(hour)).collect();
        assert_eq!(levels, ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5", "0", "none"]);
        assert_eq!(scale.ends(), Some(("less than 0.01%".into(), "0.01%".into())));
        assert_eq!(Scale::of(&[cell(1, 2)]).level(&cell(1, 2)), "5");
        assert_eq!(Scale::of(&[]).level(&cell(0, 2)), "0");
        assert_eq!(said(23, &cell(2, 40)), "Mon 23:00 to 00:00: 2 of 40 checks failed");
    }
}
