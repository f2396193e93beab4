//! The settings of a schedule in words, for its page.

use std::time::Duration;

use super::spec::ScheduleSpec;
use super::{CatchUp, Overlap, Priority};
use crate::cron;
use crate::time::Timestamp;
use crate::words::{count, duration};

fn many(n: u32, one: &str, more: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), one, more)
}

impl ScheduleSpec {
    /// What decides when it runs and what becomes of a run: each thing and what is the case with it. What is as it always is is left out
    /// where it says nothing.
    pub fn facts(&self) -> Vec<(String, String)> {
        let mut facts: Vec<(&str, String)> = Vec::new();
        facts.extend(self.not_before.map(|at| ("Not before", self.on_the_wall(at))));
        facts.extend(self.not_after.map(|at| ("Not after", self.on_the_wall(at))));
        facts.extend(self.max_runs.map(|most| ("Runs in all", most.to_string())));
        facts.extend((!self.jitter.is_zero()).then(|| ("Spread", format!("up to {} later", duration(self.jitter)))));
        let overlap = match self.overlap {
            Overlap::Skip => "skipped",
            Overlap::Queue => "one waits",
            Overlap::Allow => "both run",
        };
        facts.push(("Runs that overlap", overlap.into()));
        facts.push(("After a downtime", self.caught_up()));
        let asserted = u32::try_from(self.request.assertions.len()).unwrap_or(u32::MAX);
        let success = [
            Some(format!("status {}", self.request.accepted_status)),
            (asserted > 0).then(|| many(asserted, "assertion", "assertions")),
            self.max_latency.map(|most| format!("within {}", duration(most))),
        ];
        facts.push(("Succeeds with", success.into_iter().flatten().collect::<Vec<_>>().join(", ")));
        let retries = match self.retry.backoff.attempts {
            0 | 1 => "1 attempt".to_owned(),
            n => format!("{} within {}", many(n, "attempt", "attempts"), duration(self.retry.backoff.max_age)),
        };
        facts.push(("Tried", retries));
        facts.push(("Timeout", format!("{}, {} to connect", duration(self.timeout), duration(self.connect_timeout))));
        facts.extend((self.request.redirects > 0).then(|| ("Redirects", format!("up to {} followed", self.request.redirects))));
        facts.extend(self.request.insecure.then(|| ("Certificate", "not verified".to_owned())));
        facts.push(("At once", many(self.concurrency, "run", "runs")));
        facts.extend(self.per_minute.map(|most| ("Within a minute", many(most, "attempt", "attempts"))));
        let priority = if self.priority == Priority::Normal { "normal" } else { self.priority.name() };
        facts.push(("Priority", priority.into()));
        facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn caught_up(&self) -> String {
        let what = match self.catch_up {
            CatchUp::Skip => return "nothing is caught up".into(),
            CatchUp::Last => "the last one runs".to_owned(),
            CatchUp::All => format!("up to {} run", self.catch_up_max),
        };
        let bound = |window: Duration| format!("{what}, none older than {}", duration(window));
        self.catch_up_window.map_or(what.clone(), bound)
    }

    /// `2027-01-01 09:00`, in its zone.
    fn on_the_wall(&self, at: Timestamp) -> String {
        let civil = cron::zone(&self.zone).ok().zip(jiff::Timestamp::from_millisecond(at.as_millis()).ok());
        civil.map_or_else(|| at.to_rfc3339(), |(zone, at)| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string())
    }
}

#[cfg(test)]
mod tests {
    use crate::time::Timestamp;
    use crate::webhook::ScheduleDraft;

    #[test]
    fn what_decides_about_runs_is_said() {
        let fields = [
            ("url", "https://example.com/"),
            ("trigger", "every"),
            ("every", "60 s"),
            ("not_after", "2027-01-01 09:00"),
            ("timezone", "Europe/Riga"),
            ("catch_up", "all"),
            ("catch_up_window", "2 h"),
            ("max_attempts", "5"),
            ("assertions", "body contains ok"),
            ("per_minute", "1"),
        ];
        let spec = ScheduleDraft::of(fields).validate(Timestamp::from_millis(1_790_000_000_000)).expect("valid");
        let facts = spec.facts();
        let of = |name: &str| facts.iter().find(|(fact, _)| fact == name).map(|(_, value)| value.as_str());
        assert_eq!(of("Not after"), Some("2027-01-01 09:00"));
        assert_eq!(of("Not before"), None);
        assert_eq!(of("After a downtime"), Some("up to 10 run, none older than 2 h"));
        assert_eq!(of("Tried"), Some("5 attempts within 1 h"));
        assert_eq!(of("Succeeds with"), Some("status 200-299, 1 assertion"));
        assert_eq!((of("Within a minute"), of("Timeout")), (Some("1 attempt"), Some("30 s, 5 s to connect")));
    }
}
