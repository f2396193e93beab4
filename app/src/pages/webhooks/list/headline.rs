//! The first line of the list answers the question.

use domain::webhook::{ScheduleCounts, SchedulesView, Standing};
use domain::words;

fn number(n: u32) -> String {
    words::grouped(u64::from(n))
}

/// What is the case, in a few words.
pub fn title(counts: &ScheduleCounts) -> String {
    let (all, failing, retrying) = (counts.all, counts.of(Standing::Failing), counts.of(Standing::Retrying));
    let (paused, disabled) = (counts.of(Standing::Paused), counts.of(Standing::Disabled));
    let (active, new) = (all.saturating_sub(paused).saturating_sub(disabled), counts.of(Standing::New));
    match (failing, disabled) {
        _ if all == 0 => "No webhook is scheduled yet".into(),
        (1, _) if active <= 1 => "The only webhook is failing".into(),
        (1, _) => format!("One of {} {} is failing", number(active), among(active < all)),
        (n, _) if n > 1 && n == active => format!("All {} webhooks are failing", number(n)),
        (n, _) if n > 1 => format!("{} of {} {} are failing", number(n), number(active), among(active < all)),
        (_, 1) => "One webhook switched itself off".into(),
        (_, n) if n > 1 => format!("{} webhooks switched themselves off", number(n)),
        _ if active == 0 => "Every webhook is paused".into(),
        _ if retrying > 0 && active == 1 => "The only webhook is trying again".into(),
        _ if retrying == 1 => format!("One of {} {} is trying again", number(active), among(active < all)),
        _ if retrying > 1 => format!("{} of {} {} are trying again", number(retrying), number(active), among(active < all)),
        _ if new == active && active == 1 => "The only webhook has not run yet".into(),
        _ if new == active => format!("None of {} webhooks has run yet", number(active)),
        _ if new > 0 => "No webhook is failing".into(),
        _ if active == 1 => "The only webhook is well".into(),
        _ => format!("All {} webhooks are well", number(active)),
    }
}

/// What the number is of: others stand in the list, too.
fn among(some_rest: bool) -> &'static str {
    if some_rest { "active webhooks" } else { "webhooks" }
}

/// One sentence of context.
pub fn lead(page: &SchedulesView) -> String {
    let (ended, failed) = page.day;
    let runs = words::count(usize::try_from(ended).unwrap_or(0), "run", "runs");
    let day = match (ended, failed) {
        (0, _) => "No run ended in the last 24 hours.".to_owned(),
        (_, 0) => format!("{runs} in the last 24 hours, none failed."),
        (_, failed) => format!("{runs} in the last 24 hours, {} failed.", number(failed)),
    };
    if page.counts.all == 0 {
        return "A webhook is a request that is made when a timetable says so.".into();
    }
    let said = |n: u32, word: &str| (n > 0).then(|| format!("{} {word}", number(n)));
    let of = |standing: Standing, word: &str| said(page.counts.of(standing), word);
    let is_failing = page.counts.of(Standing::Failing) > 0;
    let off = of(Standing::Disabled, "switched off").filter(|_| is_failing);
    let retrying = of(Standing::Retrying, "trying again").filter(|_| is_failing);
    let new = of(Standing::New, "without a run yet").filter(|_| page.counts.of(Standing::New) < page.counts.all);
    let rest: Vec<String> =
        [retrying, of(Standing::Running, "running"), new, of(Standing::Paused, "paused"), off, of(Standing::Ended, "ended")]
            .into_iter()
            .flatten()
            .collect();
    if rest.is_empty() { day } else { format!("{day} {}.", rest.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: u32, failing: u32, paused: u32, disabled: u32) -> ScheduleCounts {
        let mut counts = ScheduleCounts::default();
        let well = all - failing - paused - disabled;
        let each = [(Standing::Failing, failing), (Standing::Paused, paused), (Standing::Disabled, disabled), (Standing::Well, well)];
        each.into_iter().for_each(|(standing, n)| counts.add(standing, n));
        counts
    }

    #[test]
    fn the_first_line_answers_the_question() {
        let of = |all, failing, paused, disabled| title(&counts(all, failing, paused, disabled));
        assert_eq!(of(0, 0, 0, 0), "No webhook is scheduled yet");
        assert_eq!(of(24, 0, 0, 0), "All 24 webhooks are well");
        assert_eq!(of(24, 2, 0, 0), "2 of 24 webhooks are failing");
        assert_eq!(of(24, 1, 4, 0), "One of 20 active webhooks is failing");
        assert_eq!(of(1, 1, 0, 0), "The only webhook is failing");
        assert_eq!(of(3, 0, 3, 0), "Every webhook is paused");
        assert_eq!(of(3, 0, 1, 1), "One webhook switched itself off");
        assert_eq!(of(1, 0, 0, 0), "The only webhook is well");
        assert_eq!(of(2, 2, 0, 0), "All 2 webhooks are failing");
        let mut fresh = counts(2, 0, 0, 0);
        fresh.add(Standing::New, 14);
        assert_eq!(title(&fresh), "No webhook is failing");
        let mut tried_again = counts(23, 0, 0, 0);
        tried_again.add(Standing::Retrying, 1);
        assert_eq!(title(&tried_again), "One of 24 webhooks is trying again");
    }

    #[test]
    fn the_context_names_the_rest() {
        let page = SchedulesView { counts: counts(9, 1, 2, 1), day: (1_204, 3), ..SchedulesView::default() };
        assert_eq!(lead(&page), "1\u{202f}204 runs in the last 24 hours, 3 failed. 2 paused, 1 switched off.");
    }
}
