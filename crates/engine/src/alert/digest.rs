//! Digests: every morning, and every Monday morning, what happened in a space, for rules that ask for it.
//!
//! Invariant: a digest is told once: its id follows from its day. Called by the engine once a minute.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::alert::rule::Belongs;
use domain::alert::{Event, Notice, Purpose, Rule, Subject};
use domain::state::State;
use domain::{SpaceId, Timestamp, words};
use store::{Consequences, Store, StoreError};
use tokio_util::sync::CancellationToken;

use super::directory::Directory;
use super::{Telling, plan};
use crate::alert::deliver_to;
use crate::board::Board;
use crate::clock::Clock;
use crate::deliver::Waker;

/// The hour of the day at which digests are told, on the wall of the rule's zone.
const HOUR: i8 = 8;
/// A digest that could not be told in time is told this late.
const LATEST: Duration = Duration::from_secs(2 * 3_600);
const EVERY: Duration = Duration::from_secs(60);
/// Monitors that a digest names.
const NAMED: usize = 5;

/// Tells digests.
pub(crate) struct Digests {
    pub store: Store,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub directory: Arc<Directory>,
    pub outbox: Waker<domain::alert::Destination>,
}

impl Digests {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(error = %error, "a digest could not be made; trying again in a minute");
            }
            let until = self.clock.elapsed() + EVERY;
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.clock.sleep_until(until) => {}
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for (space, rules) in self.directory.rules() {
            let mut due: BTreeMap<(&'static str, i64), (Event, Timestamp)> = BTreeMap::new();
            for rule in rules.iter().filter(|rule| rule.enabled) {
                for event in [Event::DailyDigest, Event::WeeklyDigest].into_iter().filter(|event| rule.spec.events.has(*event)) {
                    if let Some(at) = due_at(rule, event, now) {
                        due.insert((event.name(), at.as_millis()), (event, at));
                    }
                }
            }
            for (event, at) in due.into_values() {
                self.tell(space, event, at, now).await?;
            }
        }
        Ok(())
    }

    async fn tell(&self, space: SpaceId, event: Event, at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let directory = self.directory.of(space);
        let (span, title) = if event == Event::DailyDigest { (86_400, "The last day") } else { (7 * 86_400, "The last week") };
        let since = at.minus(Duration::from_secs(span));
        let incidents = self.store.space(space).incidents().counts(since).await?;
        let notice = Notice {
            event,
            space,
            space_name: directory.name.clone(),
            subject: Subject::named("space", format!("{title} of {}", directory.name)),
            incident: None,
            at: since,
            decided_at: at,
            cause: None,
            detail: self.words(space, incidents.iter().sum(), now),
            lasted_ms: None,
            reminder: 0,
            step: 0,
            by: None,
        };
        // Only rules whose morning it is: others have another zone.
        let mut mine = (*directory).clone();
        mine.rules.retain(|rule| due_at(rule, event, now) == Some(at));
        let telling = Telling {
            notice: &notice,
            purpose: Purpose::News,
            belongs: Belongs::default(),
            flapping: false,
            incident: None,
            systems_only: false,
        };
        let messages = plan(&mine, &telling, now);
        let known = self.store.outbox().some(&messages.iter().map(|m| (m.space, m.id)).collect::<Vec<_>>()).await?;
        if messages.is_empty() || known.len() == messages.len() {
            return Ok(());
        }
        let due = deliver_to(&messages);
        self.store.outbox().change(&[], &Consequences { messages, notices: vec![notice], ..Consequences::default() }).await?;
        self.outbox.wake(due);
        Ok(())
    }

    /// How the space stands, in sentences.
    fn words(&self, space: SpaceId, incidents: u64, now: Timestamp) -> String {
        let entries = self.board.of(space);
        let mut down: Vec<String> = Vec::new();
        let (mut up_ms, mut all_ms) = (0u64, 0u64);
        for entry in &entries {
            let standing = entry.standing();
            if standing.machine.settled() == State::Down {
                down.push(entry.plan().monitor.spec.name.clone());
            }
            let day = standing.day(now);
            let up = day.ms(State::Up) + day.ms(State::Degraded);
            (up_ms, all_ms) = (up_ms + up, all_ms + up + day.ms(State::Down));
        }
        let mut text = format!("{}, ", words::count(entries.len(), "monitor", "monitors"));
        text.push_str(&words::count(usize::try_from(incidents).unwrap_or(usize::MAX), "incident", "incidents"));
        if let Some(uptime) = (all_ms > 0).then(|| permille(up_ms, all_ms)) {
            text.push_str(&format!(", {} up in the last 24 h", words::percent(uptime)));
        }
        text.push('.');
        if !down.is_empty() {
            down.sort();
            let more = down.len().saturating_sub(NAMED);
            down.truncate(NAMED);
            text.push_str(&format!(" Down now: {}", down.join(", ")));
            if more > 0 {
                text.push_str(&format!(" and {more} more"));
            }
            text.push('.');
        }
        text
    }
}

/// The share of two spans.
fn permille(part: u64, whole: u64) -> f64 {
    Duration::from_millis(part).as_secs_f64() / Duration::from_millis(whole.max(1)).as_secs_f64()
}

/// The morning of a digest, if it is that of `now`.
fn due_at(rule: &Rule, event: Event, now: Timestamp) -> Option<Timestamp> {
    let zone = domain::cron::zone(&rule.spec.zone).ok()?;
    let local = jiff::Timestamp::from_millisecond(now.as_millis()).ok()?.to_zoned(zone.clone());
    if event == Event::WeeklyDigest && local.weekday() != jiff::civil::Weekday::Monday {
        return None;
    }
    let morning = zone.to_ambiguous_zoned(local.date().at(HOUR, 0, 0, 0)).later().ok()?;
    let at = Timestamp::from_millis(morning.timestamp().as_millisecond());
    (rule.spec.events.has(event) && at <= now && now <= at.plus(LATEST)).then_some(at)
}
