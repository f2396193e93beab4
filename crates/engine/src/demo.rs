//! A directory to look at: 1,000 monitors and a year of plausible history, and a local web server that their checks
//! really reach, so that the filled instance goes on living.

mod fill;
mod model;
mod target;
mod year;

pub use fill::{Filled, fill};
pub use target::serve_target;

/// Where the demo's web server listens: on the loopback interface only.
pub const PORT: u16 = 4399;
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
    /// Where somebody answers on the loopback interface; the demo's own targets when it is not said.
    pub target: Option<u16>,
}

impl Default for Shape {
    /// What a person who tries it out gets.
    fn default() -> Self {
        Self { monitors: model::MONITORS, interval_seconds: None, raw_days: 14, age_days: 365, target: None }
    }
}

/// The fact that says that a directory was filled by the demo.
const FACT: &str = "demo";
