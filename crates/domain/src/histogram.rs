//! A mergeable histogram of latencies: exact integers, the same on every machine, and a value read back from it is
//! within 1 % of what went in.
//!
//! Log-linear, as in HdrHistogram: 64 equal buckets for every power of two of microseconds, so a bucket is at most
//! 1/64 of its value wide, and its middle at most 1/128 away.

use serde::{Deserialize, Serialize};

use crate::varint;

const SUB_BITS: u32 = 7;
const SUB: u32 = 1 << SUB_BITS;

/// How often each latency was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    /// Bucket and count, in order of buckets; counts are never zero.
    buckets: Vec<(u16, u32)>,
}

/// The bucket of a latency: the number that stands for everything within 1 % of it.
pub fn bucket_of(value_us: u32) -> u16 {
    let exponent = (value_us | (SUB - 1)).ilog2() - (SUB_BITS - 1);
    let bucket = if exponent == 0 { value_us } else { (exponent << SUB_BITS) / 2 + (value_us >> exponent) };
    u16::try_from(bucket).unwrap_or(u16::MAX)
}

/// The latency that stands for a bucket; its bucket is the same one again.
pub fn middle_of(bucket: u16) -> u32 {
    let bucket = u32::from(bucket);
    if bucket < SUB {
        return bucket;
    }
    let half = SUB / 2;
    let exponent = bucket / half - 1;
    let mantissa = u64::from(bucket % half + half);
    let low = mantissa << exponent;
    u32::try_from(low + ((1u64 << exponent) - 1) / 2).unwrap_or(u32::MAX)
}

impl Histogram {
    /// Counts one latency.
    pub fn record(&mut self, value_us: u32) {
        self.record_many(value_us, 1);
    }

    /// Counts a latency several times.
    pub fn record_many(&mut self, value_us: u32, times: u32) {
        if times > 0 {
            self.add(bucket_of(value_us), times);
        }
    }

    fn add(&mut self, bucket: u16, count: u32) {
        match self.buckets.binary_search_by_key(&bucket, |(b, _)| *b) {
            Ok(i) => {
                if let Some((_, n)) = self.buckets.get_mut(i) {
                    *n = n.saturating_add(count);
                }
            }
            Err(i) => self.buckets.insert(i, (bucket, count)),
        }
    }

    /// Adds everything another one has seen.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            self.add(*bucket, *count);
        }
    }

    /// How many latencies were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, n)| u64::from(*n)).sum()
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The latency that `permille` thousandths of all are at or below, in microseconds (nearest rank).
    pub fn quantile_us(&self, permille: u32) -> Option<u32> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let rank = (total * u64::from(permille.min(1000))).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, n) in &self.buckets {
            seen += u64::from(*n);
            if seen >= rank {
                return Some(middle_of(*bucket));
            }
        }
        None
    }

    /// Packed for the database: pairs of LEB128 numbers, the step to the next bucket and its count.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.buckets.len() * 3);
        let mut last = 0;
        for (bucket, count) in &self.buckets {
            varint::write(&mut out, u64::from(bucket - last));
            varint::write(&mut out, u64::from(*count));
            last = *bucket;
        }
        out
    }

    /// Reads what [`Histogram::to_bytes`] wrote; `None` when it is damaged.
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut buckets = Vec::new();
        let mut last: u16 = 0;
        while !bytes.is_empty() {
            let step = u16::try_from(varint::read(&mut bytes)?).ok()?;
            let count = u32::try_from(varint::read(&mut bytes)?).ok()?;
            last = last.checked_add(step)?;
            if count == 0 || last > bucket_of(u32::MAX) || buckets.last().is_some_and(|(b, _)| *b >= last) {
                return None;
            }
            buckets.push((last, count));
        }
        Some(Self { buckets })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[u32]) -> Histogram {
        let mut h = Histogram::default();
        values.iter().for_each(|v| h.record(*v));
        h
    }

    proptest! {
        #[test]
        fn a_value_comes_back_within_one_percent(value: u32) {
            let back = f64::from(of(&[value]).quantile_us(500).expect("one value"));
            prop_assert!((back - f64::from(value)).abs() <= f64::from(value) * 0.01 + 0.5, "{value} came back as {back}");
        }

        #[test]
        fn the_middle_of_a_bucket_is_in_it(value: u32) {
            prop_assert_eq!(bucket_of(middle_of(bucket_of(value))), bucket_of(value));
        }

        #[test]
        fn buckets_follow_values(a: u32, b: u32) {
            prop_assert!(a > b || bucket_of(a) <= bucket_of(b));
        }

        #[test]
        fn merging_is_recording_both(a: Vec<u32>, b: Vec<u32>) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(merged, of(&[a, b].concat()));
        }

        #[test]
        fn bytes_survive(values: Vec<u32>) {
            let h = of(&values);
            prop_assert_eq!(Histogram::from_bytes(&h.to_bytes()), Some(h));
        }

        #[test]
        fn damaged_bytes_do_no_harm(bytes: Vec<u8>) {
            if let Some(h) = Histogram::from_bytes(&bytes) { h.quantile_us(950); }
        }
    }

    #[test]
    fn quantiles_are_nearest_rank() {
        let h = of(&[10, 20, 30, 40]);
        assert_eq!(h.quantile_us(500), Some(20));
        assert_eq!(h.quantile_us(1000), Some(40));
        assert_eq!(h.quantile_us(0), Some(10));
        assert_eq!(Histogram::default().quantile_us(500), None);
    }
}
