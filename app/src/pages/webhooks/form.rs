//! Adding a webhook, copying one, and changing one.

mod fields;
mod preview;
mod tested;

use domain::account::Role;
use domain::webhook::{ScheduleDraft, ScheduleForm};
use domain::{AppError, Code};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use server_fn::ServerFn;

use crate::api::webhooks::{PreviewWebhook, SaveWebhook, TestWebhook, Tested, webhook_form};
use crate::components::{Crumbs, Failure, Form, Hidden, LoadOnce, PageHead, Submission, Submit};
use crate::layouts::AskBeforeLeaving;
use crate::session::session;
use fields::WebhookFields;

/// The page at `/webhooks/new`; `?copy=` begins with a copy of another one, and fields are filled in by their names: `?url=`.
#[component]
pub fn NewWebhook() -> impl IntoView {
    let copy = use_query_map().with_untracked(|q| q.get("copy")).unwrap_or_default();
    view! { <Editor id=String::new() copy/> }
}

/// The page at `/webhooks/{id}/edit`.
#[component]
pub fn EditWebhook() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    // Everything below belongs to one webhook: the way to another one makes it anew.
    move || view! { <Editor id=id.get() copy=String::new()/> }
}

#[component]
fn Editor(id: String, copy: String) -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let copied = !copy.is_empty();
    let form = Resource::new(|| (), move |()| webhook_form(id.clone(), copy.clone()));
    let show = move |form: ScheduleForm| view! { <Fields form copied/> }.into_any();
    view! { <LoadOnce resource=form skeleton=&["heading", "line", "chart"] view=show/> }.into_any()
}

/// Fills in what the address says, less secrets.
fn fill(draft: &mut ScheduleDraft, query: &ParamsMap) {
    for field in domain::webhook::form().iter().filter(|field| !field.input.is_secret()) {
        if let Some(value) = query.get(field.name) {
            draft.settings.insert(field.name.to_owned(), value);
        }
    }
}

#[component]
fn Fields(mut form: ScheduleForm, copied: bool) -> impl IntoView {
    let action = Submission::new(SaveWebhook::PATH);
    let (preview, test) = (Submission::new(PreviewWebhook::PATH), Submission::of_page(TestWebhook::PATH));
    let id = form.id;
    let name = form.draft.name.clone();
    if id.is_none() {
        use_query_map().with_untracked(|query| fill(&mut form.draft, query));
    }
    // Without scripts a preview and a test make the page anew, of what was typed.
    let typed =
        preview.answer::<ScheduleForm>().get_untracked().or_else(|| test.answer::<Tested>().get_untracked().map(|tested| tested.form));
    let form = typed.map(|typed| ScheduleForm { id, ..typed }).unwrap_or(form);
    let (title, word, save, back) = match &id {
        Some(id) => (format!("Edit {name}"), "Edit", "Save changes", format!("/webhooks/{id}")),
        None => ("What should Loopr call, and when?".to_owned(), "Add webhook", "Add webhook", "/webhooks".to_owned()),
    };
    let mut above = vec![("/webhooks".to_owned(), "Webhooks".to_owned())];
    if id.is_some() {
        above.push((back.clone(), name));
    }
    let crumbs = view! { <Crumbs above here=word/> }.into_any();
    let lead = copied.then(|| view! { <p>"A copy. Secrets are not copied: type them again."</p> }.into_any());
    let lead = lead
        .unwrap_or_else(|| view! { <p>"A request that is made when its timetable says so, and tried again when it fails."</p> }.into_any());
    view! {
        <div class="narrow stack">
            <PageHead title crumbs lead/>
            <Form action class="form webhook-form" id="webhook-form">
                <AskBeforeLeaving saved=action.pending()/>
                {id.map(|id| view! { <Hidden name="id" value=id.to_string()/> <Hidden name="editing" value=id.to_string()/> })}
                <WebhookFields form preview test/>
                <div class="form-actions" data-sticky="true">
                    <Submit label=save kind="primary"/>
                    <a class="button" data-kind="quiet" href=back>"Cancel"</a>
                </div>
            </Form>
        </div>
    }
}
