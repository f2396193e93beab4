//! Cron: the reference tables, what is refused, and every change of every clock.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().expect(text);
    Timestamp::from_millis(instant.as_millisecond())
}

fn cron(text: &str, name: &str) -> Cron {
    Cron::parse_extended(text).expect(text).in_zone(zone(name).expect(name))
}

#[test]
fn times_follow_the_zone() {
    let cron = Cron::parse("30 2 * * *").expect("valid").in_zone(zone("Europe/Riga").expect("known"));
    assert_eq!(cron.next_after(at("2027-01-10T00:00:00Z")), Some(at("2027-01-10T00:30:00Z")));
    assert_eq!(cron.next_after(at("2027-07-10T00:00:00Z")), Some(at("2027-07-10T23:30:00Z")));
}

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    tz: String,
    start: String,
    expr: String,
    expected: Vec<String>,
}

/// Made with cronsim 2.7, which follows Debian's cron: see the file.
#[test]
fn changes_of_the_clock_are_taken_as_debian_takes_them() {
    let text = include_str!("../../tests/cron-dst-vectors.json");
    let Vectors { vectors } = serde_json::from_str(text).expect("the vectors");
    assert_eq!(vectors.len(), 120);
    for Vector { tz, start, expr, expected } in vectors {
        let found: Vec<_> = cron(&expr, &tz).after(at(&start)).take(expected.len()).collect();
        let expected: Vec<_> = expected.iter().map(|text| at(text)).collect();
        assert_eq!(found, expected, "{expr} in {tz} after {start}");
    }
}

#[test]
fn the_reference_tables_hold() {
    let cases: [(&str, &str, &str, &[&str]); 26] = [
        ("UTC", "2012-07-09T23:46:00Z", "0 */15 * * * *", &["2012-07-10T00:00:00Z"]),
        ("UTC", "2012-12-31T23:59:45Z", "0 * * * * *", &["2013-01-01T00:00:00Z"]),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 0 29 2 *", &["2016-02-29T00:00:00Z"]),
        ("UTC", "2012-07-31T23:59:59Z", "0 0 1,15 * 0", &["2012-08-01T00:00:00Z", "2012-08-05T00:00:00Z"]),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 0 */5 4,8,10 1", &["2012-08-06T00:00:00Z"]),
        ("America/New_York", "2012-03-11T01:00:00-05:00", "0 0 * * * *", &["2012-03-11T03:00:00-04:00", "2012-03-11T04:00:00-04:00"]),
        ("America/New_York", "2012-03-11T00:00:00-05:00", "0 0 2 * * *", &["2012-03-11T03:00:00-04:00"]),
        ("America/New_York", "2012-11-04T00:00:00-04:00", "0 0 1 * * *", &["2012-11-04T01:00:00-04:00", "2012-11-05T01:00:00-05:00"]),
        ("America/Sao_Paulo", "2018-10-17T06:00:00-03:00", "0 0 9 10 * *", &["2018-11-10T09:00:00-02:00"]),
        (
            "Europe/Riga",
            "2021-03-27T00:00:00+02:00",
            "15 3 * * *",
            &["2021-03-27T03:15:00+02:00", "2021-03-28T04:00:00+03:00", "2021-03-29T03:15:00+03:00"],
        ),
        (
            "Europe/Riga",
            "2021-10-31T01:30:00+03:00",
            "0 */3 * * *",
            &["2021-10-31T03:00:00+03:00", "2021-10-31T03:00:00+02:00", "2021-10-31T06:00:00+02:00"],
        ),
        ("Europe/Riga", "2021-03-28T02:10:00+02:00", "*/30 * * * *", &["2021-03-28T02:30:00+02:00", "2021-03-28T04:00:00+03:00"]),
        (
            "Europe/Riga",
            "2021-10-31T03:58:00+03:00",
            "* 1-6 * * *",
            &["2021-10-31T03:59:00+03:00", "2021-10-31T03:00:00+02:00", "2021-10-31T03:01:00+02:00"],
        ),
        ("Europe/Stockholm", "2025-03-30T01:59:59+01:00", "0 30 2 * * *", &["2025-03-30T03:00:00+02:00"]),
        ("Europe/Paris", "2024-10-27T01:00:00+02:00", "30 2 * * *", &["2024-10-27T02:30:00+02:00", "2024-10-28T02:30:00+01:00"]),
        (
            "Europe/Stockholm",
            "2025-10-25T23:59:00+02:00",
            "0 0 */2 * * *",
            &["2025-10-26T00:00:00+02:00", "2025-10-26T02:00:00+02:00", "2025-10-26T02:00:00+01:00", "2025-10-26T04:00:00+01:00"],
        ),
        ("Australia/Lord_Howe", "2024-04-07T01:58:00+11:00", "* * * * *", &["2024-04-07T01:59:00+11:00", "2024-04-07T01:30:00+10:30"]),
        ("Australia/Lord_Howe", "2024-10-05T12:00:00+10:30", "15 2 * * *", &["2024-10-06T02:30:00+11:00", "2024-10-07T02:15:00+11:00"]),
        ("Africa/Cairo", "2024-04-25T12:00:00+02:00", "0 0 * * *", &["2024-04-26T01:00:00+03:00", "2024-04-27T00:00:00+03:00"]),
        ("UTC", "2025-07-31T00:00:00Z", "0 0 LW * *", &["2025-08-29T00:00:00Z", "2025-09-30T00:00:00Z"]),
        ("UTC", "2025-07-01T00:00:00Z", "0 0 * * 2#2", &["2025-07-08T00:00:00Z", "2025-08-12T00:00:00Z"]),
        ("UTC", "2025-07-01T00:00:00Z", "0 0 * * 5L", &["2025-07-25T00:00:00Z", "2025-08-29T00:00:00Z"]),
        ("UTC", "2025-07-01T00:00:00Z", "0 12 1 * +MON", &["2025-09-01T12:00:00Z", "2025-12-01T12:00:00Z"]),
        ("UTC", "2012-07-07T00:00:00Z", "0 0 * * 7", &["2012-07-08T00:00:00Z"]),
        (
            "Europe/Berlin",
            "2025-03-29T20:00:00+01:00",
            "0 2,14 * * *",
            &["2025-03-30T03:00:00+02:00", "2025-03-30T14:00:00+02:00", "2025-03-31T02:00:00+02:00"],
        ),
        ("Pacific/Apia", "2011-12-29T12:00:00-10:00", "0 9 * * *", &["2011-12-31T09:00:00+14:00"]),
    ];
    for (name, start, expr, expected) in cases {
        let found: Vec<_> = cron(expr, name).after(at(start)).take(expected.len()).map(Timestamp::to_rfc3339).collect();
        let expected: Vec<_> = expected.iter().map(|text| at(text).to_rfc3339()).collect();
        assert_eq!(found, expected, "{expr} in {name} after {start}");
    }
}

#[test]
fn a_wall_that_skips_a_day_stops_nothing() {
    let every = cron("*/30 9 * * *", "Pacific/Apia");
    let found: Vec<_> = every.after(at("2011-12-29T12:00:00-10:00")).take(2).collect();
    assert_eq!(found, [at("2011-12-31T09:00:00+14:00"), at("2011-12-31T09:30:00+14:00")]);
    assert_eq!(cron("0 0 * 2 MON#5", "UTC").next_after(at("2020-01-01T00:00:00Z")), Some(at("2044-02-29T00:00:00Z")));
}

#[test]
fn what_is_wrong_is_said_and_where() {
    let cases = [
        ("", None, "not a cron"),
        ("every day", None, "2 fields"),
        ("xyz", None, "1 fields"),
        ("0 0 30 2 *", None, "never comes"),
        ("0 0 0 30 2 *", None, "never comes"),
        ("60 0 * * *", Some(1), "Minute, at character 1: 60 is not between 0 and 59"),
        ("0 24 * * *", Some(3), "Hour, at character 3: 24"),
        ("0 60 * * *", Some(3), "Hour"),
        ("0 0 * * XYZ", Some(9), "“xyz” is not a number and not a name"),
        ("15/0 * * * *", Some(4), "step of 0"),
        ("*/0 * * * *", Some(3), "step of 0"),
        ("*/61 * * * *", Some(3), "longer than the field"),
        ("5-1 * * * *", Some(1), "ends before it begins"),
        ("0 22-4 * * *", Some(3), "ends before it begins"),
        ("0 0 32 * *", Some(5), "Day of the month"),
        ("* * * * 8", Some(9), "8 is not between 0 and 7"),
        ("1,,2 * * * *", Some(3), "missing"),
        ("0 0 * * 5#6", Some(11), "1 to 5"),
        ("0 0 * * L", Some(9), "needs a day"),
        ("* * * *", None, "4 fields"),
        ("* * * * * * * *", None, "8 fields"),
        ("@reboot", None, "is not known"),
        ("@every 5m", None, "is not known"),
        ("0 0 * * * 1.5 *", Some(11), "not a number"),
    ];
    for (text, place, part) in cases {
        let error = Cron::parse_extended(text).expect_err(text);
        assert!(error.message.contains(part) && error.at == place, "{text}: {error:?}");
    }
    let long = Cron::parse_extended(&"1,".repeat(200)).expect_err("long");
    assert!(long.message.contains("at most"), "{long}");
    assert!(Cron::parse("* * * * * *").is_err_and(|error| error.contains("not a cron")));
    assert!(zone("Mars/Olympus").is_err());
}

#[test]
fn what_is_pasted_from_elsewhere_is_read() {
    let from = at("2026-11-25T00:10:00Z");
    assert_eq!(cron("0/15 * * * *", "UTC").next_after(from), Some(at("2026-11-25T00:15:00Z")));
    assert_eq!(cron("@midnight", "UTC").next_after(from), Some(at("2026-11-26T00:00:00Z")));
    assert_eq!(cron("0 0 12 ? * MON-SUN 2027", "UTC").next_after(from), Some(at("2027-01-01T12:00:00Z")));
    assert_eq!(cron("0 0 12 1 1 * 2027", "UTC").next_after(at("2028-01-01T00:00:00Z")), None);
}

#[test]
fn words_say_what_it_means() {
    let cases = [
        ("0 2 * * *", "At 02:00"),
        ("0 2 * * 1", "At 02:00 on Monday"),
        ("*/7 * * * *", "Every 7 minutes, counted anew each hour"),
        ("0 */5 * * *", "Every 5 hours, on the hour, counted anew each day"),
        ("*/15 9-17 * * MON-FRI", "Every 15 minutes between 09:00 and 17:59 on Monday to Friday"),
        ("* * * * *", "Every minute"),
        ("*/10 * * * * *", "Every 10 seconds"),
        ("30 0 2,14 * * *", "At 02:00:30 and 14:00:30"),
        ("@hourly", "Every hour, on the hour"),
        ("0 */2 * * *", "Every 2 hours, on the hour"),
        ("0 0 L * *", "At 00:00 on the last day of the month"),
        ("0 12 1 * +MON", "At 12:00 on day 1 of the month if it is also on Monday"),
        ("0 0 1,15 * 0", "At 00:00 on days 1 and 15 of the month or on Sunday"),
        ("0 6 * JAN,JUL 5#2", "At 06:00 on the 2nd Friday of the month in January and July"),
        ("5,35 * * * *", "At 5 and 35 minutes past the hour"),
        ("0 8-18/2 * * *", "On the hour of every 2nd hour from 08:00 to 18:00"),
    ];
    for (text, words) in cases {
        assert_eq!(cron(text, "UTC").words(), words, "{text}");
    }
}

#[test]
fn what_a_change_of_the_clock_does_is_told() {
    let nightly = cron("30 2 * * *", "Europe/Berlin");
    let gap = nightly.next_after(at("2026-03-29T00:00:00+01:00")).expect("a time");
    assert_eq!((gap, nightly.shift(gap)), (at("2026-03-29T03:00:00+02:00"), Some(Shift::AfterGap)));
    let twice: Vec<_> = cron("30 * * * *", "Europe/Berlin").after(at("2026-10-25T02:00:00+02:00")).take(3).collect();
    let shifts: Vec<_> = twice.iter().map(|time| cron("30 * * * *", "Europe/Berlin").shift(*time)).collect();
    assert_eq!(shifts, [Some(Shift::FirstOfTwo), Some(Shift::SecondOfTwo), None]);
}

/// Each zone, over every change of its clock from 2020 to 2040: strictly one after the other, and never further away than two days.
#[test]
fn every_zone_goes_on_over_every_change_of_its_clock() {
    let (from, to) = (at("2020-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z"));
    let expressions = ["30 2 * * *", "*/20 * * * *", "0 */2 * * *", "0,30 0-3 * * *", "15 1,23 * * *"];
    let mut changes = 0u32;
    for (nth, name) in jiff::tz::db().available().enumerate() {
        let Ok(found) = zone(name.as_str()) else { continue };
        let expression = expressions[nth % expressions.len()];
        let cron = Cron::parse(expression).expect("valid").in_zone(found.clone());
        let start = jiff::Timestamp::from_millisecond(from.as_millis()).expect("an instant");
        for transition in found.following(start).take_while(|t| t.timestamp().as_millisecond() < to.as_millis()) {
            changes += 1;
            let around = Timestamp::from_millis(transition.timestamp().as_millisecond());
            let mut last = around.minus(Duration::from_secs(86_400 / 2));
            while last < around.plus(Duration::from_secs(3 * 3_600)) {
                let next = cron.next_after(last).expect("there is always a next");
                assert!(next > last && next.since(last) <= Duration::from_secs(2 * 86_400), "{expression} in {name}: {last:?} to {next:?}");
                last = next;
            }
        }
    }
    assert!(changes > 5_000, "the zones have {changes} changes");
}

proptest! {
    #[test]
    fn times_come_one_after_the_other(minute in 0u8..60, step in 1u8..30, hour in 0u8..24, start in 1_577_836_800i64..2_208_988_800, kind in 0u8..4) {
        let text = match kind {
            0 => format!("{minute} {hour} * * *"),
            1 => format!("*/{step} * * * *"),
            2 => format!("{minute} */3 * * *"),
            _ => format!("{minute} {hour} {} * *", step.min(28)),
        };
        for name in ["Europe/Riga", "America/Santiago", "Australia/Lord_Howe", "UTC"] {
            let cron = cron(&text, name);
            let mut last = Timestamp::from_millis(start * 1_000);
            for _ in 0..20 {
                let next = cron.next_after(last).expect("there is always a next");
                prop_assert!(next > last);
                last = next;
            }
        }
    }

    #[test]
    fn nothing_that_is_typed_breaks_it(text in "[ -~]{0,40}") {
        // Refused or read; what is read has a next time.
        if let Ok(cron) = Cron::parse_extended(&text) {
            prop_assert!(cron.next_after(Timestamp::from_millis(-1)).is_some());
        }
    }
}
