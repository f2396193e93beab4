//! The figures of the space.

use domain::view::MonitorPage;
use domain::{State, words};
use leptos::prelude::*;

use crate::components::Stat;
use crate::environment::environment;
use crate::live::live;
use crate::zone;

/// Up, down, degraded, uptime, checks.
#[component]
pub fn TotalsRow(page: RwSignal<MonitorPage>) -> impl IntoView {
    let env = environment();
    let live = live();
    let totals = Memo::new(move |_| live.totals.get().unwrap_or_else(|| page.with(|p| p.totals.clone())));
    let count = move |state| move || totals.with(|t| words::grouped(u64::from(t.count(state))));
    let all = move || totals.with(|t| format!("of {}", words::count(usize::try_from(t.all()).unwrap_or(0), "monitor", "monitors")));
    let since = move || {
        totals.with(|t| match t.down.first() {
            Some(first) => format!("since {}", env.zone.with(|z| zone::near_clock(first.since, env.now.get(), z))),
            None => "nothing".to_owned(),
        })
    };
    let degraded = move || totals.with(|t| if t.count(State::Degraded) == 0 { "nothing" } else { "slow or expiring" });
    let uptime = move || totals.with(|t| t.uptime_24h.map_or_else(|| "—".to_owned(), words::percent));
    let down = move || {
        totals.with(|t| {
            if t.down_ms_24h == 0 { "no down time".to_owned() } else { format!("{} down in all", words::duration_ms(t.down_ms_24h)) }
        })
    };
    let rate = move || totals.with(|t| rate(t.checks_per_second));
    let median =
        move || totals.with(|t| t.median_us.map_or_else(|| "no latency yet".to_owned(), |us| format!("median {}", words::latency(us))));
    view! {
        <dl class="stats">
            <Stat label="Up" state=State::Up figure=view! { {count(State::Up)} }.into_any() note=view! { {all} }.into_any()/>
            <Stat
                label="Down"
                state=State::Down
                lit=Signal::derive(move || totals.with(|t| t.count(State::Down) > 0))
                figure=view! { {count(State::Down)} }.into_any()
                note=view! { {since} }.into_any()
            />
            <Stat label="Degraded" state=State::Degraded figure=view! { {count(State::Degraded)} }.into_any() note=view! { {degraded} }.into_any()/>
            <Stat label="Uptime, 24 h" figure=view! { {uptime} }.into_any() note=view! { {down} }.into_any()/>
            <Stat
                label="Checks"
                figure=view! { {move || rate().0} <small>{move || rate().1}</small> }.into_any()
                note=view! { {median} }.into_any()
            />
        </dl>
    }
}

/// Checks in the unit that gives a number above one.
fn rate(per_second: f64) -> (String, &'static str) {
    let digits = |n: f64| if n >= 100.0 || n.fract() < 0.05 { format!("{n:.0}") } else { format!("{n:.1}") };
    if per_second >= 1.0 { (digits(per_second), "/s") } else { (digits(per_second * 60.0), "/min") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn rates_read_well() {
        assert_eq!(super::rate(48.23), ("48.2".into(), "/s"));
        assert_eq!(super::rate(1000.0), ("1000".into(), "/s"));
        assert_eq!(super::rate(1.0 / 60.0), ("1".into(), "/min"));
    }
}
