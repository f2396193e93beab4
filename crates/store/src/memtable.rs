//! Keeps SurrealKV from forgetting a transaction when its memtable is full.
//!
//! SurrealKV (0.21.4, `lsm.rs`, `LsmCommitEnv::apply`) appends a transaction to its log and applies it to the memtable after that. When the
//! memtable is full by then, it is put aside together with its segment of the log, and the transaction goes to the next memtable. As soon as the
//! old one is on disk, the old segment is deleted, and with it the only durable copy of that transaction and of those between the two steps
//! beside it: a process that is killed before the next memtable is written has forgotten something that it had acknowledged, while what came
//! after it is there.
//!
//! Therefore no transaction of ours ever meets a full memtable. What is in it is counted from above, and before it could be full a transaction
//! that nobody misses, the ballast, fills what is left, while no other is on its way. Of what a killed process leaves in the log, nobody knows how
//! much memtable it takes: that is written to disk before anything is added.
//!
//! Invariant: a commit is on its way only with a part of the memtable that was counted for it. Used by [`crate::Store::open`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use surrealdb_cnf::ConfigMap;
use surrealdb_core::CommunityComposer;
use surrealdb_core::kvs::{TransactionBuilderFactory, TransactionBuilderParts};
use surrealdb_kvs::api::{BoxFut, KeysResult, ScanResult, Transactable};
use surrealdb_kvs::timestamp::{BoxTimeStamp, BoxTimeStampImpl};
use surrealdb_kvs::{Error, Key, KeyRange, Metrics, Result, TransactionBuilder, TransactionType, Val};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

/// More than an entry takes beside its key and its value: a node of the skip list with links on every level and its alignment (199 bytes), and
/// the header of a value (2).
const ENTRY_BYTES: u64 = 208;
/// What the skip list itself takes, and keeps free behind its last node.
const FRAME_BYTES: u64 = 4 << 10;
/// The ballast comes in pieces, so that the last of them takes little of the next memtable.
const PIECES: u64 = 32;
/// The database's own keys begin with a slash: nobody reads this one.
const BALLAST: &[u8] = b"\0ballast";

/// Opens databases whose memtables are watched.
pub(crate) struct Composer {
    /// Bytes that a memtable holds.
    pub memtable_bytes: u64,
}

impl TransactionBuilderFactory for Composer {
    type RouterState = ();

    async fn new_transaction_builder(
        &self,
        path: &str,
        canceller: CancellationToken,
        config: ConfigMap,
    ) -> anyhow::Result<TransactionBuilderParts<()>> {
        let open = || CommunityComposer().new_transaction_builder(path, canceller.clone(), config.clone());
        let Some(directory) = path.strip_prefix("surrealkv://") else { return open().await };
        let log = Path::new(directory).join("wal");
        if segments(&log)?.iter().any(|(_, bytes)| *bytes > 0) {
            tracing::info!("the process before this one was ended; what is in the log of the database goes to its tables first");
            open().await?.builder.shutdown().await?;
        }
        let inner = open().await?.builder;
        let memtable = Memtable { inner, log, bytes: self.memtable_bytes, counted: AtomicU64::new(FRAME_BYTES), passes: RwLock::default() };
        Ok(TransactionBuilderParts::without_router_state(Box::new(Watched(Arc::new(memtable)))))
    }

    fn path_valid(&self, path: &str) -> anyhow::Result<String> {
        CommunityComposer().path_valid(path)
    }
}

/// The segments of the log, with their sizes.
fn segments(log: &Path) -> std::io::Result<Vec<(PathBuf, u64)>> {
    let entries = match std::fs::read_dir(log) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wal") {
            // One that is deleted meanwhile is none.
            let bytes = path.metadata().map_or(0, |metadata| metadata.len());
            found.push((path, bytes));
        }
    }
    Ok(found)
}

/// A database, and how much of its memtable is taken.
struct Memtable {
    inner: Box<dyn TransactionBuilder>,
    log: PathBuf,
    /// What a memtable holds.
    bytes: u64,
    /// What is in the present one and on its way to it, at most.
    counted: AtomicU64,
    /// Held by each commit; whoever changes the memtable holds all of them.
    passes: RwLock<()>,
}

impl Memtable {
    fn piece(&self) -> u64 {
        self.bytes / PIECES
    }

    fn count(&self, bytes: u64) -> bool {
        let more = |counted: u64| counted.checked_add(bytes).filter(|sum| *sum <= self.bytes);
        self.counted.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    /// Waits for room, and makes it.
    async fn pass(&self, bytes: u64) -> Result<RwLockReadGuard<'_, ()>> {
        if bytes > self.bytes.saturating_sub(2 * (FRAME_BYTES + self.piece())) {
            return Err(Error::TransactionTooLarge);
        }
        loop {
            let pass = self.passes.read().await;
            if self.count(bytes) {
                return Ok(pass);
            }
            drop(pass);
            let _alone = self.passes.write().await;
            if self.counted.load(Ordering::Acquire).saturating_add(bytes) > self.bytes {
                self.change().await?;
            }
        }
    }

    /// The newest segment: each memtable has its own.
    fn newest(&self) -> Result<Option<PathBuf>> {
        let found = segments(&self.log).map_err(|error| Error::Datastore(format!("the log cannot be read: {error}")))?;
        Ok(found.into_iter().map(|(path, _)| path).max())
    }

    /// Fills the memtable, so that it is put aside. Nothing else is on its way.
    async fn change(&self) -> Result<()> {
        let before = self.newest()?;
        let piece = vec![0; usize::try_from(self.piece()).unwrap_or(usize::MAX)];
        for _ in 0..=PIECES {
            let (ballast, _) = self.inner.new_transaction(TransactionType::Write).await?;
            ballast.set(Key::from(BALLAST), piece.clone()).await?;
            ballast.commit().await?;
            if self.newest()? != before {
                self.counted.store(FRAME_BYTES + ENTRY_BYTES + self.piece(), Ordering::Release);
                return Ok(());
            }
        }
        Err(Error::Internal("the memtable takes more than it holds".into()))
    }
}

/// The database, with its memtable watched.
struct Watched(Arc<Memtable>);

impl TransactionBuilder for Watched {
    fn name(&self) -> &'static str {
        self.0.inner.name()
    }

    fn new_transaction(&self, kind: TransactionType) -> BoxFut<'_, Result<(Box<dyn Transactable>, bool)>> {
        Box::pin(async move {
            let (inner, local) = self.0.inner.new_transaction(kind).await?;
            let counted: Box<dyn Transactable> = Box::new(Counted { inner, memtable: Arc::clone(&self.0), bytes: AtomicU64::new(0) });
            Ok((counted, local))
        })
    }

    fn shutdown(&self) -> BoxFut<'_, Result<()>> {
        self.0.inner.shutdown()
    }

    fn register_metrics(&self) -> Option<Metrics> {
        self.0.inner.register_metrics()
    }

    fn collect_u64_metric(&self, metric: &str) -> Option<u64> {
        self.0.inner.collect_u64_metric(metric)
    }
}

/// A transaction, and what it will take of the memtable.
struct Counted {
    inner: Box<dyn Transactable>,
    memtable: Arc<Memtable>,
    bytes: AtomicU64,
}

impl Counted {
    fn writes(&self, key: &Key<'_>, value: usize) {
        let bytes = u64::try_from(key.as_slice().len() + value).unwrap_or(u64::MAX);
        self.bytes.fetch_add(ENTRY_BYTES.saturating_add(bytes), Ordering::Relaxed);
    }
}

/// What has a default in the trait and is not named here is made of these.
impl Transactable for Counted {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn closed(&self) -> bool {
        self.inner.closed()
    }

    fn writeable(&self) -> bool {
        self.inner.writeable()
    }

    fn cancel(&self) -> BoxFut<'_, Result<()>> {
        self.inner.cancel()
    }

    fn commit(&self) -> BoxFut<'_, Result<()>> {
        let bytes = self.bytes.load(Ordering::Relaxed);
        if bytes == 0 {
            return self.inner.commit();
        }
        Box::pin(async move {
            let _pass = match self.memtable.pass(bytes).await {
                Ok(pass) => pass,
                Err(error) => {
                    self.inner.cancel().await?;
                    return Err(error);
                }
            };
            self.inner.commit().await
        })
    }

    fn exists<'a>(&'a self, key: Key<'a>, version: Option<u64>) -> BoxFut<'a, Result<bool>> {
        self.inner.exists(key, version)
    }

    fn get<'a>(&'a self, key: Key<'a>, version: Option<u64>) -> BoxFut<'a, Result<Option<Val>>> {
        self.inner.get(key, version)
    }

    fn getu<'a>(&'a self, key: Key<'a>) -> BoxFut<'a, Result<Option<Val>>> {
        self.inner.getu(key)
    }

    fn shared_locked_reads(&self) -> bool {
        self.inner.shared_locked_reads()
    }

    fn set<'a>(&'a self, key: Key<'a>, value: Val) -> BoxFut<'a, Result<()>> {
        self.writes(&key, value.len());
        self.inner.set(key, value)
    }

    fn replace<'a>(&'a self, key: Key<'a>, value: Val) -> BoxFut<'a, Result<()>> {
        self.writes(&key, value.len());
        self.inner.replace(key, value)
    }

    fn put<'a>(&'a self, key: Key<'a>, value: Val) -> BoxFut<'a, Result<()>> {
        self.writes(&key, value.len());
        self.inner.put(key, value)
    }

    fn putc<'a>(&'a self, key: Key<'a>, value: Val, check: Option<Val>) -> BoxFut<'a, Result<()>> {
        self.writes(&key, value.len());
        self.inner.putc(key, value, check)
    }

    fn del<'a>(&'a self, key: Key<'a>) -> BoxFut<'a, Result<()>> {
        self.writes(&key, 0);
        self.inner.del(key)
    }

    fn delc<'a>(&'a self, key: Key<'a>, check: Option<&'a [u8]>) -> BoxFut<'a, Result<()>> {
        self.writes(&key, 0);
        self.inner.delc(key, check)
    }

    fn clr<'a>(&'a self, key: Key<'a>) -> BoxFut<'a, Result<()>> {
        self.writes(&key, 0);
        self.inner.clr(key)
    }

    fn clrc<'a>(&'a self, key: Key<'a>, check: Option<&'a [u8]>) -> BoxFut<'a, Result<()>> {
        self.writes(&key, 0);
        self.inner.clrc(key, check)
    }

    fn count<'a>(&'a self, range: KeyRange<'a>, version: Option<u64>) -> BoxFut<'a, Result<usize>> {
        self.inner.count(range, version)
    }

    fn keys<'a>(&'a self, range: KeyRange<'a>, limit: u32, skip: u32, version: Option<u64>) -> BoxFut<'a, Result<KeysResult>> {
        self.inner.keys(range, limit, skip, version)
    }

    fn keysr<'a>(&'a self, range: KeyRange<'a>, limit: u32, skip: u32, version: Option<u64>) -> BoxFut<'a, Result<KeysResult>> {
        self.inner.keysr(range, limit, skip, version)
    }

    fn scan<'a>(&'a self, range: KeyRange<'a>, limit: u32, skip: u32, version: Option<u64>) -> BoxFut<'a, Result<ScanResult>> {
        self.inner.scan(range, limit, skip, version)
    }

    fn scanr<'a>(&'a self, range: KeyRange<'a>, limit: u32, skip: u32, version: Option<u64>) -> BoxFut<'a, Result<ScanResult>> {
        self.inner.scanr(range, limit, skip, version)
    }

    fn new_save_point(&self) -> BoxFut<'_, Result<()>> {
        self.inner.new_save_point()
    }

    fn release_last_save_point(&self) -> BoxFut<'_, Result<()>> {
        self.inner.release_last_save_point()
    }

    fn rollback_to_save_point(&self) -> BoxFut<'_, Result<()>> {
        self.inner.rollback_to_save_point()
    }

    fn timestamp(&self) -> BoxFut<'_, Result<BoxTimeStamp>> {
        self.inner.timestamp()
    }

    fn safe_timestamp(&self) -> BoxFut<'_, Result<BoxTimeStamp>> {
        self.inner.safe_timestamp()
    }

    fn timestamp_impl(&self) -> BoxTimeStampImpl {
        self.inner.timestamp_impl()
    }

    fn compact<'a>(&'a self, range: Option<KeyRange<'a>>) -> BoxFut<'a, Result<()>> {
        self.inner.compact(range)
    }
}
