//! Adding a monitor.

use domain::account::Role;
use domain::kind::{Kind, Values};
use domain::monitor::MonitorDraft;
use domain::{AppError, Code};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use super::form::MonitorFields;
use crate::api::monitors::CreateMonitor;
use crate::components::{Crumbs, Failure, Form, PageHead, Submission, Submit};
use crate::layouts::AskBeforeLeaving;
use crate::session::session;

/// The page at `/monitors/new`; `?kind=` chooses the kind, and fields of the kind are filled in by their names: `?url=`.
#[component]
pub fn NewMonitor() -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let query = use_query_map();
    let kind = Memo::new(move |_| query.with(|q| q.get("kind")).and_then(|name| Kind::from_name(&name)).unwrap_or_default());
    let crumbs = view! { <Crumbs above=vec![("/".into(), "Overview".into())] here="Add monitor"/> }.into_any();
    let lead = view! { <p>{move || kind.get().line()}</p> }.into_any();
    view! {
        <div class="narrow stack">
            <PageHead title="What should Loopr watch?".to_owned() crumbs lead/>
            <Kinds kind/>
            // Each kind is a form of its own.
            {move || view! { <Add kind=kind.get()/> }}
        </div>
    }
    .into_any()
}

#[component]
fn Kinds(kind: Memo<Kind>) -> impl IntoView {
    let one = move |one: Kind| {
        let here = move || (kind.get() == one).then_some("true");
        view! { <a class="kind" href=format!("/monitors/new?kind={}", one.name()) aria-current=here title=one.line()>{one.label()}</a> }
    };
    view! { <nav class="kinds" aria-label="Kind of monitor">{Kind::ALL.map(one)}</nav> }
}

#[component]
fn Add(kind: Kind) -> impl IntoView {
    let action = Submission::new(CreateMonitor::PATH);
    let settings: Values = use_query_map().with_untracked(|query| {
        let typed = |field: &'static domain::kind::Field| Some((field.name.to_owned(), query.get(field.name)?));
        kind.fields().filter(|field| !field.input.is_secret()).filter_map(typed).collect()
    });
    let draft = MonitorDraft { kind: kind.name().into(), settings, ..MonitorDraft::default() };
    view! {
        <Form action class="form" id="monitor-form">
            <AskBeforeLeaving saved=action.pending()/>
            <MonitorFields draft kind editing=""/>
            <div class="form-actions" data-sticky="true">
                <Submit label="Add monitor" kind="primary"/>
                <a class="button" data-kind="quiet" href="/">"Cancel"</a>
            </div>
        </Form>
    }
}
