//! Uptime over three windows with its coverage, and the last latency.

use domain::Timestamp;
use domain::kind::Kind;
use domain::live::MonitorLive;
use domain::time::DAY_MS;
use domain::view::{MonitorDetail, UptimeView};
use domain::words;
use leptos::prelude::*;

use crate::components::Stat;

/// How far the windows reach back.
const WINDOWS_MS: [i64; 3] = [DAY_MS, 7 * DAY_MS, 30 * DAY_MS];

/// The figures of a monitor.
#[component]
pub fn Figures(detail: RwSignal<MonitorDetail>, now: RwSignal<MonitorLive>) -> impl IntoView {
    let window = move |index: usize| detail.with(|d| d.uptime.get(index).copied());
    let uptime = move |index| move || window(index).and_then(|w| w.tally.uptime()).map_or_else(|| "—".to_owned(), words::percent);
    // Of a young monitor, the window is its life.
    let young = move |index| detail.with(|d| WINDOWS_MS.get(index).is_some_and(|ms| d.created_at.as_millis() > d.now.as_millis() - ms));
    let note = move |index| {
        move || {
            let said = window(index).map(|w| context(&w)).unwrap_or_default();
            if young(index) { format!("{said}, since it was added") } else { said }
        }
    };
    let last = move || {
        let last = now.with(|n| n.last.as_ref().map(|l| l.duration_us)).filter(|us| *us > 0);
        last.map_or_else(|| ("—".to_owned(), ""), words::latency_parts)
    };
    let http = detail.with_untracked(|d| d.draft.kind() == Some(Kind::Http));
    let checks = move || {
        let status = now.with(|n| n.last.as_ref().and_then(|l| l.status)).filter(|_| http).map(|status| format!("status {status}"));
        let ends = detail.with(|d| d.expires_at.map(|end| ends(end, d.now)));
        [status, ends].into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let stat = move |label: &'static str, index: usize| {
        view! { <Stat label figure=view! { {uptime(index)} }.into_any() note=view! { {note(index)} }.into_any()/> }
    };
    view! {
        <dl class="stats" data-count="4">
            {stat("24 hours", 0)}
            {stat("7 days", 1)}
            {stat("30 days", 2)}
            <Stat
                label="Last check"
                figure=view! { {move || last().0} <small>{move || last().1}</small> }.into_any()
                note=view! { {checks} }.into_any()
            />
        </dl>
    }
}

/// How long what was looked at is still good.
fn ends(end: Timestamp, now: Timestamp) -> String {
    match (end.as_millis() - now.as_millis()).div_euclid(DAY_MS) {
        ..0 => "expired".to_owned(),
        0 => "expires today".to_owned(),
        1 => "expires tomorrow".to_owned(),
        days => format!("expires in {days} days"),
    }
}

/// How long it was down, and how much of the window was watched when that is not all of it.
fn context(window: &UptimeView) -> String {
    let tally = &window.tally;
    let down = match tally.down_ms() {
        0 if tally.uptime().is_none() => "not watched yet".to_owned(),
        0 => "no down time".to_owned(),
        ms => format!("{} down", words::duration_ms(ms)),
    };
    match tally.coverage() {
        Some(coverage) if coverage < 1.0 => format!("{down}, {} watched", words::percent(coverage)),
        _ => down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::uptime::Tally;
    use domain::{State, Timestamp};

    #[test]
    fn the_context_says_what_was_watched() {
        let mut tally = Tally::default();
        let view = |tally| UptimeView { from: Timestamp::default(), to: Timestamp::default(), tally };
        assert_eq!(context(&view(tally)), "not watched yet");
        tally.add_ms(State::Up, 900_000);
        assert_eq!(context(&view(tally)), "no down time");
        tally.add_ms(State::Down, 60_000);
        tally.add_ms(State::Unknown, 240_000);
        assert_eq!(context(&view(tally)), "1 min down, 80% watched");
    }
}
