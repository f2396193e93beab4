//! The journal, `journal:[node, seq]`: what the recorder's transactions recorded, one row each, until the hours in it are
//! sealed. It is read once, at start, and deleted from its beginning; a row written again is the same row.

use surrealdb::types::{Bytes, RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::packed::Batched;
use crate::rows::{compound, damaged, key_number, number, vars};

const TABLE: &str = "journal";
/// The number of the node that writes; there is one.
const NODE: i64 = 0;
/// Rows that are read or deleted at once.
const PIECE: i64 = 50;

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    data: Bytes,
}

impl Row {
    pub(crate) fn new(seq: i64, batched: &Batched) -> Self {
        Self { id: compound(TABLE, vec![number(NODE), number(seq)]), data: batched.to_bytes().into() }
    }
}

/// A row of the journal, as it was read.
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// What it holds; none when it is damaged.
    pub batched: Option<Batched>,
}

/// The journal of this node.
pub struct Journal<'a>(&'a Store);

impl Store {
    /// The journal of this node.
    pub fn journal(&self) -> Journal<'_> {
        Journal(self)
    }
}

impl Journal<'_> {
    /// The next rows from a number on, in order; none at the end.
    pub async fn from(&self, seq: i64) -> Result<Vec<Entry>, StoreError> {
        let query = "SELECT * FROM type::record('journal', [$node, $seq]..[$node, {}]) LIMIT $piece";
        let variables = vars! { node: NODE, seq: seq, piece: PIECE };
        let rows = self.0.db.run(query, variables).await?.rows::<Row>(0)?;
        let read = |row: Row| {
            let seq = key_number(&row.id, 1).ok_or_else(|| damaged(TABLE, "its key has no number"))?;
            Ok(Entry { seq, batched: Batched::from_bytes(&row.data) })
        };
        rows.into_iter().map(read).collect()
    }

    /// Deletes rows of `from <= seq < to`, one bounded piece; answers where the next piece begins.
    pub async fn trim(&self, from: i64, to: i64) -> Result<i64, StoreError> {
        let end = to.min(from.saturating_add(PIECE));
        let query = "DELETE type::record('journal', [$node, $from]..[$node, $end]) RETURN NONE";
        self.0.db.run(query, vars! { node: NODE, from: from, end: end }).await?;
        Ok(end)
    }
}
