//! What one tab is told: a snapshot of what it watches, then changes, coalesced.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::live::{ServerMessage, Totals, WATCH_MAX};
use domain::{MonitorId, SpaceId};
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

use super::hub::{Hub, Touch};
use crate::board::Board;
use crate::clock::Clock;

/// At most four messages a second to a tab.
const PAUSE: Duration = Duration::from_millis(250);

/// The messages for one tab.
pub struct Feed {
    space: SpaceId,
    board: Arc<Board>,
    hub: Hub,
    clock: Clock,
    build: String,
    touches: broadcast::Receiver<Touch>,
    notices: watch::Receiver<String>,
    watched: BTreeSet<MonitorId>,
    seq: u64,
    sent_totals: Option<Arc<Totals>>,
    sent_at: Option<Instant>,
    dirty: BTreeSet<MonitorId>,
    touched: bool,
    lists_changed: bool,
    news: bool,
    runs: bool,
    behind: bool,
}

impl Feed {
    pub(crate) fn new(space: SpaceId, board: Arc<Board>, hub: Hub, clock: Clock) -> Self {
        let (touches, mut notices) = (hub.subscribe(space), hub.notices());
        if !notices.borrow_and_update().is_empty() {
            notices.mark_changed();
        }
        Self {
            space,
            board,
            hub,
            clock,
            build: String::new(),
            touches,
            notices,
            watched: BTreeSet::new(),
            seq: 0,
            sent_totals: None,
            sent_at: None,
            dirty: BTreeSet::new(),
            touched: false,
            lists_changed: false,
            news: false,
            runs: false,
            behind: false,
        }
    }

    /// The build of the server, told in snapshots.
    #[must_use]
    pub fn with_build(mut self, build: &str) -> Self {
        build.clone_into(&mut self.build);
        self
    }

    /// Watches these monitors from now on (those of the space, at most [`WATCH_MAX`]) and says where they stand.
    pub fn watch(&mut self, monitors: Vec<MonitorId>) -> ServerMessage {
        self.watched = monitors.into_iter().take(WATCH_MAX).collect();
        self.snapshot()
    }

    fn snapshot(&mut self) -> ServerMessage {
        let now = self.clock.now();
        let totals = self.hub.totals(&self.board, self.space, now);
        self.seq += 1;
        self.dirty.clear();
        (self.touched, self.behind) = (false, false);
        self.sent_totals = Some(Arc::clone(&totals));
        self.sent_at = Some(Instant::now());
        let monitors = self.watched.iter().filter_map(|id| self.board.get(self.space, *id)).map(|e| e.live(now)).collect();
        ServerMessage::Snapshot { seq: self.seq, build: self.build.clone(), now, totals: Totals::clone(&totals), monitors }
    }

    /// The next message, when there is something to say. Cancel-safe: what was heard is kept.
    pub async fn next(&mut self) -> ServerMessage {
        loop {
            let ready = self.sent_at.map_or_else(Instant::now, |at| at + PAUSE);
            let waiting = self.touched || self.lists_changed || self.news || self.runs || self.behind;
            tokio::select! {
                biased;
                Ok(()) = self.notices.changed() => {
                    let text = self.notices.borrow_and_update().clone();
                    return ServerMessage::Notice { text };
                }
                () = tokio::time::sleep_until(ready), if waiting => {
                    self.sent_at = Some(Instant::now());
                    if let Some(message) = self.changes() {
                        return message;
                    }
                }
                touch = self.touches.recv() => self.hear(touch),
            }
        }
    }

    fn hear(&mut self, touch: Result<Touch, broadcast::error::RecvError>) {
        match touch {
            Ok(Touch::Monitors(ids)) => {
                self.touched = true;
                self.dirty.extend(ids.iter().filter(|id| self.watched.contains(id)));
            }
            Ok(Touch::Lists) => self.lists_changed = true,
            Ok(Touch::News) => self.news = true,
            Ok(Touch::Runs) => self.runs = true,
            // Also when the space has no channel any more: a snapshot is right in any case.
            Err(_) => self.behind = true,
        }
    }

    fn changes(&mut self) -> Option<ServerMessage> {
        if self.behind {
            self.touches = self.hub.subscribe(self.space);
            return Some(self.snapshot());
        }
        self.touched = false;
        let now = self.clock.now();
        let monitors: Vec<_> =
            std::mem::take(&mut self.dirty).into_iter().filter_map(|id| self.board.get(self.space, id)).map(|e| e.live(now)).collect();
        let totals = self.hub.totals(&self.board, self.space, now);
        let moved = self.sent_totals.as_ref().is_none_or(|sent| **sent != *totals);
        let [lists_changed, news, runs] = [&mut self.lists_changed, &mut self.news, &mut self.runs].map(std::mem::take);
        if monitors.is_empty() && !moved && !lists_changed && !news && !runs {
            return None;
        }
        self.seq += 1;
        self.sent_totals = Some(Arc::clone(&totals));
        Some(ServerMessage::Changes { seq: self.seq, totals: moved.then(|| Totals::clone(&totals)), monitors, lists_changed, news, runs })
    }
}
