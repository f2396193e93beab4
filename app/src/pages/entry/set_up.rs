//! Set-up of the first account, the administrator's.

use leptos::prelude::*;
use leptos_router::components::Redirect;
use server_fn::ServerFn;

use super::{EntryHead, NewAccountFields};
use crate::api::session;
use crate::components::{PlainForm, Submit, TextField};
use crate::session::session as this_session;

/// The set-up page; once an account exists it leads to the sign-in.
#[component]
pub fn SetUp() -> impl IntoView {
    let (needed, local) = this_session().with_value(|s| (s.needs_setup, s.local));
    if !needed {
        return view! { <Redirect path="/"/> }.into_any();
    }
    view! {
        <EntryHead title="Set up Loopr" text="The first account administers this instance and gets a space of its own."/>
        <PlainForm path=session::SetUp::PATH class="form">
            <NewAccountFields/>
            {(!local).then(|| view! {
                <TextField
                    name="code"
                    label="Set-up code"
                    hint="Printed when Loopr started, in its log. It proves that this instance is yours."
                    mono=true
                />
            })}
            <Submit label="Create account" kind="primary" wide=true/>
        </PlainForm>
    }
    .into_any()
}
