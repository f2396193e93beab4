//! What an expression means, in English: `Every 15 minutes between 09:00 and 17:59 on Monday to Friday`.

use super::fields::{Fields, Item};

const DAYS: [&str; 8] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 13] =
    ["", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/// Times of day that are told one by one.
const TIMES: usize = 6;

/// The sentence, without its full stop.
pub(super) fn of(fields: &Fields) -> String {
    let [second, minute, hour, day, month, weekday, year] = [0, 1, 2, 3, 4, 5, 6].map(|nth| fields.items(nth));
    let mut parts = vec![time(second, minute, hour)];
    let (days, weekdays) =
        (is_set(day).then(|| days_of_month(day)), is_set(weekday).then(|| format!("on {}", list(weekday, weekday_words))));
    match (days, weekdays) {
        (Some(days), Some(weekdays)) => {
            parts.push(format!("{days} {} {weekdays}", if fields.both_days() { "if it is also" } else { "or" }))
        }
        (days, weekdays) => parts.extend(days.into_iter().chain(weekdays)),
    }
    if is_set(month) {
        parts.push(format!("in {}", list(month, |item| plain(item, "month", |n| named(&MONTHS, n)))));
    }
    if is_set(year) {
        parts.push(format!("in {}", list(year, |item| plain(item, "year", |n| n.to_string()))));
    }
    parts.join(" ")
}

fn is_set(items: &[Item]) -> bool {
    items != [Item::Any(1)]
}

fn named(names: &[&str], n: u32) -> String {
    usize::try_from(n).ok().and_then(|n| names.get(n)).map_or_else(|| n.to_string(), |name| (*name).to_owned())
}

fn ones(items: &[Item]) -> Option<Vec<u32>> {
    items.iter().map(|item| if let Item::One(n) = item { Some(*n) } else { None }).collect()
}

fn time(second: &[Item], minute: &[Item], hour: &[Item]) -> String {
    let seconds = ones(second);
    if let (Some(seconds), Some(minutes), Some(hours)) = (&seconds, ones(minute), ones(hour))
        && seconds.len() * minutes.len() * hours.len() <= TIMES
    {
        let mut times = Vec::new();
        for hour in &hours {
            for minute in &minutes {
                for second in seconds {
                    times.push(if *second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") });
                }
            }
        }
        times.sort();
        return format!("At {}", joined(&times));
    }
    let on_the_minute = second == [Item::One(0)];
    let often = match (second, minute) {
        (_, [Item::Any(1)]) if on_the_minute => "Every minute".to_owned(),
        (_, [Item::Any(n)]) if on_the_minute => every(*n, 60, "minutes", "hour"),
        (_, [Item::One(0)]) if on_the_minute => match hour {
            [Item::Any(1)] => return "Every hour, on the hour".into(),
            [Item::Any(n)] if 24u32.is_multiple_of(*n) => return format!("Every {n} hours, on the hour"),
            [Item::Any(n)] => return format!("Every {n} hours, on the hour, counted anew each day"),
            _ => "On the hour".to_owned(),
        },
        _ if on_the_minute => format!("At {} past the hour", minutes(minute)),
        ([Item::Any(1)], [Item::Any(1)]) => "Every second".to_owned(),
        ([Item::Any(n)], [Item::Any(1)]) => every(*n, 60, "seconds", "minute"),
        (_, [Item::Any(1)]) => format!("At second {} of every minute", list(second, |item| plain(item, "second", |n| n.to_string()))),
        _ => format!("At second {} of {} past the hour", list(second, |item| plain(item, "second", |n| n.to_string())), minutes(minute)),
    };
    match hour {
        [Item::Any(1)] => often,
        [Item::Any(n)] => format!("{often}, in every {} hour", ordinal(*n)),
        [Item::Range(from, to, 1)] => format!("{often} between {from:02}:00 and {to:02}:59"),
        _ => format!("{often} of {}", list(hour, |item| plain(item, "hour", |n| format!("{n:02}:00")))),
    }
}

/// A step: one that does not divide its whole is cut off at the end of it.
fn every(step: u32, whole: u32, units: &str, of: &str) -> String {
    if whole.is_multiple_of(step) { format!("Every {step} {units}") } else { format!("Every {step} {units}, counted anew each {of}") }
}

fn minutes(items: &[Item]) -> String {
    match items {
        [Item::One(1)] => "1 minute".into(),
        _ => format!("{} minutes", list(items, |item| plain(item, "minute", |n| n.to_string()))),
    }
}

fn days_of_month(items: &[Item]) -> String {
    match items {
        [Item::Any(n)] => format!("on every {} day of the month", ordinal(*n)),
        [Item::Last] => "on the last day of the month".into(),
        [Item::LastWorking] => "on the last working day of the month".into(),
        [Item::Nearest(day)] => format!("on the working day nearest to day {day} of the month"),
        [Item::One(day)] => format!("on day {day} of the month"),
        _ => format!(
            "on days {} of the month",
            list(items, |item| match item {
                Item::Last => "the last".into(),
                Item::LastWorking => "the last working".into(),
                Item::Nearest(day) => format!("the working day nearest to {day}"),
                item => plain(item, "day", |n| n.to_string()),
            })
        ),
    }
}

fn weekday_words(item: Item) -> String {
    match item {
        Item::LastOf(day) => format!("the last {} of the month", named(&DAYS, day)),
        Item::Nth(day, nth) => format!("the {} {} of the month", ordinal(nth), named(&DAYS, day)),
        item => plain(item, "day of the week", |n| named(&DAYS, n)),
    }
}

fn plain(item: Item, unit: &str, name: impl Fn(u32) -> String) -> String {
    match item {
        Item::Any(1) => format!("every {unit}"),
        Item::Any(n) => format!("every {} {unit}", ordinal(n)),
        Item::One(n) => name(n),
        Item::Range(from, to, 1) => format!("{} to {}", name(from), name(to)),
        Item::Range(from, to, step) => format!("every {} {unit} from {} to {}", ordinal(step), name(from), name(to)),
        Item::Last => "the last".into(),
        Item::LastWorking | Item::Nearest(_) | Item::LastOf(_) | Item::Nth(..) => String::new(),
    }
}

fn list(items: &[Item], word: impl Fn(Item) -> String) -> String {
    joined(&items.iter().map(|item| word(*item)).collect::<Vec<_>>())
}

fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

fn ordinal(n: u32) -> String {
    let end = match (n % 10, n % 100) {
        (1, 1..=10 | 20..) => "st",
        (2, 2..=10 | 20..) => "nd",
        (3, 3..=10 | 20..) => "rd",
        _ => "th",
    };
    format!("{n}{end}")
}
