//! A backup's way back, into an empty directory.

use std::fs::File;
use std::io::{BufReader, Read, Write as _};
use std::path::Path;

use domain::varint;
use surrealdb::types::{Value, decode};

use super::{BackupError, Counts, END, FORMAT, MANIFEST, Manifest};
use crate::error::OpenError;
use crate::lock::restrict;
use crate::migrate::known_version;
use crate::open::{Store, StoreConfig};
use crate::rows::vars;
use crate::seal::KEY_FILE;

/// A transaction is written when it is larger than this.
const LARGE_BYTES: usize = 1 << 20;
/// No entry of a backup is larger: a piece and its last rows.
const ENTRY_BYTES: u64 = 64 << 20;

impl Store {
    /// Makes the database of a backup in an empty directory. What fails leaves the directory as it was.
    pub async fn restore(config: &StoreConfig, path: &Path) -> Result<Counts, BackupError> {
        let directory = &config.data_dir;
        let Some(database) = config.url.strip_prefix("surrealkv://").map(Path::new) else {
            return Err(OpenError::Url("a backup is restored into an embedded database; unset it".into()).into());
        };
        let there = directory.exists();
        for directory in [directory.as_path(), database] {
            if directory.exists() && std::fs::read_dir(directory).map_err(|cause| file(directory, cause))?.next().is_some() {
                return Err(BackupError::NotEmpty(directory.to_owned()));
            }
        }
        let restored = restore(config, path).await;
        if restored.is_err() {
            for made in [database.to_owned(), directory.join("lock"), directory.join(KEY_FILE)] {
                // What was not made yet cannot be removed; the first error is the one that counts.
                let _removed = if made.is_dir() { std::fs::remove_dir_all(&made) } else { std::fs::remove_file(&made) };
            }
            if !there {
                let _removed = std::fs::remove_dir(directory);
            }
        }
        restored
    }

    /// Replaces or adds rows as they were.
    async fn put(&self, table: &str, rows: Vec<Value>) -> Result<(), BackupError> {
        // Names come from the file: they are never more than a name.
        let query = format!("INSERT INTO {table} $rows RETURN NONE");
        Ok(self.db.run(&query, vars! { rows: rows }).await.map(drop)?)
    }
}

fn file(path: &Path, cause: std::io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), cause }
}

async fn restore(config: &StoreConfig, path: &Path) -> Result<Counts, BackupError> {
    let damaged = |cause: &str| BackupError::Damaged { path: path.to_owned(), cause: cause.to_owned() };
    let mut archive = tar::Archive::new(BufReader::new(File::open(path).map_err(|cause| file(path, cause))?));
    let mut store: Option<Store> = None;
    let (mut found, mut expected, mut manifest) = (Counts::new(), None, None);
    let mut entries = archive.entries().map_err(|cause| file(path, cause))?;
    // The iterator must not be held while the database is awaited: an entry is read as a whole.
    while let Some((name, bytes)) = next(&mut entries).map_err(|cause| damaged(&cause.to_string()))? {
        match (name.as_str(), &manifest) {
            (MANIFEST, _) => {
                let read: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(&error.to_string()))?;
                if read.format != FORMAT || read.schema > known_version() {
                    return Err(OpenError::Newer { found: read.schema, known: known_version() }.into());
                }
                manifest = Some(read);
            }
            (_, None) => return Err(damaged("it does not begin with its manifest")),
            (KEY_FILE, _) if config.secret_key.is_none() => write_key(&config.data_dir, &bytes)?,
            (KEY_FILE, _) => {}
            (END, _) => expected = Some(serde_json::from_slice::<Counts>(&bytes).map_err(|error| damaged(&error.to_string()))?),
            (name, Some(manifest)) => {
                let table = name.split('/').next().filter(|table| table.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
                let table = table.filter(|table| !table.is_empty()).ok_or_else(|| damaged("it holds a table without a name"))?;
                let store = match &store {
                    Some(store) => store,
                    None => store.insert(empty(config, manifest.schema).await?),
                };
                *found.entry(table.to_owned()).or_default() += put_piece(store, table, &bytes).await?.ok_or_else(|| damaged("a row"))?;
            }
        }
    }
    let expected = expected.ok_or_else(|| damaged("its end is missing"))?;
    if expected.iter().any(|(table, rows)| found.get(table).copied().unwrap_or(0) != *rows) {
        return Err(damaged("it does not hold as many rows as it says"));
    }
    if let Some(store) = store {
        store.close().await;
    }
    // What an earlier version wrote is brought to this one.
    Store::open(config).await?.close().await;
    Ok(expected)
}

/// A database with the schema of the backup and without a row.
async fn empty(config: &StoreConfig, schema: i64) -> Result<Store, BackupError> {
    let store = Store::open_at(config, Some(schema)).await?;
    // The backup has its own rows of the migrations.
    store.db.run("DELETE schema_migration RETURN NONE", crate::rows::none()).await?;
    Ok(store)
}

/// Puts the rows of a piece into a table; answers how many, or `None` when the piece is damaged.
async fn put_piece(store: &Store, table: &str, mut bytes: &[u8]) -> Result<Option<u64>, BackupError> {
    let mut count = 0;
    while !bytes.is_empty() {
        let (mut rows, there) = (Vec::new(), bytes.len());
        while there - bytes.len() < LARGE_BYTES && !bytes.is_empty() {
            let Some(row) = read_row(&mut bytes) else { return Ok(None) };
            rows.push(row);
        }
        count += u64::try_from(rows.len()).unwrap_or(0);
        store.put(table, rows).await?;
    }
    Ok(Some(count))
}

fn read_row(bytes: &mut &[u8]) -> Option<Value> {
    let length = usize::try_from(varint::read(bytes)?).ok()?;
    let (row, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    decode::<Value>(row).ok()
}

fn next<R: Read>(entries: &mut tar::Entries<'_, R>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let Some(entry) = entries.next() else { return Ok(None) };
    let entry = entry?;
    if entry.size() > ENTRY_BYTES {
        return Err(std::io::Error::other("an entry is larger than any of a backup"));
    }
    let name = entry.path()?.to_string_lossy().into_owned();
    let (size, mut bytes) = (entry.size(), Vec::new());
    entry.take(ENTRY_BYTES).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read == size) {
        Ok(Some((name, bytes)))
    } else {
        Err(std::io::Error::other("it ends early"))
    }
}

fn write_key(directory: &Path, key: &[u8]) -> Result<(), BackupError> {
    let path = directory.join(KEY_FILE);
    if !directory.exists() {
        std::fs::create_dir_all(directory).and_then(|()| restrict(directory, 0o700)).map_err(|cause| file(directory, cause))?;
    }
    let written = File::create(&path).and_then(|mut file| {
        restrict(&path, 0o600)?;
        file.write_all(key)?;
        file.sync_all()
    });
    written.map_err(|cause| file(&path, cause))
}
