//! The reader's own menu.

use domain::account::initials;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::space_switcher::SpaceEntries;
use crate::api::session::SignOut;
use crate::components::{Icon, Menu, PlainForm, Symbol};
use crate::session::session;

/// Who is signed in, and the way out.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let (name, email) = session().with_value(|s| s.visitor.clone().map(|v| (v.name, v.email)).unwrap_or_default());
    let admin = session().with_value(crate::session::Session::is_admin);
    let summary = view! { <span class="avatar" aria-hidden="true">{initials(&name)}</span> }.into_any();
    view! {
        <Menu label=format!("Account: {name}") summary>
            <p class="menu-label"><strong>{name.clone()}</strong>{email}</p>
            <div class="phone-only">
                <hr/>
                <SpaceEntries/>
                <hr/>
                <a class="menu-item" href="/webhooks"><Icon symbol=Symbol::Clock/>"Webhooks"</a>
                <a class="menu-item" href="/maintenance"><Icon symbol=Symbol::Wrench/>"Maintenance"</a>
                <a class="menu-item" href="/activity"><Icon symbol=Symbol::List/>"Activity"</a>
                {admin.then(|| view! { <a class="menu-item" href="/admin/accounts"><Icon symbol=Symbol::Shield/>"Administration"</a> })}
            </div>
            <hr/>
            <a class="menu-item" href="/settings/profile"><Icon symbol=Symbol::Person/>"Profile"</a>
            <a class="menu-item" href="/settings/security"><Icon symbol=Symbol::Key/>"Password and sessions"</a>
            <a class="menu-item" href="/settings/appearance"><Icon symbol=Symbol::Gear/>"Appearance"</a>
            <hr/>
            <PlainForm path=SignOut::PATH key="menu">
                <button type="submit" class="menu-item"><Icon symbol=Symbol::Door/>"Sign out"</button>
            </PlainForm>
        </Menu>
    }
}
