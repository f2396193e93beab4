//! Whole numbers in as few bytes as they need: LEB128, and zigzag for signed ones. Histograms and every packed form of
//! the history are written with it. Reading never fails but by answering `None`.

/// Appends a number, seven bits a byte, the lowest first.
pub fn write(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap_or(0));
}

/// Takes a number off the front; `None` when the bytes end before it or it does not fit.
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(first & 0x7f);
        // The tenth byte carries one bit.
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Appends a signed number: small ones of either sign are short.
pub fn write_signed(out: &mut Vec<u8>, value: i64) {
    write(out, zigzag(value));
}

/// Takes a signed number off the front.
pub fn read_signed(bytes: &mut &[u8]) -> Option<i64> {
    read(bytes).map(unzigzag)
}

/// 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 …
pub fn zigzag(value: i64) -> u64 {
    let magnitude = if value < 0 { !value } else { value };
    let doubled = u64::try_from(magnitude).unwrap_or(0) << 1;
    if value < 0 { doubled | 1 } else { doubled }
}

/// What [`zigzag`] was given.
pub fn unzigzag(value: u64) -> i64 {
    let magnitude = i64::try_from(value >> 1).unwrap_or(i64::MAX);
    if value & 1 == 1 { !magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_survive(values: Vec<u64>, signed: Vec<i64>) {
            let mut bytes = Vec::new();
            values.iter().for_each(|v| write(&mut bytes, *v));
            signed.iter().for_each(|v| write_signed(&mut bytes, *v));
            let mut rest = bytes.as_slice();
            for value in values { prop_assert_eq!(read(&mut rest), Some(value)); }
            for value in signed { prop_assert_eq!(read_signed(&mut rest), Some(value)); }
            prop_assert_eq!((rest.len(), read(&mut rest)), (0, None));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes: Vec<u8>) {
            let mut rest = bytes.as_slice();
            while !rest.is_empty() && read(&mut rest).is_some() {}
        }
    }

    #[test]
    fn small_numbers_are_short() {
        let length = |value| {
            let mut out = Vec::new();
            write_signed(&mut out, value);
            out.len()
        };
        assert_eq!([length(0), length(-64), length(63), length(64), length(i64::MIN)], [1, 1, 1, 2, 10]);
    }
}
