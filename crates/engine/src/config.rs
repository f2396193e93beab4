//! What an operator may change about the engine.

use domain::retention::Retention;

use crate::gate::Witness;
use crate::mail::MailConfig;
use crate::net::{Access, Policy};

/// Limits and rules of the engine.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Checks under way at once.
    pub concurrency: usize,
    /// Checks under way at once to one host and port.
    pub concurrency_per_host: usize,
    /// Results written in one transaction, at most 250.
    pub batch_size: usize,
    /// Anybody may sign up; otherwise only who is invited.
    pub signup_open: bool,
    /// A session ends that many days after it was last used.
    pub session_days: u32,
    /// What probes call themselves.
    pub user_agent: String,
    /// Where probes may go.
    pub policy: Policy,
    /// Bytes of a response body that are read, at most.
    pub body_cap_bytes: u64,
    /// With less free space than this where the database is, recording pauses.
    pub disk_floor_bytes: u64,
    /// How long each level of the history is kept, at most.
    pub retention: Retention,
    /// Hosts that always answer, to tell whether the own network is there; none: an administrator may name some.
    pub witnesses: Option<Vec<Witness>>,
    /// Under which address people reach this instance; none: messages have no links.
    pub public_url: Option<String>,
    /// The mail server, and who writes; none: no mail is sent.
    pub mail: Option<MailConfig>,
    /// Threads of the runtime that schedules and probes.
    pub probe_threads: usize,
    /// Runs of webhooks on their way at once.
    pub runs: usize,
    /// Runs of webhooks on their way at once to one host and port.
    pub runs_per_host: usize,
    /// Runs of webhooks are kept that many days.
    pub runs_days: u32,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            concurrency: 1_024,
            concurrency_per_host: 64,
            batch_size: 250,
            signup_open: false,
            session_days: 30,
            user_agent: concat!("Loopr/", env!("CARGO_PKG_VERSION")).into(),
            policy: Policy { private: Access::Open, ..Policy::default() },
            body_cap_bytes: 1 << 20,
            disk_floor_bytes: 0,
            retention: Retention::default(),
            witnesses: None,
            public_url: None,
            mail: None,
            runs: 1_024,
            runs_per_host: 64,
            runs_days: 90,
            probe_threads: std::thread::available_parallelism().map_or(2, |n| n.get().min(4)),
        }
    }
}
