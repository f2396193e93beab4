//! Incidents: the list, one of them, and opening one by hand.

mod detail;
mod filters;
mod forms;
mod list;
mod marks;
mod new;
mod told;

use leptos::prelude::*;

use crate::components::{Tone, toasts};
use crate::error::ApiError;

pub use detail::IncidentPage;
pub use list::IncidentsPage;
pub use new::OpenIncidentPage;
pub use told::{MessageRows, NextTry};

/// Keeps a page that is made once up to date with what is loaded later.
fn follow<T>(shown: RwSignal<T>, loaded: Resource<Result<T, ApiError>>)
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    Effect::new(move |_| match loaded.get() {
        Some(Ok(value)) if shown.with_untracked(|shown| *shown != value) => shown.set(value),
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        _ => {}
    });
}
