//! How many may be sent in a span of time: a token bucket, in which at first all tokens are.

use std::time::Duration;

use domain::Timestamp;

/// The bucket of one lane. Time is counted in microseconds of tokens, so that nothing is lost to rounding.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    /// When it would be full.
    full_at_us: i64,
}

fn micros(at: Timestamp) -> i64 {
    at.as_millis().saturating_mul(1_000)
}

/// The time in which one token comes.
fn each_us(rate: (u32, Duration)) -> i64 {
    i64::try_from(rate.1.as_micros() / u128::from(rate.0.max(1))).unwrap_or(i64::MAX).max(1)
}

impl Bucket {
    /// Tokens that are there.
    pub fn tokens(&self, rate: (u32, Duration), now: Timestamp) -> usize {
        let each = each_us(rate);
        let missing = self.full_at_us.saturating_sub(micros(now)).max(0);
        let missing = missing.saturating_add(each - 1) / each;
        usize::try_from(i64::from(rate.0).saturating_sub(missing)).unwrap_or(0)
    }

    /// When there is one again.
    pub fn next_at(&self, rate: (u32, Duration), now: Timestamp) -> Timestamp {
        let each = each_us(rate);
        let at = self.full_at_us.saturating_sub(each.saturating_mul(i64::from(rate.0).saturating_sub(1)));
        Timestamp::from_millis(at.saturating_add(999) / 1_000).max(now)
    }

    /// Takes some.
    pub fn take(&mut self, rate: (u32, Duration), count: usize, now: Timestamp) {
        let cost = each_us(rate).saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        self.full_at_us = self.full_at_us.max(micros(now)).saturating_add(cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 + ms)
    }

    proptest! {
        #[test]
        fn no_more_than_the_rate_and_one_fill(count in 1u32..50, seconds in 1u64..100, steps in proptest::collection::vec(0i64..5_000, 1..60)) {
            let rate = (count, Duration::from_secs(seconds));
            let (mut bucket, mut now, mut sent) = (Bucket::default(), 0i64, 0usize);
            for step in steps {
                now += step;
                let tokens = bucket.tokens(rate, at(now));
                bucket.take(rate, tokens, at(now));
                sent += tokens;
                prop_assert_eq!(bucket.tokens(rate, at(now)), 0);
                let next = bucket.next_at(rate, at(now));
                prop_assert!(next > at(now) && bucket.tokens(rate, next) >= 1);
            }
            let span = i64::try_from(seconds).expect("small") * 1_000;
            let most = i64::from(count) + now * i64::from(count) / span + 1;
            prop_assert!(i64::try_from(sent).expect("small") <= most);
        }
    }
}
