//! The password, and everywhere the reader is signed in.

use domain::view::SessionView;
use leptos::prelude::*;

use super::{Records, Section};
use crate::api::account::{ChangePassword, RevokeOtherSessions, RevokeSession, sessions};
use crate::components::{Form, Hidden, Load, Moment, PageHead, Submission, Submit, TextField};
use server_fn::ServerFn;

/// The page.
#[component]
pub fn Security() -> impl IntoView {
    let change = Submission::new(ChangePassword::PATH);
    let revoke = Submission::told(RevokeSession::PATH);
    let others = Submission::told(RevokeOtherSessions::PATH);
    let list = Resource::new(move || (revoke.version().get(), others.version().get(), change.version().get()), |_| sessions());
    let row = move |session: SessionView| {
        let id = session.id.to_string();
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        {session.device}
                        {session.current.then(|| view! { <span class="chip" data-tone="accent">"this one"</span> })}
                    </div>
                    <div class="record-note">{session.address} " · seen " <Moment at=session.seen_at/> " · signed in " <Moment at=session.created_at/></div>
                </div>
                {(!session.current).then(|| view! {
                    <div class="record-actions">
                        <Form action=revoke key=id.clone()>
                            <Hidden name="id" value=id/>
                            <Submit label="Sign out" small=true/>
                        </Form>
                    </div>
                })}
            </li>
        }
    };
    let show = move |all: Vec<SessionView>| {
        let several = all.len() > 1;
        let title = if several { format!("You are signed in at {} places", all.len()) } else { "You are signed in only here".to_owned() };
        view! {
            <PageHead title/>
            <Records title="Sessions">
                <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul>
                {several.then(|| view! {
                    <div class="card-foot">
                        <Form action=others><Submit label="Sign out everywhere else" small=true/></Form>
                    </div>
                })}
            </Records>
        }
        .into_any()
    };
    view! {
        <Load resource=list skeleton=&["heading", "row", "row"] view=show/>
        <Section title="Password" note="Every other session is signed out">
            <Form action=change class="form" reset=true>
                <TextField name="current_password" label="Current password" kind="password" autocomplete="current-password"/>
                <TextField
                    name="new_password"
                    label="New password"
                    kind="password"
                    autocomplete="new-password"
                    hint=format!("At least {} characters.", domain::account::PASSWORD_MIN)
                />
                <div class="form-actions"><Submit label="Change password" kind="primary" done="Changed."/></div>
            </Form>
        </Section>
    }
}
