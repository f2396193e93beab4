//! Who belongs to the open space, and who is invited.

use domain::AccountId;
use domain::account::Role;
use domain::mailing::Invited;
use domain::view::{InvitationView, MemberView};
use leptos::prelude::*;

use super::{Records, Section};
use crate::api::invitations::{Invite, RevokeInvitation, invitations};
use crate::api::spaces::{RemoveMember, SetRole, members};
use crate::components::{
    Confirm, Empty, Form, Hidden, Load, Moment, PageHead, SelectField, ShownOnce, Submission, Submit, Symbol, TextField,
};
use crate::session::session;
use server_fn::ServerFn;

fn roles() -> Vec<(String, String)> {
    Role::ALL.into_iter().map(|r| (r.name().to_owned(), r.word().to_owned())).collect()
}

/// The page.
#[component]
pub fn Members() -> impl IntoView {
    let owner = session().with_value(|s| s.may(Role::Owner));
    view! {
        <MemberList owner/>
        {owner.then(|| view! { <Invitations/> })}
    }
}

#[component]
fn MemberList(owner: bool) -> impl IntoView {
    let me = session().with_value(|s| s.visitor.as_ref().map(|v| v.account));
    let set_role = Submission::told(SetRole::PATH);
    let remove = Submission::told(RemoveMember::PATH);
    let list = Resource::new(move || (set_role.version().get(), remove.version().get()), |_| members());
    let row = move |member: MemberView| {
        let mine = Some(member.account) == me;
        let id: AccountId = member.account;
        let question = format!("Remove {} from this space?", member.name);
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        {member.name.clone()}
                        {mine.then(|| view! { <span class="chip" data-tone="accent">"you"</span> })}
                        {(!owner || mine).then(|| view! { <span class="chip">{member.role.word()}</span> })}
                    </div>
                    <div class="record-note">{member.email} " · joined " <Moment at=member.joined_at/></div>
                </div>
                {(owner && !mine).then(|| view! {
                    <div class="record-actions">
                        <Form action=set_role class="input-group" key=id.to_string()>
                            <Hidden name="account" value=id.to_string()/>
                            <RoleSelect name=member.name.clone() role=member.role/>
                            <Submit label="Change" small=true/>
                        </Form>
                        <Confirm label="Remove" question small=true>
                            <Form action=remove key=id.to_string()>
                                <Hidden name="account" value=id.to_string()/>
                                <Submit label="Remove" kind="danger" small=true/>
                            </Form>
                        </Confirm>
                    </div>
                })}
            </li>
        }
    };
    let space = session().with_value(|s| s.space().map_or_else(String::new, |s| s.name.clone()));
    let show = move |all: Vec<MemberView>| {
        let title = match all.len() {
            1 => format!("Only you see {space}"),
            n => format!("{n} people see {space}"),
        };
        view! {
            <PageHead title/>
            <Records title="Members" note="Viewers look, editors change monitors, owners everything">
                <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul>
            </Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "row", "row"] view=show/> }
}

#[component]
fn RoleSelect(name: String, role: Role) -> impl IntoView {
    view! {
        <select class="input" data-size="small" data-fit="true" name="role" aria-label=format!("Role of {name}")>
            {Role::ALL.map(|r| view! { <option value=r.name() selected=r == role>{r.word()}</option> }).collect_view()}
        </select>
    }
}

#[component]
fn Invitations() -> impl IntoView {
    let invite = Submission::new(Invite::PATH);
    let revoke = Submission::told(RevokeInvitation::PATH);
    let list = Resource::new(move || (invite.version().get(), revoke.version().get()), |_| invitations());
    let made = invite.answer::<Invited>();
    let address = RwSignal::new(String::new());
    let rows = move |all: Vec<InvitationView>| view! { <InvitationRows all revoke/> }.into_any();
    view! {
        <Section title="Invite somebody" note="A link, good once and for seven days">
            <Form action=invite class="form" reset=true>
                <div class="field-row">
                    <SelectField name="role" label="Role" value="editor" options=roles()/>
                    <TextField name="note" label="Note" optional=true placeholder="Whom it is for"/>
                </div>
                <GuestAddress typed=address/>
                <div class="form-actions"><Submit label=invite_label(address, made) kind="primary"/></div>
            </Form>
            {move || made.get().map(|invited| view! { <NewLink invited/> })}
        </Section>
        <Records title="Open invitations">
            <Load resource=list skeleton=&["row"] view=rows/>
        </Records>
    }
}

#[component]
fn InvitationRows(all: Vec<InvitationView>, revoke: Submission) -> impl IntoView {
    if all.is_empty() {
        return view! { <Empty symbol=Symbol::Person title="Nobody is invited" text="Links that were made and not used yet stand here."/> }
            .into_any();
    }
    let row = move |invitation: InvitationView| {
        let id = invitation.id.to_string();
        let what = if invitation.note.is_empty() { "Invitation".to_owned() } else { invitation.note };
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{what} {invitation.role.map(|r| view! { <span class="chip">{r.word()}</span> })}</div>
                    <div class="record-note">"by " {invitation.created_by} " · ends " <Moment at=invitation.expires_at/></div>
                </div>
                <div class="record-actions">
                    <Form action=revoke key=id.clone()>
                        <Hidden name="id" value=id/>
                        <Submit label="Take back" small=true/>
                    </Form>
                </div>
            </li>
        }
    };
    view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
}

/// What the button does: mail the invitation to the address that is typed, or make a link to send oneself. Without scripts nobody knows what
/// is typed.
pub fn invite_label(typed: RwSignal<String>, made: Signal<Option<Invited>>) -> Signal<String> {
    let hears = RwSignal::new(false);
    Effect::new(move |_| {
        hears.set(true);
        // The form is emptied when it has worked.
        if made.with(Option::is_some) {
            typed.set(String::new());
        }
    });
    let label = move || match (hears.get(), typed.with(|typed| typed.trim().is_empty())) {
        (false, _) => "Invite",
        (true, true) => "Make a link",
        (true, false) => "Send invitation",
    };
    Signal::derive(move || label().to_owned())
}

/// Where an invitation is mailed to, if mails are sent.
#[component]
pub fn GuestAddress(
    /// What is typed.
    typed: RwSignal<String>,
) -> impl IntoView {
    let mailing = session().with_value(|s| s.mailing);
    match mailing.why_not() {
        Some(why) => view! { <p class="field-hint">{why} " Send the link yourself."</p> }.into_any(),
        None => view! {
            <TextField
                name="email"
                label="Mail it to"
                kind="email"
                optional=true
                placeholder="grace@example.com"
                hint="Leave this empty to send the link yourself."
                on_input=Callback::new(move |text| typed.set(text))
            />
        }
        .into_any(),
    }
}

/// The link of an invitation that was just made.
#[component]
pub fn NewLink(invited: Invited) -> impl IntoView {
    let text = if invited.mailed_to.is_empty() {
        "Send this link. It is shown only now.".to_owned()
    } else {
        format!("It is on its way to {}. You can send the link yourself, too; it is shown only now.", invited.mailed_to)
    };
    view! { <ShownOnce secret=invited.secret text link=true/> }
}
