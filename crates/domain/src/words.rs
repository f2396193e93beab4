//! How numbers are said: durations as people say them, percentages with the digits that matter.

use std::time::Duration;

/// `4 s`, `6 min`, `11 d 4 h`: at most two units, the second only when it is not zero.
pub fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let Some(first) = units.iter().position(|(size, _)| seconds >= *size) else {
        return if span.as_millis() == 0 { "0 s".into() } else { format!("{} ms", span.as_millis()) };
    };
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in units.iter().skip(first).take(2) {
        let n = rest / size;
        rest %= size;
        if n > 0 {
            words.push(format!("{n} {unit}"));
        }
    }
    words.join(" ")
}

/// A duration of milliseconds in words.
pub fn duration_ms(ms: u64) -> String {
    duration(Duration::from_millis(ms))
}

/// A latency and its unit: `("0.42", "ms")`, `("84", "ms")`, `("1.21", "s")`.
pub fn latency_parts(us: u32) -> (String, &'static str) {
    match us {
        0 => ("0".to_owned(), "ms"),
        1..1_000 => (format!("0.{:02}", us / 10), "ms"),
        1_000..10_000 => (format!("{}.{}", us / 1_000, us % 1_000 / 100), "ms"),
        10_000..999_500 => (((us + 500) / 1_000).to_string(), "ms"),
        _ => {
            let hundredths = (us.saturating_add(5_000)) / 10_000;
            (format!("{}.{:02}", hundredths / 100, hundredths % 100), "s")
        }
    }
}

/// A latency in words: `84 ms`.
pub fn latency(us: u32) -> String {
    let (number, unit) = latency_parts(us);
    format!("{number} {unit}")
}

/// A share as a percentage, rounded down so that only a perfect one reads `100%`: `99.981%`, `98.2%`.
pub fn percent(share: f64) -> String {
    if share >= 1.0 {
        return "100%".into();
    }
    let digits = if share >= 0.99 {
        3
    } else if share >= 0.9 {
        2
    } else {
        1
    };
    let factor = 10f64.powi(digits + 2);
    let floored = (share.max(0.0) * factor + 1e-6).floor() / 10f64.powi(digits);
    let text = match digits {
        3 => format!("{floored:.3}"),
        2 => format!("{floored:.2}"),
        _ => format!("{floored:.1}"),
    };
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    format!("{trimmed}%")
}

/// `1 monitor`, `2 monitors`, `1,000 monitors` (with a thin space for the comma).
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(u64::try_from(n).unwrap_or(u64::MAX)), if n == 1 { one } else { many })
}

/// A whole number with thin groups: `12 480`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(c);
    }
    out
}

/// A number of bytes: `812 B`, `1.5 MB`, `24 GB` (powers of ten, as disks are sold).
pub fn bytes(n: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let Some((size, unit)) = units.into_iter().find(|(size, _)| n >= *size) else { return format!("{n} B") };
    let tenths = u128::from(n) * 10 / u128::from(size);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", tenths / 10)
    }
}

/// Reads a span that a person typed: `30`, `30 s`, `5 min`, `2h`, `1 d`, `1.5 h`, `250 ms`. A bare number is in
/// `bare`.
pub fn parse_duration(text: &str, bare: Duration) -> Option<Duration> {
    let text = text.trim().to_ascii_lowercase().replace(',', ".");
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let unit_seconds = match unit.trim() {
        "" => bare.as_secs_f64(),
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * unit_seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        let cases = [
            (0, "0 s"),
            (250, "250 ms"),
            (4_000, "4 s"),
            (360_000, "6 min"),
            (361_000, "6 min 1 s"),
            (7_200_000, "2 h"),
            (964_800_000, "11 d 4 h"),
            (86_460_000, "1 d"),
        ];
        for (ms, words) in cases {
            assert_eq!(duration_ms(ms), words);
        }
    }

    #[test]
    fn percentages_keep_the_digits_that_matter() {
        for (share, words) in [(1.0, "100%"), (0.99981, "99.981%"), (0.9999999, "99.999%"), (0.98214, "98.21%"), (0.5, "50%"), (0.0, "0%")]
        {
            assert_eq!(percent(share), words, "{share}");
        }
    }

    #[test]
    fn sizes_have_two_digits_that_matter() {
        for (n, words) in [(812, "812 B"), (1_000, "1 kB"), (1_560_000, "1.5 MB"), (24_900_000_000, "24 GB"), (u64::MAX, "18446744 TB")] {
            assert_eq!(bytes(n), words);
        }
    }

    #[test]
    fn latencies() {
        for (us, words) in [(420, "0.42 ms"), (3_140, "3.1 ms"), (84_300, "84 ms"), (1_212_000, "1.21 s"), (999_600, "1.00 s")] {
            assert_eq!(latency(us), words);
        }
    }

    #[test]
    fn typed_spans() {
        let bare = Duration::from_secs(1);
        for (text, seconds) in [("30", 30.0), ("30 s", 30.0), ("5 min", 300.0), ("2h", 7200.0), ("1,5 h", 5400.0), ("250 ms", 0.25)] {
            assert_eq!(parse_duration(text, bare), Some(Duration::from_secs_f64(seconds)), "{text}");
        }
        for text in ["", "soon", "-5", "5 parsecs", "1e400 s", "99999999999999999999 d"] {
            assert_eq!(parse_duration(text, bare), None, "{text}");
        }
    }
}
