//! What one row of the journal holds: the checks that one transaction recorded, of whichever monitors, and the slots that did
//! not run. About 30 bytes a check, most of them the monitor's id: it is read once, after a restart.

use domain::view::CheckView;
use domain::{MonitorId, Timestamp, varint};

use super::run;

/// The version of the form, its first byte.
const VERSION: u8 = 1;

/// Slots of a monitor that did not run, from the first of them on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissedSlots {
    /// Whose.
    pub monitor: MonitorId,
    /// The first of them.
    pub at: Timestamp,
    /// How many.
    pub slots: u32,
}

/// What one transaction recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batched {
    /// Checks that ended.
    pub checks: Vec<(MonitorId, CheckView)>,
    /// Slots that did not run.
    pub missed: Vec<MissedSlots>,
}

impl Batched {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.missed.is_empty()
    }

    /// When everything in it happened.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> {
        self.checks.iter().map(|(_, check)| check.at).chain(self.missed.iter().map(|missed| missed.at))
    }

    /// Packed for the database.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let base = self.checks.first().map(|(_, check)| check.at).or(self.missed.first().map(|m| m.at)).unwrap_or_default();
        let mut out = Vec::with_capacity(16 + self.checks.len() * 32);
        out.push(VERSION);
        varint::write_signed(&mut out, base.as_millis());
        varint::write(&mut out, u64::try_from(self.checks.len()).unwrap_or(0));
        for (monitor, check) in &self.checks {
            out.extend_from_slice(&monitor.bits().to_le_bytes());
            run::write_one(&mut out, check, base);
        }
        varint::write(&mut out, u64::try_from(self.missed.len()).unwrap_or(0));
        for MissedSlots { monitor, at, slots } in &self.missed {
            out.extend_from_slice(&monitor.bits().to_le_bytes());
            varint::write_signed(&mut out, at.as_millis().wrapping_sub(base.as_millis()));
            varint::write(&mut out, u64::from(*slots));
        }
        out
    }

    /// Reads what [`Batched::to_bytes`] wrote; `None` when it is damaged.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&[VERSION])?;
        let base = varint::read_signed(&mut rest)?;
        let mut out = Self::default();
        for _ in 0..varint::read(&mut rest)? {
            let monitor = read_monitor(&mut rest)?;
            out.checks.push((monitor, run::read(&mut rest, 1, Timestamp::from_millis(base))?.pop()?));
        }
        for _ in 0..varint::read(&mut rest)? {
            let monitor = read_monitor(&mut rest)?;
            let at = Timestamp::from_millis(base.wrapping_add(varint::read_signed(&mut rest)?));
            out.missed.push(MissedSlots { monitor, at, slots: u32::try_from(varint::read(&mut rest)?).ok()? });
        }
        rest.is_empty().then_some(out)
    }
}

fn read_monitor(bytes: &mut &[u8]) -> Option<MonitorId> {
    let (bits, rest) = bytes.split_first_chunk::<16>()?;
    *bytes = rest;
    Some(MonitorId::from_bits(u128::from_le_bytes(*bits)))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{HOUR, checks};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_batched_comes_back(checks in checks(), missed in proptest::collection::vec((any::<u128>(), any::<u32>(), any::<u32>()), 0..5)) {
            let id = |n: u128| MonitorId::from_bits(n);
            let batched = Batched {
                checks: checks.into_iter().zip(0..).map(|(check, n)| (id(n), check)).collect(),
                missed: missed.into_iter().map(|(n, ms, slots)| {
                    MissedSlots { monitor: id(n), at: Timestamp::from_millis(HOUR.as_millis() + i64::from(ms)), slots }
                }).collect(),
            };
            prop_assert_eq!(Batched::from_bytes(&batched.to_bytes()), Some(batched));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes: Vec<u8>) {
            bytes.insert(0, VERSION);
            let _damaged = Batched::from_bytes(&bytes);
        }
    }
}
