//! Confirming an address by a link that was mailed to it: by one press of a button, as programs that look at mails open links, too.

use domain::mailing::ProofView;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::EntryHead;
use crate::api::session::{ProveAddress, proof_offer};
use crate::components::{Hidden, LoadOnce, PlainForm, Submit};
use crate::session::kept_form;

/// The page behind the link.
#[component]
pub fn Verify() -> impl IntoView {
    // The link is used up by then: what became of it is in the answer alone.
    let Some(kept) = kept_form(ProveAddress::PATH) else { return view! { <Offer/> }.into_any() };
    match kept.outcome.map(|answer| serde_json::from_str::<ProofView>(&answer)) {
        Ok(Ok(proof)) if proof.makes => view! {
            <EntryHead title="Your account is ready" text="Sign in with your address and the password that you chose."/>
            <a class="button" data-kind="primary" data-wide="true" href="/sign-in" rel="external">"Sign in"</a>
        }
        .into_any(),
        Ok(Ok(proof)) => {
            let text = if proof.changes { "From now on you sign in with it." } else { "Mails of this Loopr reach you there." };
            view! { <EntryHead title=format!("{} is confirmed", proof.email) text/> <Onwards/> }.into_any()
        }
        Ok(Err(_)) => view! { <EntryHead title="The address is confirmed" text=""/> <Onwards/> }.into_any(),
        Err(error) => view! { <EntryHead title="The address is not confirmed" text=error.message/> <Onwards/> }.into_any(),
    }
}

#[component]
fn Onwards() -> impl IntoView {
    view! { <a class="button" data-wide="true" href="/" rel="external">"Open Loopr"</a> }
}

#[component]
fn Offer() -> impl IntoView {
    let params = use_params_map();
    let secret = move || params.with(|p| p.get("secret")).unwrap_or_default();
    let offer = Resource::new(secret, proof_offer);
    let show = move |proof: ProofView| {
        let (text, label) = if proof.changes {
            (format!("{} wants to sign in with it from now on.", proof.name), "Use this address")
        } else if proof.makes {
            (format!("An account for {} is made with it. If you did not sign up, close this page.", proof.name), "Create the account")
        } else {
            (format!("It is the address of {}.", proof.name), "Confirm the address")
        };
        view! {
            <EntryHead title=format!("Is {} yours?", proof.email) text/>
            <PlainForm path=ProveAddress::PATH class="form">
                <Hidden name="secret" value=params.with_untracked(|p| p.get("secret")).unwrap_or_default()/>
                <Submit label kind="primary" wide=true/>
            </PlainForm>
        }
        .into_any()
    };
    view! { <LoadOnce resource=offer skeleton=&["heading", "line"] view=show/> }
}
