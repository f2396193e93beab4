//! The changes of a monitor's state, with both of their instants and their causes.

use domain::change::Change;
use domain::{AppError, MonitorId, Timestamp};

use super::{History, unavailable};
use crate::actor::Actor;

/// Changes that one answer may hold.
const ROWS: u32 = 1_000;

impl History<'_> {
    /// The newest changes of a window, newest first.
    pub async fn changes(&self, actor: &Actor, id: MonitorId, from: Timestamp, to: Timestamp, limit: u32) -> Result<Vec<Change>, AppError> {
        if self.0.board.get(actor.space, id).is_none() {
            return Err(AppError::not_found("monitor"));
        }
        self.0.store.transitions(id).newest(from, to, limit.clamp(1, ROWS)).await.map_err(unavailable)
    }
}
