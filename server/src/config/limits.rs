//! How much of everything.

use std::num::NonZeroUsize;

use super::table::settings;
use super::value::{BatchSize, Bytes, UserAgent};

settings! {
    /// How much of everything.
    "Limits" Limits {
        /// Checks under way at once.
        concurrency: NonZeroUsize = "LOOPR_CONCURRENCY" or "1024";
        /// Checks under way at once to one host and port.
        concurrency_per_host: NonZeroUsize = "LOOPR_CONCURRENCY_PER_HOST" or "64";
        /// Runs of scheduled webhooks on their way at once.
        webhook_concurrency: NonZeroUsize = "LOOPR_WEBHOOK_CONCURRENCY" or "1024";
        /// Runs of scheduled webhooks on their way at once to one host and port.
        webhook_concurrency_per_host: NonZeroUsize = "LOOPR_WEBHOOK_CONCURRENCY_PER_HOST" or "64";
        /// Results that are recorded in one transaction, at most.
        batch_size: BatchSize = "LOOPR_BATCH_SIZE" or "250";
        /// So much of a response's body is read.
        body_cap: Bytes = "LOOPR_BODY_CAP" or "1 MiB";
        /// What checks call themselves, unless a monitor has a `User-Agent` of its own. Unset: `Loopr/<version>`.
        user_agent: Option<UserAgent> = "LOOPR_USER_AGENT";
    }
}
