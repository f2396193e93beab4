//! Asks the witnesses, and tells the recorder and everybody else when the network goes and when it is back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use store::Store;
use tokio_util::sync::CancellationToken;

use super::{Gate, Witness};
use crate::clock::Clock;
use crate::live::Hub;
use crate::net::{Dialer, Dialling};
use crate::record::{Command, RecorderHandle};

/// From one round to the next while all is well.
const EVERY: Duration = Duration::from_secs(60);
/// From one round to the next while the gate is closed.
const CLOSED_EVERY: Duration = Duration::from_secs(5);
/// Between two rounds, at least.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a witness has to take a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);
/// Facts of the instance: which witnesses have answered, and since when the network is gone, in milliseconds.
pub(super) const PROVEN: &str = "witnesses_proven";
pub(super) const GONE_SINCE: &str = "network_gone_since";

const NOTICE: &str = "Loopr’s own network does not answer: none of its witnesses can be reached. Monitors with public targets are \
                      unknown until it is back.";

/// Asks the witnesses.
pub(crate) struct Watcher {
    pub gate: Arc<Gate>,
    pub dialer: Arc<Dialer>,
    pub clock: Clock,
    pub recorder: RecorderHandle,
    pub hub: Hub,
    pub store: Store,
}

impl Watcher {
    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut proven = self.gate.proven();
        let mut told = self.gate.closed_since().is_some();
        self.announce(told);
        while !stop.is_cancelled() {
            let elapsed = self.clock.elapsed();
            if self.gate.is_on() {
                self.round().await;
            }
            let gone_since = self.gate.closed_since();
            if told != gone_since.is_some() {
                told = gone_since.is_some();
                self.announce(told);
                self.keep(GONE_SINCE, &gone_since.map(|at| at.as_millis().to_string()).unwrap_or_default()).await;
            }
            let now_proven = self.gate.proven();
            if now_proven != proven {
                if now_proven.is_empty() && self.gate.is_on() {
                    tracing::warn!("no witness answers, but public targets do; witnesses count again when they answer");
                }
                self.keep(PROVEN, &now_proven).await;
                proven = now_proven;
            }
            // Always: failures may be waiting for what the witnesses said.
            let _stopping = self.recorder.send(Command::LookEverywhere).await;
            // Many monitors that begin to fail at once are one reason to ask, not many.
            tokio::time::sleep(PAUSE).await;
            let pause = if told { CLOSED_EVERY } else { EVERY };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.gate.asked.notified() => {}
                () = self.clock.sleep_until(elapsed + pause) => {}
            }
        }
    }

    async fn round(&self) {
        let began = self.clock.now();
        let answers = join_all(self.gate.witnesses().into_iter().map(|witness| self.ask(witness))).await;
        let judgement = self.gate.conclude(&answers, began, self.clock.now());
        tracing::debug!(?judgement, witnesses = answers.len(), "witnesses were asked");
    }

    async fn ask(&self, witness: Witness) -> (Witness, bool) {
        let destination = witness.destination();
        let mut progress = Dialling::default();
        let dial = self.dialer.dial(&destination, Instant::now() + PATIENCE, &mut progress);
        let answered = matches!(tokio::time::timeout(PATIENCE, dial).await, Ok(Ok(_)));
        (witness, answered)
    }

    fn announce(&self, gone: bool) {
        self.hub.set_network_notice(if gone { NOTICE } else { "" });
        if gone {
            tracing::error!("the own network is gone: no witness answers. Monitors with public targets are unknown until it is back");
        } else if self.gate.is_on() {
            tracing::info!("the own network is there");
        }
    }

    async fn keep(&self, fact: &str, value: &str) {
        if let Err(error) = self.store.set_fact(fact, value).await {
            tracing::warn!(fact, error = %error, "what is known of the own network was not kept for the next start");
        }
    }
}
