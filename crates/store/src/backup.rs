//! A backup: all tables as they were at one instant, and the secret key, in one tar file; and its way back.
//!
//! The file holds `manifest.json`, the key file (when the key is in the data directory), the rows of each table in pieces
//! `<table>/<number>`, each row its length and then its bytes, and `end.json` with the number of rows of each table: a file
//! without its end is refused. Invariant: a piece of each is all that is in memory, however long the history is.

mod restore;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Value, encode};

use crate::db::Snapshot;
use crate::error::StoreError;
use crate::lock::restrict;
use crate::migrate::known_version;
use crate::open::Store;
use crate::rows::{none, vars};
use crate::seal::KEY_FILE;

/// The version of the file's form.
const FORMAT: u32 = 1;
/// Rows that are read at once.
const ROWS: i64 = 50;
/// A piece is written when it is larger than this.
const PIECE_BYTES: usize = 4 << 20;
const MANIFEST: &str = "manifest.json";
const END: &str = "end.json";

/// What a backup is.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    /// The version of the schema of its rows.
    schema: i64,
}

/// How many rows of each table a backup holds.
pub type Counts = BTreeMap<String, u64>;

/// How far a backup is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows so far.
    pub rows: u64,
    /// What they take in the file, in bytes.
    pub bytes: u64,
}

/// Hears how far a backup is, every few rows.
pub type Told<'a> = &'a mut (dyn FnMut(Written) + Send);

/// Why there is no backup, or no way back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file cannot be written or read.
    #[error("{path}: {cause}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The database did not answer, or refused a row.
    #[error("the database: {0}")]
    Database(#[from] StoreError),
    /// The file is none of ours, or not whole.
    #[error("{path} is not a whole backup: {cause}")]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// What about it.
        cause: String,
    },
    /// There is something already where the backup should go.
    #[error("{0} is not empty. A backup is restored into a directory that is empty or missing: set LOOPR_DATA_DIR to a new one")]
    NotEmpty(PathBuf),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] crate::error::OpenError),
}

impl Store {
    /// Writes everything into a file, readable by its owner alone; it appears under its name when it is whole.
    pub async fn backup(&self, path: &Path, told: Told<'_>) -> Result<Counts, BackupError> {
        let fresh = path.with_added_extension("part");
        let failed = |cause| BackupError::File { path: fresh.clone(), cause };
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh).map_err(failed)?;
        restrict(&fresh, 0o600).map_err(failed)?;
        let written = self.write(&file, &fresh, told).await;
        let written = written.and_then(|counts| {
            file.sync_all().and_then(|()| std::fs::rename(&fresh, path)).map_err(failed)?;
            Ok(counts)
        });
        if written.is_err() {
            // What is half written is of no use; that it cannot be removed either changes nothing about the error.
            let _removed = std::fs::remove_file(&fresh);
        }
        written
    }

    async fn write(&self, file: &File, path: &Path, told: Told<'_>) -> Result<Counts, BackupError> {
        let failed = |cause| BackupError::File { path: path.to_owned(), cause };
        let mut tar = Tar { tar: tar::Builder::new(std::io::BufWriter::new(file)) };
        tar.json(MANIFEST, &Manifest { format: FORMAT, schema: known_version() }).map_err(failed)?;
        // A key that is set by a variable is not ours to copy.
        if self.config.secret_key.is_none() && !self.config.url.starts_with("mem:") {
            let key = std::fs::read(self.config.data_dir.join(KEY_FILE)).map_err(failed)?;
            tar.entry(KEY_FILE, &key).map_err(failed)?;
        }
        let snapshot = self.db.snapshot().await?;
        let written = write_tables(&snapshot, &mut tar, path, told).await;
        snapshot.end().await?;
        let counts = written?;
        tar.json(END, &counts).map_err(failed)?;
        tar.tar.into_inner().and_then(|mut file| file.flush()).map_err(failed)?;
        Ok(counts)
    }
}

async fn write_tables<W: Write>(snapshot: &Snapshot, tar: &mut Tar<W>, path: &Path, told: Told<'_>) -> Result<Counts, BackupError> {
    let failed = |cause| BackupError::File { path: path.to_owned(), cause };
    let (mut counts, mut written) = (Counts::new(), Written::default());
    for table in tables(snapshot).await? {
        let count = counts.entry(table.clone()).or_default();
        let (mut piece, mut number, mut after): (Vec<u8>, u32, Option<RecordId>) = (Vec::new(), 0, None);
        loop {
            let rows = rows(snapshot, &table, after.as_ref()).await?;
            for row in &rows {
                let bytes = encode(row).map_err(|error| StoreError::Query(error.to_string()))?;
                domain::varint::write(&mut piece, u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                piece.extend_from_slice(&bytes);
                *count += 1;
                written.rows += 1;
                written.bytes = written.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
                if piece.len() > PIECE_BYTES {
                    tar.entry(&format!("{table}/{number:08}"), &std::mem::take(&mut piece)).map_err(failed)?;
                    number += 1;
                }
            }
            told(written);
            after = rows.last().and_then(id_of);
            if after.is_none() {
                break;
            }
        }
        if !piece.is_empty() {
            tar.entry(&format!("{table}/{number:08}"), &piece).map_err(failed)?;
        }
    }
    Ok(counts)
}

/// The names of all tables.
async fn tables(snapshot: &Snapshot) -> Result<Vec<String>, StoreError> {
    let info = snapshot.run("INFO FOR DB", none()).await?.row::<Value>(0)?;
    let Some(Value::Object(info)) = info else { return Ok(Vec::new()) };
    match info.get("tables") {
        Some(Value::Object(tables)) => Ok(tables.keys().map(ToString::to_string).collect()),
        _ => Ok(Vec::new()),
    }
}

/// The next rows of a table, in order of their keys; none at the end.
async fn rows(snapshot: &Snapshot, table: &str, after: Option<&RecordId>) -> Result<Vec<Value>, StoreError> {
    let Some(after) = after else {
        let query = "SELECT * FROM type::table($table) LIMIT $rows";
        return snapshot.run(query, vars! { table: table.to_owned(), rows: ROWS }).await?.rows(0);
    };
    // A range begins with the row that was the last one.
    let query = "SELECT * FROM type::record($table, record::id($after)..) LIMIT $rows";
    let mut rows: Vec<Value> =
        snapshot.run(query, vars! { table: table.to_owned(), after: after.clone(), rows: ROWS + 1 }).await?.rows(0)?;
    if rows.first().and_then(id_of).as_ref() == Some(after) {
        rows.remove(0);
    }
    Ok(rows)
}

fn id_of(row: &Value) -> Option<RecordId> {
    match row {
        Value::Object(row) => match row.get("id") {
            Some(Value::RecordId(id)) => Some(id.clone()),
            _ => None,
        },
        _ => None,
    }
}

struct Tar<W: Write> {
    tar: tar::Builder<W>,
}

impl<W: Write> Tar<W> {
    fn entry(&mut self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(0o600);
        header.set_cksum();
        self.tar.append_data(&mut header, name, bytes)
    }

    fn json(&mut self, name: &str, value: &impl Serialize) -> std::io::Result<()> {
        let bytes = serde_json::to_vec(value).map_err(std::io::Error::other)?;
        self.entry(name, &bytes)
    }
}
