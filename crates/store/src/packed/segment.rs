//! Sealed checks: a column for each of their values, each in whichever of three forms is the shortest, and a checksum.
//!
//! Instants are the step from slot to slot of a grid (the usual distance of two checks), and how far from its slot each
//! check began: both are small and alike. Texts stand once in a dictionary.

use domain::Timestamp;
use domain::varint;
use domain::view::CheckView;
use pco::ChunkConfig;
use pco::standalone::{simple_compress, simple_decompress_into};

use super::code::{PHASES, codes_of, duration_code, duration_of, message_of, outcome_code, outcome_of, phases_of};

/// The version of the form, its first byte.
const VERSION: u8 = 1;
/// Checks of one piece, at most: a day of a monitor of ten seconds is one piece.
const PIECE_CHECKS: usize = 20_000;
/// Texts of one piece, in bytes: failures that each say something else are cut into several, far below the largest transaction.
const PIECE_TEXTS: usize = 256 << 10;
/// Grids are multiples of this many milliseconds, as intervals are.
const GRID_MS: i64 = 1_000;

// The forms of a column.
const CONSTANT: u8 = 0;
const NUMBERS: u8 = 1;
const PCO: u8 = 2;

/// Some checks of a monitor, packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The first of them.
    pub start: Timestamp,
    /// How many.
    pub checks: u32,
    /// Packed.
    pub data: Vec<u8>,
}

/// Packs checks that are in order of time and within one day.
pub(crate) fn pack(mut checks: &[CheckView]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some(first) = checks.first() {
        let mut texts = 0;
        let fits = checks.iter().take(PIECE_CHECKS).take_while(|check| {
            texts += message_of(check).map_or(0, str::len) + check.excerpt.as_ref().map_or(0, String::len);
            texts <= PIECE_TEXTS
        });
        let (these, rest) = checks.split_at(fits.count().max(1));
        pieces.push(Piece { start: first.at, checks: u32::try_from(these.len()).unwrap_or(u32::MAX), data: encode(these) });
        checks = rest;
    }
    pieces
}

fn encode(checks: &[CheckView]) -> Vec<u8> {
    let first = checks.first().map_or(0, |check| check.at.as_millis());
    let grid = grid_of(checks);
    let mut out = vec![VERSION];
    varint::write(&mut out, u64::try_from(checks.len()).unwrap_or(0));
    varint::write_signed(&mut out, first);
    varint::write_signed(&mut out, grid);
    let mut slot = 0;
    let instants = checks.iter().map(|check| {
        let passed = check.at.as_millis() - first;
        let (before, now) = (slot, (passed + grid / 2).div_euclid(grid));
        slot = now;
        (narrow(now - before), narrow(passed - now * grid))
    });
    let (steps, lags): (Vec<u32>, Vec<u32>) = instants.unzip();
    let mut texts = Texts::default();
    let messages: Vec<u32> = checks.iter().map(|check| texts.number(message_of(check))).collect();
    let excerpts: Vec<u32> = checks.iter().map(|check| texts.number(check.excerpt.as_deref())).collect();
    write_column(&mut out, &steps);
    write_column(&mut out, &lags);
    write_column(&mut out, &column(checks, |check| duration_code(check.duration_us)));
    for phase in 0..PHASES {
        write_column(&mut out, &column(checks, |check| codes_of(&check.phases).get(phase).copied().unwrap_or(0)));
    }
    write_column(&mut out, &column(checks, |check| check.status.unwrap_or(0)));
    write_column(&mut out, &column(checks, outcome_code));
    write_column(&mut out, &messages);
    write_column(&mut out, &excerpts);
    texts.write(&mut out);
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

/// Reads what [`pack`] made of some checks; `None` when it is damaged.
pub(crate) fn unpack(data: &[u8]) -> Option<Vec<CheckView>> {
    let (body, sum) = data.split_last_chunk::<4>()?;
    if checksum(body) != u32::from_le_bytes(*sum) {
        return None;
    }
    decode(body)
}

fn decode(body: &[u8]) -> Option<Vec<CheckView>> {
    let mut rest = body.strip_prefix(&[VERSION])?;
    let count = usize::try_from(varint::read(&mut rest)?).ok().filter(|n| *n <= PIECE_CHECKS)?;
    let first = varint::read_signed(&mut rest)?;
    let grid = varint::read_signed(&mut rest)?;
    let mut next = || read_column(&mut rest, count);
    let (steps, lags, durations) = (next()?, next()?, next()?);
    let phases: [Vec<u32>; PHASES] = [next()?, next()?, next()?, next()?, next()?];
    let (statuses, outcomes, messages, excerpts) = (next()?, next()?, next()?, next()?);
    let texts = Texts::read(&mut rest)?;
    if !rest.is_empty() {
        return None;
    }
    let mut slot: i64 = 0;
    let mut out = Vec::with_capacity(count);
    for n in 0..count {
        let code = |column: &[u32]| column.get(n).and_then(|code| u16::try_from(*code).ok());
        slot = slot.checked_add(wide(*steps.get(n)?))?;
        let at = slot.checked_mul(grid)?.checked_add(wide(*lags.get(n)?))?.checked_add(first)?;
        let mut reached = [0; PHASES];
        for (phase, column) in reached.iter_mut().zip(&phases) {
            *phase = code(column)?;
        }
        let (failure, warning) = outcome_of(code(&outcomes)?, || texts.get(*messages.get(n)?))?;
        out.push(CheckView {
            at: Timestamp::from_millis(at),
            duration_us: duration_of(code(&durations)?)?,
            phases: phases_of(reached),
            status: Some(code(&statuses)?).filter(|status| *status != 0),
            failure,
            warning,
            excerpt: match *excerpts.get(n)? {
                0 => None,
                number => Some(texts.get(number)?),
            },
        });
    }
    Some(out)
}

/// The usual distance of two checks.
fn grid_of(checks: &[CheckView]) -> i64 {
    let mut steps: Vec<i64> =
        checks.iter().zip(checks.iter().skip(1)).map(|(one, next)| next.at.as_millis() - one.at.as_millis()).collect();
    let middle = steps.len() / 2;
    let median = if steps.is_empty() { GRID_MS } else { *steps.select_nth_unstable(middle).1 };
    ((median + GRID_MS / 2) / GRID_MS * GRID_MS).max(GRID_MS)
}

fn column(checks: &[CheckView], code: impl Fn(&CheckView) -> u16) -> Vec<u32> {
    checks.iter().map(|check| u32::from(code(check))).collect()
}

/// Differences within a day fit.
fn narrow(value: i64) -> u32 {
    u32::try_from(varint::zigzag(value)).unwrap_or(u32::MAX)
}

fn wide(value: u32) -> i64 {
    varint::unzigzag(u64::from(value))
}

fn write_column(out: &mut Vec<u8>, values: &[u32]) {
    let first = values.first().copied().unwrap_or(0);
    if values.iter().all(|value| *value == first) {
        out.push(CONSTANT);
        varint::write(out, u64::from(first));
        return;
    }
    let mut numbers = Vec::with_capacity(values.len());
    values.iter().for_each(|value| varint::write(&mut numbers, u64::from(*value)));
    let (form, bytes) = match simple_compress(values, &ChunkConfig::default()) {
        Ok(columns) if columns.len() < numbers.len() => (PCO, columns),
        // It refuses nothing that is given to it here; the plain form says the same.
        _ => (NUMBERS, numbers),
    };
    out.push(form);
    varint::write(out, u64::try_from(bytes.len()).unwrap_or(0));
    out.extend_from_slice(&bytes);
}

fn read_column(bytes: &mut &[u8], count: usize) -> Option<Vec<u32>> {
    let (form, rest) = bytes.split_first()?;
    *bytes = rest;
    let number = |bytes: &mut &[u8]| u32::try_from(varint::read(bytes)?).ok();
    if *form == CONSTANT {
        return Some(vec![number(bytes)?; count]);
    }
    let length = usize::try_from(varint::read(bytes)?).ok()?;
    let (mut column, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    match *form {
        NUMBERS => {
            let values = (0..count).map(|_| number(&mut column)).collect::<Option<Vec<u32>>>()?;
            column.is_empty().then_some(values)
        }
        PCO => {
            let mut values = vec![0; count];
            let progress = simple_decompress_into(column, &mut values).ok()?;
            (progress.finished && progress.n_processed == count).then_some(values)
        }
        _ => None,
    }
}

/// The texts of a piece, each once; number 0 is no text.
#[derive(Default)]
struct Texts {
    texts: Vec<String>,
    numbers: std::collections::HashMap<String, u32>,
}

impl Texts {
    fn number(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text else { return 0 };
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        self.texts.push(text.to_owned());
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.to_owned(), number);
        number
    }

    fn get(&self, number: u32) -> Option<String> {
        self.texts.get(usize::try_from(number).ok()?.checked_sub(1)?).cloned()
    }

    fn write(&self, out: &mut Vec<u8>) {
        varint::write(out, u64::try_from(self.texts.len()).unwrap_or(0));
        for text in &self.texts {
            varint::write(out, u64::try_from(text.len()).unwrap_or(0));
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut texts = Self::default();
        for _ in 0..varint::read(bytes)? {
            let length = usize::try_from(varint::read(bytes)?).ok()?;
            let (text, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            texts.texts.push(std::str::from_utf8(text).ok()?.to_owned());
        }
        Some(texts)
    }
}

/// FNV-1a of 32 bits (draft-eastlake-fnv): tells a damaged piece from a whole one before anything is made of it.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{HOUR, checks, regular};
    use super::*;
    use proptest::prelude::*;

    fn all(pieces: &[Piece]) -> Vec<CheckView> {
        pieces.iter().flat_map(|piece| unpack(&piece.data).expect("whole")).collect()
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_back(checks in checks()) {
            prop_assert_eq!(all(&pack(&checks)), checks);
        }

        #[test]
        fn damage_is_recognised(checks in checks(), at: prop::sample::Index, bit in 0u8..8) {
            for mut piece in pack(&checks) {
                let at = at.index(piece.data.len());
                piece.data[at] ^= 1 << bit;
                prop_assert_eq!(unpack(&piece.data), None);
            }
        }

        #[test]
        fn damage_that_the_checksum_does_not_show_does_no_harm(checks in checks(), at: prop::sample::Index, byte: u8) {
            for mut piece in pack(&checks) {
                let at = at.index(piece.data.len());
                piece.data[at] = byte;
                let _damaged = decode(&piece.data[..piece.data.len() - 4]);
            }
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(mut bytes: Vec<u8>) {
            bytes.insert(0, VERSION);
            let _damaged = decode(&bytes);
        }
    }

    #[test]
    fn a_check_takes_a_few_bytes() {
        for (checks, most) in [(regular(8_640, 10_000), 5), (regular(1_440, 60_000), 6), (regular(360, 10_000), 7)] {
            let pieces = pack(&checks);
            let bytes: usize = pieces.iter().map(|piece| piece.data.len()).sum();
            assert!(bytes <= checks.len() * most, "{bytes} bytes for {} checks", checks.len());
            assert_eq!((pieces.len(), all(&pieces)), (1, checks));
        }
    }

    #[test]
    fn failures_that_say_much_are_cut_into_pieces() {
        let mut checks = regular(2_000, 1_000);
        for (n, check) in checks.iter_mut().enumerate() {
            check.excerpt = Some(format!("{n:>1000}"));
        }
        let pieces = pack(&checks);
        assert!(pieces.len() > 7 && pieces.iter().all(|piece| piece.data.len() < 2 * PIECE_TEXTS));
        assert_eq!((pieces[0].start, all(&pieces)), (checks[0].at, checks));
        assert!(pack(&[]).is_empty() && HOUR <= pieces[0].start);
    }
}
