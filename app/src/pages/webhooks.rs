//! Scheduled webhooks: the list, the form, the page of one, its runs, what was given up, what is taken over from elsewhere, and the
//! values that templates name.

mod attempt;
mod dead;
mod detail;
mod form;
mod fresh;
mod import;
mod line;
mod list;
mod marks;
mod next_runs;
mod run;
mod secrets;

pub use dead::DeadRunsPage;
pub use detail::WebhookPage;
pub use form::{EditWebhook, NewWebhook};
pub use import::ImportWebhooks;
pub use line::WebhookLine;
pub use list::WebhooksPage;
pub use run::RunPage;
pub use secrets::SecretsPage;
