//! What the fields of channels have to look like. Called by the `check` of each kind.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use url::Url;

use crate::kind::address::parse_url;
use crate::kind::{Reader, Values};

/// What stands in a field; empty when nothing does.
pub(super) fn text<'a>(settings: &'a Values, name: &str) -> &'a str {
    settings.get(name).map_or("", String::as_str)
}

/// The server that is asked, without a slash at its end.
pub(super) fn server<'a>(settings: &'a Values, default: &'a str) -> &'a str {
    settings.get("base_url").map_or(default, String::as_str)
}

/// An address that was judged when it was saved, with a path or a query of its own, and one more part of the query.
pub(super) fn with_query(url: &str, name: &str, value: &str) -> String {
    Url::parse(url).map_or_else(
        |_| url.to_owned(),
        |mut url| {
            url.query_pairs_mut().append_pair(name, value);
            url.into()
        },
    )
}

/// One part of a path, so that nothing in it can be taken for another part.
pub(super) fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b':') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The header of a sign-in by name and password.
pub(super) fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

/// Judges the field `webhook_url` or `url`.
pub(super) fn address(r: &mut Reader, name: &str) {
    if !r.text(name).is_empty() {
        r.normal(name, |text| url(text).map(String::from));
    }
}

/// Judges the field `base_url`.
pub(super) fn base_url(r: &mut Reader) {
    if !r.text("base_url").is_empty() {
        r.normal("base_url", |text| {
            let mut url = url(text)?;
            url.set_query(None);
            Ok::<_, String>(url.as_str().trim_end_matches('/').to_owned())
        });
    }
}

fn url(text: &str) -> Result<Url, String> {
    let url = parse_url(text, &["https", "http"])?;
    // What cannot be a host of its own is most likely a word that was pasted into the wrong field.
    if url.host_str().is_some_and(|host| host.contains('%')) { Err("This is not an address.".into()) } else { Ok(url) }
}

/// Judges a token or a word: one line of visible characters that can stand in a header.
pub(super) fn word(r: &mut Reader, name: &str) {
    if !r.text(name).is_empty() {
        r.parse(name, |text| {
            if text.len() > 1_000 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                Err("Use at most 1000 letters, digits and signs without spaces, as the provider shows it.")
            } else {
                Ok(())
            }
        });
    }
}

/// Judges a line of text.
pub(super) fn line(r: &mut Reader, name: &str) {
    r.optional(name, |text| {
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            Err("Use at most 200 characters on one line.")
        } else {
            Ok(())
        }
    });
}

/// Header lines of a channel.
pub(super) fn headers(settings: &Values) -> BTreeMap<&str, &str> {
    let lines = text(settings, "headers").lines();
    lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_stays_a_part() {
        assert_eq!(part("!room:a.example/../x?y#z"), "%21room:a.example%2F..%2Fx%3Fy%23z");
        assert_eq!(with_query("https://a.example/x?k=v", "wait", "true"), "https://a.example/x?k=v&wait=true");
    }
}
