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
            view! { <StatePill state=State::Degraded>"Acknowledged by " {by}</StatePill> }.into_any()
        }
        IncidentState::Resolved => {
            let at = incident.resolved.map(|by| by.at).unwrap_or(incident.updated_at);
            view! { <StatePill state=State::Up>"Resolved " <Moment at/></StatePill> }.into_any()
        }
    }
}
