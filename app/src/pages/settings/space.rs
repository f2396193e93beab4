//! The open space: its name, its end, and new spaces.

use domain::account::Role;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Section;
use super::retention::History;
use crate::api::spaces::{CreateSpace, DeleteSpace, LeaveSpace, RenameSpace};
use crate::components::{Confirm, PageHead, PlainForm, Submit, TextField};
use crate::session::{session, was_refused};

/// The page.
#[component]
pub fn SpaceSettings() -> impl IntoView {
    let (space, owner) = session().with_value(|s| (s.space().cloned(), s.may(Role::Owner)));
    let title = space.as_ref().map_or_else(|| "Spaces".to_owned(), |s| s.name.clone());
    view! {
        <PageHead title=title/>
        {space.map(|space| {
            let name = space.name;
            view! {
                {owner.then(|| view! { <Rename name=name.clone()/><History/> })}
                <Leave name=name.clone() role=space.role/>
            }
        })}
        <Section title="New space" note="With its own monitors and members" id="new">
            <PlainForm path=CreateSpace::PATH class="form">
                <TextField name="name" label="Name" placeholder="Acme Platform"/>
                <div class="form-actions"><Submit label="Create space" kind="primary"/></div>
            </PlainForm>
        </Section>
        {owner.then(|| view! {
            <Section title="Delete space" tone="danger">
                <p class="muted">"Its monitors, their history, its tokens and invitations go with it. This can’t be undone."</p>
                <Confirm label="Delete space" question="Type the name of the space to confirm." open=was_refused(DeleteSpace::PATH)>
                    <PlainForm path=DeleteSpace::PATH class="form">
                        <TextField name="name" label="Name of the space"/>
                        <Submit label="Delete this space" kind="danger"/>
                    </PlainForm>
                </Confirm>
            </Section>
        })}
    }
}

#[component]
fn Rename(name: String) -> impl IntoView {
    view! {
        <Section title="Name">
            <PlainForm path=RenameSpace::PATH class="form">
                <TextField name="name" label="Name" value=name/>
                <div class="form-actions"><Submit label="Save" kind="primary"/></div>
            </PlainForm>
        </Section>
    }
}

#[component]
fn Leave(name: String, role: Role) -> impl IntoView {
    view! {
        <Section title="Your role" note=role.word()>
            <Confirm label="Leave space" question=format!("Leave {name}? Only an owner can let you in again.")>
                <PlainForm path=LeaveSpace::PATH>
                    <Submit label="Leave it" kind="danger"/>
                </PlainForm>
            </Confirm>
        </Section>
    }
}
