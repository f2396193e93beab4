//! Values that templates name. They are typed and replaced here, and never shown.

use domain::account::Role;
use domain::webhook::NamedSecret;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::webhooks::{DeleteWebhookSecret, PutWebhookSecret, webhook_secrets};
use crate::components::{Confirm, Crumbs, Empty, Form, Hidden, Load, Moment, PageHead, Submission, Submit, Symbol, TextField};
use crate::pages::settings::{Records, Section};
use crate::session::session;

/// The page at `/webhooks/secrets`.
#[component]
pub fn SecretsPage() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let (put, forget) = (Submission::new(PutWebhookSecret::PATH), Submission::told(DeleteWebhookSecret::PATH));
    let list = Resource::new(move || (put.version().get(), forget.version().get()), |_| webhook_secrets());
    let show = move |all: Vec<NamedSecret>| {
        let title = match all.len() {
            0 => "No secret is kept for webhooks".to_owned(),
            1 => "One secret is kept for webhooks".to_owned(),
            n => format!("{n} secrets are kept for webhooks"),
        };
        let crumbs = view! { <Crumbs above=vec![("/webhooks".into(), "Webhooks".into())] here="Secrets"/> }.into_any();
        let lead = view! { <p>"Headers, bodies and addresses name them: " <code>"{{ secret.API_KEY }}"</code> ". They are encrypted and never shown."</p> }.into_any();
        view! {
            <PageHead title crumbs lead/>
            <Records title="Secrets"><Rows all forget may_edit/></Records>
        }
        .into_any()
    };
    view! {
        <div class="narrow stack">
            <Load resource=list skeleton=&["heading", "line", "row"] view=show/>
            {may_edit.then(|| view! {
                <Section title="Keep a secret" note="A name that is there already gets the new value">
                    <Form action=put class="form" reset=true>
                        <TextField name="name" label="Name" mono=true placeholder="API_KEY" hint="Letters, digits and _."/>
                        <TextField name="secret" label="Value" kind="password" autocomplete="new-password" mono=true/>
                        <div class="form-actions"><Submit label="Keep it" kind="primary" done="Kept"/></div>
                    </Form>
                </Section>
            })}
        </div>
    }
}

#[component]
fn Rows(all: Vec<NamedSecret>, forget: Submission, may_edit: bool) -> impl IntoView {
    if all.is_empty() {
        let text = "Keep a token here once, and every webhook that needs it can name it.";
        return view! { <Empty symbol=Symbol::Key title="No secrets yet" text/> }.into_any();
    }
    let row = move |one: NamedSecret| {
        let name = one.name.clone();
        let question = format!("Forget {name}? Webhooks that name it fail until it is kept again.");
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name mono">{one.name}</div>
                    <div class="record-note">"changed " <Moment at=one.updated_at/></div>
                </div>
                {may_edit.then(|| view! {
                    <div class="record-actions">
                        <Confirm label="Forget" question small=true>
                            <Form action=forget key=name.clone()>
                                <Hidden name="name" value=name/>
                                <Submit label="Forget it" kind="danger" small=true/>
                            </Form>
                        </Confirm>
                    </div>
                })}
            </li>
        }
    };
    view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
}
