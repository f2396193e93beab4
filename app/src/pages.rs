//! One module a page, or a group of pages that belong together.

pub mod admin;
mod analytics;
mod entry;
mod landing;
mod maintenance;
mod monitor;
mod no_space;
mod not_found;
mod overview;
pub mod settings;

pub use analytics::AnalyticsPage;
pub use entry::{Invitation, Reset, SetUp, SignIn, SignUp};
pub use landing::Landing;
pub use maintenance::{EditWindow, NewWindow, Windows};
pub use monitor::{EditMonitor, MonitorPage, NewMonitor};
pub use no_space::NoSpace;
pub use not_found::NotFound;
pub use overview::Overview;
