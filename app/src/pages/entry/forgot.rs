//! A forgotten password: a link to a new one, by mail.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::EntryHead;
use crate::api::session::ForgotPassword;
use crate::components::{PlainForm, Submit, TextField};
use crate::session::{kept_form, session};

/// The page; once the form was sent it says the same of every address.
#[component]
pub fn Forgot() -> impl IntoView {
    let why_not = session().with_value(|s| s.mailing.why_not());
    let sent = kept_form(ForgotPassword::PATH).is_some_and(|kept| kept.outcome.is_ok());
    let form = match (why_not, sent) {
        (Some(why), _) => view! {
            <EntryHead title="Forgot your password?" text="An administrator can make you a link to a new one, under Administration."/>
            <p class="plain-foot">{why}</p>
        }
        .into_any(),
        (None, true) => view! {
            <EntryHead
                title="Look for a mail"
                text="If there is an account with this address, a link to a new password is on its way. It works once, for an hour."
            />
            <a class="button" data-wide="true" href="/forgot" rel="external">"Try another address"</a>
        }
        .into_any(),
        (None, false) => view! {
            <EntryHead title="Forgot your password?" text="A link to a new one is mailed to you."/>
            <PlainForm path=ForgotPassword::PATH class="form">
                <TextField name="email" label="E-mail address" kind="email" autocomplete="username" autofocus=true/>
                <Submit label="Mail me a link" kind="primary" wide=true/>
            </PlainForm>
        }
        .into_any(),
    };
    view! {
        {form}
        <p class="plain-foot"><a class="link" href="/sign-in">"Back to the sign-in"</a></p>
    }
}
