//! A witness: a host and a port that always take a connection.

use std::fmt;
use std::str::FromStr;

use url::Host;

use crate::net::Destination;

/// The most witnesses that are asked.
const MOST: usize = 10;

/// A host and a port that always take a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    host: Host<String>,
    port: u16,
}

/// Why a text is no witness, in words for the administrator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidWitness(String);

impl Witness {
    /// Reads a list separated by commas or white space.
    ///
    /// # Errors
    /// The first entry that is none, or too many of them.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidWitness> {
        let mut all: Vec<Self> = Vec::new();
        for part in text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty()) {
            let witness = part.parse()?;
            if !all.contains(&witness) {
                all.push(witness);
            }
        }
        if all.len() > MOST { Err(InvalidWitness(format!("Name at most {MOST} witnesses."))) } else { Ok(all) }
    }

    /// Where to connect to.
    pub(super) fn destination(&self) -> Destination {
        Destination::plain(self.host.clone(), self.port)
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for Witness {
    type Err = InvalidWitness;

    fn from_str(text: &str) -> Result<Self, InvalidWitness> {
        let wrong = || InvalidWitness(format!("“{text}” is not a host and a port, like one.one.one.one:443."));
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(wrong)?;
        let host = Host::parse(host).map_err(|_| wrong())?;
        Ok(Self { host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn witnesses_are_hosts_with_ports() {
        let all = Witness::parse_list("1.1.1.1:443, [2606:4700::1111]:53 One.One.One.One:443,1.1.1.1:443").expect("valid");
        let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1.1.1.1:443", "[2606:4700::1111]:53", "one.one.one.one:443"]);
        for wrong in ["example.com", "example.com:0", "example.com:http", ":443", "https://example.com:443", "1.1.1.1:70000"] {
            assert!(Witness::parse_list(wrong).is_err(), "{wrong}");
        }
        let many: Vec<String> = (1..=11).map(|port| format!("example.com:{port}")).collect();
        assert!(Witness::parse_list(&many.join(",")).is_err());
    }
}
