//! The open space, and the way to another one.

use domain::view::SpaceView;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::spaces::SwitchSpace;
use crate::components::{Hidden, Icon, Menu, PlainForm, Symbol};
use crate::session::session;

fn letter(name: &str) -> String {
    name.chars().next().unwrap_or('?').to_string()
}

/// A menu of the reader's spaces.
#[component]
pub fn SpaceSwitcher() -> impl IntoView {
    let name = session().with_value(|s| s.space().map_or_else(|| "No space".to_owned(), |s| s.name.clone()));
    let summary = view! {
        <span class="space-mark" aria-hidden="true">{letter(&name)}</span>
        <span class="space-name">{name.clone()}</span>
        <Icon symbol=Symbol::UpDown/>
    }
    .into_any();
    view! {
        <Menu label="(open space)" class="space-switcher" summary>
            <SpaceEntries/>
            <hr/>
            <a class="menu-item" href="/settings/space#new"><Icon symbol=Symbol::Plus/>"New space"</a>
        </Menu>
    }
}

/// The reader's spaces, each a button that opens it.
#[component]
pub fn SpaceEntries() -> impl IntoView {
    let (open_id, spaces) = session().with_value(|s| (s.space().map(|s| s.id), s.visitor.clone().map(|v| v.spaces).unwrap_or_default()));
    let entry = move |space: SpaceView| {
        let current = Some(space.id) == open_id;
        view! {
            <PlainForm path=SwitchSpace::PATH key=space.id.to_string()>
                <Hidden name="id" value=space.id.to_string()/>
                <button type="submit" class="menu-item" aria-current=current.then_some("true")>
                    <span class="space-mark" aria-hidden="true">{letter(&space.name)}</span>
                    <span class="space-name">{space.name}</span>
                    {current.then(|| view! { <span class="check-mark"><Icon symbol=Symbol::Check/></span> })}
                </button>
            </PlainForm>
        }
    };
    spaces.into_iter().map(entry).collect_view()
}
