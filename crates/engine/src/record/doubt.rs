//! Whether a failure is the monitor's own. Before a run of failures is confirmed, what a monitor depends on must have been
//! looked at since it began, and so must the witnesses of the own network when the target is a public one. Until then the
//! monitor is Pending; the wait is bounded, and then it is decided by what is known.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::change::PARENT;
use domain::check::Observation;
use domain::kind::Kind;
use domain::machine::{Input, Rule, Transition};
use domain::state::State;
use domain::{MonitorId, Timestamp};

use super::recorder::Recorder;
use crate::board::Entry;
use crate::gate::PATIENCE;
use crate::schedule::Wake;

/// Nobody waits longer than this for what a parent says.
const LONGEST: Duration = Duration::from_secs(120);
/// What a check of a parent may take beyond its timeout: waiting for its turn, being recorded.
const SLACK: Duration = Duration::from_secs(2);

/// Monitors whose failures are doubted.
#[derive(Default)]
pub(super) struct Doubts(HashMap<MonitorId, Doubt>);

struct Doubt {
    entry: Arc<Entry>,
    /// On monotonic time: when the doubt began, and when it ends however little is known.
    since: Duration,
    until: Duration,
}

impl Recorder {
    /// An answer of a public target shows that the own network is there.
    pub(super) async fn note_answer(&mut self, entry: &Entry, seen: &Observation) {
        // What is upside-down succeeds by not answering.
        let answered = self.gate.is_on() && seen.is_success() && !entry.plan().monitor.spec.upside_down && self.is_public(entry);
        if answered && self.gate.target_answered(seen.at) {
            // The watcher tells everybody when it looks next, which is now.
            self.gate.ask();
            self.look_everywhere().await;
        }
    }

    /// How a result is judged: by the monitor's own rule, and for a failure that began at `failed_at`, by what is the case
    /// around it.
    pub(super) fn rule(&mut self, entry: &Arc<Entry>, failed_at: Option<Timestamp>) -> Rule {
        let mut rule = Rule::from(entry.plan().monitor.spec.confirmation);
        let machine = entry.standing().machine;
        let first = machine.failing_since().or(failed_at);
        // A success ends all doubt. What is down stays so, and without a network nothing is judged.
        let is_open = failed_at.is_some() && machine.settled() != State::Down && !machine.is_offline();
        let Some(first) = first.filter(|_| is_open) else {
            self.doubts.0.remove(&entry.id);
            return rule;
        };
        let parents = self.board.parents(entry);
        rule.below_down = parents.iter().any(|parent| parent.standing().machine.is_failing());
        let patience = if rule.below_down { None } else { self.patience(entry, &parents, first) };
        let Some(patience) = patience else {
            self.doubts.0.remove(&entry.id);
            return rule;
        };
        let now = self.clock.elapsed();
        let new = || Doubt { entry: Arc::clone(entry), since: now, until: now };
        let doubt = self.doubts.0.entry(entry.id).or_insert_with(new);
        doubt.until = doubt.until.max(doubt.since + patience);
        rule.in_doubt = now < doubt.until;
        rule
    }

    /// How long it is waited for what is not known yet of the parents and of the own network, since a failure began; none
    /// when everything is known. Has them asked.
    fn patience(&self, entry: &Entry, parents: &[Arc<Entry>], first: Timestamp) -> Option<Duration> {
        let mut patience = None;
        for parent in parents {
            let plan = parent.plan();
            // A job reports when it reports: nobody can ask it.
            if !plan.monitor.enabled || plan.monitor.spec.kind == Kind::Heartbeat {
                continue;
            }
            let (seen, pending) = {
                let standing = parent.standing();
                (standing.last.as_ref().is_some_and(|last| last.at >= first), standing.machine.state() == State::Pending)
            };
            if !seen {
                // The scheduler is gone only when everything stops.
                let _stopping = self.wake.send(Wake::At(Arc::clone(parent), self.clock.now()));
            }
            if !seen || pending {
                let spec = &plan.monitor.spec;
                let looks = spec.confirmation.failures.saturating_sub(1);
                let confirmed = spec.timeout + SLACK + (spec.retry_after() + spec.timeout).saturating_mul(looks);
                patience = patience.max(Some(confirmed.min(LONGEST)));
            }
        }
        if self.is_guarded(entry) && !self.gate.was_asked_since(first) {
            self.gate.ask();
            patience = patience.max(Some(PATIENCE + SLACK));
        }
        patience
    }

    /// Whether the gate concerns a monitor: its target is public, or signals come to it over the network. A group is decided
    /// by its members.
    pub(super) fn is_guarded(&self, entry: &Entry) -> bool {
        self.gate.is_on() && (entry.plan().monitor.spec.kind == Kind::Heartbeat || self.is_public(entry))
    }

    fn is_public(&self, entry: &Entry) -> bool {
        entry.plan().host_name().is_some_and(|host| !self.dialer.is_private(host))
    }

    /// Decides about a monitor whose failures are doubted, if there is nothing to wait for any more.
    pub(super) async fn reconsider(&mut self, entry: &Arc<Entry>) {
        let first = entry.standing().machine.failing_since();
        let rule = self.rule(entry, first);
        if first.is_none() || rule.in_doubt {
            return;
        }
        self.doubts.0.remove(&entry.id);
        let now = self.clock.now();
        let (was_failing, change, reason) = {
            let mut standing = entry.standing();
            let was_failing = standing.machine.is_failing();
            let change = standing.step(Input::Decided { at: now }, now, rule);
            (was_failing, change, standing.last.as_ref().and_then(|last| last.reason))
        };
        if let Some(change) = change {
            self.changed(entry, change, cause(&change, reason.map(domain::check::Reason::name)));
            self.touched.push((entry.space, entry.id));
        }
        Box::pin(self.told_children(entry, was_failing)).await;
    }

    /// After something happened to a monitor: whoever depends on it may be waiting for it, or fail or not fail because of it.
    pub(super) async fn told_children(&mut self, parent: &Arc<Entry>, was_failing: bool) {
        let children = self.board.children(parent);
        if children.is_empty() {
            return;
        }
        let (is_failing, since, decided) = {
            let machine = parent.standing().machine;
            (machine.is_failing(), machine.settled_since(), machine.decided_at())
        };
        let now = self.clock.now();
        for child in &children {
            if is_failing && !was_failing {
                self.load(child).await;
                let input = Input::ParentDown { at: decided.unwrap_or(now), since };
                self.step(child, input, decided.unwrap_or(now), Some(PARENT));
            }
            if self.doubts.0.contains_key(&child.id) {
                self.reconsider(child).await;
            }
        }
        if was_failing && !is_failing {
            // They are looked at now: whether they are back too, or fail by themselves.
            let away = |child: &&Arc<Entry>| child.standing().machine.settled() == State::Unreachable;
            let away: Vec<Arc<Entry>> = children.iter().filter(away).cloned().collect();
            self.check_again(&away);
        }
    }

    /// Decides about everybody whose failures are doubted, when something is known that concerns all of them.
    pub(super) async fn decide_doubted(&mut self) {
        let all: Vec<Arc<Entry>> = self.doubts.0.values().map(|doubt| Arc::clone(&doubt.entry)).collect();
        for entry in all {
            self.reconsider(&entry).await;
        }
    }

    /// Decides about those for whom it was waited long enough.
    pub(super) async fn decide_overdue(&mut self) {
        let now = self.clock.elapsed();
        let overdue: Vec<Arc<Entry>> =
            self.doubts.0.values().filter(|doubt| doubt.until <= now).map(|doubt| Arc::clone(&doubt.entry)).collect();
        for entry in overdue {
            self.reconsider(&entry).await;
        }
    }
}

/// Why a state changed: because of the parent, or for the reason of the check.
pub(super) fn cause(change: &Transition, reason: Option<&'static str>) -> Option<&'static str> {
    if change.to == State::Unreachable { Some(PARENT) } else { reason }
}
