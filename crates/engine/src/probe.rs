//! How each kind of monitor is checked. A [`Probe`] is prepared once, when a monitor is loaded or edited, and then used for
//! every check of it.
//!
//! The seam for further kinds: one file under `probe/`, one variant here. Invariant: a probe always ends by its timeout,
//! always answers with an [`Observation`], and reaches the network through the [`Dialer`] alone.

pub mod http;

use std::time::Duration;

use domain::check::Observation;
use domain::time::Timestamp;

use crate::net::Dialer;
pub use http::{HttpDefaults, InvalidHttp, PreparedHttp};

/// A prepared check of some kind.
#[derive(Debug)]
pub enum Probe {
    /// A request and what is expected of the answer.
    Http(PreparedHttp),
}

impl Probe {
    /// Checks once. `at` is the wall time at which the check begins; it is passed through.
    pub async fn check(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Observation {
        match self {
            Self::Http(http) => http.check(dialer, timeout, at).await,
        }
    }

    /// What checks of the same server have in common: `api.example.com:443`. Concurrency per host is counted by it.
    pub fn host_key(&self) -> &str {
        match self {
            Self::Http(http) => http.host_key(),
        }
    }
}
