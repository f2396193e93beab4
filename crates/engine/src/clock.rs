//! Wall and monotonic time, and sleeping. Ours, so that tests advance it by hand: tokio's paused clock does not get
//! along with sockets and the database.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::Timestamp;
use tokio::sync::watch;

/// Wall and monotonic time read within this span are of one instant; a thread suspended in between tries again this often.
const TIGHT: Duration = Duration::from_millis(1);
const READINGS: usize = 4;

/// A clock; clones are the same clock.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    System { start: Instant },
    Manual(Arc<Manual>),
}

struct Manual {
    /// Wall time and monotonic time since the start.
    now: Mutex<(Timestamp, Duration)>,
    advanced: watch::Sender<()>,
}

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(Kind::System { start: Instant::now() })
    }

    /// A clock that stands still until it is advanced.
    pub fn manual(start: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(Manual { now: Mutex::new((start, Duration::ZERO)), advanced: watch::Sender::new(()) })))
    }

    /// Wall time: may be set back and forth.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System { .. } => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Kind::Manual(manual) => manual.now.lock().unwrap_or_else(PoisonError::into_inner).0,
        }
    }

    /// Monotonic time since the clock was made: never goes back.
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Kind::System { start } => start.elapsed(),
            Kind::Manual(manual) => manual.now.lock().unwrap_or_else(PoisonError::into_inner).1,
        }
    }

    /// [`Clock::now`] and [`Clock::elapsed`] of one instant. Their difference is constant while nobody sets the clock; read
    /// one after the other it would also move when the thread is suspended in between.
    pub fn reading(&self) -> (Timestamp, Duration) {
        match &self.0 {
            Kind::System { .. } => {
                let mut tightest = (Duration::MAX, self.now(), self.elapsed());
                for _ in 0..READINGS {
                    let (before, wall, after) = (self.elapsed(), self.now(), self.elapsed());
                    if after - before < tightest.0 {
                        tightest = (after - before, wall, before);
                    }
                    if tightest.0 < TIGHT {
                        break;
                    }
                }
                (tightest.1, tightest.2)
            }
            Kind::Manual(manual) => *manual.now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Sleeps until [`Clock::elapsed`] reaches an instant. Absolute, so that time that passes between deciding and
    /// sleeping is not slept again.
    pub async fn sleep_until(&self, until: Duration) {
        match &self.0 {
            Kind::System { start } => tokio::time::sleep_until((*start + until).into()).await,
            Kind::Manual(manual) => {
                let mut advanced = manual.advanced.subscribe();
                while self.elapsed() < until {
                    if advanced.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Lets time pass on a manual clock.
    pub fn advance(&self, span: Duration) {
        self.change(|(wall, monotonic)| (wall.plus(span), monotonic + span));
    }

    /// Sets the wall time of a manual clock, as an operator or NTP would.
    pub fn step_wall(&self, wall: Timestamp) {
        self.change(|(_, monotonic)| (wall, monotonic));
    }

    fn change(&self, change: impl Fn((Timestamp, Duration)) -> (Timestamp, Duration)) {
        if let Kind::Manual(manual) = &self.0 {
            let mut now = manual.now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = change(*now);
            drop(now);
            manual.advanced.send_replace(());
        }
    }
}
