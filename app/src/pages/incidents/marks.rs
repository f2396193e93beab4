//! How an incident stands, as a mark and a word.

use domain::alert::{Incident, IncidentState};
use domain::state::State;
use leptos::prelude::*;

use crate::components::{Moment, Since, StatePill};

/// The state of an incident on its soft ground.
#[component]
pub fn IncidentPill(incident: Incident) -> impl IntoView {
    match incident.state {
        IncidentState::Open => view! { <StatePill state=State::Down>"Open for " <Since at=incident.began_at/></StatePill> }.into_any(),
        IncidentState::Acknowledged => {
            let by = incident.acknowledged.map(|by| by.name).unwrap_or_default();
            view! { <span class="pill" data-state="acknowledged"><Seen/><span>"Acknowledged by " {by}</span></span> }.into_any()
        }
        IncidentState::Resolved => {
            let at = incident.resolved.map(|by| by.at).unwrap_or(incident.updated_at);
            view! { <StatePill state=State::Up>"Resolved " <Moment at/></StatePill> }.into_any()
        }
    }
}

/// The square of what is down, with a tick: somebody looks at it.
#[component]
fn Seen() -> impl IntoView {
    view! {
        <svg class="state-mark" viewBox="0 0 10 10" data-state="acknowledged" aria-hidden="true">
            <path d="M1.9 1.1h6.2a.8.8 0 0 1 .8.8v6.2a.8.8 0 0 1-.8.8H1.9a.8.8 0 0 1-.8-.8V1.9a.8.8 0 0 1 .8-.8zM3 5.2l1.5 1.5L7.1 3.6"></path>
        </svg>
    }
}
