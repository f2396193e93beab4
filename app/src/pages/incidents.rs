//! Incidents: the list, one of them, and opening one by hand.

mod detail;
mod list;
mod marks;
mod new;
mod told;

pub use detail::IncidentPage;
pub use list::IncidentsPage;
pub use new::OpenIncidentPage;
pub use told::MessageRows;
