//! Rests a lane that fails again and again, and lets single tries through until one is taken.

use std::time::Duration;

use domain::Timestamp;

use super::Health;

/// Failures in a row before it rests.
const FAILURES: u32 = 5;
/// The first rest; each is twice as long as the one before.
const FIRST: Duration = Duration::from_secs(15);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(300);

/// The breaker of one lane.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    rests: u32,
    until: Option<Timestamp>,
}

impl Breaker {
    /// Until when nothing may be sent, if it rests.
    pub fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| now < *until)
    }

    /// After a rest one at a time is sent, until one was taken.
    pub fn tries_one(&self) -> bool {
        self.until.is_some()
    }

    /// Ends its rest: a person wants to see whether it takes something again.
    pub fn hasten(&mut self, now: Timestamp) {
        self.until = self.until.map(|until| until.min(now));
    }

    /// Learns from an attempt.
    pub fn saw(&mut self, health: Health, now: Timestamp) {
        if health == Health::Well {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let probing = self.until.is_some_and(|until| now >= until);
        if probing || (self.failures >= FAILURES && self.until.is_none()) {
            let rest = FIRST.saturating_mul(2u32.saturating_pow(self.rests)).min(LONGEST);
            self.rests = self.rests.saturating_add(1);
            self.until = Some(now.plus(rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn rests_grow_until_one_is_taken() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.saw(Health::Ill, at(0));
        }
        assert_eq!((breaker.rests_until(at(0)), breaker.tries_one()), (None, false));
        breaker.saw(Health::Ill, at(0));
        assert_eq!(breaker.rests_until(at(1)), Some(at(15)));
        assert!(breaker.rests_until(at(15)).is_none() && breaker.tries_one());
        // What was under way when it began to rest makes it no longer.
        breaker.saw(Health::Ill, at(2));
        assert_eq!(breaker.rests_until(at(3)), Some(at(15)));
        breaker.saw(Health::Ill, at(15));
        assert_eq!(breaker.rests_until(at(16)), Some(at(45)));
        breaker.hasten(at(20));
        assert!(breaker.rests_until(at(20)).is_none() && breaker.tries_one());
        breaker.saw(Health::Ill, at(20));
        assert_eq!(breaker.rests_until(at(21)), Some(at(80)));
        breaker.saw(Health::Well, at(80));
        assert!(breaker.rests_until(at(80)).is_none() && !breaker.tries_one());
    }
}
