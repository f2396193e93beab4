//! Planning a window, and changing one.

use domain::account::Role;
use domain::maintenance::{WindowDraft, WindowForm};
use domain::{AppError, Code};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use server_fn::ServerFn;

use super::fields::WindowFields;
use crate::api::maintenance::{SaveMaintenance, maintenance_form};
use crate::components::{Crumbs, Failure, Form, Hidden, LoadOnce, PageHead, Submission, Submit};
use crate::layouts::AskBeforeLeaving;
use crate::session::session;

/// The page at `/maintenance/new`; `?monitor=` chooses a monitor.
#[component]
pub fn NewWindow() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let fresh = WindowDraft { enabled: "on".into(), ..WindowDraft::default() };
    let typed = typed(&query).unwrap_or_else(|| match query.get("monitor") {
        Some(id) => WindowDraft { covers: "chosen".into(), monitors: id, ..fresh },
        None => fresh,
    });
    view! { <Editor id=String::new() typed=Some(typed)/> }
}

/// The page at `/maintenance/{id}/edit`.
#[component]
pub fn EditWindow() -> impl IntoView {
    let id = use_params_map().with_untracked(|p| p.get("id")).unwrap_or_default();
    let typed = use_query_map().with_untracked(typed);
    view! { <Editor id typed/> }
}

/// What the address holds of a form that is to be previewed without scripts.
fn typed(query: &ParamsMap) -> Option<WindowDraft> {
    let text = |name: &str| query.get(name).unwrap_or_default();
    let all = |name: &str| query.get_all(name).unwrap_or_default();
    query.get("repeat").map(|repeat| WindowDraft {
        name: text("name"),
        note: text("note"),
        covers: text("covers"),
        tags: text("tags"),
        monitors: text("monitors"),
        repeat,
        start: text("start"),
        time: text("time"),
        days: all("days[]"),
        cron: text("cron"),
        duration: text("duration"),
        zone: text("zone"),
        enabled: text("enabled"),
    })
}

#[component]
fn Editor(id: String, typed: Option<WindowDraft>) -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let form = Resource::new(|| (), move |()| maintenance_form(id.clone(), typed.clone()));
    let show = |form: WindowForm| view! { <Fields form/> }.into_any();
    view! { <LoadOnce resource=form skeleton=&["heading", "line", "chart"] view=show/> }.into_any()
}

#[component]
fn Fields(form: WindowForm) -> impl IntoView {
    let action = Submission::new(SaveMaintenance::PATH);
    let id = form.id.map(|id| id.to_string());
    let (title, here, save) = match &id {
        Some(id) => (format!("Edit {}", form.draft.name), format!("/maintenance/{id}/edit"), "Save changes"),
        None => ("When is work planned?".to_owned(), "/maintenance/new".to_owned(), "Plan maintenance"),
    };
    let word = if id.is_some() { "Edit" } else { "Plan maintenance" };
    let crumbs = view! { <Crumbs above=vec![("/maintenance".into(), "Maintenance".into())] here=word/> }.into_any();
    let lead = view! { <p>"Checks go on and are recorded. Nobody is alerted, and the uptime does not suffer."</p> }.into_any();
    view! {
        <div class="narrow stack">
            <PageHead title crumbs lead/>
            <Form action class="form window-form" id="window-form">
                <AskBeforeLeaving saved=action.pending()/>
                {id.map(|id| view! { <Hidden name="id" value=id/> })}
                <WindowFields form here/>
                <div class="form-actions" data-sticky="true">
                    <Submit label=save kind="primary"/>
                    <a class="button" data-kind="quiet" href="/maintenance">"Cancel"</a>
                </div>
            </Form>
        </div>
    }
}
