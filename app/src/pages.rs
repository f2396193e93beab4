//! One module a page, or a group of pages that belong together.

mod activity;
pub mod admin;
mod alerts;
mod analytics;
mod bell;
mod entry;
mod incidents;
mod landing;
mod maintenance;
mod monitor;
mod no_space;
mod not_found;
mod overview;
pub mod settings;
mod signing;
mod webhooks;

pub use activity::ActivityPage;
pub use alerts::{ChannelsPage, EditChannel, EditRule, MessagePage, MessagesPage, NewChannel, NewRule, RulesPage};
pub use analytics::AnalyticsPage;
pub use bell::BellPage;
pub use entry::{Acknowledge, Forgot, Invitation, Reset, SetUp, SignIn, SignUp, Verify};
pub use incidents::{IncidentPage, IncidentsPage, OpenIncidentPage};
pub use landing::Landing;
pub use maintenance::{EditWindow, NewWindow, Windows};
pub use monitor::{EditMonitor, MonitorPage, NewMonitor};
pub use no_space::NoSpace;
pub use not_found::NotFound;
pub use overview::Overview;
pub use webhooks::{DeadRunsPage, EditWebhook, ImportWebhooks, NewWebhook, RunPage, SecretsPage, WebhookPage, WebhooksPage};
