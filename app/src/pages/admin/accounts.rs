//! All accounts, lost passwords, and invitations to the instance.

use domain::mailing::{Invited, LostMail};
use domain::view::{AccountView, InvitationView, Once};
use domain::words;
use leptos::prelude::*;

use super::AdminNav;
use crate::api::admin::{AdminInvite, AdminRevokeInvitation, PasswordLink, SetDisabled, admin_accounts, admin_invitations, lost_mails};
use crate::components::{Empty, Form, Hidden, Load, Moment, PageHead, ShownOnce, Submission, Submit, Symbol, TextField};
use crate::pages::settings::{GuestAddress, NewLink, Records, Section, invite_label};
use crate::session::{Session, session};
use server_fn::ServerFn;

/// The page.
#[component]
pub fn Accounts() -> impl IntoView {
    // The list says itself that it is not for everybody; invitations go with it.
    let admin = session().with_value(Session::is_admin);
    view! {
        <AccountList/>
        {admin.then(|| view! { <Invitations/> <LostMails/> })}
    }
}

#[component]
fn AccountList() -> impl IntoView {
    let disable = Submission::told(SetDisabled::PATH);
    let link = Submission::told(PasswordLink::PATH);
    let list = Resource::new(move || disable.version().get(), |_| admin_accounts());
    let show = move |all: Vec<AccountView>| {
        let title = format!("{} on this instance", words::count(all.len(), "account", "accounts"));
        let lead = view! { <p>"Everybody who can sign in, and how they get back in."</p> }.into_any();
        let rows = all.into_iter().map(|account| view! { <Account account disable link/> }).collect_view();
        view! {
            <PageHead title lead/>
            <AdminNav/>
            <Made link/>
            <Records title="Accounts"><ul class="record-list">{rows}</ul></Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

/// Mails that did not get to whom they were for; who waits for one is let in by a link from here.
#[component]
fn LostMails() -> impl IntoView {
    let list = Resource::new(|| (), |()| lost_mails());
    let row = |mail: LostMail| {
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{mail.subject}</div>
                    <div class="record-note">"to " {mail.to} " · given up " <Moment at=mail.at/></div>
                    <p class="state-word" data-state="down">{mail.why}</p>
                </div>
            </li>
        }
    };
    let show = move |all: Vec<LostMail>| match all.is_empty() {
        true => ().into_any(),
        false => view! {
            <Records title="Mails that did not arrive" note="About accounts. Who waits for one can be given a link instead.">
                <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul>
            </Records>
        }
        .into_any(),
    };
    view! { <Load resource=list skeleton=&[] view=show/> }
}

/// The link that was just made.
#[component]
fn Made(link: Submission) -> impl IntoView {
    let made = link.answer::<Once>();
    view! {
        {move || made.get().map(|once| view! {
            <ShownOnce secret=once.secret text="Send this link: with it a new password can be set, once. It is shown only now." link=true/>
        })}
    }
}

#[component]
fn Account(account: AccountView, disable: Submission, link: Submission) -> impl IntoView {
    let id = account.id.to_string();
    let disable_id = id.clone();
    let mine = session().with_value(|s| s.visitor.as_ref().is_some_and(|v| v.account == account.id));
    let spaces = words::count(usize::try_from(account.spaces).unwrap_or(0), "space", "spaces");
    view! {
        <li>
            <div class="record-text">
                <div class="record-name">
                    {account.name}
                    {account.admin.then(|| view! { <span class="chip" data-tone="accent">"administrator"</span> })}
                    {account.disabled.then(|| view! { <span class="chip">"disabled"</span> })}
                </div>
                <div class="record-note">
                    {account.email} " · " {spaces} " · "
                    {match account.seen_at {
                        Some(at) => view! { "seen " <Moment at/> }.into_any(),
                        None => view! { "never seen" }.into_any(),
                    }}
                </div>
            </div>
            {(!mine).then(|| view! {
                <div class="record-actions">
                    <Form action=link key=id.clone()>
                        <Hidden name="id" value=id/>
                        <Submit label="Password link" small=true/>
                    </Form>
                    <Form action=disable key=disable_id.clone()>
                        <Hidden name="id" value=disable_id/>
                        <Hidden name="disabled" value=(!account.disabled).to_string()/>
                        <Submit label=if account.disabled { "Enable" } else { "Disable" } small=true/>
                    </Form>
                </div>
            })}
        </li>
    }
}

#[component]
fn Invitations() -> impl IntoView {
    let invite = Submission::new(AdminInvite::PATH);
    let revoke = Submission::told(AdminRevokeInvitation::PATH);
    let list = Resource::new(move || (invite.version().get(), revoke.version().get()), |_| admin_invitations());
    let made = invite.answer::<Invited>();
    let address = RwSignal::new(String::new());
    let row = move |invitation: InvitationView| {
        let id = invitation.id.to_string();
        let what = if invitation.note.is_empty() { "Invitation".to_owned() } else { invitation.note };
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{what}</div>
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
    let show = move |all: Vec<InvitationView>| {
        if all.is_empty() {
            view! { <Empty symbol=Symbol::Person title="Nobody is invited" text="Links that were made and not used yet stand here."/> }
                .into_any()
        } else {
            view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <Section title="Invite to this instance" note="The guest gets an account and a space of their own">
            <Form action=invite class="form" reset=true>
                <TextField name="note" label="Note" optional=true placeholder="Whom it is for"/>
                <GuestAddress typed=address/>
                <div class="form-actions"><Submit label=invite_label(address, made) kind="primary"/></div>
            </Form>
            {move || made.get().map(|invited| view! { <NewLink invited/> })}
        </Section>
        <Records title="Open invitations"><Load resource=list skeleton=&["row"] view=show/></Records>
    }
}
