//! Hosts, ports, URLs and PEM as people type them.

use std::fmt;

use url::{Host, Url};

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name in ASCII and lower case, or an address.
    pub host: Host<String>,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Which family of addresses is dialled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Whatever the name resolves to.
    #[default]
    Any,
    /// Only IPv4.
    V4,
    /// Only IPv6.
    V6,
}

/// Reads a host: a name or an address, without a port.
pub fn parse_host(text: &str) -> Result<Host<String>, String> {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() {
        return Err("Enter a host. It looks like example.com.".into());
    }
    if text.contains("://") || text.contains('/') {
        return Err("This is more than a host. Leave out the scheme and the path: example.com.".into());
    }
    let literal = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<std::net::Ipv6Addr>() {
        return Ok(Host::Ipv6(address));
    }
    Host::parse(text).map_err(|_| format!("“{}” is not a host. It looks like example.com.", cut(text)))
}

/// Reads `host:port`; the port may be left out where there is a usual one.
pub fn parse_address(text: &str, usual: Option<u16>) -> Result<Address, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter the address to watch.".into());
    }
    // An IPv6 address without brackets has no port behind its colons.
    if let Ok(address) = text.parse::<std::net::Ipv6Addr>() {
        let port = usual.ok_or_else(|| format!("Add the port: [{address}]:1234."))?;
        return Ok(Address { host: Host::Ipv6(address), port });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => {
            let port = port.parse::<u16>().ok().filter(|port| *port > 0).ok_or("The port is a number from 1 to 65535.")?;
            (host, port)
        }
        _ => (text, usual.ok_or_else(|| format!("Add the port: {}:1234.", cut(text)))?),
    };
    Ok(Address { host: parse_host(host)?, port })
}

/// Reads a URL of one of some schemes, the first of which is meant when none is typed.
pub fn parse_url(text: &str, schemes: &[&str]) -> Result<Url, String> {
    let first = schemes.first().copied().unwrap_or("https");
    let like = format!("It looks like {first}://example.com/health.");
    let text = text.trim();
    if text.is_empty() {
        return Err("Enter the URL to watch.".into());
    }
    if text.len() > 2_048 {
        return Err("Use at most 2048 characters.".into());
    }
    if text.contains(char::is_whitespace) {
        return Err(format!("An address has no spaces. {like}"));
    }
    let mistyped = |scheme: &&str| text.starts_with(&format!("{scheme}//")) || text.starts_with(&format!("{scheme}:/"));
    if !text.contains("://") && (schemes.iter().any(mistyped) || text.starts_with("//") || text.starts_with(':')) {
        return Err(format!("The beginning is mistyped. {like}"));
    }
    // "localhost:8080" parses as the scheme "localhost": without "://" it is a host.
    let absolute = if text.contains("://") { text.to_owned() } else { format!("{first}://{text}") };
    let mut url = Url::parse(&absolute).map_err(|e| format!("This is not a URL: {e}. {like}"))?;
    if !schemes.contains(&url.scheme()) {
        return Err(format!("This takes {}; “{}” is something else.", schemes.join(" and "), url.scheme()));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("The URL has no host. {like}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "Leave the name and password out of the URL, where they would be shown. There are fields for them under Sign-in.".into()
        );
    }
    url.set_fragment(None);
    Ok(url)
}

/// Certificates in PEM. What is inside is read where TLS is spoken; here it has to look like some.
pub fn check_certificates(text: &str) -> Result<String, String> {
    check_pem(text, "-----BEGIN CERTIFICATE-----", "a certificate in PEM, from -----BEGIN CERTIFICATE----- on")
}

/// A private key in PEM.
pub fn check_key(text: &str) -> Result<String, String> {
    if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err("This key is encrypted with a pass phrase. Decrypt it first; it is encrypted here as well.".into());
    }
    check_pem(text, "PRIVATE KEY-----", "a private key in PEM, from -----BEGIN PRIVATE KEY----- on")
}

fn check_pem(text: &str, begins: &str, what: &str) -> Result<String, String> {
    if text.len() > 64 * 1024 {
        return Err("Use at most 64 KiB.".into());
    }
    if text.contains(begins) && text.contains("-----END") { Ok(text.to_owned()) } else { Err(format!("This is not {what}.")) }
}

/// The beginning of what was typed, for a message.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, usual, written) in [
            ("example.com:5432", None, "example.com:5432"),
            (" Example.COM. ", Some(443), "example.com:443"),
            ("[::1]:22", None, "[::1]:22"),
            ("::1", Some(22), "[::1]:22"),
            ("10.0.0.1", Some(53), "10.0.0.1:53"),
            ("bücher.example:1", None, "xn--bcher-kva.example:1"),
        ] {
            assert_eq!(parse_address(text, usual).expect(text).to_string(), written);
        }
        for (text, part) in [
            ("", "Enter"),
            ("example.com", "Add the port"),
            ("example.com:0", "1 to 65535"),
            ("http://x", "1 to 65535"),
            ("a b:1", "not a host"),
            ("::1", "[::1]"),
        ] {
            let error = parse_address(text, None).expect_err(text);
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn keys_are_keys() {
        assert!(check_key("-----BEGIN ENCRYPTED PRIVATE KEY-----\nx\n-----END").expect_err("encrypted").contains("pass phrase"));
        assert!(check_certificates("hello").is_err());
    }
}
