//! Windows over clock changes, by hand, and as properties over many zones.

use proptest::prelude::*;

use super::*;
use crate::id::{SpaceId, WindowId};
use crate::maintenance::Covers;

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "America/Santiago",
    "Pacific/Apia",
    "Atlantic/Azores",
];

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect(text)
}

fn window(repeat: &str, minutes: u64, zone: &str) -> (Window, Calendar) {
    let spec = WindowSpec {
        name: "Work".into(),
        note: String::new(),
        covers: Covers::All,
        repeat: repeat.parse().expect(repeat),
        duration: Duration::from_secs(minutes * 60),
        zone: zone.into(),
        enabled: true,
    };
    let calendar = Calendar::new(&spec).expect("valid");
    let created = at("2020-01-01T00:00:00Z");
    let (id, space) = (WindowId::new(created, 1), SpaceId::new(created, 1));
    (Window { id, space, spec, started_at: None, ended_at: None, updated_at: created }, calendar)
}

fn begins(repeat: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let (window, calendar) = window(repeat, 60, zone);
    window.upcoming(&calendar, at(after), count).iter().map(|o| o.from.to_rfc3339().replace(":00.000Z", "Z")).collect()
}

#[test]
fn a_skipped_time_begins_after_the_gap_and_a_repeated_one_begins_once() {
    // Europe/Berlin: on 29 March 2026 02:00 becomes 03:00, on 25 October 2026 03:00 becomes 02:00.
    assert_eq!(
        begins("daily 02:30", "Europe/Berlin", "2026-03-27T12:00:00Z", 3),
        ["2026-03-28T01:30Z", "2026-03-29T01:30Z", "2026-03-30T00:30Z"]
    );
    assert_eq!(begins("daily 02:30", "Europe/Berlin", "2026-10-24T12:00:00Z", 2), ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    assert_eq!(begins("cron 30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2), ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]);
    // Samoa had no 30 December 2011.
    assert_eq!(begins("weekly fri,sat 09:00", "Pacific/Apia", "2011-12-29T21:00:00Z", 2), ["2011-12-30T19:00Z", "2012-01-05T19:00Z"]);
}

#[test]
fn a_window_lasts_its_duration_in_real_time() {
    let (window, calendar) = window("once 2026-03-29T01:30", 60, "Europe/Berlin");
    let open = window.look(&calendar, at("2026-03-29T01:00:00Z")).open.expect("open");
    assert_eq!((open.from, open.to), (at("2026-03-29T00:30:00Z"), at("2026-03-29T01:30:00Z")));
    assert_eq!(window.look(&calendar, open.to), Look::default(), "its end is no longer in it, and it never comes again");
}

#[test]
fn a_person_ends_and_begins_it_out_of_turn() {
    let (mut window, calendar) = window("daily 02:00", 60, "UTC");
    let half = at("2026-11-30T02:30:00Z");
    assert_eq!(window.look(&calendar, half).open.map(|o| o.to), Some(at("2026-11-30T03:00:00Z")));
    window.ended_at = Some(half);
    let look = window.look(&calendar, half);
    assert_eq!((look.open, look.next.map(|n| n.from)), (None, Some(at("2026-12-01T02:00:00Z"))));
    assert_eq!(window.last_end(&calendar, at("2026-11-30T01:00:00Z"), at("2026-11-30T04:00:00Z")), Some(half));
    let noon = at("2026-11-30T12:00:00Z");
    window.started_at = Some(noon);
    assert_eq!(window.look(&calendar, noon).open.map(|o| o.to), Some(at("2026-11-30T13:00:00Z")));
    window.ended_at = Some(noon.plus(Duration::from_secs(60)));
    assert_eq!(window.look(&calendar, noon.plus(Duration::from_secs(60))).open, None);
}

#[test]
fn a_window_that_is_off_begins_by_hand_alone() {
    let (mut window, calendar) = window("daily 02:00", 60, "UTC");
    window.spec.enabled = false;
    assert_eq!(window.look(&calendar, at("2026-11-30T02:30:00Z")), Look::default());
    window.started_at = Some(at("2026-11-30T02:30:00Z"));
    assert!(window.look(&calendar, at("2026-11-30T02:30:00Z")).open.is_some());
}

#[test]
fn the_end_of_a_window_that_passed_unseen_is_known() {
    let (window, calendar) = window("daily 02:00", 60, "UTC");
    let end = |after, now| window.last_end(&calendar, at(after), at(now));
    assert_eq!(end("2026-11-28T12:00:00Z", "2026-11-30T02:30:00Z"), Some(at("2026-11-29T03:00:00Z")));
    assert_eq!(end("2026-11-30T03:00:00Z", "2026-11-30T12:00:00Z"), None);
}

fn rules() -> impl Strategy<Value = String> {
    prop_oneof![
        (0u8..24, 0u8..60).prop_map(|(hour, minute)| format!("daily {hour:02}:{minute:02}")),
        (0usize..7, 0usize..7, 0u8..24, 0u8..60).prop_map(|(one, other, hour, minute)| {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            format!("weekly {},{} {hour:02}:{minute:02}", names[one], names[other])
        }),
        (0u8..60, 0u8..24).prop_map(|(minute, hour)| format!("cron {minute} {hour} * * *")),
        (0u8..60).prop_map(|minute| format!("cron {minute} */3 * * *")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn occurrences_are_in_order_and_a_look_agrees_with_them(
        rule in rules(), zone in 0usize..ZONES.len(), start in 1_300_000_000i64..1_950_000_000, minutes in 1u64..60, probe in 0i64..1_209_600,
    ) {
        let (window, calendar) = window(&rule, minutes, ZONES[zone]);
        let start = Timestamp::from_millis(start * 1_000);
        let some: Vec<Occurrence> = calendar.ending_after(start).take(40).collect();
        prop_assert!(some.windows(2).all(|w| w[0].from < w[1].from), "{some:?}");
        prop_assert!(some.iter().all(|o| o.to > start && o.to.since(o.from) == Duration::from_secs(minutes * 60)));
        // Asking later finds the same ones.
        let now = start.plus(Duration::from_secs(probe.unsigned_abs()));
        let later: Vec<Occurrence> = calendar.ending_after(now).take(3).collect();
        let known: Vec<Occurrence> = some.iter().filter(|o| o.to > now).take(3).copied().collect();
        prop_assert!(known.iter().zip(&later).all(|(a, b)| a == b), "{known:?} {later:?}");
        let look = window.look(&calendar, now);
        prop_assert_eq!(look.open.is_some(), later.first().is_some_and(|o| o.from <= now));
        prop_assert!(look.next.is_some_and(|o| o.from > now));
        if let Some(change) = look.changes_at() {
            prop_assert!(change > now);
            let just_before = Timestamp::from_millis(change.as_millis() - 1);
            prop_assert_eq!(window.look(&calendar, just_before).open.is_some(), look.open.is_some());
        }
    }

    #[test]
    fn a_daily_window_begins_when_the_wall_says_so(
        zone in 0usize..ZONES.len(), start in 1_400_000_000i64..1_950_000_000, hour in 0u8..24, minute in 0u8..60,
    ) {
        let (window, calendar) = window(&format!("daily {hour:02}:{minute:02}"), 10, ZONES[zone]);
        let start = Timestamp::from_millis(start * 1_000);
        for one in window.upcoming(&calendar, start, 20) {
            let offset = one.from.offset_in(ZONES[zone]).expect("known");
            let wall = one.from.civil(offset);
            // Right after a gap the wall says another time; everywhere else exactly this one.
            let before = one.from.minus(Duration::from_secs(4 * 3_600)).offset_in(ZONES[zone]).expect("known");
            prop_assert!((wall.hour, wall.minute) == (hour, minute) || before != offset, "{wall:?}");
        }
    }
}
