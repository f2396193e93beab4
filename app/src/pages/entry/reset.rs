//! A new password, by a link that was mailed or that an administrator made.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::{EntryHead, NewPassword};
use crate::api::session::{ResetPassword, reset_offer};
use crate::components::{Hidden, LoadOnce, PlainForm, Submit};

/// The page behind a reset link.
#[component]
pub fn Reset() -> impl IntoView {
    let params = use_params_map();
    let secret = move || params.with(|p| p.get("secret")).unwrap_or_default();
    let offer = Resource::new(secret, reset_offer);
    let show = move |email: String| {
        view! {
            <EntryHead title="Choose a new password" text=format!("For {email}. Every other session is signed out.")/>
            <PlainForm path=ResetPassword::PATH class="form">
                <Hidden name="secret" value=params.with_untracked(|p| p.get("secret")).unwrap_or_default()/>
                <input type="hidden" name="username" autocomplete="username" value=email/>
                <NewPassword name="new_password" label="New password"/>
                <Submit label="Set password and sign in" kind="primary" wide=true/>
            </PlainForm>
        }
        .into_any()
    };
    view! { <LoadOnce resource=offer skeleton=&["heading", "line"] view=show/> }
}
