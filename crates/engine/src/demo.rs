//! A directory to look at: 1,000 monitors of nearly every kind and a year of plausible history, and local servers that their checks
//! really reach, so that the filled instance goes on living.

mod behind;
mod fill;
mod hooks;
mod jobs;
mod model;
mod outages;
mod servers;
mod target;
mod year;

pub use fill::{Filled, fill};
pub use target::serve_target;

/// Where the demo's web server listens: on the loopback interface only.
pub const PORT: u16 = 4399;
// Where its other servers listen.
const REDIS_PORT: u16 = 4400;
const SMTP_PORT: u16 = 4401;
const SSH_PORT: u16 = 4402;
const POSTGRES_PORT: u16 = 4403;
const TLS_PORT: u16 = 4404;
const GRPC_PORT: u16 = 4405;
const WEBSOCKET_PORT: u16 = 4406;
const DNS_PORT: u16 = 4407;
/// The address of every name that the demo's name server is asked for (RFC 5737).
const RECORD: &str = "192.0.2.10";

/// How much is invented.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Monitors.
    pub monitors: u32,
    /// From check to check, in seconds; each monitor its own when it is not said.
    pub interval_seconds: Option<u32>,
    /// Whole days of which every check is written.
    pub raw_days: u32,
    /// How old the monitors are, in days.
    pub age_days: u32,
    /// Where somebody answers over HTTP on the loopback interface; the demo's own targets, of all kinds, when it is not said.
    pub target: Option<u16>,
}

impl Default for Shape {
    /// What a person who tries it out gets.
    fn default() -> Self {
        Self { monitors: model::MONITORS, interval_seconds: None, raw_days: 14, age_days: 365, target: None }
    }
}

/// The name of the demo's space.
const SPACE: &str = "Acme Platform";
/// The name of the channel that its rule sends to, a hook of the demo's own web server.
const ROOM: &str = "Operations room";

/// The fact that says that a directory was filled by the demo.
const FACT: &str = "demo";
/// The fact that holds the certificate of the demo's own server, and its key.
const CERTIFICATE: &str = "demo_certificate";
