//! An account that belongs to no space: it was removed from its last one, or left it.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::spaces::CreateSpace;
use crate::components::{PageHead, PlainForm, Submit, TextField};

/// Offers to make a space.
#[component]
pub fn NoSpace() -> impl IntoView {
    let lead = view! { "A space holds monitors and the people who watch them. Make one, or ask for an invitation to another." }.into_any();
    view! {
        <PageHead title="You belong to no space yet".to_owned() lead/>
        <PlainForm path=CreateSpace::PATH class="form">
            <TextField name="name" label="Name of the new space" placeholder="Acme Platform"/>
            <div class="form-actions"><Submit label="Create space" kind="primary"/></div>
        </PlainForm>
    }
}
