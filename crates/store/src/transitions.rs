//! Every change of state, `transition:[monitor, -t]`: where uptime comes from.

use domain::change::Change;
use domain::machine::Transition;
use domain::state::State;
use domain::{MonitorId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, key_number, number, text, vars};

const TABLE: &str = "transition";

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    before: i64,
    after: i64,
    decided_at: i64,
    reason: Option<String>,
}

impl Row {
    pub(crate) fn new(monitor: MonitorId, transition: &Transition, reason: Option<&str>) -> Self {
        let index = |state: State| i64::try_from(state.index()).unwrap_or(0);
        Self {
            id: compound(TABLE, vec![text(monitor), number(-transition.at.as_millis())]),
            before: index(transition.from),
            after: index(transition.to),
            decided_at: transition.decided_at.as_millis(),
            reason: reason.map(str::to_owned),
        }
    }

    fn read_change(self) -> Result<Change, StoreError> {
        let cause = self.reason.clone();
        Ok(Change { transition: self.read()?, cause })
    }

    fn read(self) -> Result<Transition, StoreError> {
        let state = |n: i64| usize::try_from(n).ok().and_then(State::from_index).ok_or_else(|| damaged(TABLE, "its state is unknown"));
        let at = key_number(&self.id, 1).ok_or_else(|| damaged(TABLE, "its key has no time"))?;
        Ok(Transition {
            from: state(self.before)?,
            to: state(self.after)?,
            at: Timestamp::from_millis(-at),
            decided_at: Timestamp::from_millis(self.decided_at),
        })
    }
}

/// The changes of one monitor. Whether the asker may see the monitor is decided before.
pub struct Transitions<'a> {
    store: &'a Store,
    monitor: MonitorId,
}

impl Store {
    /// The changes of one monitor.
    pub fn transitions(&self, monitor: MonitorId) -> Transitions<'_> {
        Transitions { store: self, monitor }
    }
}

impl Transitions<'_> {
    /// Those of `from <= at < to`, oldest first, at most the newest `limit`; and the last one before `from`, which
    /// tells the state at its beginning.
    pub async fn between(&self, from: Timestamp, to: Timestamp, limit: u32) -> Result<(Option<Transition>, Vec<Transition>), StoreError> {
        let query = "SELECT * FROM type::record('transition', [$monitor, $first]..[$monitor, $middle]) LIMIT $limit;
            SELECT * FROM type::record('transition', [$monitor, $middle]..[$monitor, $end]) LIMIT 1;";
        let variables = vars! {
            monitor: self.monitor.to_string(), first: 1i64.saturating_sub(to.as_millis()),
            middle: 1i64.saturating_sub(from.as_millis()), end: 1i64, limit: i64::from(limit),
        };
        let mut answer = self.store.db.run(query, variables).await?;
        let mut within = answer.rows::<Row>(0)?.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
        within.reverse();
        Ok((answer.row::<Row>(1)?.map(Row::read).transpose()?, within))
    }

    /// Those of `from <= at < to` with their causes, newest first, at most `limit`.
    pub async fn newest(&self, from: Timestamp, to: Timestamp, limit: u32) -> Result<Vec<Change>, StoreError> {
        let query = "SELECT * FROM type::record('transition', [$monitor, $first]..[$monitor, $end]) LIMIT $limit";
        let variables = vars! {
            monitor: self.monitor.to_string(), first: 1i64.saturating_sub(to.as_millis()), end: 1i64.saturating_sub(from.as_millis()),
            limit: i64::from(limit),
        };
        self.store.db.run(query, variables).await?.rows::<Row>(0)?.into_iter().map(Row::read_change).collect()
    }
}
