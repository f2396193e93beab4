//! Deleting a monitor, after a question.

use leptos::prelude::*;

use crate::api::monitors::MonitorCommand;
use crate::components::{Confirm, Form, Hidden, Submission};
use server_fn::ServerFn;

/// The card at the end of the form.
#[component]
pub fn Delete(id: String, name: String) -> impl IntoView {
    let action = Submission::told(MonitorCommand::PATH);
    view! {
        <section class="card" data-tone="danger" id="delete">
            <div class="card-head"><h2>"Delete"</h2></div>
            <div class="card-body">
                <p class="muted">"Everything that was recorded goes with it and can’t be brought back. To stop for a while, pause it."</p>
                <Confirm label="Delete monitor" question=format!("Delete {name} and its history?")>
                    <Form action key="delete">
                        <input type="hidden" name="ids[]" value=id/>
                        <Hidden name="next" value="/"/>
                        <button class="button" data-kind="danger" type="submit" name="command" value="delete">"Delete it"</button>
                    </Form>
                </Confirm>
            </div>
        </section>
    }
}
