//! The invented jobs: they begin and end when they should, and say so to their heartbeats.

use std::sync::Arc;
use std::time::Duration;

use domain::kind::Kind;
use domain::monitor::PING_TOKEN;
use tokio_util::sync::CancellationToken;

use super::behind::other;
use super::model::{Chance, MONITORS, Service};
use super::target::now;
use crate::board::Entry;
use crate::engine::Engine;
use crate::service::Signal;

/// Runs the jobs of all heartbeats while `shutdown` is not cancelled.
pub(super) fn run(engine: &Engine, shutdown: &CancellationToken) {
    let jobs = engine.0.board.all().into_iter().filter(|entry| entry.plan().monitor.spec.kind == Kind::Heartbeat);
    for entry in jobs {
        let name = entry.plan().monitor.spec.name.clone();
        let number = (0..MONITORS).find(|number| other(*number).is_some_and(|other| other.name == name));
        if let Some(job) = number.map(|number| Service::new(number, now())) {
            tokio::spawn(shutdown.clone().run_until_cancelled_owned(repeat(engine.clone(), entry, job)));
        }
    }
}

async fn repeat(engine: Engine, entry: Arc<Entry>, job: Service) {
    loop {
        let plan = entry.plan();
        let Some(token) = plan.monitor.spec.settings.0.get(PING_TOKEN) else { return };
        let last = entry.standing().last.as_ref().map(|last| last.at);
        let mut chance = Chance::new(u64::try_from(now().as_millis()).unwrap_or(0));
        let run = Duration::from_micros(u64::from(job.latency_us(now(), &mut chance)));
        // It is to have ended when it is expected.
        let due = last.map_or(Duration::ZERO, |last| plan.monitor.spec.interval.saturating_sub(now().since(last) + run));
        tokio::time::sleep(due).await;
        for (signal, pause) in [(Signal::Start, run), (Signal::Success, Duration::from_secs(1))] {
            if engine.heartbeats().signal(token, signal, b"").await.is_err() {
                // The monitor is gone, or everything stops.
                return;
            }
            tokio::time::sleep(pause).await;
        }
    }
}
