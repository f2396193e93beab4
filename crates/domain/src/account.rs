//! People, spaces and the rules of their names and passwords.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a member may do in a space. Ordered: a later role may do everything an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Changes monitors.
    Editor,
    /// Changes the space itself: members, tokens, its name, its end.
    Owner,
}

impl Role {
    /// All of them, from the least.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Owner];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// The word that people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::Editor => "Editor",
            Self::Owner => "Owner",
        }
    }
}

/// What a token of the REST interface may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// GET only.
    Read,
    /// Everything an editor may.
    Write,
}

impl Scope {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|s| s.name() == name)
    }
}

/// An e-mail address, trimmed and in lower case: the key of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Accepts what mail servers accept in practice: one `@`, a dotted or plain host, no spaces, at most 254 bytes
    /// (RFC 5321, 4.5.3.1.3, less the brackets). Whether it exists only a mail can tell.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Err("Enter an e-mail address.".into());
        }
        let wrong = || "This is not an e-mail address. It looks like name@example.com.".to_owned();
        let (local, host) = text.split_once('@').ok_or_else(wrong)?;
        let fits = text.len() <= 254 && (1..=64).contains(&local.len());
        let plain = text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c));
        let labels = host.split('.').all(|l| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-'));
        if fits && plain && labels && !host.contains('@') { Ok(Self(text)) } else { Err(wrong()) }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The shortest password, in characters. Length is what counts (NIST SP 800-63B, 3.1.1); no classes are demanded.
pub const PASSWORD_MIN: usize = 10;
/// The longest password, in bytes: hashing has a price.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// Checks a new password against its length, and against being the account's own name or address.
pub fn check_password(password: &str, email: &str, name: &str) -> Result<(), String> {
    if password.chars().count() < PASSWORD_MIN {
        return Err(format!("Use at least {PASSWORD_MIN} characters. A few unrelated words are easy to remember."));
    }
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(format!("Use at most {PASSWORD_MAX_BYTES} bytes."));
    }
    let lower = password.to_lowercase();
    if lower == email.to_lowercase() || lower == name.to_lowercase() {
        return Err("Use something else than your name or address.".into());
    }
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 4 || COMMON.contains(&lower.as_str()) {
        return Err("This password is among the first that an attacker tries. Use another one.".into());
    }
    Ok(())
}

/// The most common leaked passwords that are long enough to pass otherwise.
const COMMON: [&str; 16] = [
    "1234567890",
    "0123456789",
    "9876543210",
    "qwertyuiop",
    "password12",
    "password123",
    "password1234",
    "passwordpassword",
    "1q2w3e4r5t",
    "qwerty123456",
    "abcdefghij",
    "iloveyou12",
    "administrator",
    "letmein123",
    "welcome123",
    "changeme123",
];

/// Checks a display name of a person, a space or a token: 1 to `max` characters after trimming, no control characters.
pub fn check_name(text: &str, max: usize) -> Result<String, String> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err("Enter a name.".into()),
        n if n > max => Err(format!("Use at most {max} characters; these are {n}.")),
        _ if name.chars().any(char::is_control) => Err("Leave out line breaks and control characters.".into()),
        _ => Ok(name.to_owned()),
    }
}

/// The longest name of a person, a space, a token or a monitor, in characters.
pub const NAME_MAX: usize = 100;

/// One or two letters for an avatar.
pub fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|w| w.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(Email::parse("  Ada@Example.COM ").map(|e| e.to_string()), Ok("ada@example.com".into()));
        for good in ["a@b", "ops+loopr@mail.acme.dev", "o'neil@example.com", "jörg@example.com"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ada", "@b.c", "a@", "a@b@c", "a b@c.d", "a@b..c", "a@-b.c", "<a@b.c>", "a@b.c\r\nBcc: x@y.z"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords() {
        assert!(check_password("correct horse battery", "a@b.c", "Ada").is_ok());
        for bad in ["short", "1234567890", "aaaaaaaaaaaa", "ada@example.com", "ADA@example.com"] {
            assert!(check_password(bad, "ada@example.com", "Ada").is_err(), "{bad}");
        }
    }

    #[test]
    fn roles_are_ordered_by_power() {
        assert!(Role::Viewer < Role::Editor && Role::Editor < Role::Owner);
        assert_eq!(Role::from_name("editor"), Some(Role::Editor));
    }

    #[test]
    fn names_and_initials() {
        assert_eq!(check_name("  Ada Lovelace ", NAME_MAX), Ok("Ada Lovelace".into()));
        assert!(check_name(" ", NAME_MAX).is_err() && check_name("a\nb", NAME_MAX).is_err());
        assert_eq!(initials("ada lovelace king"), "AL");
    }
}
