//! The core below alerts, webhook runs and event webhooks: what is due is taken up under a lease, sent with bounded concurrency, and its outcome
//! recorded in batches.
//!
//! Work lies in lanes, one for each destination, so that a destination that hangs or refuses delays nothing but itself. What is in a lane
//! and what a try amounts to is the business of a [`Courier`]; when a lane may send is decided here: how many at once, how many in a span of
//! time, and not at all for a while after failures in a row.
//!
//! Invariant: nothing is on its way that was not claimed in the database first, and nothing that was claimed is forgotten: its outcome is
//! recorded under its claim, or its lease ends and it comes up again. Called by the engine, which runs one [`Dispatcher`] for each courier.

mod breaker;
mod bucket;
mod dispatcher;
mod lane;

use std::fmt::Display;
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use domain::Timestamp;
use store::StoreError;
use tokio::sync::mpsc;

pub(crate) use dispatcher::{Dispatcher, Limits as DispatcherLimits};

/// How a lane may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// On their way at once.
    pub concurrency: usize,
    /// So many in a span of time, at most.
    pub rate: Option<(u32, Duration)>,
}

/// What was taken up in one lane.
pub(crate) struct Taken<L, J> {
    /// Which lane.
    pub lane: L,
    /// What to send now; it is claimed.
    pub jobs: Vec<J>,
    /// When the lane is to be looked at next; none: when something new comes.
    pub next: Option<Timestamp>,
}

/// What a courier took up in some lanes.
pub(crate) type TakenFrom<C> = Vec<Taken<<C as Courier>::Lane, <C as Courier>::Job>>;

/// What an attempt says of its lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Health {
    /// It takes what is sent.
    Well,
    /// It does not, or does not answer.
    Ill,
}

/// Knows what lies in the lanes, and how it is sent.
pub(crate) trait Courier: Send + Sync + Sized + 'static {
    /// A destination.
    type Lane: Clone + Eq + Hash + Ord + Display + Send + Sync + 'static;
    /// Something to send.
    type Job: Send + 'static;
    /// Something that was sent, well or not.
    type Done: Send + 'static;

    /// What is waiting, at start.
    fn lanes(&self, now: Timestamp) -> impl Future<Output = Result<Vec<(Self::Lane, Timestamp)>, StoreError>> + Send;
    /// How a lane may be used now.
    fn limits(&self, lane: &Self::Lane) -> Limits;
    /// How urgent what is due in a lane is, when there is not room for all: the lower, the sooner.
    fn urgency(&self, _lane: &Self::Lane) -> u8 {
        0
    }
    /// Claims what is due in some lanes, at most as many as there is room for in each.
    fn take(&self, lanes: &[(Self::Lane, usize)], now: Timestamp) -> impl Future<Output = Result<TakenFrom<Self>, StoreError>> + Send;
    /// Sends one. Never fails: an error is an outcome.
    fn send(&self, job: Self::Job) -> impl Future<Output = (Self::Done, Health)> + Send;
    /// Records what became of some; answers when their lanes are to be looked at next.
    fn finish(&self, done: &[Self::Done], now: Timestamp) -> impl Future<Output = Result<Vec<(Self::Lane, Timestamp)>, StoreError>> + Send;
}

/// What a dispatcher is told.
pub(crate) enum News<L> {
    /// These lanes have something that is due then.
    Due(Vec<(L, Timestamp)>),
    /// A person wants what is due in this lane sent now, also when the lane rests.
    AtOnce(L),
}

/// Says that there is something new in lanes.
pub(crate) struct Waker<L>(mpsc::UnboundedSender<News<L>>);

impl<L> Clone for Waker<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L> Waker<L> {
    /// A waker and what it wakes.
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<News<L>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// These lanes have something that is due then.
    pub fn wake(&self, lanes: Vec<(L, Timestamp)>) {
        self.tell(News::Due(lanes));
    }

    /// What is due in this lane is wanted now.
    pub fn hasten(&self, lane: L) {
        self.tell(News::AtOnce(lane));
    }

    fn tell(&self, news: News<L>) {
        // The dispatcher is gone only when everything stops; the next start looks by itself.
        let _stopping = self.0.send(news);
    }
}
