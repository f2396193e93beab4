//! Acknowledging an incident by a link in a message: without a sign-in, by one press of a button.

use domain::alert::IncidentState;
use domain::alert::view::AcknowledgeOffer;
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::EntryHead;
use crate::api::incidents::{AcknowledgeByLink, acknowledgeable};
use crate::components::{Hidden, LoadOnce, Moment, PlainForm, Submit};

/// Titles that are listed.
const SHOWN: usize = 30;

/// The page behind the link.
#[component]
pub fn Acknowledge() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|p| p.get("token")).unwrap_or_default();
    let offer = Resource::new(token, acknowledgeable);
    let show = move |offer: AcknowledgeOffer| {
        let first = offer.title.clone();
        let secret = params.with_untracked(|p| p.get("token")).unwrap_or_default();
        let (open, several) = (offer.state == IncidentState::Open, !offer.others.is_empty());
        let (title, text) = match offer.state {
            _ if several => {
                let all = offer.others.len() + usize::from(open);
                (
                    words::count(all, "incident is open", "incidents are open"),
                    format!("In {}. Acknowledging them stops reminders.", offer.space),
                )
            }
            IncidentState::Open => (offer.title, format!("In {}. Acknowledging it stops reminders.", offer.space)),
            IncidentState::Acknowledged => (format!("{} is acknowledged", offer.title), format!("By {}.", offer.acknowledged_by)),
            IncidentState::Resolved => (format!("{}: it is over", offer.title), format!("In {}.", offer.space)),
        };
        view! {
            <EntryHead title text/>
            {several.then(|| {
                let titles: Vec<String> = open.then(|| first.clone()).into_iter().chain(offer.others).collect();
                let more = titles.len().saturating_sub(SHOWN);
                view! {
                    <ul class="plain-list">
                        {titles.into_iter().take(SHOWN).map(|title| view! { <li>{title}</li> }).collect_view()}
                        {(more > 0).then(|| view! { <li class="muted">"and " {more} " more"</li> })}
                    </ul>
                }
            })}
            {(open || several).then(|| view! {
                <PlainForm path=AcknowledgeByLink::PATH class="form">
                    <Hidden name="token" value=secret/>
                    <Submit label=format!("Acknowledge{} as {}", if several { " all" } else { "" }, offer.who) kind="primary" wide=true/>
                </PlainForm>
            })}
            <p class="plain-foot">"Began " <Moment at=offer.began_at/> ". " <a class="link" href=offer.path>"Open it in Loopr"</a></p>
        }
        .into_any()
    };
    view! { <LoadOnce resource=offer skeleton=&["heading", "line"] view=show/> }
}
