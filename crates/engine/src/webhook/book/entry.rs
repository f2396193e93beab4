//! One schedule in memory.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use domain::webhook::{NextRun, Occurrence, OccurrenceId, Origin, Overlap, Progress, RunState, Schedule, Standing, Timetable};
use url::Url;

use crate::webhook::queue::May;

const MINUTE: Duration = Duration::from_secs(60);

/// One schedule.
pub(crate) struct Entry {
    pub schedule: Arc<Schedule>,
    pub timetable: Arc<Timetable>,
    /// `example.com:443`: what requests to the same server have in common.
    pub host: Arc<str>,
    pub progress: Progress,
    /// When it is looked at next: at a time of its timetable, or at the end of a pause.
    pub next: Option<Timestamp>,
    /// On their way.
    pub sending: u32,
    /// Waiting to be tried again.
    pub retrying: u32,
    pub(super) parked: Vec<OccurrenceId>,
    /// Attempts of the minute that began then.
    minute: (Timestamp, u32),
}

fn host(url: &str) -> String {
    // Templates stand behind the host only.
    let plain: String = url.chars().take_while(|c| *c != '{').collect();
    let parsed = Url::parse(&plain).ok();
    parsed.and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))).unwrap_or_default()
}

impl Entry {
    pub fn new(schedule: Schedule, progress: Progress) -> Result<Self, String> {
        let timetable = Arc::new(Timetable::new(&schedule.spec)?);
        let host = host(&schedule.spec.request.url).into();
        Ok(Self {
            schedule: Arc::new(schedule),
            timetable,
            host,
            progress,
            next: None,
            sending: 0,
            retrying: 0,
            parked: Vec::new(),
            minute: (Timestamp::default(), 0),
        })
    }

    /// Takes over what is on its way from the version before.
    pub(super) fn inherit(&mut self, before: Self) {
        (self.sending, self.retrying, self.parked, self.minute) = (before.sending, before.retrying, before.parked, before.minute);
    }

    pub(super) fn looked_at_next(&self) -> Option<Timestamp> {
        match &self.progress.pause {
            Some(pause) => pause.until,
            None if self.is_spent() => None,
            None => self.timetable.next_after(self.progress.cursor),
        }
    }

    /// The next times after an instant, as far as there are runs left.
    pub fn ahead(&self, after: Timestamp, count: usize) -> Vec<NextRun> {
        let left = self.schedule.spec.runs_left(self.progress.runs).unwrap_or(usize::MAX);
        self.timetable.preview(after, count.min(left))
    }

    fn is_spent(&self) -> bool {
        self.schedule.spec.max_runs.is_some_and(|most| self.progress.runs >= most)
    }

    /// The times that passed while it is paused, as one that was skipped.
    pub fn skipped_by_pause(&self, now: Timestamp) -> Option<Occurrence> {
        let pause = self.progress.pause.as_ref()?;
        let passed = self.timetable.passed(self.progress.cursor, now, 1)?;
        let last = *passed.last.last()?;
        let note = match pause.note.as_str() {
            "" => format!("Paused by {}.", if pause.by.is_empty() { "itself" } else { &pause.by }),
            note => format!("Paused: {note}"),
        };
        let id = OccurrenceId { schedule: self.schedule.id, nominal: last };
        Some(Occurrence {
            state: RunState::Skipped,
            note,
            ended_at: Some(now),
            count: passed.count,
            first: (passed.count > 1).then_some(passed.first),
            ..Occurrence::due(id, self.schedule.space, Origin::Schedule, last, now)
        })
    }

    /// Ends a pause whose time is over: what passed meanwhile is not run, and answered.
    pub(super) fn ends_pause(&mut self, now: Timestamp) -> Option<Occurrence> {
        self.progress.pause.as_ref()?.until.filter(|until| *until <= now)?;
        let skipped = self.skipped_by_pause(now);
        self.progress.missed += skipped.as_ref().map_or(0, |skipped| u64::from(skipped.count));
        self.progress.pause = None;
        self.progress.cursor = self.progress.cursor.max(now);
        skipped
    }

    /// Whether one that waits may go now.
    pub(super) fn may(&mut self, occurrence: &Occurrence, now: Timestamp) -> May {
        let spec = &self.schedule.spec;
        let by_hand = occurrence.origin == Origin::Manual || occurrence.redelivered;
        let waits_for_another =
            spec.overlap != Overlap::Allow && !by_hand && self.progress.open.first().is_some_and(|first| *first != occurrence.id.nominal);
        if self.sending >= spec.concurrency || waits_for_another {
            self.parked.push(occurrence.id);
            return May::Parked;
        }
        if now.since(self.minute.0) >= MINUTE || self.minute.0 > now {
            self.minute = (now, 0);
        }
        if spec.per_minute.is_some_and(|most| self.minute.1 >= most) {
            return May::At(self.minute.0.plus(MINUTE));
        }
        // Counted here: several of one schedule may be asked for at once.
        self.sending += 1;
        self.minute.1 += 1;
        self.retrying = self.retrying.saturating_sub(u32::from(occurrence.state == RunState::Retrying));
        May::Go
    }

    /// The next times; none while it is paused.
    pub fn upcoming(&self, now: Timestamp) -> Option<Timestamp> {
        if self.progress.pause.is_some() || self.is_spent() { None } else { self.timetable.next_after(self.progress.cursor.max(now)) }
    }
}

/// How a schedule stands.
pub(crate) fn standing(entry: &Entry) -> Standing {
    let progress = &entry.progress;
    let failed = progress.last.as_ref().is_some_and(|last| last.state == RunState::Failed);
    match &progress.pause {
        Some(pause) if pause.by.is_empty() => Standing::Disabled,
        Some(_) => Standing::Paused,
        None if entry.retrying > 0 => Standing::Retrying,
        None if entry.sending > 0 => Standing::Running,
        None if failed => Standing::Failing,
        None if entry.next.is_none() && progress.open.is_empty() => Standing::Ended,
        None if progress.last.is_none() => Standing::New,
        None => Standing::Well,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_stands_before_templates() {
        assert_eq!(host("https://example.com/a/{{ run.id }}"), "example.com:443");
        assert_eq!(host("http://127.0.0.1:8080/"), "127.0.0.1:8080");
    }
}
