//! Tokens of the REST interface.

use domain::account::{Role, Scope};
use domain::view::{Once, TokenView};
use leptos::prelude::*;

use super::{Records, Section};
use crate::api::tokens::{CreateToken, RevokeToken, tokens};
use crate::components::{Choice, Confirm, Empty, Form, Hidden, Load, Moment, PageHead, ShownOnce, Submission, Submit, Symbol, TextField};
use crate::session::session;
use server_fn::ServerFn;

/// The page.
#[component]
pub fn Tokens() -> impl IntoView {
    let owner = session().with_value(|s| s.may(Role::Owner));
    let create = Submission::new(CreateToken::PATH);
    let revoke = Submission::told(RevokeToken::PATH);
    let list = Resource::new(move || (create.version().get(), revoke.version().get()), |_| tokens());
    let made = create.answer::<Once>();
    let rows = move |all: Vec<TokenView>| {
        let title = match all.len() {
            0 => "No program has access".to_owned(),
            1 => "One token opens this space".to_owned(),
            n => format!("{n} tokens open this space"),
        };
        let lead = view! {
            <p>"For scripts and other programs: see the " <a class="link" href="/api/docs" rel="external">"API reference"</a> "."</p>
        };
        view! {
            <PageHead title lead=lead.into_any()/>
            <Records title="API tokens"><Rows all revoke owner/></Records>
        }
        .into_any()
    };
    view! {
        <Load resource=list skeleton=&["heading", "line", "row"] view=rows/>
        {owner.then(|| view! {
            <Section title="New token">
                <Form action=create class="form" reset=true>
                    <TextField name="name" label="Name" placeholder="Deployment script"/>
                    <fieldset>
                        <legend class="visually-hidden">"What it may do"</legend>
                        <div class="choices">
                            <Choice name="scope" value=Scope::Read.name() label="Read" note="Looks at monitors and results" checked=true/>
                            <Choice name="scope" value=Scope::Write.name() label="Write" note="Also adds and changes monitors" checked=false/>
                        </div>
                    </fieldset>
                    <div class="form-actions"><Submit label="Create token" kind="primary"/></div>
                </Form>
                {move || made.get().map(|once| view! {
                    <ShownOnce secret=once.secret text="Copy this token. It is shown only now."/>
                })}
            </Section>
        })}
    }
}

#[component]
fn Rows(all: Vec<TokenView>, revoke: Submission, owner: bool) -> impl IntoView {
    if all.is_empty() {
        return view! { <Empty symbol=Symbol::Key title="No tokens yet" text="A token lets a program use the API of this space."/> }
            .into_any();
    }
    let row = move |token: TokenView| {
        let id = token.id.to_string();
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{token.name.clone()} <span class="chip">{token.scope.name()}</span></div>
                    <div class="record-note">
                        "by " {token.created_by} ", " <Moment at=token.created_at/> " · "
                        {match token.used_at {
                            Some(at) => view! { "used " <Moment at/> }.into_any(),
                            None => view! { "never used" }.into_any(),
                        }}
                    </div>
                </div>
                {owner.then(|| view! {
                    <div class="record-actions">
                        <Confirm label="Revoke" question=format!("Revoke {}? Programs that use it stop working.", token.name) small=true>
                            <Form action=revoke key=id.clone()>
                                <Hidden name="id" value=id/>
                                <Submit label="Revoke it" kind="danger" small=true/>
                            </Form>
                        </Confirm>
                    </div>
                })}
            </li>
        }
    };
    view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
}
