//! Sign up, where everybody may.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::{EntryHead, NewAccountFields};
use crate::api::session;
use crate::components::{PlainForm, Submit};
use crate::session::session as this_session;

/// The sign-up page; without open sign-up it says how to get in.
#[component]
pub fn SignUp() -> impl IntoView {
    if this_session().with_value(|s| s.signup_open) {
        view! {
            <EntryHead title="Create an account" text="You get a space of your own and can invite others to it."/>
            <PlainForm path=session::SignUp::PATH class="form">
                <NewAccountFields/>
                <Submit label="Create account" kind="primary" wide=true/>
            </PlainForm>
            <p class="plain-foot">"Have an account? " <a class="link" href="/sign-in">"Sign in"</a></p>
        }
        .into_any()
    } else {
        view! {
            <EntryHead
                title="By invitation"
                text="On this instance accounts are made by invitation. Ask a member of a space, or an administrator, for a link."
            />
            <a class="button" href="/sign-in">"Sign in"</a>
        }
        .into_any()
    }
}
