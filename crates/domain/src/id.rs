//! Prefixed, time-sortable identifiers: `mon_` and 26 characters of Crockford base 32 (48 bits of Unix milliseconds,
//! 80 random bits: the layout of a ULID, in lower case). Sorting ids sorts by creation.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

use crate::time::Timestamp;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0} id")]
pub struct InvalidId(&'static str);

impl InvalidId {
    /// Not an id with this prefix.
    pub(crate) fn of(prefix: &'static str) -> Self {
        Self(prefix)
    }
}

fn encode(mut bits: u128) -> String {
    let mut out = [b'0'; LENGTH];
    for slot in out.iter_mut().rev() {
        let digit = usize::try_from(bits & 31).unwrap_or(0);
        *slot = ALPHABET.get(digit).copied().unwrap_or(b'0');
        bits >>= 5;
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn decode(text: &str) -> Option<u128> {
    if text.len() != LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (i, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|c| *c == byte)?;
        // 26 characters are 130 bits: the first may only carry three.
        if i == 0 && digit > 7 {
            return None;
        }
        bits = (bits << 5) | u128::try_from(digit).ok()?;
    }
    Some(bits)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u128);

        impl $name {
            /// What every id of this type begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes an id from its instant of creation and 80 random bits (higher bits are ignored).
            pub fn new(now: Timestamp, random: u128) -> Self {
                let millis = u128::try_from(now.as_millis().max(0)).unwrap_or(0) & ((1 << 48) - 1);
                Self((millis << 80) | (random & ((1 << 80) - 1)))
            }

            /// The instant of creation, to the millisecond.
            pub fn created_at(self) -> Timestamp {
                Timestamp::from_millis(i64::try_from(self.0 >> 80).unwrap_or(i64::MAX))
            }

            /// All 128 bits, for hashing and packing.
            pub fn bits(self) -> u128 {
                self.0
            }

            /// From what [`Self::bits`] gave.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(InvalidId($prefix))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A person who can sign in.
    AccountId = "acc";
    /// What owns monitors; accounts join it with a role.
    SpaceId = "spc";
    /// Something that is watched.
    MonitorId = "mon";
    /// One signed-in browser.
    SessionId = "ses";
    /// A bearer token of the REST interface.
    TokenId = "tok";
    /// A single-use link that lets somebody in.
    InvitationId = "inv";
    /// A maintenance window.
    WindowId = "mnt";
    /// Something broke, from its detection to what was learnt of it.
    IncidentId = "inc";
    /// A way to tell somebody: a chat room, a mailbox, an address that takes webhooks.
    ChannelId = "chn";
    /// Which events are told where.
    RuleId = "rul";
    /// One thing to be told over one channel, with all its attempts.
    MessageId = "msg";
    /// A webhook that is called by a timetable.
    ScheduleId = "sch";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_survives_its_text(millis in 0i64..(1 << 48), random: u128) {
            let id = MonitorId::new(Timestamp::from_millis(millis), random);
            prop_assert_eq!(id.to_string().parse::<MonitorId>(), Ok(id));
            prop_assert_eq!(id.created_at().as_millis(), millis);
        }

        #[test]
        fn text_sorts_like_time(a in 0i64..(1 << 48), b in 0i64..(1 << 48), r: u128, s: u128) {
            let (x, y) = (MonitorId::new(Timestamp::from_millis(a), r), MonitorId::new(Timestamp::from_millis(b), s));
            prop_assert_eq!(x.cmp(&y), x.to_string().cmp(&y.to_string()));
            if a < b { prop_assert!(x < y); }
        }
    }

    #[test]
    fn foreign_prefixes_and_overlong_values_are_refused() {
        let id = MonitorId::new(Timestamp::from_millis(1), 2).to_string();
        assert!(id.replace("mon_", "spc_").parse::<MonitorId>().is_err());
        assert!(format!("mon_z{}", &id[5..]).parse::<MonitorId>().is_err());
        assert!("mon_".parse::<MonitorId>().is_err());
        assert!(id.to_uppercase().parse::<MonitorId>().is_err());
    }
}
