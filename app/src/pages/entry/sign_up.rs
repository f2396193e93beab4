//! Sign up, where everybody may.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::{EntryHead, NewAccountFields};
use crate::api::session;
use crate::components::{PlainForm, Submit};
use crate::session::{kept_form, session as this_session};

/// The sign-up page; without open sign-up it says how to get in.
#[component]
pub fn SignUp() -> impl IntoView {
    // Whether the address has an account already is said in the mail alone.
    if kept_form(session::SignUp::PATH).is_some_and(|kept| kept.outcome.is_ok()) {
        view! {
            <EntryHead title="Look for a mail" text="A mail to your address says how to go on. Its link works once, for a day."/>
            <a class="button" data-wide="true" href="/sign-up" rel="external">"Use another address"</a>
            <p class="plain-foot"><a class="link" href="/sign-in">"Back to the sign-in"</a></p>
        }
        .into_any()
    } else if this_session().with_value(|s| s.signup_open) {
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
