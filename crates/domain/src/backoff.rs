//! When to try again. Exponential with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015); what the other side asks
//! for is a floor that is applied after the jitter, or the jitter would shorten it.

use std::time::Duration;

use crate::time::Timestamp;

/// A rule of trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest pause after the first try.
    pub base: Duration,
    /// Each pause may be so many times as long as the one before.
    pub factor: u32,
    /// No pause of our own is longer.
    pub cap: Duration,
    /// No pause is shorter.
    pub least: Duration,
    /// No pause that the other side asks for is longer.
    pub asked_cap: Duration,
    /// Tries, at most.
    pub attempts: u32,
    /// No try begins later than this after the first was due.
    pub max_age: Duration,
}

impl Backoff {
    /// The rule of alerts: soon at first, for a day.
    pub const ALERTS: Self = Self {
        base: Duration::from_secs(2),
        factor: 2,
        cap: Duration::from_secs(300),
        least: Duration::from_millis(250),
        asked_cap: Duration::from_secs(3_600),
        attempts: 1_000,
        max_age: Duration::from_secs(86_400),
    };

    /// When to try again after `tries` tries, the last of which ended at `now`; none when it is too late or there were enough. `random` is
    /// uniform in 0..1; `asked` is what the other side asked for.
    pub fn next(&self, tries: u32, first_due: Timestamp, now: Timestamp, random: f64, asked: Option<Duration>) -> Option<Timestamp> {
        if tries >= self.attempts {
            return None;
        }
        let longest = self.base.saturating_mul(self.factor.saturating_pow(tries.saturating_sub(1))).min(self.cap);
        let pause = longest.mul_f64(random.clamp(0.0, 1.0)).max(self.least).max(asked.unwrap_or_default().min(self.asked_cap));
        let at = now.plus(pause);
        (at <= first_due.plus(self.max_age)).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pause_is_within_its_bounds(tries in 1u32..60, random in 0.0f64..1.0, asked in proptest::option::of(0u64..10_000)) {
            let rule = Backoff::ALERTS;
            let now = Timestamp::from_millis(1_790_000_000_000);
            let asked = asked.map(Duration::from_secs);
            let at = rule.next(tries, now, now, random, asked).expect("young enough");
            let pause = at.since(now);
            let longest = rule.base.saturating_mul(2u32.saturating_pow(tries - 1)).min(rule.cap);
            let floor = asked.unwrap_or_default().min(rule.asked_cap);
            prop_assert!(pause >= rule.least && pause >= floor && pause <= longest.max(floor).max(rule.least));
        }
    }

    #[test]
    fn it_ends_by_number_and_by_age() {
        let (now, rule) = (Timestamp::from_millis(1_790_000_000_000), Backoff { attempts: 3, ..Backoff::ALERTS });
        assert!(rule.next(2, now, now, 0.5, None).is_some() && rule.next(3, now, now, 0.5, None).is_none());
        assert_eq!(rule.next(1, now, now.plus(rule.max_age), 0.5, None), None);
    }
}
