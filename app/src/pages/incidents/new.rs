//! Opening an incident by hand.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::incidents::OpenIncident;
use crate::components::{Crumbs, Form, MonitorsField, PageHead, Submission, Submit, TextArea, TextField};
use crate::layouts::AskBeforeLeaving;

/// The page at `/incidents/new`.
#[component]
pub fn OpenIncidentPage() -> impl IntoView {
    let action = Submission::new(OpenIncident::PATH);
    let crumbs = view! { <Crumbs above=vec![("/incidents".into(), "Incidents".into())] here="Open incident"/> }.into_any();
    let lead =
        view! { <p>"For what no monitor sees. It stays open until somebody resolves it. Rules for “Incident opened” tell of it."</p> }
            .into_any();
    view! {
        <div class="narrow stack">
            <PageHead title="What is broken?".to_owned() crumbs lead/>
            <Form action class="form">
                <AskBeforeLeaving saved=action.pending()/>
                <TextField name="title" label="What broke" placeholder="Payments are slow" autofocus=true large=true/>
                <TextArea name="detail" label="What is known" value="" optional=true/>
                <MonitorsField name="monitors" label="Affected monitors" value=String::new() hint="Those that suffer from it."/>
                <div class="form-actions" data-sticky="true">
                    <Submit label="Open incident" kind="primary"/>
                    <a class="button" data-kind="quiet" href="/incidents">"Cancel"</a>
                </div>
            </Form>
        </div>
    }
}
