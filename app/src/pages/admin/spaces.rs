//! All spaces of the instance, by size.

use domain::view::SpaceSummary;
use domain::words;
use leptos::prelude::*;

use super::AdminNav;
use crate::api::admin::admin_spaces;
use crate::components::{Empty, Load, Moment, PageHead, Symbol};
use crate::pages::settings::Records;

fn count(n: u32, one: &str, many: &str) -> String {
    words::count(usize::try_from(n).unwrap_or(0), one, many)
}

/// The page.
#[component]
pub fn Spaces() -> impl IntoView {
    let list = Resource::new(|| (), |()| admin_spaces());
    let row = |space: SpaceSummary| {
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{space.name}</div>
                    <div class="record-note">
                        {count(space.members, "member", "members")} " · " {count(space.monitors, "monitor", "monitors")} " · since "
                        <Moment at=space.created_at/>
                    </div>
                </div>
            </li>
        }
    };
    let show = move |all: Vec<SpaceSummary>| {
        let title = format!("{} on this instance", words::count(all.len(), "space", "spaces"));
        let lead = view! { <p>"What is in a space only its members see."</p> }.into_any();
        let rows = if all.is_empty() {
            view! { <Empty symbol=Symbol::Space title="No spaces" text="An account makes the first one."/> }.into_any()
        } else {
            view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
        };
        view! {
            <PageHead title lead/>
            <AdminNav/>
            <Records title="Spaces">{rows}</Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row"] view=show/> }
}
