//! Commands for the picked rows. The form also serves the menus of the rows, which belong to it by its id.

use leptos::prelude::*;
use server_fn::ServerFn;

use super::List;
use super::table::Picks;
use crate::api::webhooks::WebhookCommand;
use crate::components::{Asked, Confirm, Form, Submission};

/// The bar: in sight while rows are picked, and always without scripts.
#[component]
pub fn BulkBar() -> impl IntoView {
    let Picks(picked) = expect_context();
    let List { page, .. } = expect_context();
    let action = Submission::told(WebhookCommand::PATH);
    let count = Memo::new(move |_| picked.with(std::collections::HashSet::len));
    let outcome = action.outcome();
    Effect::new(move |_| {
        if matches!(outcome.get(), Some(Ok(_))) {
            picked.update(std::collections::HashSet::clear);
        }
    });
    let on_page = move || page.with(|p| p.rows.iter().map(|r| r.id).collect());
    let button = |command: &'static str, word: &'static str| {
        view! { <button class="button" data-size="small" type="submit" name="command" value=command>{word}</button> }
    };
    view! {
        <div class="bulk-bar" data-picked=move || count.get().to_string() role="region" aria-label="Picked webhooks">
            <span class="bulk-count" aria-live="polite">{count} " picked"</span>
            <button type="button" class="button needs-wasm" data-size="small" data-kind="quiet" on:click=move |_| picked.set(on_page())>
                "All on this page"
            </button>
            <Form action class="bulk-form" id="bulk" key="bulk">
                {button("run", "Run now")}
                <Asked label="Pause" small=true>
                    <div class="input-group">
                        <input class="input" data-size="small" name="note" aria-label="Why" placeholder="Why" autocomplete="off"/>
                        <input class="input" data-size="small" name="until" aria-label="Until, such as 2027-01-01 09:00" placeholder="Until resumed" autocomplete="off"/>
                        {button("pause", "Pause them")}
                    </div>
                </Asked>
                {button("resume", "Resume")}
                <Confirm label="Delete" question="Delete the picked webhooks with all their runs?" small=true>
                    <button class="button" data-size="small" data-kind="danger" type="submit" name="command" value="delete">"Delete them"</button>
                </Confirm>
            </Form>
        </div>
    }
}
