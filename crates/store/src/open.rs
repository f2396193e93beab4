//! Opening and closing the database.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use surrealdb::Surreal;
use surrealdb::engine::remote::ws::{Client, Ws, Wss};
use surrealdb::opt::auth::Root;
use surrealdb_cnf::ConfigMap;
use surrealdb_engine_local::Datastore;

use crate::db::{Connection, Db};
use crate::error::{OpenError, StoreError};
use crate::lock::lock;
use crate::memtable::Composer;
use crate::migrate::migrate;
use crate::seal::Sealer;

/// How to open the database.
#[derive(Clone)]
pub struct StoreConfig {
    /// `surrealkv://<path>`, `mem://`, or `ws[s]://user:password@host:port/namespace/database`.
    pub url: String,
    /// Where generated keys and the lock are; unused with `mem://`.
    pub data_dir: PathBuf,
    /// 32 bytes in base 64; none: the key file of the data directory, made when it is missing.
    pub secret_key: Option<String>,
    /// Cap of the block cache of the embedded database, in bytes.
    pub block_cache_bytes: u64,
    /// Cap of its memtable, in bytes; also the largest transaction.
    pub memtable_bytes: u64,
}

impl StoreConfig {
    /// A database in memory: gone when it is closed.
    pub fn memory() -> Self {
        Self { url: "mem://".into(), data_dir: PathBuf::new(), secret_key: None, block_cache_bytes: 16 << 20, memtable_bytes: 16 << 20 }
    }

    /// A database in a directory, with the defaults of the configuration.
    pub fn directory(path: &Path) -> Self {
        let url = format!("surrealkv://{}", path.join("db").display());
        Self { url, data_dir: path.to_owned(), secret_key: None, block_cache_bytes: 32 << 20, memtable_bytes: 32 << 20 }
    }
}

/// The open database and its repositories.
#[derive(Clone)]
pub struct Store {
    pub(crate) db: Db,
    pub(crate) sealer: Sealer,
    /// There are rows of an earlier version that are not sealed yet.
    pub(crate) old: Arc<AtomicBool>,
    pub(crate) config: Arc<StoreConfig>,
    datastore: Arc<Mutex<Option<Arc<Datastore>>>>,
    /// Held for as long as any clone lives.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Opens, locks and migrates. Every message of an error is meant for the operator.
    pub async fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        let store = Self::open_at(config, None).await?;
        store.look_for_old_results().await?;
        Ok(store)
    }

    /// Opens and locks, and migrates up to a version of the schema, or to the last one.
    pub(crate) async fn open_at(config: &StoreConfig, version: Option<i64>) -> Result<Self, OpenError> {
        let memory = config.url.starts_with("mem:");
        let directory = (!memory).then_some(config.data_dir.as_path());
        let lock = directory.map(lock).transpose()?.map(Arc::new);
        let sealer = Sealer::open(config.secret_key.as_deref(), directory)?;
        let (connection, datastore) = match config.url.split_once("://") {
            Some(("mem" | "surrealkv", _)) => embedded(config).await?,
            Some((scheme @ ("ws" | "wss"), rest)) => (Connection::Remote(remote(scheme, rest).await?), None),
            _ => {
                return Err(OpenError::Url(format!("“{}” names no database that Loopr knows", config.url)));
            }
        };
        let db = Db::new(connection);
        migrate(&db, now_millis(), version).await?;
        let (config, datastore) = (Arc::new(config.clone()), Arc::new(Mutex::new(datastore)));
        Ok(Self { db, sealer, old: Arc::default(), config, datastore, _lock: lock })
    }

    /// Closes the embedded database and opens it again: after a fatal error of its disk it refuses everything until then.
    ///
    /// # Errors
    /// When it cannot be opened yet; nothing can be read or written before a later try succeeds.
    pub async fn reopen(&self) -> Result<(), OpenError> {
        if !self.config.url.starts_with("surrealkv:") {
            return Ok(());
        }
        let open = self.datastore().take();
        if let Some(datastore) = open
            && let Err(error) = datastore.shutdown().await
        {
            tracing::warn!(error = %error, "the database did not close cleanly; it replays its log now");
        }
        // One that could not close holds its files until the last of its clones is gone.
        drop(self.db.replace(Connection::Closed));
        let (connection, datastore) = embedded(&self.config).await?;
        *self.datastore() = datastore;
        drop(self.db.replace(connection));
        Ok(())
    }

    /// Free bytes where the embedded database is; `None` where that cannot be said.
    pub fn free_bytes(&self) -> Option<u64> {
        let path = self.config.url.strip_prefix("surrealkv://")?;
        let stat = rustix::fs::statvfs(path).ok()?;
        stat.f_bavail.checked_mul(stat.f_frsize)
    }

    fn datastore(&self) -> MutexGuard<'_, Option<Arc<Datastore>>> {
        self.datastore.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Flushes and closes the embedded database. Nothing may be asked of any clone afterwards.
    pub async fn close(self) {
        let datastore = self.datastore().take();
        if let Some(datastore) = datastore
            && let Err(error) = datastore.shutdown().await
        {
            tracing::error!(error = %error, "the database did not close cleanly; it will replay its log at the next start");
        }
        // When the last clone of the client goes, it shuts the database down once more and complains that it is down already.
        std::mem::forget(self.db);
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.db.run("RETURN 1", crate::rows::none()).await.map(drop)
    }
}

fn now_millis() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// Larger values than any of ours.
const LARGEST_INLINE_BYTES: u64 = 1 << 30;

async fn embedded(config: &StoreConfig) -> Result<(Connection, Option<Arc<Datastore>>), OpenError> {
    let wrong = |e: &dyn std::fmt::Display| OpenError::Database(StoreError::Query(e.to_string()));
    // Sizes would otherwise follow the memory of the host: gigabytes. The channel of notifications is required and
    // unused: live queries are not, the engine knows an event before it is stored.
    let (notify, notifications) = async_channel::bounded(1);
    let options = ConfigMap::empty()
        .with_key_value("surrealkv_block_cache_capacity", config.block_cache_bytes.to_string())
        .with_key_value("surrealkv_max_memtable_size", config.memtable_bytes.to_string())
        // In the log of large values nothing is ever freed while something old in it lives; segments live for a year.
        .with_key_value("surrealkv_vlog_threshold", LARGEST_INLINE_BYTES.to_string())
        .with_key_value("datastore_sync", "every");
    let path = if config.url.starts_with("mem:") { "memory" } else { config.url.as_str() };
    let datastore = Datastore::builder()
        .with_notify(notify)
        .without_maintenance_tasks()
        .with_config(options)
        .build_with_factory_path(path, Composer { memtable_bytes: config.memtable_bytes })
        .await
        .map_err(|e| wrong(&e))?;
    datastore.check_version().await.map_err(|e| wrong(&e))?;
    datastore.bootstrap().await.map_err(|e| wrong(&e))?;
    datastore.start_maintenance_tasks();
    let db = Surreal::unstable_from_datastore(Arc::clone(&datastore), Some(notifications)).await.map_err(StoreError::from)?;
    db.use_ns("loopr").use_db("loopr").await.map_err(StoreError::from)?;
    Ok((Connection::Embedded(db), Some(datastore)))
}

async fn remote(scheme: &str, rest: &str) -> Result<Surreal<Client>, OpenError> {
    let wrong = |what: &str| OpenError::Url(what.to_owned());
    let (credentials, rest) = rest.rsplit_once('@').ok_or_else(|| wrong("the user and password are missing"))?;
    let (username, password) = credentials.split_once(':').ok_or_else(|| wrong("the password is missing"))?;
    let mut parts = rest.split('/');
    let (Some(host), Some(namespace), Some(database), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(wrong("after the host come the namespace and the database"));
    };
    let opened = if scheme == "ws" { Surreal::new::<Ws>(host).await } else { Surreal::new::<Wss>(host).await };
    let db = opened.map_err(StoreError::from)?;
    db.signin(Root { username: username.to_owned(), password: password.to_owned() }).await.map_err(StoreError::from)?;
    db.use_ns(namespace).use_db(database).await.map_err(StoreError::from)?;
    Ok(db)
}
