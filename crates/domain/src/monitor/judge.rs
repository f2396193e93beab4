//! What an observation means for a monitor: upside-down, too slow, too close to an end. Pure; called once for each check.

use std::time::Duration;

use super::{MonitorSpec, Thresholds};
use crate::check::{Failure, Observation, Reason};
use crate::time::Timestamp;
use crate::words;

impl MonitorSpec {
    /// How soon an unconfirmed failure is looked at again.
    pub fn retry_after(&self) -> Duration {
        self.retry.unwrap_or_else(|| crate::schedule::retry_after(self.interval))
    }

    /// What an observation means for this monitor.
    pub fn judge(&self, mut seen: Observation) -> Observation {
        if seen.failure.is_none() {
            self.thresholds.judge(&mut seen);
        }
        if self.upside_down { seen.upside_down() } else { seen }
    }
}

impl Thresholds {
    fn judge(&self, seen: &mut Observation) {
        let fault = |reason, message| Some(Failure { reason, message });
        let took = Duration::from_micros(u64::from(seen.duration_us));
        if let Some(most) = self.down_above.filter(|most| took > *most) {
            seen.failure = fault(Reason::Slow, too_slow(seen.duration_us, most));
            return;
        }
        let days = seen.expires_at.map(|end| days_left(end, seen.at));
        if let Some((days, end)) = days.zip(seen.expires_at) {
            if days < i64::from(self.down_below_days) {
                seen.failure = fault(Reason::Expiring, ends(days, end));
                return;
            }
            if seen.warning.is_none() && days < i64::from(self.degraded_below_days) {
                seen.warning = fault(Reason::Expiring, ends(days, end));
            }
        }
        if seen.warning.is_none()
            && let Some(most) = self.degraded_above.filter(|most| took > *most)
        {
            seen.warning = fault(Reason::Slow, too_slow(seen.duration_us, most));
        }
    }
}

fn too_slow(us: u32, most: Duration) -> String {
    format!("It took {}, where at most {} is wanted.", words::latency(us), super::spell(most))
}

/// Whole days from an instant to an end; negative after it.
pub fn days_left(end: Timestamp, now: Timestamp) -> i64 {
    (end.as_millis() - now.as_millis()).div_euclid(crate::time::DAY_MS)
}

fn ends(days: i64, end: Timestamp) -> String {
    let date = end.to_rfc3339();
    let date = date.split('T').next().unwrap_or_default();
    match days {
        ..0 => format!("It expired on {date}. Renew it."),
        0 => format!("It expires today, on {date}. Renew it."),
        1 => format!("It expires tomorrow, on {date}. Renew it."),
        _ => format!("It expires in {days} days, on {date}. Renew it."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Verdict;
    use crate::time::DAY_MS;

    const T: Thresholds = Thresholds {
        degraded_above: Some(Duration::from_millis(800)),
        down_above: Some(Duration::from_secs(2)),
        degraded_below_days: 14,
        down_below_days: 1,
    };

    fn judged(ms: u32, days: Option<i64>) -> (Verdict, Option<Reason>) {
        let at = Timestamp::from_millis(1_790_000_000_000);
        let expires_at = days.map(|days| Timestamp::from_millis(at.as_millis() + days * DAY_MS + 1));
        let mut seen = Observation { at, duration_us: ms * 1_000, expires_at, ..Observation::default() };
        T.judge(&mut seen);
        (seen.verdict(), seen.failure.or(seen.warning).map(|f| f.reason))
    }

    #[test]
    fn late_and_near_its_end() {
        assert_eq!(judged(800, Some(14)), (Verdict::Success, None));
        assert_eq!(judged(801, None), (Verdict::Degraded, Some(Reason::Slow)));
        assert_eq!(judged(2_001, Some(5)), (Verdict::Failure, Some(Reason::Slow)));
        assert_eq!(judged(1, Some(13)), (Verdict::Degraded, Some(Reason::Expiring)));
        assert_eq!(judged(1, Some(0)), (Verdict::Failure, Some(Reason::Expiring)));
        assert_eq!(judged(900, Some(5)), (Verdict::Degraded, Some(Reason::Expiring)), "what ends is worse than what is slow");
    }

    #[test]
    fn ends_read_well() {
        let end = Timestamp::from_millis(1_790_000_000_000);
        assert!(ends(-3, end).starts_with("It expired on 2026-09-2"));
        assert!(ends(9, end).starts_with("It expires in 9 days"));
    }
}
