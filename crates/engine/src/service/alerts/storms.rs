//! Storms in the bell: many of a kind within a minute are one row, so that they do not push everything else off the page. Pure.

use std::collections::HashMap;

use domain::alert::Event;
use domain::alert::view::BellRow;
use domain::{MonitorId, words};
use store::{KeptNotice, Seen};

use crate::alert::{SINGLES, WINDOW};

/// Names that the row of a storm lists.
const NAMED: usize = 3;

/// Notices of one kind within a minute, the newest first.
type Group = Vec<KeptNotice>;

/// Notices as they are read, the newest first.
#[derive(Default)]
pub(super) struct Storms {
    groups: Vec<Group>,
    /// The newest group of each kind: older notices may belong to it.
    newest: HashMap<Event, usize>,
}

impl Storms {
    /// Takes one up, unless it would begin another row beyond so many; then it is left.
    pub fn take(&mut self, kept: KeptNotice, most: usize) -> bool {
        let event = kept.notice.event;
        let of = self.newest.get(&event).and_then(|place| self.groups.get_mut(*place));
        let within =
            |group: &&mut Group| group.first().is_some_and(|first| first.notice.decided_at.since(kept.notice.decided_at) <= WINDOW);
        if let Some(group) = of.filter(within) {
            group.push(kept);
            return true;
        }
        if self.rows() >= most {
            return false;
        }
        self.newest.insert(event, self.groups.len());
        self.groups.push(vec![kept]);
        true
    }

    fn rows(&self) -> usize {
        self.groups.iter().map(|group| if group.len() > SINGLES { 1 } else { group.len() }).sum()
    }

    /// What is shown, the newest first.
    pub fn into_rows(self, seen: &Seen) -> Vec<BellRow> {
        let rows = |group: Group| {
            if group.len() > SINGLES { vec![storm(&group, seen)] } else { group.into_iter().map(|kept| single(kept, seen)).collect() }
        };
        let mut rows: Vec<BellRow> = self.groups.into_iter().flat_map(rows).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        rows
    }
}

fn single(kept: KeptNotice, seen: &Seen) -> BellRow {
    let seen = seen.has(&kept);
    let KeptNotice { key, notice } = kept;
    BellRow {
        key,
        event: notice.event,
        headline: notice.headline(),
        detail: notice.said(),
        at: notice.decided_at,
        incident: notice.incident,
        monitor: notice.subject.monitor,
        webhook: notice.subject.schedule,
        run: notice.subject.run,
        together: 1,
        seen,
    }
}

fn storm(group: &[KeptNotice], seen: &Seen) -> BellRow {
    let instants = || group.iter().map(|kept| kept.notice.decided_at);
    let (first, last) = (instants().min().unwrap_or_default(), instants().max().unwrap_or_default());
    let event = group.first().map_or(Event::Down, |kept| kept.notice.event);
    let mut names: Vec<(Option<MonitorId>, &str)> =
        group.iter().map(|kept| (kept.notice.subject.monitor, kept.notice.subject.name.as_str())).collect();
    names.sort_unstable_by_key(|(monitor, name)| (*name, *monitor));
    names.dedup();
    let how_many = names.len();
    let mut listed: Vec<String> = names.iter().take(NAMED).map(|(_, name)| (*name).to_owned()).collect();
    if how_many > NAMED {
        listed.push(format!("and {} more", words::grouped(u64::try_from(how_many - NAMED).unwrap_or(u64::MAX))));
    }
    BellRow {
        key: Seen::range(event, first, last),
        event,
        headline: headline(event, how_many, group.len()),
        detail: listed.join(", "),
        at: last,
        incident: group.first().and_then(|kept| kept.notice.incident),
        monitor: None,
        webhook: None,
        run: None,
        together: u32::try_from(group.len()).unwrap_or(u32::MAX),
        seen: group.iter().all(|kept| seen.has(kept)),
    }
}

fn headline(event: Event, subjects: usize, notices: usize) -> String {
    match event {
        Event::Down => format!("{} down", words::count(subjects, "monitor is", "monitors are")),
        Event::Late => format!("{} late or failed", words::count(subjects, "job is", "jobs are")),
        Event::Up => format!("{} up again", words::count(subjects, "monitor is", "monitors are")),
        Event::Degraded => format!("{} degraded", words::count(subjects, "monitor is", "monitors are")),
        other => format!("{}: {}", other.label(), words::count(notices, "time", "times")),
    }
}

#[cfg(test)]
mod tests {
    use domain::alert::{Notice, Subject};
    use domain::{SpaceId, Timestamp};

    use super::*;

    fn kept(event: Event, n: u128, at: i64) -> KeptNotice {
        let at = Timestamp::from_millis(at);
        let monitor = Some(MonitorId::new(Timestamp::from_millis(1), n));
        let subject = Subject { monitor, ..Subject::named("http", format!("m{n:03}")) };
        let notice = Notice {
            event,
            space: SpaceId::from_bits(1),
            space_name: "Acme".into(),
            subject,
            incident: None,
            at,
            decided_at: at,
            cause: None,
            detail: String::new(),
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        };
        KeptNotice { key: format!("{}-{n}", at.as_millis()), notice }
    }

    fn rows(notices: Vec<KeptNotice>, seen: &Seen) -> Vec<BellRow> {
        let mut storms = Storms::default();
        assert!(notices.into_iter().all(|kept| storms.take(kept, 30)));
        storms.into_rows(seen)
    }

    #[test]
    fn a_storm_is_one_row_and_a_few_are_rows_of_their_own() {
        let mut notices: Vec<KeptNotice> = vec![kept(Event::Up, 900, 200_000)];
        notices.extend((0..100).map(|n| kept(Event::Down, n, 160_000 - i64::try_from(n).unwrap_or(0) * 100)));
        notices.extend((0..3).map(|n| kept(Event::Down, n, 20_000 - i64::try_from(n).unwrap_or(0))));
        let mut seen = Seen::default();
        let all = rows(notices.clone(), &seen);
        let headlines: Vec<&str> = all.iter().map(|row| row.headline.as_str()).collect();
        assert_eq!(headlines, ["m900 is up again", "100 monitors are down", "m000 is down", "m001 is down", "m002 is down"]);
        assert_eq!((all[1].together, all[1].detail.as_str(), all[1].seen), (100, "m000, m001, m002, and 97 more", false));
        seen.read.push(all[1].key.clone());
        let all = rows(notices, &seen);
        assert_eq!(all.iter().map(|row| row.seen).collect::<Vec<_>>(), [false, true, false, false, false], "only what is in it");
    }

    #[test]
    fn a_page_ends_where_another_row_would_begin() {
        let mut storms = Storms::default();
        assert!((0..50).all(|n| storms.take(kept(Event::Down, n, 100_000), 2)));
        assert!(storms.take(kept(Event::Up, 1, 99_000), 2));
        assert!(!storms.take(kept(Event::Expiring, 1, 98_000), 2) && storms.take(kept(Event::Down, 60, 98_000), 2));
        assert_eq!(storms.into_rows(&Seen::default()).len(), 2);
    }
}
