//! Sign in.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use super::EntryHead;
use crate::api::session;
use crate::components::{Hidden, PlainForm, Submit, TextField};
use crate::session::session as this_session;

/// The sign-in page; `?next=` says where to go afterwards.
#[component]
pub fn SignIn() -> impl IntoView {
    let open = this_session().with_value(|s| s.signup_open);
    let next = use_query_map().with_untracked(|q| q.get("next")).unwrap_or_else(|| "/".into());
    view! {
        <EntryHead title="Sign in" text="To see what is up and what is not."/>
        <PlainForm path=session::SignIn::PATH class="form">
            <Hidden name="next" value=next/>
            <TextField name="email" label="E-mail address" kind="email" autocomplete="username" autofocus=true/>
            <TextField name="password" label="Password" kind="password" autocomplete="current-password"/>
            <Submit label="Sign in" kind="primary" wide=true/>
        </PlainForm>
        <p class="plain-foot">
            <a class="link" href="/forgot">"Forgot your password?"</a>
            {if open {
                view! { " No account yet? " <a class="link" href="/sign-up">"Create one"</a> }.into_any()
            } else {
                view! { " No account? An administrator makes you a link." }.into_any()
            }}
        </p>
    }
}
