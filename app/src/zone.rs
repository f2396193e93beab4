//! Instants on the reader's wall. The offset of a zone comes from the server's zone database or from the browser's;
//! the calendar on top of it is `domain`'s on both sides, so both write the same text.

use std::time::Duration;

use domain::Timestamp;
use domain::time::Civil;
use domain::words;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Zone offsets change on quarter hours only, so one answer serves a quarter of an hour.
#[cfg(not(feature = "ssr"))]
const OFFSET_STEP_MS: i64 = 900_000;

#[cfg(feature = "ssr")]
fn offset(at: Timestamp, zone: &str) -> i32 {
    at.offset_in(zone).unwrap_or(0)
}

#[cfg(not(feature = "ssr"))]
fn offset(at: Timestamp, zone: &str) -> i32 {
    use std::cell::RefCell;
    use std::collections::HashMap;
    thread_local! {
        static KNOWN: RefCell<HashMap<(String, i64), i32>> = RefCell::default();
    }
    if zone == "UTC" {
        return 0;
    }
    let step = at.floor(OFFSET_STEP_MS).as_millis();
    KNOWN.with_borrow_mut(|known| *known.entry((zone.to_owned(), step)).or_insert_with(|| ask_browser(step, zone).unwrap_or(0)))
}

/// `Intl` writes the offset as `GMT+05:30`, or `GMT` alone.
#[cfg(not(feature = "ssr"))]
fn ask_browser(millis: i64, zone: &str) -> Option<i32> {
    use js_sys::{Date, Object, Reflect};
    let options = Object::new();
    Reflect::set(&options, &"timeZone".into(), &zone.into()).ok()?;
    Reflect::set(&options, &"timeZoneName".into(), &"longOffset".into()).ok()?;
    #[expect(clippy::as_conversions, reason = "milliseconds of our era are far below 2^53")]
    let date = Date::new(&(millis as f64).into());
    let text = date.to_locale_time_string_with_options("en-US", &options).as_string()?;
    let (_, sign_and_clock) = text.split_once("GMT")?;
    let clock = sign_and_clock.trim();
    if clock.is_empty() {
        return Some(0);
    }
    let negative = clock.starts_with(['-', '\u{2212}']);
    let mut parts = clock.trim_start_matches(['+', '-', '\u{2212}']).split(':').map(|p| p.parse::<i32>().unwrap_or(0));
    let seconds = parts.next()? * 3_600 + parts.next().unwrap_or(0) * 60 + parts.next().unwrap_or(0);
    Some(if negative { -seconds } else { seconds })
}

fn wall(at: Timestamp, zone: &str) -> Civil {
    at.civil(offset(at, zone))
}

fn month(civil: Civil) -> &'static str {
    MONTHS.get(usize::from(civil.month).wrapping_sub(1)).copied().unwrap_or("")
}

/// `14:08:32`.
pub fn clock(at: Timestamp, zone: &str) -> String {
    let c = wall(at, zone);
    format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second)
}

/// `14:08`.
pub fn minute(at: Timestamp, zone: &str) -> String {
    let c = wall(at, zone);
    format!("{:02}:{:02}", c.hour, c.minute)
}

/// `22 Nov`.
pub fn day(at: Timestamp, zone: &str) -> String {
    let c = wall(at, zone);
    format!("{} {}", c.day, month(c))
}

/// `22 Nov 2026`.
pub fn date(at: Timestamp, zone: &str) -> String {
    let c = wall(at, zone);
    format!("{} {} {}", c.day, month(c), c.year)
}

/// An entry of a list of times: `Sun 22 Nov, 14:08`, with the year where it is another one, with seconds where the list is told by them.
pub fn slot(at: Timestamp, now: Timestamp, zone: &str, precise: bool) -> String {
    let c = wall(at, zone);
    let weekday: String = DAYS.get(usize::from(c.weekday)).copied().unwrap_or("").chars().take(3).collect();
    let year = if c.year == wall(now, zone).year { String::new() } else { format!(" {}", c.year) };
    let seconds = if precise { format!(":{:02}", c.second) } else { String::new() };
    format!("{weekday} {} {}{year}, {:02}:{:02}{seconds}", c.day, month(c), c.hour, c.minute)
}

/// Whether a list of times has to be told by its seconds.
pub fn is_precise(times: impl IntoIterator<Item = Timestamp>) -> bool {
    times.into_iter().any(|at| at.as_millis().rem_euclid(60_000) != 0)
}

/// `Sunday 22 Nov 2026, 14:08:32, Europe/Berlin`.
pub fn exact(at: Timestamp, zone: &str) -> String {
    let c = wall(at, zone);
    let weekday = DAYS.get(usize::from(c.weekday)).copied().unwrap_or("");
    format!("{weekday} {} {} {}, {:02}:{:02}:{:02}, {zone}", c.day, month(c), c.year, c.hour, c.minute, c.second)
}

/// Relative near now, absolute beyond a day: `now`, `6 min ago`, `in 4 h`, `21 Nov, 14:08`, `3 Mar 2025`.
pub fn near(at: Timestamp, now: Timestamp, zone: &str) -> String {
    let (distance, ahead) = if at > now { (at.since(now), true) } else { (now.since(at), false) };
    if distance < Duration::from_secs(5) {
        return "now".into();
    }
    if distance < Duration::from_secs(86_400) {
        let text = coarse(distance);
        return if ahead { format!("in {text}") } else { format!("{text} ago") };
    }
    let (there, here) = (wall(at, zone), wall(now, zone));
    if there.year == here.year { format!("{} {}, {:02}:{:02}", there.day, month(there), there.hour, there.minute) } else { date(at, zone) }
}

/// The clock to the second on the day that it is, with the date on others: `14:08:32`, `21 Nov, 14:08:32`.
pub fn second(at: Timestamp, now: Timestamp, zone: &str) -> String {
    let date = |at: Timestamp| {
        let c = wall(at, zone);
        (c.year, c.month, c.day)
    };
    let time = clock(at, zone);
    if date(at) == date(now) { time } else { format!("{}, {time}", day(at, zone)) }
}

/// The clock within a day, the date beyond: `14:08`, `21 Nov`.
pub fn near_clock(at: Timestamp, now: Timestamp, zone: &str) -> String {
    if now.since(at) < Duration::from_secs(86_400) { minute(at, zone) } else { day(at, zone) }
}

/// A span in its largest unit, so that a page at rest does not flicker: `42 s`, `6 min`, `4 h`.
pub fn coarse(span: Duration) -> String {
    let seconds = span.as_secs();
    let whole = match seconds {
        0..60 => seconds,
        60..3_600 => seconds / 60 * 60,
        3_600..86_400 => seconds / 3_600 * 3_600,
        _ => seconds / 86_400 * 86_400,
    };
    words::duration(Duration::from_secs(whole))
}

/// A span with its two largest units, seconds only below a minute: `6 min`, `4 h 12 min`, `11 d 4 h`.
pub fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    words::duration(Duration::from_secs(if seconds < 60 { seconds } else { seconds / 60 * 60 }))
}

/// A countdown: `0:04`, `12:30`, `5 h`.
pub fn countdown(span: Duration) -> String {
    // Rounded up: what is due in 300 ms is due in a second, and 0:00 means now.
    let seconds = span.as_millis().div_ceil(1_000);
    if seconds < 3_600 { format!("{}:{:02}", seconds / 60, seconds % 60) } else { coarse(span) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(1_795_348_800_000);

    #[test]
    fn instants_are_near_or_absolute() {
        let before = |seconds| near(NOON.minus(Duration::from_secs(seconds)), NOON, "Europe/Berlin");
        assert_eq!(before(2), "now");
        assert_eq!(before(361), "6 min ago");
        assert_eq!(before(7_300), "2 h ago");
        assert_eq!(near(NOON.plus(Duration::from_secs(90)), NOON, "UTC"), "in 1 min");
        assert_eq!(near(Timestamp::from_millis(0), NOON, "UTC"), "1 Jan 1970");
        assert_eq!(
            (second(NOON, NOON, "UTC"), second(Timestamp::from_millis(0), NOON, "UTC")),
            ("12:00:00".into(), "1 Jan, 00:00:00".into())
        );
    }

    #[test]
    fn the_wall_follows_the_zone() {
        let winter = Timestamp::parse_rfc3339("2026-01-15T12:00:00Z").expect("valid");
        let summer = Timestamp::parse_rfc3339("2026-07-15T12:00:00Z").expect("valid");
        assert_eq!((minute(winter, "Europe/Berlin"), minute(summer, "Europe/Berlin")), ("13:00".into(), "14:00".into()));
        assert_eq!(minute(winter, "Asia/Kolkata"), "17:30");
        assert_eq!(exact(winter, "UTC"), "Thursday 15 Jan 2026, 12:00:00, UTC");
    }

    #[test]
    fn slots_name_what_is_not_plain() {
        let at = |text| Timestamp::parse_rfc3339(text).expect("valid");
        assert_eq!(slot(at("2026-11-23T02:00:00Z"), NOON, "UTC", false), "Mon 23 Nov, 02:00");
        assert_eq!(slot(at("2027-01-01T23:30:07Z"), NOON, "Europe/Riga", true), "Sat 2 Jan 2027, 01:30:07");
        assert!(is_precise([NOON, at("2027-01-01T23:30:07Z")]) && !is_precise([NOON]));
    }

    #[test]
    fn countdowns() {
        let cases = [(0, "0:00"), (300, "0:01"), (4_000, "0:04"), (750_000, "12:30"), (18_000_000, "5 h")];
        for (ms, text) in cases {
            assert_eq!(countdown(Duration::from_millis(ms)), text);
        }
    }
}
