//! Where data lives.

use std::num::NonZeroU32;
use std::path::PathBuf;

use domain::retention::{FIELDS, Retention, WHY};

use super::table::settings;
use super::value::{Bytes, DatabaseUrl, Floor, Secret};

settings! {
    /// Where data lives.
    "Data" Database {
        /// The directory of the database, of generated keys, and of the socket over which commands reach the server.
        data_dir: PathBuf = "LOOPR_DATA_DIR" or "./data";
        /// The database: `surrealkv://<directory>` (unset: `surrealkv://<data directory>/db`), `mem://` for a try-out that is
        /// forgotten at the end, or, as an experiment, `ws://user:password@host:port/namespace/database` for a SurrealDB server.
        url: Option<DatabaseUrl> = "LOOPR_DATABASE_URL";
        /// 32 bytes in base 64 that encrypt headers and other secrets at rest. Unset, a key is generated into the data
        /// directory. Without the key, saved secrets are lost; backups hold only a generated one.
        secret_key: Option<Secret> = "LOOPR_SECRET_KEY";
        /// Every single check is kept that many days, a few bytes each. A space may keep them for less. Changes of state, which
        /// uptime is computed from, are kept for good.
        raw_days: NonZeroU32 = "LOOPR_RAW_DAYS" or "400";
        /// The summary of every hour (counts, latencies, time in each state) is kept that many days, at least as long as the checks.
        hour_days: NonZeroU32 = "LOOPR_HOUR_DAYS" or "1100";
        /// The summary of every day is kept that many days, at least as long as those of hours.
        day_days: NonZeroU32 = "LOOPR_DAY_DAYS" or "3650";
        /// Runs of scheduled webhooks, with what was sent and answered, are kept that many days.
        webhook_days: NonZeroU32 = "LOOPR_WEBHOOK_DAYS" or "90";
        /// With less free space than this where the database is, recording pauses and a banner says so: a full disk would stop the
        /// database, also from deleting. Checks go on meanwhile.
        disk_floor: Floor = "LOOPR_DISK_FLOOR" or "256 MiB";
        /// The cache of the embedded database for what was read.
        block_cache: Bytes = "LOOPR_DB_BLOCK_CACHE" or "16 MiB";
        /// The buffer of the embedded database for what was written. It also bounds the largest transaction.
        memtable: Bytes = "LOOPR_DB_MEMTABLE" or "16 MiB";
    }
}

impl Database {
    /// How long each level of the history is kept.
    pub fn retention(&self) -> Retention {
        Retention { raw_days: self.raw_days.get(), hour_days: self.hour_days.get(), day_days: self.day_days.get() }
    }

    /// What is kept for fewer days than what it sums up.
    pub(super) fn too_short(&self) -> Vec<String> {
        let variable = |field: &str| if field == FIELDS[1] { "LOOPR_HOUR_DAYS" } else { "LOOPR_DAY_DAYS" };
        self.retention().too_short().map(|(field, least)| format!("{}: Choose at least {least}: {WHY}", variable(field))).collect()
    }
}
