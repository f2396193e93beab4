//! What can go wrong with the database.

use std::path::PathBuf;

use surrealdb::types::QueryError;

/// Why the database could not be opened. The text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory does not exist and could not be made, or cannot be written.
    #[error("the data directory {path} cannot be written: {cause}. Check its owner and permissions, or set LOOPR_DATA_DIR to another one")]
    Directory {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Another process holds the directory.
    #[error("another Loopr already uses the data directory {0}. Stop it first, or set LOOPR_DATA_DIR to another directory")]
    Locked(PathBuf),
    /// The secret key file is not one.
    #[error("the secret key is not usable: {0}. It must be 32 bytes in base 64, as made by `openssl rand -base64 32`")]
    SecretKey(String),
    /// The address of the database is not one.
    #[error(
        "LOOPR_DATABASE_URL is not usable: {0}. It is surrealkv://<path>, mem://, or ws[s]://user:password@host:port/namespace/database"
    )]
    Url(String),
    /// The schema is of a later version.
    #[error(
        "the database was written by a newer Loopr (schema {found}, this one knows {known}). Start that version again, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The version in the database.
        found: i64,
        /// The last version this binary knows.
        known: i64,
    },
    /// A migration that was applied is not the one in this binary.
    #[error(
        "migration {0} in the database differs from the one in this Loopr. The database was changed by another build; restore a backup"
    )]
    Changed(i64),
    /// The database itself says no.
    #[error("the database could not be opened: {0}")]
    Database(#[from] StoreError),
}

/// Why a query failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database answered with an error.
    #[error("{0}")]
    Query(String),
    /// The transaction lost a race: nothing was changed.
    #[error("{0}")]
    Conflict(String),
    /// The database was closed after an error of its disk.
    #[error("the database is closed and is to be opened again")]
    Closed,
    /// A unique value exists already.
    #[error("a row with this value exists already")]
    Duplicate,
    /// A row does not have the shape that this version writes.
    #[error("a row of {table} is damaged: {cause}")]
    Damaged {
        /// Where.
        table: &'static str,
        /// What about it.
        cause: String,
    },
}

impl From<surrealdb::Error> for StoreError {
    fn from(error: surrealdb::Error) -> Self {
        let text = error.to_string();
        // Errors inside a transaction lose their type and keep their text.
        if error.query_details() == Some(&QueryError::TransactionConflict) || text.contains("can be retried") {
            return Self::Conflict(text);
        }
        if text.contains("already contains") || text.contains("already exists") { Self::Duplicate } else { Self::Query(text) }
    }
}
