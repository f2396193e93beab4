//! What people do to an incident. The forms are made once: what is being typed survives what happens meanwhile.

use domain::IncidentId;
use domain::alert::IncidentState;
use leptos::prelude::*;

use crate::components::{Confirm, Form, Hidden, Submission, Submit, TextArea};
use crate::layouts::AskBeforeLeaving;
use crate::pages::settings::Section;

/// Acknowledge, resolve, reopen.
#[component]
pub fn Actions(id: IncidentId, state: Memo<IncidentState>, command: Submission) -> impl IntoView {
    let over = Memo::new(move |_| state.get() == IncidentState::Resolved);
    let id = id.to_string();
    let (act, resolve) = (StoredValue::new(id.clone()), StoredValue::new(id));
    view! {
        <Show when=move || state.get() == IncidentState::Open>
            <div class="incident-acknowledge">
                <Form action=command key="acknowledge">
                    <Hidden name="id" value=act.get_value()/>
                    <button class="button" data-kind="primary" type="submit" name="command" value="acknowledge">"Acknowledge"</button>
                </Form>
            </div>
        </Show>
        <Show when=move || over.get()>
            <Form action=command key="reopen">
                <Hidden name="id" value=act.get_value()/>
                <button class="button" type="submit" name="command" value="reopen">"Reopen"</button>
            </Form>
        </Show>
        <Show when=move || !over.get()>
            <Confirm label="Resolve" question="Resolve it by hand? A monitor that is still down opens no new one until it was up again.">
                <Form action=command key="resolve" class="form">
                    <AskBeforeLeaving saved=command.pending()/>
                    <Hidden name="id" value=resolve.get_value()/>
                    <TextArea name="text" label="Why" value="" optional=true/>
                    <button class="button" data-kind="danger" type="submit" name="command" value="resolve">"Resolve it"</button>
                </Form>
            </Confirm>
        </Show>
    }
}

/// A comment, and what was learnt.
#[component]
pub fn Writing(id: IncidentId, text: String, comment: Submission, postmortem: Submission) -> impl IntoView {
    let (id, same) = (id.to_string(), id.to_string());
    view! {
        <Section title="Comment" note="For the timeline: what you found, what you do.">
            <Form action=comment class="form" reset=true>
                <AskBeforeLeaving saved=comment.pending()/>
                <Hidden name="id" value=same/>
                <TextArea name="text" label="What is going on" value="" placeholder="The database is being restarted."/>
                <div class="form-actions"><Submit label="Add comment" kind="primary"/></div>
            </Form>
        </Section>
        <Section title="Post-mortem" note="What happened, why, and what will be different. Markdown.">
            <Form action=postmortem class="form">
                <AskBeforeLeaving saved=postmortem.pending()/>
                <Hidden name="id" value=id/>
                <TextArea name="postmortem" label="Text" value=text mono=true optional=true/>
                <div class="form-actions"><Submit label="Save post-mortem" done="Saved"/></div>
            </Form>
        </Section>
    }
}
