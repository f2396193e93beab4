//! From a timetable to what arrives at a receiver: runs, retries, restarts, what overlaps, what is kept.

mod by_hand;
mod delivering;
mod timetables;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::time::Duration;

use domain::ScheduleId;
use domain::webhook::{RunRow, RunState, ScheduleDraft, Standing};
use engine::service::Described;
use engine::{Actor, Clock};
use store::RunFilter;
use tokio::net::TcpStream;

use crate::probe::server::{Requests, send, serve};
use crate::world::World;

/// A receiver whose answer can be changed.
struct Receiver {
    url: String,
    requests: Requests,
    status: Arc<AtomicU16>,
    /// How long it takes to answer, in milliseconds.
    takes_ms: Arc<AtomicU64>,
}

impl Receiver {
    async fn start() -> Self {
        Self::answering("").await
    }

    /// With more lines in the head of its answers.
    async fn answering(head: &'static str) -> Self {
        let (status, takes_ms) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicU64::new(0)));
        let (says, takes) = (Arc::clone(&status), Arc::clone(&takes_ms));
        let answer = move |_: String, stream: TcpStream| {
            let (status, takes) = (Arc::clone(&says), takes.load(Ordering::SeqCst));
            async move {
                tokio::time::sleep(Duration::from_millis(takes)).await;
                let status = status.load(Ordering::SeqCst);
                send(stream, format!("HTTP/1.1 {status} Said\r\n{head}Content-Length: 15\r\nConnection: close\r\n\r\nhunter2-echoed\n"))
                    .await;
            }
        };
        let (address, requests) = serve(answer).await;
        Self { url: format!("http://{address}/hook"), requests, status, takes_ms }
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn take(&self, span: Duration) {
        self.takes_ms.store(u64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn last(&self) -> String {
        self.requests.lock().unwrap().last().cloned().unwrap_or_default()
    }

    /// Waits for a number of requests; the deadline only ends a test that would hang.
    async fn until(&self, count: usize) {
        let came = async {
            while self.count() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), came).await.unwrap_or_else(|_| panic!("{} of {count}", self.count()));
    }
}

/// A schedule that runs every minute, with other fields.
fn every_minute(url: &str, fields: &[(&str, &str)]) -> ScheduleDraft {
    let mut draft = ScheduleDraft::of([("url", url), ("trigger", "every"), ("every", "60 s"), ("retry_base", "1 s"), ("retry_cap", "1 s")]);
    draft.settings.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    draft
}

async fn add(world: &World, actor: &Actor, draft: &ScheduleDraft) -> ScheduleId {
    world.engine.schedules().create(actor, draft).await.unwrap().schedule.id
}

/// The runs, the newest first.
async fn runs(world: &World, actor: &Actor, id: ScheduleId) -> Vec<RunRow> {
    world.engine.schedules().runs(actor, id, &RunFilter::default(), 100).await.unwrap()
}

/// Waits until the newest run is in a state; the deadline only ends a test that would hang.
async fn until(world: &World, actor: &Actor, id: ScheduleId, state: RunState) -> RunRow {
    until_all(world, actor, id, &[state]).await.remove(0)
}

/// Waits until the newest runs are in these states, the newest first.
async fn until_all(world: &World, actor: &Actor, id: ScheduleId, states: &[RunState]) -> Vec<RunRow> {
    let reached = async {
        loop {
            let rows = runs(world, actor, id).await;
            if rows.len() >= states.len() && rows.iter().zip(states).all(|(row, state)| row.state == *state) {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(30), reached).await {
        Ok(rows) => rows,
        Err(_) => panic!("{states:?} wanted: {:?}", runs(world, actor, id).await),
    }
}

/// Waits until a schedule stands like this: what is written is in memory a moment later.
async fn until_stands(world: &World, actor: &Actor, id: ScheduleId, standing: Standing) -> Described {
    let reached = async {
        loop {
            let one = world.engine.schedules().get(actor, id).unwrap();
            if one.standing == standing {
                return one;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap_or_else(|_| panic!("never {standing:?}"))
}

/// To just after the next time of a schedule that runs every minute.
fn to_the_next_minute(clock: &Clock) {
    let now = clock.now().as_millis();
    let left = 60_000 - now.rem_euclid(60_000);
    clock.advance(Duration::from_millis(u64::try_from(left).unwrap() + 5));
}
