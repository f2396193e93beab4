//! When a monitor is due. A slot is `phase + k * interval` on the wall clock; the phase is a hash of the monitor's id,
//! so that the monitors of one interval are spread evenly, nothing drifts, and a restart needs no stagger.

use std::time::Duration;

use crate::id::MonitorId;
use crate::time::Timestamp;

/// The slots of one monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    interval_ms: i64,
    phase_ms: i64,
}

impl Slots {
    /// The slots of a monitor with an interval of at least a millisecond.
    pub fn of(monitor: MonitorId, interval: Duration) -> Self {
        let interval_ms = i64::try_from(interval.as_millis()).unwrap_or(i64::MAX).max(1);
        let width = u64::try_from(interval_ms).unwrap_or(1);
        Self { interval_ms, phase_ms: i64::try_from(mix(monitor.bits()) % width).unwrap_or(0) }
    }

    /// The first slot strictly after an instant.
    pub fn after(self, instant: Timestamp) -> Timestamp {
        let passed = (instant.as_millis() - self.phase_ms).div_euclid(self.interval_ms);
        Timestamp::from_millis(self.phase_ms + (passed + 1).saturating_mul(self.interval_ms))
    }

    /// The last slot at or before an instant.
    pub fn at_or_before(self, instant: Timestamp) -> Timestamp {
        let passed = (instant.as_millis() - self.phase_ms).div_euclid(self.interval_ms);
        Timestamp::from_millis(self.phase_ms + passed * self.interval_ms)
    }

    /// The time from one slot to the next.
    pub fn interval(self) -> Duration {
        Duration::from_millis(u64::try_from(self.interval_ms).unwrap_or(1))
    }
}

/// Spreads the 128 bits of an id over 64: ids made in one millisecond must not share a phase.
fn mix(bits: u128) -> u64 {
    let halves = [bits >> 64, bits & u128::from(u64::MAX)];
    halves.into_iter().fold(0u64, |acc, half| finalise(acc ^ u64::try_from(half).unwrap_or(0).wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

/// Spreads 64 bits evenly over 64.
#[cfg(feature = "ssr")]
pub(crate) fn spread(bits: u64) -> u64 {
    finalise(bits.wrapping_add(0x9e37_79b9_7f4a_7c15))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
fn finalise(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The timeout that a monitor has when nobody chose one: 10 s, or 80 % of a shorter interval.
pub fn default_timeout(interval: Duration) -> Duration {
    Duration::from_secs(10).min(interval * 4 / 5)
}

/// How soon an unconfirmed failure is looked at again: 10 s, or half of a shorter interval.
pub fn retry_after(interval: Duration) -> Duration {
    Duration::from_secs(10).min(interval / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slots(random: u128, interval_ms: u64) -> Slots {
        Slots::of(MonitorId::new(Timestamp::from_millis(1_790_000_000_000), random), Duration::from_millis(interval_ms))
    }

    proptest! {
        #[test]
        fn slots_never_drift(random: u128, interval_ms in 1u64..90_000_000, now in 0i64..4_000_000_000_000, steps in 1i64..1000) {
            let slots = slots(random, interval_ms);
            let first = slots.after(Timestamp::from_millis(now));
            let mut last = first;
            for _ in 0..steps { last = slots.after(last); }
            let expected = first.as_millis() + steps * i64::try_from(interval_ms).expect("small");
            prop_assert_eq!(last.as_millis(), expected);
        }

        #[test]
        fn the_next_slot_is_later_and_within_one_interval(random: u128, interval_ms in 1u64..90_000_000, now in 0i64..4_000_000_000_000) {
            let (slots, now) = (slots(random, interval_ms), Timestamp::from_millis(now));
            let next = slots.after(now);
            prop_assert!(next > now && next.since(now) <= slots.interval());
            prop_assert_eq!(slots.at_or_before(next), next);
            prop_assert!(slots.at_or_before(now) <= now);
        }
    }

    #[test]
    fn monitors_made_at_once_are_spread_evenly() {
        let mut buckets = [0u32; 60];
        for random in 0..6_000u128 {
            let slot = slots(random, 60_000).after(Timestamp::from_millis(1_790_000_000_000));
            let bucket = usize::try_from(slot.as_millis().rem_euclid(60_000) / 1000).expect("small");
            buckets[bucket] += 1;
        }
        // 100 are expected in each second; a Poisson count leaves 60..=140 less than once in ten thousand.
        assert!(buckets.iter().all(|n| (60..=140).contains(n)), "{buckets:?}");
    }

    #[test]
    fn timeouts_stay_below_the_interval() {
        assert_eq!(default_timeout(Duration::from_secs(60)), Duration::from_secs(10));
        assert_eq!(default_timeout(Duration::from_secs(1)), Duration::from_millis(800));
    }
}
