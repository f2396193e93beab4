//! One lane: what is on its way, and when it may be looked at.

use domain::Timestamp;

use super::breaker::Breaker;
use super::bucket::Bucket;
use super::{Health, Limits};

/// What is known of one lane while something is in it.
#[derive(Debug, Default)]
pub(super) struct Lane {
    /// When it is to be looked at; none: nothing waits.
    pub due: Option<Timestamp>,
    /// On their way.
    pub sending: usize,
    breaker: Breaker,
    bucket: Bucket,
}

impl Lane {
    /// Something is due then.
    pub fn expect(&mut self, at: Timestamp) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Something is wanted now, also when the lane rests.
    pub fn hasten(&mut self, now: Timestamp) {
        self.breaker.hasten(now);
        self.due = Some(now);
    }

    /// How many may be sent now; none at all: when to look again.
    pub fn room(&self, limits: Limits, now: Timestamp) -> Result<usize, Option<Timestamp>> {
        if let Some(until) = self.breaker.rests_until(now) {
            return Err(Some(until));
        }
        let most = if self.breaker.tries_one() { 1 } else { limits.concurrency };
        let free = most.saturating_sub(self.sending);
        if free == 0 {
            // Looked at again when one of those on their way is done.
            return Err(None);
        }
        match limits.rate.map(|rate| (self.bucket.tokens(rate, now), rate)) {
            Some((0, rate)) => Err(Some(self.bucket.next_at(rate, now))),
            Some((tokens, _)) => Ok(free.min(tokens)),
            None => Ok(free),
        }
    }

    /// So many were taken up.
    pub fn began(&mut self, count: usize, limits: Limits, now: Timestamp) {
        self.sending += count;
        if let Some(rate) = limits.rate {
            self.bucket.take(rate, count, now);
        }
    }

    /// One of them has ended.
    pub fn ended(&mut self, health: Health, now: Timestamp) {
        self.sending = self.sending.saturating_sub(1);
        self.breaker.saw(health, now);
    }
}
