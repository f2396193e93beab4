//! How values are written: one type, one form, one error that says how it is right.

use std::fmt;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use engine::Witness;
use engine::mail::MailConfig;
use engine::net::Target;
use ipnet::IpNet;

/// A type that a setting can have.
pub trait Value: Sized {
    /// What values look like, for the reference page.
    const FORM: &'static str;

    /// Reads a trimmed, non-empty text.
    ///
    /// # Errors
    /// A sentence for the operator.
    fn parse(text: &str) -> Result<Self, String>;

    /// What it is when nothing is given.
    ///
    /// # Errors
    /// When there has to be something.
    fn unset() -> Result<Self, String> {
        Err("has to be set.".to_owned())
    }
}

impl<T: Value> Value for Option<T> {
    const FORM: &'static str = T::FORM;

    fn parse(text: &str) -> Result<Self, String> {
        T::parse(text).map(Some)
    }

    fn unset() -> Result<Self, String> {
        Ok(None)
    }
}

/// A text that must not show in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where the database is. It may carry a password, which does not show in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub String);

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://[redacted]", self.0.split("://").next().unwrap_or_default())
    }
}

/// Where mail is handed over. It may carry a password, which does not show in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl(pub String);

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://[redacted]", self.0.split("://").next().unwrap_or_default())
    }
}

/// Who writes mails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailFrom(pub String);

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub u64);

/// A size that may be nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Floor(pub u64);

/// A text that can be the value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAgent(pub String);

/// A list of allow or deny entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets(pub Vec<Target>);

/// A list of hosts and ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnesses(pub Vec<Witness>);

/// A list of networks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

/// A number from 1 to 250.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize(usize);

impl BatchSize {
    pub fn get(self) -> usize {
        self.0
    }
}

macro_rules! values {
    ($($type:ty, $form:literal, $parse:expr;)*) => {$(
        impl Value for $type {
            const FORM: &'static str = $form;

            fn parse(text: &str) -> Result<Self, String> {
                let parse: fn(&str) -> Result<Self, String> = $parse;
                parse(text)
            }
        }
    )*};
}

values! {
    UserAgent, "text", |text| match http::HeaderValue::from_str(text) {
        Ok(_) => Ok(Self(text.to_owned())),
        Err(_) => Err(format!("“{text}” has characters that cannot stand in a header.")),
    };
    PathBuf, "a path", |text| Ok(PathBuf::from(text));
    Secret, "text, kept secret", |text| Ok(Self(text.to_owned()));
    DatabaseUrl, "an address", |text| match text.split_once("://") {
        Some(("surrealkv" | "mem" | "ws" | "wss", _)) => Ok(Self(text.to_owned())),
        _ => Err("the database is surrealkv://<directory>, mem://, or ws://user:password@host:port/namespace/database.".to_owned()),
    };
    SmtpUrl, "an address, kept secret", |text| MailConfig::check_url(text).map(|()| Self(text.to_owned()));
    MailFrom, "a name and an address", |text| MailConfig::check_from(text).map(|()| Self(text.to_owned()));
    SocketAddr, "address:port", |text| text.parse().map_err(|_| format!("“{text}” is not an address and port like 127.0.0.1:3000 or [::]:3000."));
    NonZeroUsize, "a number from 1", |text| text.parse().map_err(|_| format!("“{text}” is not a number from 1."));
    NonZeroU32, "a number from 1", |text| text.parse().map_err(|_| format!("“{text}” is not a number from 1."));
    BatchSize, "1 to 250", |text| text.parse().ok().filter(|size| (1..=250).contains(size)).map(Self)
        .ok_or_else(|| format!("“{text}” is not a number from 1 to 250."));
    Bytes, "bytes, or with KiB, MiB, GiB", bytes;
    Floor, "bytes, or with KiB, MiB, GiB, or `none`", |text| if text == "none" { Ok(Self(0)) } else { bytes(text).map(|Bytes(bytes)| Self(bytes)) };
    Targets, "addresses, blocks and host names, separated by commas", |text| Target::parse_list(text).map(Self).map_err(|error| error.to_string());
    Witnesses, "hosts and ports, separated by commas", |text| Witness::parse_list(text).map(Self).map_err(|error| error.to_string());
    Networks, "blocks of addresses, separated by commas", networks;
}

fn bytes(text: &str) -> Result<Bytes, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let factor: u64 = match text.strip_prefix(digits).unwrap_or_default().trim() {
        "" | "B" => 1,
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" | "m" => 1 << 20,
        "GiB" | "G" | "g" => 1 << 30,
        _ => 0,
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|bytes| *bytes > 0)
        .map(Bytes)
        .ok_or_else(|| format!("“{text}” is not a size like 64 MiB."))
}

fn networks(text: &str) -> Result<Networks, String> {
    let list = Target::parse_list(text).map_err(|error| error.to_string())?;
    let blocks = list.into_iter().map(|target| match target {
        Target::Block(block) => Ok(block),
        name => Err(format!("“{name}” is a name; addresses and blocks like 10.0.0.0/8 are needed here.")),
    });
    blocks.collect::<Result<_, _>>().map(Networks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(bytes("1024"), Ok(Bytes(1024)));
        assert_eq!(bytes("64 MiB"), Ok(Bytes(64 << 20)));
        assert_eq!(bytes("2G"), Ok(Bytes(2 << 30)));
        for wrong in ["", "MiB", "0", "-1", "64 MB", "99999999999 GiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
