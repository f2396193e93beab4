//! Name, address, and the end of the account.

use domain::mailing::AddressView;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Section;
use crate::api::account::{ChangeEmail, DeleteAccount, KeepEmail, RenameAccount, ResendVerification, address};
use crate::components::{Confirm, Form, Load, PageHead, PlainForm, Submission, Submit, TextField};
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
        <Address/>
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

/// The address, how it stands, and another one in its place.
#[component]
fn Address() -> impl IntoView {
    let resend = Submission::told(ResendVerification::PATH);
    let keep = Submission::told(KeepEmail::PATH);
    let change = Submission::new(ChangeEmail::PATH);
    let mailing = session().with_value(|s| s.mailing);
    let loaded = Resource::new(move || (keep.version().get(), change.version().get()), |_| address());
    let state = move |view: AddressView| view! { <State view resend keep/> }.into_any();
    view! {
        <Section title="E-mail address" note="What you sign in with, and where mails go" id="address">
            <Load resource=loaded skeleton=&["row"] view=state/>
            {match mailing.why_not() {
                Some(why) => view! { <p class="field-hint">{why} " Until then the address can be neither confirmed nor changed."</p> }.into_any(),
                None => view! {
                    <Form action=change class="form" reset=true>
                        <TextField name="email" label="New e-mail address" kind="email" autocomplete="email"/>
                        <TextField
                            name="current_password"
                            label="Current password"
                            kind="password"
                            autocomplete="current-password"
                            hint="A link is mailed to the new address. Until it is used, nothing changes."
                        />
                        <div class="form-actions"><Submit label="Change address" done="A link is on its way."/></div>
                    </Form>
                }
                .into_any(),
            }}
        </Section>
    }
}

#[component]
fn State(view: AddressView, resend: Submission, keep: Submission) -> impl IntoView {
    let chip = if view.verified { "confirmed" } else { "not confirmed" };
    let may_resend = !view.verified && view.mailing.is_ready();
    view! {
        <p>
            {view.email} " "
            <span class="chip" data-tone=view.verified.then_some("accent")>{chip}</span>
        </p>
        {may_resend.then(|| view! {
            <Form action=resend class="form"><div class="form-actions"><Submit label="Send the link again" small=true/></div></Form>
        })}
        {view.pending.map(|pending| view! {
            <Form action=keep class="form">
                <p class="field-hint">{format!("{pending} takes its place once the link is used that was mailed there.")}</p>
                <div class="form-actions"><Submit label="Keep this address" small=true/></div>
            </Form>
        })}
    }
}
