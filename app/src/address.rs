//! Addresses of pages with what they are asked for.

/// Percent-encodes a query value (RFC 3986, unreserved characters stay).
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

/// A page with those parts of a query that say something.
pub fn address(path: &str, parts: &[(&str, &str)]) -> String {
    let said = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = said.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_something_is_in_an_address() {
        assert_eq!(address("/", &[("q", ""), ("tag", "")]), "/");
        assert_eq!(address("/x", &[("q", "a b&c"), ("tag", ""), ("page", "2")]), "/x?q=a%20b%26c&page=2");
    }
}
