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
/// The fact that says that a directory was filled by the demo.
const FACT: &str = "demo";
