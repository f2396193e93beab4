//! What of webhooks somebody may want to be told.

use std::time::Duration;

use domain::Timestamp;
use domain::alert::rule::Belongs;
use domain::alert::{Event, Notice, Purpose, Subject};
use domain::webhook::{Disabling, Occurrence, OccurrenceId, Progress, RunState, Schedule};
use domain::words;
use store::Consequences;

use crate::alert::{Directory, Telling, plan};

/// Tells by the rules of the space of a schedule.
pub(super) struct Teller<'a> {
    pub directory: &'a Directory,
    pub now: Timestamp,
}

impl Teller<'_> {
    /// Adds a notice and the messages that follow from it.
    pub fn tell(
        &self,
        (schedule, run): (&Schedule, OccurrenceId),
        event: Event,
        cause: &str,
        at: Timestamp,
        detail: String,
        follows: &mut Consequences,
    ) {
        let directory = self.directory.of(schedule.space);
        let notice = Notice {
            event,
            space: schedule.space,
            space_name: directory.name.clone(),
            subject: Subject {
                monitor: None,
                schedule: Some(schedule.id),
                run: Some(run),
                name: schedule.spec.name.clone(),
                kind: "webhook".into(),
                target: schedule.spec.target(),
                tags: schedule.spec.tags.clone(),
            },
            incident: None,
            at,
            decided_at: self.now,
            cause: Some(cause.to_owned()),
            detail,
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        };
        let telling = Telling {
            notice: &notice,
            purpose: Purpose::News,
            belongs: Belongs::default(),
            flapping: false,
            incident: None,
            systems_only: false,
        };
        follows.messages.extend(plan(&directory, &telling, self.now));
        follows.notices.push(notice);
    }

    /// What the end of a run makes known; answers why the schedule switches itself off, if it does.
    pub fn ended(
        &self,
        schedule: &Schedule,
        occurrence: &Occurrence,
        (before, after): (&Progress, &mut Progress),
        gone: Option<&str>,
        follows: &mut Consequences,
    ) -> Option<String> {
        if occurrence.state == RunState::Succeeded {
            if before.told {
                let detail = format!(
                    "It succeeded after {}.",
                    words::count(usize::try_from(before.streak).unwrap_or(0), "failed run", "failed runs")
                );
                self.tell((schedule, occurrence.id), Event::WebhookRecovered, "recovered", occurrence.id.nominal, detail, follows);
            }
            return None;
        }
        if occurrence.state != RunState::Failed {
            return None;
        }
        let since = after.failing_since.unwrap_or(occurrence.id.nominal);
        if let Some(why) = gone {
            after.told = true;
            self.tell(
                (schedule, occurrence.id),
                Event::WebhookFailing,
                "disabled",
                since,
                format!("It has switched itself off. {why}"),
                follows,
            );
            return Some(why.to_owned());
        }
        if !after.told {
            after.told = true;
            self.tell((schedule, occurrence.id), Event::WebhookFailing, "failed", since, occurrence.note.clone(), follows);
        }
        let Disabling { failures, span } = schedule.spec.disabling?;
        let lasted = self.now.since(since);
        if after.streak >= failures && lasted >= span {
            let why = format!(
                "{} in a row failed, over {}.",
                words::count(usize::try_from(after.streak).unwrap_or(0), "run", "runs"),
                words::duration(whole(lasted))
            );
            self.tell(
                (schedule, occurrence.id),
                Event::WebhookFailing,
                "disabled",
                since,
                format!("It has switched itself off: {why} {}", occurrence.note),
                follows,
            );
            return Some(why);
        }
        if !after.warned && after.streak.saturating_mul(2) >= failures && lasted >= span / 2 {
            after.warned = true;
            let detail = format!(
                "It will switch itself off when {failures} runs in a row have failed over {}. {}",
                words::duration(span),
                occurrence.note
            );
            self.tell((schedule, occurrence.id), Event::WebhookFailing, "will_disable", since, detail, follows);
        }
        None
    }
}

/// To the minute: nobody wants to read seconds of days.
fn whole(span: Duration) -> Duration {
    Duration::from_secs(span.as_secs() / 60 * 60)
}
