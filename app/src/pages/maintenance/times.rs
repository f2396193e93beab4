//! When a window is open, on the reader's wall and, where it is another one, on the wall of its zone.

use domain::maintenance::Occurrence;
use domain::words;
use leptos::prelude::*;

use crate::environment::environment;
use crate::zone;

/// An occurrence in words: `30 Nov 2026, 02:00 to 03:00`.
fn said(one: Occurrence, wall: &str) -> String {
    let (from, to) = (zone::date(one.from, wall), zone::date(one.to, wall));
    let end = if from == to { zone::minute(one.to, wall) } else { format!("{}, {}", zone::day(one.to, wall), zone::minute(one.to, wall)) };
    format!("{from}, {} to {end}", zone::minute(one.from, wall))
}

/// An occurrence. The wall of the reader comes first.
#[component]
pub fn Times(one: Occurrence, #[prop(into)] zone: String) -> impl IntoView {
    let env = environment();
    let mine = move || env.zone.with(|wall| said(one, wall));
    let theirs = StoredValue::new(zone);
    let elsewhere = move || theirs.with_value(|wall| env.zone.with(|mine| mine != wall).then(|| format!("{} in {wall}", said(one, wall))));
    let title = move || env.zone.with(|wall| format!("{} to {}", zone::exact(one.from, wall), zone::exact(one.to, wall)));
    view! {
        <time datetime=one.from.to_rfc3339() title=title>{mine}</time>
        {move || elsewhere().map(|text| view! { <span class="muted">" · " {text}</span> })}
    }
}

/// How long an occurrence lasts.
pub fn length(duration_ms: u64) -> String {
    words::duration_ms(duration_ms)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_night_is_said_with_both_of_its_days() {
        let at = |text| Timestamp::parse_rfc3339(text).expect("valid");
        let one = Occurrence { from: at("2026-11-29T23:30:00Z"), to: at("2026-11-30T01:00:00Z") };
        assert_eq!(said(one, "UTC"), "29 Nov 2026, 23:30 to 30 Nov, 01:00");
        assert_eq!(said(one, "Europe/Berlin"), "30 Nov 2026, 00:30 to 02:00");
    }
}
