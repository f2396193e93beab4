//! What becomes of the times that have passed: pure, so that a crash, a set clock and a long sleep are one case.

use std::time::Duration;

use super::occurrence::Origin;
use super::progress::Progress;
use super::spec::ScheduleSpec;
use super::timetable::Timetable;
use super::{CatchUp, Overlap};
use crate::time::Timestamp;

/// A time is on time for so long; after that it was missed.
pub const GRACE: Duration = Duration::from_secs(60);
/// So often it is told that runs are skipped because of one before them: a job that takes longer than its interval skips all day.
const SKIPS_TOLD: Duration = Duration::from_secs(86_400);
/// Times that are on time at once, at most: of a schedule that runs every second, those of the grace.
const ON_TIME: usize = 64;

/// What becomes of one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It runs.
    Run(Origin),
    /// It does not, because of a run before it.
    Skip(&'static str),
    /// It passed while nothing ran.
    Miss(&'static str),
}

/// One time, or several that were missed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The time; of several, the last.
    pub nominal: Timestamp,
    /// What becomes of it.
    pub decision: Decision,
    /// How many times there are.
    pub count: u32,
    /// The first of them.
    pub first: Timestamp,
    /// Somebody may want to be told: of runs that are skipped because of one before them, one a day.
    pub is_news: bool,
}

const BEFORE: &str = "The run before it had not ended.";
const QUEUED: &str = "Another one was waiting for the run before it to end.";
const DOWN: &str = "Nothing ran it: Loopr was not running, or it was paused.";
const OLD: &str = "Nothing ran it, and it was older than the schedule catches up.";
const COALESCED: &str = "Nothing ran it in time; a later one ran in its place.";

/// Decides all times up to `now`, and moves the cursor behind them. Runs are added to what is open.
pub fn plan(spec: &ScheduleSpec, timetable: &Timetable, progress: &mut Progress, now: Timestamp) -> Vec<Planned> {
    let mut planned = Vec::new();
    let mut late = now.minus(GRACE);
    // Where runs must not overlap, of several times at once only the last one is on time: the others would only be in each other's way. Where all
    // of them are caught up, it is one of those, which go one after the other.
    if spec.overlap != Overlap::Allow
        && let Some(passed) = timetable.passed(progress.cursor.max(late), now, 1)
        && passed.count > 1
        && let Some(newest) = passed.last.last()
    {
        late = if spec.catch_up == CatchUp::All { *newest } else { newest.minus(Duration::from_millis(1)) };
    }
    if progress.cursor < late {
        caught_up(spec, timetable, progress, late, now, &mut planned);
        progress.cursor = late;
    }
    if let Some(passed) = timetable.passed(progress.cursor, now, ON_TIME) {
        for nominal in passed.last {
            on_time(spec, progress, nominal, &mut planned);
        }
    }
    progress.cursor = progress.cursor.max(now);
    planned
}

fn is_spent(spec: &ScheduleSpec, progress: &Progress) -> bool {
    spec.max_runs.is_some_and(|most| progress.runs >= most)
}

fn run(progress: &mut Progress, nominal: Timestamp, origin: Origin, planned: &mut Vec<Planned>) {
    progress.runs += 1;
    progress.open.push(nominal);
    planned.push(Planned { nominal, decision: Decision::Run(origin), count: 1, first: nominal, is_news: false });
}

fn on_time(spec: &ScheduleSpec, progress: &mut Progress, nominal: Timestamp, planned: &mut Vec<Planned>) {
    if is_spent(spec, progress) {
        return;
    }
    let skipped = match (spec.overlap, progress.open.len()) {
        (_, 0) | (Overlap::Allow, _) | (Overlap::Queue, 1) => None,
        (Overlap::Skip, _) => Some(BEFORE),
        (Overlap::Queue, _) => Some(QUEUED),
    };
    match skipped {
        None => run(progress, nominal, Origin::Schedule, planned),
        Some(why) => {
            progress.missed += 1;
            let is_news = progress.skip_told.is_none_or(|told| nominal.since(told) >= SKIPS_TOLD);
            if is_news {
                progress.skip_told = Some(nominal);
            }
            planned.push(Planned { nominal, decision: Decision::Skip(why), count: 1, first: nominal, is_news });
        }
    }
}

/// Times that have passed for longer than the grace.
fn caught_up(
    spec: &ScheduleSpec,
    timetable: &Timetable,
    progress: &mut Progress,
    late: Timestamp,
    now: Timestamp,
    planned: &mut Vec<Planned>,
) {
    let most = match spec.catch_up {
        CatchUp::Skip => 0,
        CatchUp::Last => 1,
        CatchUp::All => usize::try_from(spec.catch_up_max).unwrap_or(usize::MAX),
    };
    let Some(passed) = timetable.passed(progress.cursor, late, most.max(1)) else { return };
    let bound = spec.catch_up_window.map(|window| now.minus(window));
    // Of all that is due, only the last one runs: one that is on time stands for those before it.
    let coalesced = spec.catch_up == CatchUp::Last && timetable.next_after(late).is_some_and(|next| next <= now);
    let mut runs: Vec<Timestamp> = if most == 0 || coalesced { Vec::new() } else { passed.last.clone() };
    runs.retain(|nominal| bound.is_none_or(|bound| *nominal >= bound));
    if let Some(most) = spec.max_runs {
        runs.truncate(usize::try_from(most.saturating_sub(progress.runs)).unwrap_or(usize::MAX));
    }
    let missed = passed.count.saturating_sub(u32::try_from(runs.len()).unwrap_or(u32::MAX));
    if missed > 0 && !is_spent(spec, progress) {
        let why = match (spec.catch_up, coalesced || !runs.is_empty()) {
            (CatchUp::Last, true) => COALESCED,
            (CatchUp::Last | CatchUp::All, false) if bound.is_some() => OLD,
            _ => DOWN,
        };
        // The last of those that were missed: the row stands before those that run.
        let nominal = match runs.first() {
            _ if missed == 1 => passed.first,
            Some(first) => first.minus(Duration::from_millis(1)).max(passed.first),
            None => passed.last.last().copied().unwrap_or(passed.first),
        };
        progress.missed += u64::from(missed);
        planned.push(Planned { nominal, decision: Decision::Miss(why), count: missed, first: passed.first, is_news: true });
    }
    for nominal in runs {
        run(progress, nominal, Origin::CatchUp, planned);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::ScheduleDraft;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000 / 60_000 * 60_000 + seconds * 1_000)
    }

    fn spec(fields: &[(&str, &str)]) -> ScheduleSpec {
        let mut draft = ScheduleDraft::of([("url", "https://example.com/"), ("trigger", "every"), ("every", "60 s")]);
        draft.settings.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        draft.validate(at(0)).expect("valid")
    }

    fn seconds(planned: &[Planned], runs: bool) -> Vec<i64> {
        let chosen = planned.iter().filter(|p| matches!(p.decision, Decision::Run(_)) == runs);
        chosen.map(|p| p.nominal.since(at(0)).as_secs().try_into().expect("small")).collect()
    }

    fn planned(spec: &ScheduleSpec, progress: &mut Progress, now: i64) -> Vec<Planned> {
        plan(spec, &Timetable::new(spec).expect("valid"), progress, at(now))
    }

    #[test]
    fn a_time_runs_once() {
        let (spec, mut progress) = (spec(&[]), Progress::new(at(0)));
        assert_eq!(planned(&spec, &mut progress, 59), []);
        assert_eq!(seconds(&planned(&spec, &mut progress, 60), true), [60]);
        assert_eq!(planned(&spec, &mut progress, 60), []);
        // A clock that is set back finds everything decided.
        assert_eq!(planned(&spec, &mut progress, 30), []);
        assert_eq!(planned(&spec, &mut progress, 61), []);
    }

    #[test]
    fn what_overlaps_is_skipped_waits_or_runs() {
        for (overlap, runs, skips) in
            [("skip", vec![60], vec![120, 180]), ("queue", vec![60, 120], vec![180]), ("allow", vec![60, 120, 180], vec![])]
        {
            let (spec, mut progress) = (spec(&[("overlap", overlap)]), Progress::new(at(0)));
            let all: Vec<_> = [60, 120, 180].into_iter().flat_map(|now| planned(&spec, &mut progress, now)).collect();
            assert_eq!((seconds(&all, true), seconds(&all, false)), (runs, skips), "{overlap}");
        }
    }

    #[test]
    fn a_job_that_takes_longer_than_its_interval_is_told_once_a_day() {
        let (spec, mut progress, mut told) = (spec(&[]), Progress::new(at(0)), Vec::new());
        for minute in 1..=1_500i64 {
            // Each run takes a little longer than a minute: every other time is skipped.
            if minute % 2 == 1 {
                progress.open.clear();
            }
            told.extend(planned(&spec, &mut progress, minute * 60).iter().filter(|p| p.is_news).map(|_| minute));
        }
        assert_eq!(told, [2, 1_442]);
    }

    #[test]
    fn after_a_downtime_the_policy_decides() {
        // Nothing ran until 661 s: 60 to 600 have passed, 660 is on time.
        type Case = (&'static [(&'static str, &'static str)], &'static [i64], u32);
        let cases: [Case; 6] = [
            (&[("catch_up", "skip")], &[660], 10),
            // One that is on time stands for those before it.
            (&[], &[660], 10),
            (&[("catch_up", "all"), ("catch_up_max", "3"), ("overlap", "allow")], &[480, 540, 600, 660], 7),
            (&[("catch_up", "all"), ("catch_up_window", "3 min"), ("overlap", "allow")], &[540, 600, 660], 8),
            (&[("catch_up", "last"), ("catch_up_window", "30 s")], &[660], 10),
            (&[("catch_up", "all"), ("max_runs", "2")], &[60, 120], 8),
        ];
        for (fields, runs, missed) in cases {
            let (spec, mut progress) = (spec(fields), Progress::new(at(0)));
            let all = planned(&spec, &mut progress, 661);
            let counted: u32 = all.iter().filter(|p| matches!(p.decision, Decision::Miss(_))).map(|p| p.count).sum();
            assert_eq!((seconds(&all, true).as_slice(), counted), (runs, missed), "{fields:?}: {all:?}");
        }
    }

    #[test]
    fn what_runs_every_few_seconds_catches_up_by_its_rule_and_not_in_its_own_way() {
        // Nothing ran until 95 s: every ten seconds, 10 to 90.
        for (catch_up, runs, missed) in [("skip", vec![90], 8), ("last", vec![90], 8), ("all", vec![70, 80, 90], 6)] {
            let (spec, mut progress) = (spec(&[("every", "10 s"), ("catch_up", catch_up), ("catch_up_max", "3")]), Progress::new(at(0)));
            let all = planned(&spec, &mut progress, 95);
            let counted: u32 = all.iter().filter(|p| !matches!(p.decision, Decision::Run(_))).map(|p| p.count).sum();
            assert_eq!((seconds(&all, true), counted), (runs, missed), "{catch_up}: {all:?}");
            assert!(!all.iter().any(|p| matches!(p.decision, Decision::Skip(_))), "{catch_up}: {all:?}");
        }
    }

    #[test]
    fn the_last_one_is_caught_up_when_none_is_on_time() {
        let (spec, mut progress) = (spec(&[("every", "1 h")]), Progress::new(at(0)));
        let hour = i64::try_from(at(0).since(Timestamp::default()).as_secs() % 3_600).expect("small");
        let all = planned(&spec, &mut progress, 3_600 * 5 - hour + 600);
        assert_eq!(seconds(&all, true), [3_600 * 5 - hour], "{all:?}");
        assert!(all.iter().any(|p| p.decision == Decision::Run(Origin::CatchUp)));
        assert_eq!(all.iter().filter(|p| matches!(p.decision, Decision::Miss(_))).map(|p| p.count).sum::<u32>(), 4);
    }

    #[test]
    fn it_ends_after_its_runs_and_its_bounds() {
        let (spec, mut progress) = (spec(&[("max_runs", "2"), ("overlap", "allow")]), Progress::new(at(0)));
        let all: Vec<_> = [60, 120, 180, 240].into_iter().flat_map(|now| planned(&spec, &mut progress, now)).collect();
        assert_eq!((seconds(&all, true), seconds(&all, false)), (vec![60, 120], vec![]));
    }

    proptest! {
        #[test]
        fn every_time_is_decided_exactly_once(
            steps in proptest::collection::vec(-100i64..4_000, 1..30),
            every in 1u64..400, overlap in 0usize..3, catch_up in 0usize..3, ends in any::<bool>(),
        ) {
            let every_text = format!("{every} s");
            let spec = spec(&[
                ("every", &every_text), ("overlap", Overlap::ALL[overlap].name()), ("catch_up", CatchUp::ALL[catch_up].name()), ("concurrency", "100"),
            ]);
            let timetable = Timetable::new(&spec).expect("valid");
            let (mut progress, mut now, mut counted, mut ran) = (Progress::new(at(0)), 0i64, 0u64, Vec::new());
            for step in steps {
                now += step;
                for one in plan(&spec, &timetable, &mut progress, at(now)) {
                    counted += u64::from(one.count);
                    if matches!(one.decision, Decision::Run(_)) { ran.push(one.nominal); }
                }
                if ends { progress.open.clear(); }
            }
            let reached = progress.cursor;
            let expected = timetable.after(at(0)).take_while(|time| *time <= reached).count();
            prop_assert_eq!(counted, u64::try_from(expected).expect("small"));
            prop_assert!(ran.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", ran);
        }
    }
}
