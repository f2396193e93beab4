//! Adding a monitor.

use domain::account::Role;
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

/// The page at `/monitors/new`; `?url=` fills in the address.
#[component]
pub fn NewMonitor() -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let action = Submission::new(CreateMonitor::PATH);
    let url = use_query_map().with_untracked(|q| q.get("url")).unwrap_or_default();
    let draft = MonitorDraft { url, ..MonitorDraft::default() };
    let crumbs = view! { <Crumbs above=vec![("/".into(), "Overview".into())] here="Add monitor"/> }.into_any();
    let lead = view! { <p>"An address is enough. Everything else has a sensible value."</p> }.into_any();
    view! {
        <div class="narrow stack">
            <PageHead title="What should Loopr watch?".to_owned() crumbs lead/>
            <Form action class="form" id="monitor-form">
                <AskBeforeLeaving saved=action.pending()/>
                <MonitorFields draft editing=""/>
                <div class="form-actions" data-sticky="true">
                    <Submit label="Add monitor" kind="primary"/>
                    <a class="button" data-kind="quiet" href="/">"Cancel"</a>
                </div>
            </Form>
        </div>
    }
    .into_any()
}
