//! The first line of the overview answers the question.

use domain::live::Totals;
use domain::view::MonitorPage;
use domain::{State, words};
use leptos::prelude::*;

use crate::environment::environment;
use crate::live::live;
use crate::zone;

/// What is the case, in a few words.
fn say(totals: &Totals) -> String {
    let (down, all) = (totals.count(State::Down), totals.all());
    // What nobody looks at on purpose is no part of the question.
    let watched = all - totals.count(State::Paused) - totals.count(State::Maintenance);
    let (degraded, unknown) = (totals.count(State::Degraded), totals.count(State::Unknown));
    match (down, totals.down.as_slice()) {
        (0, _) if all == 0 => "Nothing is watched yet".into(),
        (0, _) if watched == 0 && totals.count(State::Maintenance) == 0 => "Every monitor is paused".into(),
        (0, _) if watched == 0 => "Everything that is watched is in maintenance".into(),
        (0, _) if totals.count(State::Up) == watched && watched == 1 => "The only monitor is up".into(),
        (0, _) if totals.count(State::Up) == watched => format!("All {} monitors are up", number(watched)),
        (0, _) if degraded > 0 => format!("{} degraded", verb(degraded)),
        (0, _) if totals.count(State::Pending) > 0 => format!("{} failing, not confirmed yet", verb(totals.count(State::Pending))),
        (0, _) if unknown == watched && watched == 1 => "The only monitor has no recent check".into(),
        (0, _) if unknown > 0 => {
            format!("{} of {} monitors {} no recent check", number(unknown), number(watched), if unknown == 1 { "has" } else { "have" })
        }
        (0, _) => "Nothing is down".into(),
        (1, [one, ..]) => format!("{} is down", one.name),
        (2, [one, two, ..]) => format!("{} and {} are down", one.name, two.name),
        _ => format!("{} monitors are down", number(down)),
    }
}

fn number(n: u32) -> String {
    words::grouped(u64::from(n))
}

fn verb(n: u32) -> String {
    if n == 1 { "One monitor is".into() } else { format!("{} monitors are", number(n)) }
}

fn with_word(n: u32, word: &str) -> Option<String> {
    (n > 0).then(|| format!("{} {word}", number(n)))
}

/// One sentence of context.
fn context(totals: &Totals, since: Option<String>) -> String {
    let up = totals.count(State::Up);
    let (down, degraded) = (totals.count(State::Down), totals.count(State::Degraded));
    let rest: Vec<String> = [
        with_word(degraded, "degraded").filter(|_| down > 0),
        with_word(totals.count(State::Pending), "failing but not confirmed").filter(|_| down > 0 || degraded > 0),
        with_word(totals.count(State::Unknown), "without a recent check").filter(|_| down > 0 || degraded > 0),
        with_word(totals.count(State::Unreachable), "unreachable behind something that is down"),
        with_word(totals.count(State::Maintenance), "in maintenance"),
        with_word(totals.count(State::Paused), "paused"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut sentences = Vec::new();
    if let Some(since) = since {
        let who = if down == 1 { "Down" } else { "The longest" };
        sentences.push(format!("{who} for {since}."));
    }
    if !rest.is_empty() {
        let mut said = rest.join(", ");
        said.push('.');
        sentences.push(said);
    }
    let unknown = totals.count(State::Unknown) > 0;
    if (down > 0 || unknown) && up > 0 {
        sentences.push(format!("{} up.", if up == 1 { "One other is".to_owned() } else { format!("{} others are", number(up)) }));
    } else if sentences.is_empty() && totals.all() > 0 {
        sentences.push(match totals.uptime_24h {
            Some(share) => format!("{} over the last 24 hours.", words::percent(share)),
            None if totals.count(State::Unknown) == totals.all() => "The first results arrive in a moment.".into(),
            None => "There is no uptime to tell yet.".into(),
        });
    }
    sentences.join(" ")
}

fn totals(page: RwSignal<MonitorPage>) -> impl Fn() -> Totals + Copy + Send + Sync {
    let live = live();
    move || live.totals.get().unwrap_or_else(|| page.with(|p| p.totals.clone()))
}

/// The heading.
pub fn title(page: RwSignal<MonitorPage>) -> Signal<String> {
    let totals = totals(page);
    Memo::new(move |_| say(&totals())).into()
}

/// The sentence below it.
pub fn lead(page: RwSignal<MonitorPage>) -> AnyView {
    let totals = totals(page);
    let env = environment();
    let text = Memo::new(move |_| {
        let totals = totals();
        let since = totals.down.first().map(|t| zone::span(env.now.get().since(t.since)));
        context(&totals, since)
    });
    view! { <p aria-live="polite">{text}</p> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::live::Trouble;
    use domain::{MonitorId, Timestamp};

    fn totals(counts: &[(State, u32)], down: &[&str]) -> Totals {
        let mut totals = Totals::default();
        for (state, n) in counts {
            totals.by_state[state.index()] = *n;
        }
        let trouble =
            |name: &&str| Trouble { id: MonitorId::new(Timestamp::default(), 1), name: (*name).into(), since: Timestamp::default() };
        totals.down = down.iter().map(trouble).collect();
        totals
    }

    #[test]
    fn the_first_line_answers_the_question() {
        let cases = [
            (totals(&[], &[]), "Nothing is watched yet"),
            (totals(&[(State::Up, 132)], &[]), "All 132 monitors are up"),
            (totals(&[(State::Up, 3), (State::Paused, 2)], &[]), "All 3 monitors are up"),
            (totals(&[(State::Up, 3), (State::Down, 1)], &["Checkout API"]), "Checkout API is down"),
            (totals(&[(State::Down, 2)], &["A", "B"]), "A and B are down"),
            (totals(&[(State::Up, 9), (State::Down, 4)], &["A", "B", "C"]), "4 monitors are down"),
            (totals(&[(State::Up, 9), (State::Degraded, 1)], &[]), "One monitor is degraded"),
            (totals(&[(State::Paused, 9)], &[]), "Every monitor is paused"),
            (totals(&[(State::Up, 1), (State::Unknown, 2)], &[]), "2 of 3 monitors have no recent check"),
            (totals(&[(State::Unknown, 1)], &[]), "The only monitor has no recent check"),
            (totals(&[(State::Up, 2), (State::Maintenance, 1)], &[]), "All 2 monitors are up"),
            (totals(&[(State::Maintenance, 2), (State::Paused, 1)], &[]), "Everything that is watched is in maintenance"),
            (totals(&[(State::Up, 1_000)], &[]), "All 1\u{202f}000 monitors are up"),
        ];
        for (totals, said) in cases {
            assert_eq!(say(&totals), said);
        }
    }

    #[test]
    fn the_context_names_the_rest() {
        let trouble = totals(&[(State::Up, 126), (State::Down, 1), (State::Degraded, 1)], &["Checkout API"]);
        assert_eq!(context(&trouble, Some("6 min".into())), "Down for 6 min. 1 degraded. 126 others are up.");
        let after_a_pause = totals(&[(State::Up, 2), (State::Unknown, 3)], &[]);
        assert_eq!(context(&after_a_pause, None), "2 others are up.");
        let mut calm = totals(&[(State::Up, 3)], &[]);
        calm.uptime_24h = Some(1.0);
        assert_eq!(context(&calm, None), "100% over the last 24 hours.");
    }
}
