//! Words of HTTP: methods, headers, statuses.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Methods offered in the form; any token of RFC 9110 is accepted.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A request header. The value is a secret: it is encrypted at rest and never sent to a browser.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// A field name of RFC 9110, as typed.
    pub name: String,
    /// The value; redacted in `Debug`.
    pub value: String,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [redacted]", self.name)
    }
}

/// What was sent, as it is kept and shown: the values of secrets are not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The method; empty where it was no request.
    pub method: String,
    /// Where to.
    pub url: String,
    /// Names and, where they are known to be harmless, values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What stands in the place of a value that nobody is to read later.
pub const HIDDEN: &str = "[redacted]";

/// Headers whose values are harmless, in requests and answers. All others are kept by name only: an allow-list, as nobody knows what a
/// receiver puts where.
const HARMLESS: [&str; 25] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "age",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "idempotency-key",
    "last-modified",
    "retry-after",
    "server",
    "transfer-encoding",
    "user-agent",
    "vary",
    "via",
    "webhook-id",
    "webhook-timestamp",
    "x-powered-by",
    "x-request-id",
];

/// Whether the value of a header may be kept and shown.
pub fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name.to_ascii_lowercase().as_str())
}

/// A header as it is kept.
pub fn shown_header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), if is_harmless(name) { value.to_owned() } else { HIDDEN.to_owned() })
}

/// Inclusive ranges of HTTP statuses: `200-299, 301`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRanges(Vec<(u16, u16)>);

impl Default for StatusRanges {
    fn default() -> Self {
        Self(vec![(200, 299)])
    }
}

impl StatusRanges {
    /// Whether a status is within one of the ranges.
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&status))
    }

    /// One text a range.
    pub fn to_texts(&self) -> Vec<String> {
        self.0.iter().map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") }).collect()
    }
}

impl fmt::Display for StatusRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_texts().join(", "))
    }
}

impl FromStr for StatusRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut ranges = Vec::new();
        for part in text.split([',', ' ']).map(str::trim).filter(|p| !p.is_empty()) {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let parse = |digits: &str| {
                digits
                    .trim()
                    .parse::<u16>()
                    .ok()
                    .filter(|s| (100..=599).contains(s))
                    .ok_or_else(|| format!("“{part}” is not a status between 100 and 599, nor a range like 200-299."))
            };
            let (low, high) = (parse(low)?, parse(high)?);
            if low > high {
                return Err(format!("“{part}” ends before it begins."));
            }
            ranges.push((low, high));
        }
        match ranges.len() {
            0 => Err("Name at least one status, for example 200-299.".into()),
            1..=20 => Ok(Self(ranges)),
            _ => Err("Name at most 20 statuses and ranges.".into()),
        }
    }
}

impl Serialize for StatusRanges {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_texts().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StatusRanges {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer)?.join(",").parse().map_err(serde::de::Error::custom)
    }
}

/// A field name is one or more `tchar` (RFC 9110, 5.6.2).
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Headers that the connection itself owns (RFC 9110, 7.6.1 and 9112): a monitor may not set them.
pub fn is_connection_header(name: &str) -> bool {
    const OWNED: [&str; 7] = ["connection", "content-length", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];
    OWNED.iter().any(|owned| name.eq_ignore_ascii_case(owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written() {
        let ranges: StatusRanges = "200-299, 301 418".parse().expect("valid");
        assert_eq!(ranges.to_string(), "200-299, 301, 418");
        assert!(ranges.contains(200) && ranges.contains(301) && !ranges.contains(300));
    }

    #[test]
    fn only_harmless_headers_are_kept() {
        assert!(is_harmless("Content-Type") && is_harmless("webhook-id"));
        for secret in ["X-Api-Key", "Authorization", "webhook-signature", "Set-Cookie"] {
            assert_eq!(shown_header(secret, "value"), (secret.to_owned(), HIDDEN.to_owned()));
        }
    }

    #[test]
    fn wrong_ranges_say_what_is_wrong() {
        for (text, part) in [("", "at least one"), ("99", "99"), ("300-200", "ends before"), ("2xx", "2xx")] {
            let error = text.parse::<StatusRanges>().expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
