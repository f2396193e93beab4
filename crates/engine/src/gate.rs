//! The gate on the own connectivity. When Loopr's own network is gone, every public target fails, and none of that says
//! anything about them: while the gate is closed their monitors are Unknown and nobody is alerted about them.
//!
//! Witnesses are hosts that always answer. The gate is off until some are configured, and it closes only when all of those
//! that have answered before fail at once. A public target that answers proves them wrong: the gate opens, and they count
//! again when they have answered again. It never concerns private targets. Witnesses are asked now and then, whenever a
//! public target begins to fail, and every few seconds while the gate is closed.
//!
//! Invariant: no run of failures that began after the witnesses were last heard is confirmed before they were asked again.
//! The recorder asks [`Gate`]; [`Watcher`] does the asking of the witnesses and tells the recorder.

mod watcher;
mod witness;

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;
use domain::network::{NetworkView, WitnessView};
use store::{Store, StoreError};
use tokio::sync::Notify;

use watcher::{GONE_SINCE, PROVEN};
pub(crate) use watcher::{PATIENCE, Watcher};
pub use witness::{InvalidWitness, Witness};

/// The fact of the instance that names the witnesses where the operator is silent.
pub(crate) const NAMED: &str = "witnesses";

/// What is known of a witness.
#[derive(Debug, Clone)]
struct Known {
    witness: Witness,
    /// It has answered, in this process or an earlier one, and nothing has proven it wrong since.
    proven: bool,
    /// Whether it answered when it was last asked.
    answers: Option<bool>,
}

#[derive(Default)]
struct State {
    witnesses: Vec<Known>,
    /// When the last round of asking began that has ended.
    round_at: Option<Timestamp>,
    /// Since when the network is gone.
    closed_since: Option<Timestamp>,
    /// When the last check of a public target began that was answered.
    target_answered_at: Option<Timestamp>,
}

impl State {
    /// A target answered while no witness did.
    fn disprove(&mut self) {
        self.witnesses.iter_mut().for_each(|known| known.proven = false);
    }
}

/// Whether the own network is there.
pub(crate) struct Gate {
    state: Mutex<State>,
    asked: Notify,
}

/// What a round of asking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judgement {
    /// The network is there, or nobody can tell.
    Open,
    /// No witness answers, but a target did meanwhile: it is the witnesses.
    WitnessesGone,
    /// The network is gone.
    Closed,
}

/// Judges a round: of each witness, whether it has answered before and whether it does now.
fn judge(witnesses: impl Iterator<Item = (bool, bool)>, target_answered: bool) -> Judgement {
    let mut proven = 0;
    for (before, now) in witnesses {
        if now {
            return Judgement::Open;
        }
        proven += u32::from(before);
    }
    match (proven, target_answered) {
        (0, _) => Judgement::Open,
        (_, true) => Judgement::WitnessesGone,
        (_, false) => Judgement::Closed,
    }
}

impl Gate {
    /// With what an earlier process knew: which witnesses have answered, and whether it saw the network go.
    pub fn new(witnesses: Vec<Witness>, proven: &str, closed_since: Option<Timestamp>) -> Self {
        let gate = Self { state: Mutex::default(), asked: Notify::new() };
        gate.set(witnesses, proven);
        let mut state = gate.state();
        state.closed_since = closed_since.filter(|_| state.witnesses.iter().any(|known| known.proven));
        drop(state);
        gate
    }

    /// Of the witnesses that the operator names or, where that is silent, an administrator; with what the database knows.
    pub async fn load(store: &Store, configured: Option<Vec<Witness>>) -> Result<Self, StoreError> {
        let witnesses = match configured {
            Some(witnesses) => witnesses,
            None => Witness::parse_list(&store.fact(NAMED).await?.unwrap_or_default()).unwrap_or_else(|error| {
                tracing::error!(error = %error, "the witnesses in the settings cannot be read; nobody is asked");
                Vec::new()
            }),
        };
        let proven = store.fact(PROVEN).await?.unwrap_or_default();
        let gone_since = store.fact(GONE_SINCE).await?.and_then(|text| text.parse().ok()).map(Timestamp::from_millis);
        Ok(Self::new(witnesses, &proven, gone_since))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other witnesses from now on; they are asked at once. Those named in `proven` are taken to have answered before.
    pub fn set(&self, witnesses: Vec<Witness>, proven: &str) {
        let proven: Vec<&str> = proven.split(',').map(str::trim).collect();
        let mut state = self.state();
        let known = |witness: Witness| {
            let text = witness.to_string();
            let before = state.witnesses.iter().find(|known| known.witness == witness).cloned();
            before.unwrap_or(Known { proven: proven.contains(&text.as_str()), witness, answers: None })
        };
        let all: Vec<Known> = witnesses.into_iter().map(known).collect();
        if !all.iter().any(|known| known.proven) {
            state.closed_since = None;
        }
        state.witnesses = all;
        state.round_at = None;
        drop(state);
        self.ask();
    }

    /// Whether there is anybody to ask.
    pub fn is_on(&self) -> bool {
        !self.state().witnesses.is_empty()
    }

    /// Since when the network is gone, if it is.
    pub fn closed_since(&self) -> Option<Timestamp> {
        self.state().closed_since
    }

    /// Whether the witnesses were asked since an instant: what they said holds for a failure that began then.
    pub fn was_asked_since(&self, instant: Timestamp) -> bool {
        self.state().round_at.is_some_and(|round| round >= instant)
    }

    /// Has the witnesses asked soon.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// A check of a public target, begun at an instant, was answered: the network is there. Says whether that opened the gate.
    pub fn target_answered(&self, at: Timestamp) -> bool {
        let mut state = self.state();
        state.target_answered_at = state.target_answered_at.max(Some(at));
        // What was under way when the network went says nothing of now.
        let opened = state.closed_since.take_if(|since| at >= *since).is_some();
        if opened {
            state.disprove();
        }
        opened
    }

    /// For people and for metrics.
    pub fn view(&self) -> NetworkView {
        let state = self.state();
        let witnesses = state.witnesses.iter().map(|known| WitnessView { address: known.witness.to_string(), answers: known.answers });
        NetworkView { gone_since: state.closed_since, asked_at: state.round_at, witnesses: witnesses.collect() }
    }

    fn witnesses(&self) -> Vec<Witness> {
        self.state().witnesses.iter().map(|known| known.witness.clone()).collect()
    }

    /// Takes what a round found that began at `began` and ended now; says what it came to.
    fn conclude(&self, answers: &[(Witness, bool)], began: Timestamp, now: Timestamp) -> Judgement {
        let mut state = self.state();
        for (witness, answered) in answers {
            if let Some(known) = state.witnesses.iter_mut().find(|known| known.witness == *witness) {
                known.answers = Some(*answered);
            }
        }
        let target_answered = state.target_answered_at.is_some_and(|at| at >= began);
        let judgement = judge(state.witnesses.iter().map(|known| (known.proven, known.answers == Some(true))), target_answered);
        for known in &mut state.witnesses {
            known.proven |= known.answers == Some(true);
        }
        state.round_at = Some(began);
        match judgement {
            Judgement::Closed => drop(state.closed_since.get_or_insert(now)),
            Judgement::Open => state.closed_since = None,
            Judgement::WitnessesGone => {
                state.closed_since = None;
                state.disprove();
            }
        }
        judgement
    }

    /// The witnesses that have answered, for the next process.
    fn proven(&self) -> String {
        let state = self.state();
        state.witnesses.iter().filter(|known| known.proven).map(|known| known.witness.to_string()).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn two() -> Vec<Witness> {
        vec!["192.0.2.1:443".parse().expect("valid"), "one.example:53".parse().expect("valid")]
    }

    fn round(gate: &Gate, answers: [bool; 2], second: i64) -> Judgement {
        let both: Vec<_> = two().into_iter().zip(answers).collect();
        gate.conclude(&both, at(second), at(second + 1))
    }

    #[test]
    fn it_closes_only_when_all_that_answered_before_fail() {
        let gate = Gate::new(two(), "", None);
        assert_eq!(round(&gate, [false, false], 10), Judgement::Open, "nobody has ever answered");
        assert_eq!(round(&gate, [true, false], 20), Judgement::Open);
        assert_eq!(round(&gate, [false, false], 30), Judgement::Closed, "the one that answered does not");
        assert_eq!((gate.closed_since(), gate.was_asked_since(at(30)), gate.was_asked_since(at(31))), (Some(at(31)), true, false));
        assert_eq!(round(&gate, [false, true], 40), Judgement::Open, "any of them will do");
        assert_eq!(gate.closed_since(), None);
    }

    #[test]
    fn a_target_that_answers_is_a_witness_too() {
        let gate = Gate::new(two(), "192.0.2.1:443", None);
        assert!(!gate.target_answered(at(9)));
        assert_eq!(round(&gate, [false, false], 10), Judgement::Closed, "it answered before the round began");
        assert!(!gate.target_answered(at(10)), "that check began before the gate closed");
        assert!(gate.target_answered(at(12)));
        assert_eq!(round(&gate, [false, false], 20), Judgement::Open, "they were proven wrong, and nobody else can tell");
        assert_eq!(round(&gate, [true, true], 30), Judgement::Open);
        assert_eq!(round(&gate, [false, false], 40), Judgement::Closed, "having answered again, they count again");
        gate.target_answered(at(50));
        round(&gate, [true, true], 50);
        gate.target_answered(at(61));
        assert_eq!(round(&gate, [false, false], 60), Judgement::WitnessesGone);
    }

    #[test]
    fn what_an_earlier_process_knew_holds() {
        assert_eq!(Gate::new(two(), "one.example:53", Some(at(5))).closed_since(), Some(at(5)));
        assert_eq!(Gate::new(two(), "", Some(at(5))).closed_since(), None, "nobody could ever tell");
        let gate = Gate::new(two(), "one.example:53", Some(at(5)));
        gate.set(Vec::new(), "");
        assert_eq!((gate.is_on(), gate.closed_since()), (false, None));
    }
}
