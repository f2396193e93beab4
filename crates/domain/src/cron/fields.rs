//! The fields of an expression, as they were typed: what is wrong with them, and where.

use super::InvalidCron;

/// What a field may hold.
struct Kind {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const KINDS: [Kind; 7] = [
    Kind { name: "second", least: 0, most: 59, names: &[] },
    Kind { name: "minute", least: 0, most: 59, names: &[] },
    Kind { name: "hour", least: 0, most: 23, names: &[] },
    Kind { name: "day of the month", least: 1, most: 31, names: &[] },
    Kind { name: "month", least: 1, most: 12, names: &MONTHS },
    Kind { name: "day of the week", least: 0, most: 7, names: &DAYS },
    Kind { name: "year", least: 1970, most: 2099, names: &[] },
];

const DAY: usize = 3;
const WEEKDAY: usize = 5;

/// One part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// `*`, with a step.
    Any(u32),
    /// `3`.
    One(u32),
    /// `3-9`, with a step.
    Range(u32, u32, u32),
    /// `L`.
    Last,
    /// `LW`: the last working day of the month.
    LastWorking,
    /// `15W`: the working day nearest to it.
    Nearest(u32),
    /// `5L`: the last Friday.
    LastOf(u32),
    /// `5#2`: the second Friday.
    Nth(u32, u32),
}

/// The fields, from seconds to years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    texts: [String; 7],
    items: [Vec<Item>; 7],
    count: usize,
    /// `+` before the day of the week.
    plus: bool,
}

/// A piece of what was typed, and at which character it begins, from 1.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    at: usize,
}

fn nickname(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return None,
    })
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    for (nth, (byte, c)) in text.char_indices().chain([(text.len(), ' ')]).enumerate() {
        match (begun, c.is_whitespace()) {
            (None, false) => begun = Some((byte, nth + 1)),
            (Some((from, at)), true) => {
                found.extend(text.get(from..byte).map(|text| Piece { text, at }));
                begun = None;
            }
            _ => {}
        }
    }
    found
}

impl Fields {
    pub fn read(typed: &str) -> Result<Self, InvalidCron> {
        let whole = |message: String| InvalidCron { message, at: None };
        let trimmed = typed.trim();
        if trimmed.starts_with('@') {
            let meant = nickname(trimmed).ok_or_else(|| {
                whole(format!("“{trimmed}” is not known. There are @yearly, @monthly, @weekly, @daily, @midnight and @hourly."))
            })?;
            return Self::read(meant);
        }
        let mut pieces = pieces(typed);
        let count = pieces.len();
        if !(5..=7).contains(&count) {
            return Err(whole(match count {
                0 => "This is not a cron expression. Five fields are needed, as in 0 3 * * *.".into(),
                n => format!("This is not a cron expression: it has {n} fields. Five are needed, as in 0 3 * * *; with seconds, six."),
            }));
        }
        if count == 5 {
            pieces.insert(0, Piece { text: "0", at: 1 });
        }
        if pieces.len() == 6 {
            pieces.push(Piece { text: "*", at: 1 });
        }
        let (mut texts, mut items) = (<[String; 7]>::default(), <[Vec<Item>; 7]>::default());
        let mut plus = false;
        for (nth, piece) in pieces.into_iter().enumerate() {
            let Some((kind, (text, list))) = KINDS.get(nth).zip(texts.iter_mut().zip(items.iter_mut()).nth(nth)) else { continue };
            let mut piece = piece;
            if nth == WEEKDAY
                && let Some(rest) = piece.text.strip_prefix('+')
            {
                (plus, piece) = (true, Piece { text: rest, at: piece.at + 1 });
            }
            *text = piece.text.to_ascii_uppercase();
            let mut at = piece.at;
            for part in piece.text.split(',') {
                list.push(item(nth, kind, Piece { text: part, at })?);
                at += part.chars().count() + 1;
            }
        }
        Ok(Self { texts, items, count, plus })
    }

    /// What croner reads.
    pub fn normal(&self) -> String {
        let mut texts = self.texts.clone();
        if let Some(weekday) = texts.get_mut(WEEKDAY).filter(|_| self.plus) {
            weekday.insert(0, '+');
        }
        texts.join(" ")
    }

    pub fn has_seconds(&self) -> bool {
        self.count > 5
    }

    /// Fixed times of day: neither the minute nor the hour begins with `*`.
    pub fn is_pinned(&self) -> bool {
        let fixed = |nth: usize| self.texts.get(nth).is_some_and(|text| !text.starts_with('*'));
        fixed(1) && fixed(2)
    }

    /// The day of the month and the day of the week both have to fit: one of them is a step over all, or it says so by `+`.
    pub fn both_days(&self) -> bool {
        let stepped = |nth: usize| self.texts.get(nth).is_some_and(|text| text.starts_with('*') && text != "*");
        self.plus || stepped(DAY) || stepped(WEEKDAY)
    }

    pub fn items(&self, nth: usize) -> &[Item] {
        self.items.get(nth).map_or(&[], Vec::as_slice)
    }
}

fn item(nth: usize, kind: &Kind, piece: Piece<'_>) -> Result<Item, InvalidCron> {
    let Piece { text, at } = piece;
    let wrong = |at: usize, why: String| InvalidCron { message: format!("{}, at character {at}: {why}", capital(kind.name)), at: Some(at) };
    let upper = text.to_ascii_uppercase();
    let number = |text: &str, at: usize| -> Result<u32, InvalidCron> {
        let named = kind.names.iter().position(|name| *name == text).and_then(|n| u32::try_from(n).ok());
        let base = if kind.least == 1 { 1 } else { 0 };
        if let Some(n) = named {
            return Ok(n + base);
        }
        let parsed = text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        match parsed {
            Some(n) if (kind.least..=kind.most).contains(&n) => Ok(n),
            Some(n) => Err(wrong(at, format!("{n} is not between {} and {}.", kind.least, kind.most))),
            None if text.is_empty() => Err(wrong(at, "something is missing here.".into())),
            None => Err(wrong(
                at,
                format!("“{}” is not a number{}.", text.to_lowercase(), if kind.names.is_empty() { "" } else { " and not a name" }),
            )),
        }
    };
    if nth == DAY || nth == WEEKDAY {
        match upper.as_str() {
            "L" => {
                return if nth == DAY {
                    Ok(Item::Last)
                } else {
                    Err(wrong(at, "L needs a day before it, as in 5L, the last Friday.".into()))
                };
            }
            "LW" | "WL" if nth == DAY => return Ok(Item::LastWorking),
            "?" => return Ok(Item::Any(1)),
            _ => {}
        }
        if let Some(day) = upper.strip_suffix('W').filter(|_| nth == DAY) {
            return number(day, at).map(Item::Nearest);
        }
        if let Some(day) = upper.strip_suffix('L').filter(|_| nth == WEEKDAY) {
            return number(day, at).map(|day| Item::LastOf(day % 7));
        }
        if let Some((day, week)) = upper.split_once('#').filter(|_| nth == WEEKDAY) {
            let week_at = at + day.chars().count() + 1;
            return match (number(day, at)?, week.parse::<u32>().ok()) {
                (day, Some(week @ 1..=5)) => Ok(Item::Nth(day % 7, week)),
                _ => Err(wrong(week_at, "after # stands which one in the month, 1 to 5.".into())),
            };
        }
    }
    let (range, step) = match upper.split_once('/') {
        None => (upper.as_str(), None),
        Some((range, step)) => {
            let step_at = at + range.chars().count() + 1;
            let most = kind.most - kind.least + 1;
            match step.parse::<u32>().ok().filter(|_| step.bytes().all(|byte| byte.is_ascii_digit())) {
                Some(0) => return Err(wrong(step_at, "a step of 0 never moves.".into())),
                Some(n) if n <= most => (range, Some(n)),
                Some(n) => return Err(wrong(step_at, format!("a step of {n} is longer than the field, which has {most} values."))),
                None => return Err(wrong(step_at, "after / stands a step, as in */15.".into())),
            }
        }
    };
    if range == "*" {
        return Ok(Item::Any(step.unwrap_or(1)));
    }
    if let Some((from, to)) = range.split_once('-') {
        let to_at = at + from.chars().count() + 1;
        let (low, high) = (number(from, at)?, number(to, to_at)?);
        // Sunday is 7, too, after a day of the week.
        let high = if nth == WEEKDAY && high == 0 && low > 0 { 7 } else { high };
        if low > high {
            return Err(wrong(at, format!("the range {} ends before it begins.", range.to_lowercase())));
        }
        return Ok(Item::Range(low, high, step.unwrap_or(1)));
    }
    let value = number(range, at)?;
    Ok(match step {
        Some(step) => Item::Range(value, kind.most, step),
        None => Item::One(value),
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
