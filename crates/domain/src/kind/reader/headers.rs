//! `Name: value` lines.

use super::MOST;
use crate::http::{Header, is_connection_header, is_token};
use crate::kind::address::cut;
use crate::monitor::KEPT;

/// Replaces the values that stand for saved ones.
pub(super) fn resolve(typed: &str, saved: &str) -> Result<String, String> {
    let saved: Vec<(&str, &str)> = saved.lines().filter_map(split).collect();
    let mut lines: Vec<(String, String)> = Vec::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some((name, value)) = split(line) else {
            return Err(format!("“{}” is not a header. Write one a line, as Name: value.", cut(line)));
        };
        let value = if value == KEPT {
            // The n-th header of a name keeps the n-th saved one.
            let nth = lines.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count();
            let kept = saved.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).nth(nth);
            kept.map(|(_, value)| *value).ok_or_else(|| format!("There is no saved value of {name}. Type one."))?
        } else {
            value
        };
        lines.push((name.to_owned(), value.to_owned()));
    }
    Ok(lines.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n"))
}

fn split(line: &str) -> Option<(&str, &str)> {
    line.split_once(':').map(|(name, value)| (name.trim(), value.trim()))
}

/// Reads them.
pub(super) fn parse(text: &str) -> Result<Vec<Header>, String> {
    let mut headers: Vec<Header> = Vec::new();
    for (name, value) in text.lines().filter_map(split) {
        if !is_token(name) {
            return Err(format!("“{}” is not a header name.", cut(name)));
        }
        if is_connection_header(name) {
            return Err(format!("{name} belongs to the connection and can’t be set."));
        }
        if value.bytes().any(|b| (b < 0x20 && b != b'\t') || b == 0x7f) {
            return Err(format!("The value of {name} has control characters."));
        }
        headers.push(Header { name: name.to_owned(), value: value.to_owned() });
    }
    let bytes: usize = headers.iter().map(|h| h.name.len() + h.value.len() + 4).sum();
    if headers.len() > MOST || bytes > 16 * 1024 {
        return Err(format!("Use at most {MOST} headers and 16 KiB."));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_values_are_kept_by_name() {
        let saved = "X-Key: one\nx-key: two";
        let typed = format!("X-Key: {KEPT}\nAccept: text/html\nx-key: {KEPT}");
        let resolved = resolve(&typed, saved).expect("valid");
        assert_eq!(parse(&resolved).expect("valid").iter().map(|h| h.value.as_str()).collect::<Vec<_>>(), ["one", "text/html", "two"]);
        assert!(resolve(&format!("Authorization: {KEPT}"), saved).is_err());
        assert!(parse("Transfer-Encoding: chunked").is_err());
    }
}
