//! The one door to the database. Embedded and remote databases answer the same `run`.

use std::time::Duration;

use rand::RngExt;
use surrealdb::engine::local;
use surrealdb::engine::remote::ws;
use surrealdb::types::{QueryError, SurrealValue, Variables};
use surrealdb::{IndexedResults, Surreal};

use crate::error::StoreError;

/// An open database.
#[derive(Clone)]
pub enum Db {
    /// In this process, on disk or in memory.
    Embedded(Surreal<local::Db>),
    /// A SurrealDB server, shared by many nodes. Experimental.
    Remote(Surreal<ws::Client>),
}

/// How often a transaction that lost a race is tried again.
const CONFLICT_TRIES: u32 = 8;

impl Db {
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
            if tries == CONFLICT_TRIES || !is_conflict(&error) {
                return Err(error.into());
            }
            let pause = rand::rng().random_range(0..=(1u64 << tries));
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }
}

impl Db {
    /// Runs a text without trying again: for the recorder, which repeats a batch by itself and has no rivals.
    pub(crate) async fn run_once(&self, text: &str, variables: Variables) -> Result<Answer, surrealdb::Error> {
        let answer = match self {
            Self::Embedded(db) => db.query(text).bind(variables).await,
            Self::Remote(db) => db.query(text).bind(variables).await,
        };
        answer.and_then(Answer::checked)
    }
}

fn is_conflict(error: &surrealdb::Error) -> bool {
    // Errors inside a transaction lose their type and keep their text.
    error.query_details() == Some(&QueryError::TransactionConflict) || error.to_string().contains("can be retried")
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

    /// The rows of a statement, counted from 0.
    pub fn rows<T: SurrealValue>(&mut self, statement: usize) -> Result<Vec<T>, StoreError> {
        Ok(self.0.take(statement)?)
    }

    /// The first row of a statement, if it has one.
    pub fn row<T: SurrealValue>(&mut self, statement: usize) -> Result<Option<T>, StoreError> {
        Ok(self.rows::<T>(statement)?.into_iter().next())
    }
}
