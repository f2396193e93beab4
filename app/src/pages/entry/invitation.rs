//! Accepting an invitation: with the account that is signed in, or with a new one.

use domain::view::InvitationOffer;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::{EntryHead, NewAccountFields};
use crate::api::invitations::{AcceptInvitation, read_invitation};
use crate::api::session::{SignOut, SignUp};
use crate::components::{Hidden, LoadOnce, Moment, PlainForm, Submit};
use crate::session::session;

/// The page behind an invitation link.
#[component]
pub fn Invitation() -> impl IntoView {
    let params = use_params_map();
    let secret = move || params.with(|p| p.get("secret")).unwrap_or_default();
    let offer = Resource::new(secret, read_invitation);
    let show = move |offer: InvitationOffer| {
        view! { <Offer offer secret=params.with_untracked(|p| p.get("secret")).unwrap_or_default()/> }.into_any()
    };
    view! { <LoadOnce resource=offer skeleton=&["heading", "line"] view=show/> }
}

#[component]
fn Offer(offer: InvitationOffer, secret: String) -> impl IntoView {
    let title = match &offer.space {
        Some((space, _)) => format!("{} invites you to {space}", offer.from),
        None => format!("{} invites you to Loopr", offer.from),
    };
    let text = match &offer.space {
        Some((_, role)) => format!("As {}.", role.word().to_lowercase()),
        None => "You get a space of your own.".to_owned(),
    };
    let name = session().with_value(|s| s.visitor.as_ref().map(|v| v.name.clone()));
    let sign_in = format!("/sign-in?next=/invitation/{secret}");
    view! {
        <EntryHead title text/>
        {match name {
            Some(name) => view! {
                <PlainForm path=AcceptInvitation::PATH class="form">
                    <Hidden name="secret" value=secret/>
                    <Submit label=format!("Join as {name}") kind="primary" wide=true/>
                </PlainForm>
                <PlainForm path=SignOut::PATH key="invitation">
                    <Submit label="Use another account" kind="quiet" wide=true/>
                </PlainForm>
            }
            .into_any(),
            None => view! {
                <PlainForm path=SignUp::PATH class="form">
                    <Hidden name="invitation" value=secret/>
                    <NewAccountFields/>
                    <Submit label="Create account and join" kind="primary" wide=true/>
                </PlainForm>
                <p class="plain-foot">
                    "Have an account? " <a class="link" href=sign_in>"Sign in to join"</a>
                </p>
            }
            .into_any(),
        }}
        <p class="plain-foot">"The invitation ends " <Moment at=offer.expires_at/> "."</p>
    }
}
