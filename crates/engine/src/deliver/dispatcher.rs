//! Looks at lanes when something is due in them, sends, and records what became of it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::lane::Lane;
use super::{Courier, Health, News};
use crate::clock::Clock;

/// A sleep is at most this long, so that a set clock is noticed.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Outcomes wait for others at most so long before they are recorded.
const LINGER: Duration = Duration::from_millis(5);
/// Outcomes of one transaction.
const BATCH: usize = 100;
/// Pauses while the database refuses: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How much at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// On their way at once, over all lanes.
    pub concurrency: usize,
    /// Lanes that are looked at together.
    pub lanes: usize,
}

/// Runs a courier.
pub(crate) struct Dispatcher<C: Courier> {
    pub courier: Arc<C>,
    pub clock: Clock,
    pub limits: Limits,
}

struct Ended<C: Courier> {
    lane: C::Lane,
    done: C::Done,
    health: Health,
}

struct Lanes<C: Courier> {
    known: HashMap<C::Lane, Lane>,
    /// When lanes are to be looked at; what a lane itself says counts, others are void.
    heap: BinaryHeap<Reverse<(Timestamp, C::Lane)>>,
    sending: usize,
}

impl<C: Courier> Lanes<C> {
    fn expect(&mut self, lane: C::Lane, at: Timestamp) {
        self.known.entry(lane.clone()).or_default().expect(at);
        self.heap.push(Reverse((at, lane)));
    }

    fn learn(&mut self, news: News<C::Lane>, now: Timestamp) {
        match news {
            News::Due(lanes) => lanes.into_iter().for_each(|(lane, at)| self.expect(lane, at)),
            News::AtOnce(lane) => {
                self.known.entry(lane.clone()).or_default().hasten(now);
                self.heap.push(Reverse((now, lane)));
            }
        }
    }

    /// Lanes that are due and have room, with their room: the urgent first, then the one that waits longest.
    fn due(&mut self, courier: &C, now: Timestamp, limits: Limits) -> Vec<(C::Lane, usize)> {
        let mut ripe = Vec::new();
        while let Some(Reverse((at, lane))) = self.heap.peek().cloned().filter(|Reverse((at, _))| *at <= now) {
            self.heap.pop();
            if self.known.get(&lane).is_some_and(|known| known.due == Some(at)) {
                ripe.push((courier.urgency(&lane), at, lane));
            }
        }
        ripe.sort();
        let (mut due, mut free) = (Vec::new(), limits.concurrency.saturating_sub(self.sending));
        for (_, at, lane) in ripe {
            let Some(known) = self.known.get_mut(&lane).filter(|known| known.due == Some(at)) else { continue };
            if due.len() >= limits.lanes || free == 0 {
                self.heap.push(Reverse((at, lane)));
                continue;
            }
            match known.room(courier.limits(&lane), now) {
                Ok(room) => {
                    known.due = None;
                    let room = room.min(free);
                    free -= room;
                    due.push((lane, room));
                }
                Err(Some(later)) => {
                    known.due = Some(later);
                    self.heap.push(Reverse((later, lane)));
                }
                // Its next end looks again.
                Err(None) => {}
            }
        }
        due
    }

    fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, _))| *at)
    }

    fn ended(&mut self, lane: &C::Lane, health: Health, now: Timestamp) {
        self.sending = self.sending.saturating_sub(1);
        let Some(known) = self.known.get_mut(lane) else { return };
        known.ended(health, now);
        match known.due {
            // It may have had no room.
            Some(at) => self.heap.push(Reverse((at, lane.clone()))),
            None if known.sending == 0 && !matches!(health, Health::Ill) => drop(self.known.remove(lane)),
            None => {}
        }
    }
}

impl<C: Courier> Dispatcher<C> {
    /// Runs until `stop`, then waits for what is on its way and records it.
    pub async fn run(self, mut news: mpsc::UnboundedReceiver<News<C::Lane>>, stop: CancellationToken) {
        if stop.is_cancelled() {
            // A command of the operator looks at the data and sends nothing.
            return;
        }
        let mut lanes = Lanes::<C> { known: HashMap::new(), heap: BinaryHeap::new(), sending: 0 };
        let (tasks, (ended, mut ends)) = (TaskTracker::new(), mpsc::unbounded_channel());
        let Some(waiting) = self.until_done(&stop, || self.courier.lanes(self.clock.now())).await else { return };
        waiting.into_iter().for_each(|(lane, at)| lanes.expect(lane, at));
        while !stop.is_cancelled() {
            let (now, elapsed) = self.clock.reading();
            let due = lanes.due(&self.courier, now, self.limits);
            if !due.is_empty() {
                self.take(&mut lanes, due, &tasks, &ended).await;
            }
            let room = lanes.sending < self.limits.concurrency;
            let sleep = lanes.next().filter(|_| room).map_or(LONGEST_SLEEP, |at| at.since(self.clock.now()).min(LONGEST_SLEEP));
            tokio::select! {
                () = stop.cancelled() => break,
                Some(told) = news.recv() => lanes.learn(told, self.clock.now()),
                Some(first) = ends.recv() => self.record(&mut lanes, first, &mut ends, &stop).await,
                () = self.clock.sleep_until(elapsed + sleep) => {}
            }
            while let Ok(told) = news.try_recv() {
                lanes.learn(told, self.clock.now());
            }
        }
        tasks.close();
        drop(ended);
        while let Some(first) = ends.recv().await {
            self.record(&mut lanes, first, &mut ends, &stop).await;
        }
        tasks.wait().await;
    }

    async fn take(&self, lanes: &mut Lanes<C>, due: Vec<(C::Lane, usize)>, tasks: &TaskTracker, ended: &mpsc::UnboundedSender<Ended<C>>) {
        let now = self.clock.now();
        let taken = match self.courier.take(&due, now).await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(error = %error, "what is due could not be taken up; trying again");
                due.into_iter().for_each(|(lane, _)| lanes.expect(lane, now.plus(PAUSES.1)));
                return;
            }
        };
        for one in taken {
            if let Some(at) = one.next {
                lanes.expect(one.lane.clone(), at);
            }
            let known = lanes.known.entry(one.lane.clone()).or_default();
            known.began(one.jobs.len(), self.courier.limits(&one.lane), now);
            lanes.sending += one.jobs.len();
            for job in one.jobs {
                let (courier, ended, lane) = (Arc::clone(&self.courier), ended.clone(), one.lane.clone());
                tasks.spawn(async move {
                    let (done, health) = courier.send(job).await;
                    // The dispatcher waits for all of them.
                    let _received = ended.send(Ended { lane, done, health });
                });
            }
        }
    }

    /// Records some outcomes in one transaction, however long the database refuses.
    async fn record(&self, lanes: &mut Lanes<C>, first: Ended<C>, ends: &mut mpsc::UnboundedReceiver<Ended<C>>, stop: &CancellationToken) {
        let mut batch = vec![first];
        let deadline = tokio::time::Instant::now() + LINGER;
        while batch.len() < BATCH
            && let Ok(Some(next)) = tokio::time::timeout_at(deadline, ends.recv()).await
        {
            batch.push(next);
        }
        let (mut done, mut over) = (Vec::with_capacity(batch.len()), Vec::with_capacity(batch.len()));
        for Ended { lane, done: one, health } in batch {
            over.push((lane, health));
            done.push(one);
        }
        let next = self.until_done(stop, || self.courier.finish(&done, self.clock.now())).await;
        let now = self.clock.now();
        over.into_iter().for_each(|(lane, health)| lanes.ended(&lane, health, now));
        // Given up only when everything stops: the leases end by themselves.
        next.unwrap_or_default().into_iter().for_each(|(lane, at)| lanes.expect(lane, at));
    }

    /// Asks the database again and again; gives up after a refusal when everything stops.
    async fn until_done<T, F>(&self, stop: &CancellationToken, ask: impl Fn() -> F) -> Option<T>
    where
        F: Future<Output = Result<T, store::StoreError>>,
    {
        let mut pause = PAUSES.0;
        loop {
            match ask().await {
                Ok(answer) => return Some(answer),
                Err(error) => tracing::warn!(error = %error, "the outbox could not be read or written; trying again"),
            }
            if stop.is_cancelled() {
                return None;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}
