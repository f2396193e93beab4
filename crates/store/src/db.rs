//! The one door to the database. Embedded and remote databases answer the same `run`.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rand::RngExt;
use surrealdb::engine::local;
use surrealdb::engine::remote::ws;
use surrealdb::method::Transaction;
use surrealdb::types::{RecordId, SurrealValue, Variables};
use surrealdb::{IndexedResults, Surreal};

use crate::error::StoreError;

/// An open database. Clones are the same one, also after it was opened again.
#[derive(Clone)]
pub struct Db(Arc<RwLock<Connection>>);

#[derive(Clone)]
pub(crate) enum Connection {
    /// In this process, on disk or in memory.
    Embedded(Surreal<local::Db>),
    /// A SurrealDB server, shared by many nodes. Experimental.
    Remote(Surreal<ws::Client>),
    /// It was closed, and is to be opened again.
    Closed,
}

/// Rows of one page of a table.
const PAGE_ROWS: i64 = 250;
/// How often a transaction that lost a race is tried again.
const CONFLICT_TRIES: u32 = 8;

impl Db {
    pub(crate) fn new(connection: Connection) -> Self {
        Self(Arc::new(RwLock::new(connection)))
    }

    fn connection(&self) -> Connection {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with another connection; answers the one before.
    pub(crate) fn replace(&self, connection: Connection) -> Connection {
        std::mem::replace(&mut *self.0.write().unwrap_or_else(PoisonError::into_inner), connection)
    }

    /// Runs a text. A text that writes more than one row is a transaction (`BEGIN … COMMIT`), so that one that lost a
    /// race changed nothing and can be tried again as a whole.
    pub async fn run(&self, text: &str, variables: Variables) -> Result<Answer, StoreError> {
        let mut tries = 0;
        loop {
            let error = match self.run_once(text, variables.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tries += 1;
            if tries == CONFLICT_TRIES || !matches!(error, StoreError::Conflict(_)) {
                return Err(error);
            }
            let pause = rand::rng().random_range(0..=(1u64 << tries));
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }
}

impl Db {
    /// Runs a text without trying again: for the recorder, which repeats a batch by itself and has no rivals.
    pub(crate) async fn run_once(&self, text: &str, variables: Variables) -> Result<Answer, StoreError> {
        let answer = match self.connection() {
            Connection::Embedded(db) => db.query(text).bind(variables).await,
            Connection::Remote(db) => db.query(text).bind(variables).await,
            Connection::Closed => return Err(StoreError::Closed),
        };
        Ok(answer.and_then(Answer::checked)?)
    }

    /// The rows of a table that come after one, in order of their keys, a few hundred of them: a whole table as values takes many
    /// times the memory of what it becomes. Only for tables from which nothing is deleted meanwhile, as at start.
    pub(crate) async fn page<T: SurrealValue>(&self, table: &str, after: Option<&RecordId>) -> Result<Vec<T>, StoreError> {
        let mut variables = Variables::new();
        variables.insert("table", table.to_owned());
        let Some(after) = after else {
            variables.insert("rows", PAGE_ROWS);
            return self.run("SELECT * FROM type::table($table) LIMIT $rows", variables).await?.rows(0);
        };
        // A range begins with the row that was the last one.
        variables.insert("after", after.clone());
        variables.insert("rows", PAGE_ROWS + 1);
        let query = "SELECT * FROM type::record($table, record::id($after)..) LIMIT $rows";
        Ok(self.run(query, variables).await?.rows::<T>(0)?.into_iter().skip(1).collect())
    }

    /// The database as it is now, however long it is read.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(match self.connection() {
            Connection::Embedded(db) => Snapshot::Embedded(db.begin().await?),
            Connection::Remote(db) => Snapshot::Remote(db.begin().await?),
            Connection::Closed => return Err(StoreError::Closed),
        })
    }
}

/// A transaction that only reads.
pub(crate) enum Snapshot {
    Embedded(Transaction<local::Db>),
    Remote(Transaction<ws::Client>),
}

impl Snapshot {
    /// Runs a text that reads.
    pub async fn run(&self, text: &str, variables: Variables) -> Result<Answer, StoreError> {
        let answer = match self {
            Self::Embedded(transaction) => transaction.query(text).bind(variables).await,
            Self::Remote(transaction) => transaction.query(text).bind(variables).await,
        };
        Ok(answer.and_then(Answer::checked)?)
    }

    /// Ends it.
    pub async fn end(self) -> Result<(), StoreError> {
        match self {
            Self::Embedded(transaction) => transaction.cancel().await.map(drop)?,
            Self::Remote(transaction) => transaction.cancel().await.map(drop)?,
        }
        Ok(())
    }
}

/// What the statements of a text answered.
pub struct Answer(IndexedResults);

impl Answer {
    fn checked(mut results: IndexedResults) -> Result<Self, surrealdb::Error> {
        // In a failed transaction every other statement fails too, "due to a failed transaction": the first that
        // says something else is the cause.
        let mut errors: Vec<_> = results.take_errors().into_iter().collect();
        errors.sort_by_key(|(statement, _)| *statement);
        let cause = errors.iter().position(|(_, e)| !e.to_string().contains("failed transaction")).unwrap_or(0);
        match errors.into_iter().nth(cause) {
            Some((_, error)) => Err(error),
            None => Ok(Self(results)),
        }
    }

    /// How many statements answered.
    pub(crate) fn len(&self) -> usize {
        self.0.num_statements()
    }

    /// The rows of a statement, counted from 0.
    pub fn rows<T: SurrealValue>(&mut self, statement: usize) -> Result<Vec<T>, StoreError> {
        Ok(self.0.take(statement)?)
    }

    /// The first row of a statement, if it has one.
    pub fn row<T: SurrealValue>(&mut self, statement: usize) -> Result<Option<T>, StoreError> {
        Ok(self.rows::<T>(statement)?.into_iter().next())
    }
}
