//! One monitor: its page, and the forms that make and change one.

mod checks;
mod danger;
mod detail;
mod edit;
mod figures;
mod form;
mod new;
mod phases;
mod presets;
mod report;
mod side;
mod trace;

pub use detail::MonitorPage;
pub use edit::EditMonitor;
pub use form::{Fold, KindField, laid_out, summary};
pub use new::NewMonitor;
pub use trace::HopView;
