//! Checks one after the other, each as what differs from the one before: seven to nine bytes for one of many alike. It only
//! grows, which is what the open hours in memory need, and what the rows of the journal are made of.
//!
//! A check is: a byte of flags; how much later or earlier it came than expected; how much slower it was; the status and the
//! phases, where they changed; and for a fault its outcome and texts, unless they are those of the fault before.

use domain::Timestamp;
use domain::varint;
use domain::view::CheckView;

use super::code::{PHASES, codes_of, duration_code, duration_of, message_of, outcome_code, outcome_of, phases_of};

// The lower five flags say which phases changed.
const STATUS: u8 = 1 << 5;
const FAULT: u8 = 1 << 6;
const EXCERPT: u8 = 1 << 7;
/// Buffers grow by so much: doubling them would hold twice the memory for most of an hour.
const GROWTH: usize = 256;

/// What the next check is compared with.
#[derive(Debug, Clone, Default)]
struct Last {
    at: i64,
    step: i64,
    duration: u16,
    phases: [u16; PHASES],
    status: u16,
    message: String,
    excerpt: String,
}

/// A growing run of checks.
#[derive(Debug, Clone, Default)]
pub struct Run {
    bytes: Vec<u8>,
    checks: u32,
    last: Last,
}

impl Run {
    /// An empty run whose first check is expected at an instant.
    pub fn from(expected: Timestamp) -> Self {
        Self { last: Last { at: expected.as_millis(), ..Last::default() }, ..Self::default() }
    }

    /// How many checks it holds.
    pub fn len(&self) -> u32 {
        self.checks
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.checks == 0
    }

    /// The memory it takes.
    pub fn size_bytes(&self) -> usize {
        self.bytes.capacity() + self.last.message.capacity() + self.last.excerpt.capacity()
    }

    /// Adds a check.
    pub fn push(&mut self, check: &CheckView) {
        if self.bytes.capacity() - self.bytes.len() < GROWTH / 4 {
            self.bytes.reserve_exact(GROWTH);
        }
        self.last.write(&mut self.bytes, check);
        self.checks += 1;
    }

    /// All checks, in the order in which they were added.
    pub fn checks(&self, expected: Timestamp) -> Vec<CheckView> {
        let mut rest = self.bytes.as_slice();
        read(&mut rest, self.checks, expected).unwrap_or_default()
    }
}

/// Writes one check as the first of a run that expects it at an instant.
pub(super) fn write_one(out: &mut Vec<u8>, check: &CheckView, expected: Timestamp) {
    Last { at: expected.as_millis(), ..Last::default() }.write(out, check);
}

/// Reads so many checks of a run that expected its first one at an instant; `None` when the bytes are damaged.
pub(super) fn read(bytes: &mut &[u8], checks: u32, expected: Timestamp) -> Option<Vec<CheckView>> {
    let mut last = Last { at: expected.as_millis(), ..Last::default() };
    // Every check has at least three bytes: a damaged count reserves nothing that is not there.
    let mut out = Vec::with_capacity(usize::try_from(checks).ok()?.min(bytes.len()));
    for _ in 0..checks {
        out.push(last.read(bytes)?);
    }
    Some(out)
}

impl Last {
    fn write(&mut self, out: &mut Vec<u8>, check: &CheckView) {
        let (at, duration, phases) = (check.at.as_millis(), duration_code(check.duration_us), codes_of(&check.phases));
        let (status, outcome) = (check.status.unwrap_or(0), outcome_code(check));
        let mut flags = 0;
        for (bit, (now, before)) in phases.iter().zip(self.phases).enumerate() {
            flags |= u8::from(*now != before) << bit;
        }
        flags |= if status == self.status { 0 } else { STATUS };
        flags |= if outcome == 0 { 0 } else { FAULT };
        flags |= if check.excerpt.is_some() { EXCERPT } else { 0 };
        out.push(flags);
        let step = at.wrapping_sub(self.at);
        varint::write_signed(out, step.wrapping_sub(self.step));
        varint::write_signed(out, i64::from(duration) - i64::from(self.duration));
        for (now, before) in phases.iter().zip(self.phases).filter(|(now, before)| *now != before) {
            varint::write_signed(out, i64::from(*now) - i64::from(before));
        }
        if flags & STATUS != 0 {
            varint::write(out, u64::from(status));
        }
        if let Some(message) = message_of(check) {
            varint::write(out, u64::from(outcome));
            write_text(out, &mut self.message, message);
        }
        if let Some(excerpt) = &check.excerpt {
            write_text(out, &mut self.excerpt, excerpt);
        }
        (self.at, self.step, self.duration, self.phases, self.status) = (at, step, duration, phases, status);
    }

    fn read(&mut self, bytes: &mut &[u8]) -> Option<CheckView> {
        let (flags, rest) = bytes.split_first()?;
        *bytes = rest;
        self.step = self.step.wrapping_add(varint::read_signed(bytes)?);
        self.at = self.at.wrapping_add(self.step);
        self.duration = moved(self.duration, varint::read_signed(bytes)?)?;
        for (bit, phase) in self.phases.iter_mut().enumerate() {
            if flags & (1 << bit) != 0 {
                *phase = moved(*phase, varint::read_signed(bytes)?)?;
            }
        }
        if flags & STATUS != 0 {
            self.status = u16::try_from(varint::read(bytes)?).ok()?;
        }
        let outcome = if flags & FAULT == 0 { 0 } else { u16::try_from(varint::read(bytes)?).ok()? };
        let (failure, warning) = outcome_of(outcome, || read_text(bytes, &mut self.message))?;
        let excerpt = if flags & EXCERPT == 0 { None } else { Some(read_text(bytes, &mut self.excerpt)?) };
        Some(CheckView {
            at: Timestamp::from_millis(self.at),
            duration_us: duration_of(self.duration)?,
            phases: phases_of(self.phases),
            status: (self.status != 0).then_some(self.status),
            failure,
            warning,
            excerpt,
        })
    }
}

fn moved(code: u16, by: i64) -> Option<u16> {
    u16::try_from(i64::from(code).checked_add(by)?).ok()
}

/// A text is its length and one, then itself; or 0 when it is the one before.
fn write_text(out: &mut Vec<u8>, last: &mut String, text: &str) {
    if last == text {
        out.push(0);
        return;
    }
    varint::write(out, u64::try_from(text.len()).unwrap_or(u64::MAX).saturating_add(1));
    out.extend_from_slice(text.as_bytes());
    text.clone_into(last);
}

fn read_text(bytes: &mut &[u8], last: &mut String) -> Option<String> {
    if let Some(length) = varint::read(bytes)?.checked_sub(1) {
        let (text, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
        *bytes = rest;
        std::str::from_utf8(text).ok()?.clone_into(last);
    }
    Some(last.clone())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{HOUR, checks, regular};
    use super::*;
    use proptest::prelude::*;

    fn of(checks: &[CheckView]) -> Run {
        let mut run = Run::from(HOUR);
        checks.iter().for_each(|check| run.push(check));
        run
    }

    proptest! {
        #[test]
        fn what_was_added_comes_back(checks in checks()) {
            let run = of(&checks);
            prop_assert_eq!(run.checks(HOUR), checks);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>, checks: u32) {
            let _damaged = read(&mut bytes.as_slice(), checks, HOUR);
        }

        #[test]
        fn a_run_that_is_cut_short_is_recognised(checks in checks(), cut in 1usize..20) {
            let run = of(&checks);
            let bytes = run.bytes.as_slice();
            if !checks.is_empty() {
                let mut short = bytes.get(..bytes.len().saturating_sub(cut)).unwrap_or_default();
                prop_assert_eq!(read(&mut short, run.len(), HOUR), None);
            }
        }
    }

    #[test]
    fn a_check_of_many_alike_takes_few_bytes() {
        let checks = regular(360, 10_000);
        let run = of(&checks);
        assert!(run.bytes.as_slice().len() <= checks.len() * 9, "{} bytes for {} checks", run.bytes.as_slice().len(), checks.len());
        assert!(run.size_bytes() <= checks.len() * 10);
    }
}
