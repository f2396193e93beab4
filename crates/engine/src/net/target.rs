//! Entries of the allow and deny lists: blocks of addresses and host names, read from what an administrator typed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;
use url::Host;

/// One entry of an allow or deny list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A block of addresses; a single address is a block of one.
    Block(IpNet),
    /// A host name, in lower case and without a final dot.
    Name(String),
    /// Every name below this one, but not the name itself.
    Below(String),
}

/// Why a text is not a target, in words for the administrator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidTarget(String);

impl Target {
    /// Reads a list separated by commas or white space.
    ///
    /// # Errors
    /// The first entry that is not a target.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidTarget> {
        text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()).map(str::parse).collect()
    }

    /// Whether a host name (as the URL parser wrote it) is meant by this entry.
    pub fn matches_name(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        match self {
            Self::Block(_) => false,
            Self::Name(own) => name.eq_ignore_ascii_case(own),
            Self::Below(suffix) => name
                .len()
                .checked_sub(suffix.len() + 1)
                .and_then(|dot| name.get(dot..))
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| rest.eq_ignore_ascii_case(suffix)),
        }
    }

    /// Whether an address is inside this entry.
    pub fn contains(&self, address: IpAddr) -> bool {
        matches!(self, Self::Block(block) if block.contains(&address))
    }

    /// Whether this entry is exactly one address.
    pub fn is_exactly(&self, address: IpAddr) -> bool {
        matches!(self, Self::Block(block) if block.prefix_len() == block.max_prefix_len() && block.addr() == address)
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let text = text.trim();
        if text.contains("://") {
            return Err(InvalidTarget(format!("“{text}” is a URL. Give its host name only, without scheme and path.")));
        }
        if let Some((address, prefix)) = text.split_once('/') {
            return block(text, address, prefix);
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if name.contains('*') {
            return Err(InvalidTarget(format!("“{text}”: a star may only stand at the beginning, as in *.example.com.")));
        }
        if !below && let Ok(address) = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Ok(Self::Block(IpNet::from(address)));
        }
        match Host::parse(name.strip_suffix('.').unwrap_or(name)) {
            Ok(Host::Domain(name)) if below => Ok(Self::Below(name)),
            Ok(Host::Domain(name)) => Ok(Self::Name(name)),
            Ok(Host::Ipv4(address)) if !below => Ok(Self::Block(IpNet::from(IpAddr::V4(address)))),
            Ok(_) | Err(_) if name.contains(':') => {
                Err(InvalidTarget(format!("“{text}” has a port. The policy is about hosts: give the host name or address alone.")))
            }
            Ok(_) | Err(_) => Err(InvalidTarget(format!(
                "“{text}” is neither a host name (api.example.com, *.example.com), nor an address, nor a block of addresses \
                 (10.0.0.0/8, fd00::/8)."
            ))),
        }
    }
}

fn block(text: &str, address: &str, prefix: &str) -> Result<Target, InvalidTarget> {
    let address: IpAddr = address.parse().map_err(|_| {
        InvalidTarget(format!("“{text}” does not begin with an address. A block of addresses looks like 10.0.0.0/8 or fd00::/8."))
    })?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let block = prefix
        .parse()
        .ok()
        .and_then(|prefix| IpNet::new(address, prefix).ok())
        .ok_or_else(|| InvalidTarget(format!("“{text}”: what follows the slash is a number from 0 to {most}.")))?;
    if block.trunc() != block {
        return Err(InvalidTarget(format!("“{text}” names an address inside the block. Did you mean {}?", block.trunc())));
    }
    Ok(Target::Block(block))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block(block) if block.prefix_len() == block.max_prefix_len() => block.addr().fmt(f),
            Self::Block(block) => block.fmt(f),
            Self::Name(name) => f.write_str(name),
            Self::Below(suffix) => write!(f, "*.{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_written() {
        for (text, written) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1"),
            ("[::1]", "::1"),
            ("fd00::/8", "fd00::/8"),
            ("API.Example.com.", "api.example.com"),
            ("*.Example.com", "*.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("0x7f.1", "127.0.0.1"),
        ] {
            assert_eq!(text.parse::<Target>().expect(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn wrong_targets_say_what_is_wrong() {
        for (text, part) in [
            ("10.0.0.0/33", "0 to 32"),
            ("10.1.2.3/8", "10.0.0.0/8?"),
            ("https://example.com", "is a URL"),
            ("example.com:80", "has a port"),
            ("a.*.example.com", "star"),
            ("example.com/8", "begin with an address"),
            ("exa mple", "neither"),
            ("", "neither"),
        ] {
            let error = text.parse::<Target>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn names_match_whole_labels() {
        let below: Target = "*.example.com".parse().expect("valid");
        assert!(below.matches_name("api.example.com") && below.matches_name("a.b.EXAMPLE.com."));
        assert!(!below.matches_name("example.com") && !below.matches_name("badexample.com") && !below.matches_name("é"));
        let own: Target = "example.com".parse().expect("valid");
        assert!(own.matches_name("example.com.") && !own.matches_name("api.example.com"));
    }

    #[test]
    fn lists_are_separated_by_commas_and_white_space() {
        let list = Target::parse_list(" 10.0.0.0/8, api.example.com\n::1 ,").expect("valid");
        assert_eq!(list.len(), 3);
        assert!(Target::parse_list("10.0.0.0/8, 10.0.0.0/99").is_err());
    }
}
