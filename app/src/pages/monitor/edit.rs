//! Changing a monitor, copying it, deleting it.

use domain::account::Role;
use domain::view::MonitorDetail;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::danger::Delete;
use super::form::MonitorFields;
use crate::api::monitors::{UpdateMonitor, show_monitor};
use crate::components::{Banner, Crumbs, Form, Hidden, LoadOnce, PageHead, Submission, Submit, Tone};
use crate::layouts::AskBeforeLeaving;
use crate::session::session;

/// The page at `/monitors/{id}/edit`.
#[component]
pub fn EditMonitor() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    // Everything below belongs to one monitor: the way to another one makes it anew.
    move || view! { <One id=id.get()/> }
}

#[component]
fn One(id: String) -> impl IntoView {
    let detail = Resource::new(|| (), move |()| show_monitor(id.clone()));
    let show = |detail: MonitorDetail| view! { <Edit detail/> }.into_any();
    view! { <LoadOnce resource=detail skeleton=&["heading", "line", "chart"] view=show/> }
}

#[component]
fn Edit(detail: MonitorDetail) -> impl IntoView {
    let action = Submission::new(UpdateMonitor::PATH);
    let kind = detail.draft.kind().unwrap_or_default();
    let id = detail.row.id.to_string();
    let name = detail.row.name;
    let (hidden, editing) = (id.clone(), id.clone());
    let here = format!("/monitors/{id}");
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let crumbs = view! { <Crumbs above=vec![("/".into(), "Overview".into()), (here.clone(), name.clone())] here="Edit"/> }.into_any();
    view! {
        <div class="narrow stack">
            <PageHead title=format!("Edit {name}") crumbs/>
            {(!may_edit).then(|| view! { <Banner tone=Tone::Warning>"You may look at this space, but not change it. An owner can make you an editor."</Banner> })}
            <Form action class="form" id="monitor-form">
                <AskBeforeLeaving saved=action.pending()/>
                <Hidden name="id" value=hidden/>
                <MonitorFields draft=detail.draft kind editing/>
                <div class="form-actions" data-sticky="true">
                    {may_edit.then(|| view! { <Submit label="Save changes" kind="primary"/> })}
                    <a class="button" data-kind="quiet" href=here>{if may_edit { "Cancel" } else { "Back" }}</a>
                </div>
            </Form>
            {may_edit.then(|| view! { <Delete id name/> })}
        </div>
    }
}
