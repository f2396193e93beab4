//! Name, and the end of the account.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::Section;
use crate::api::account::{DeleteAccount, RenameAccount};
use crate::components::{Confirm, PageHead, PlainForm, Submit, TextField};
use crate::session::{session, was_refused};

/// The page.
#[component]
pub fn Profile() -> impl IntoView {
    let (name, email) = session().with_value(|s| s.visitor.clone().map(|v| (v.name, v.email)).unwrap_or_default());
    view! {
        <PageHead title="Your profile".to_owned()/>
        <Section title="Name" note="What members of your spaces see">
            <PlainForm path=RenameAccount::PATH class="form">
                <TextField name="name" label="Name" value=name autocomplete="name"/>
                <div class="form-actions"><Submit label="Save" kind="primary"/></div>
            </PlainForm>
        </Section>
        <Section title="Delete account" tone="danger">
            <p class="muted">
                "Your account goes with its sessions, and so do spaces that have no other member, with everything recorded in them."
            </p>
            <Confirm label="Delete account" question="This can’t be undone. Type your e-mail address to confirm." open=was_refused(DeleteAccount::PATH)>
                <PlainForm path=DeleteAccount::PATH class="form">
                    <TextField name="email" label="E-mail address" kind="email" placeholder=email/>
                    <Submit label="Delete my account" kind="danger"/>
                </PlainForm>
            </Confirm>
        </Section>
    }
}
