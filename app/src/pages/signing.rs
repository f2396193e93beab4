//! The signing secret of what sends signed requests: shown on demand, and changed with a time in which both are valid.

use domain::Timestamp;
use domain::view::Once;
use leptos::prelude::*;

use crate::components::{Asked, Form, Hidden, Instant, ShownOnce, Submission, Submit, TextField};
use crate::pages::settings::Section;

/// The card. Both paths take the `id`, and answer with [`Once`].
#[component]
pub fn Signing(
    id: String,
    /// Until when the former secret signs as well.
    #[prop(into)]
    until: Signal<Option<Timestamp>>,
    /// Of the server function that makes a new secret; takes `grace` as well.
    rotate: &'static str,
    /// Of the server function that tells the secret in use.
    reveal: &'static str,
) -> impl IntoView {
    let (rotate, reveal) = (Submission::new(rotate), Submission::new(reveal));
    let (made, told) = (rotate.answer::<Once>(), reveal.answer::<Once>());
    let same = id.clone();
    view! {
        <Section title="Signing secret" note="Standard Webhooks" id="signing">
            {move || until.get().map(|at| view! { <p>"The former secret signs as well until " <Instant at/> "."</p> })}
            <div class="form-actions">
                <Form action=reveal><Hidden name="id" value=id/><Submit label="Show secret" small=true/></Form>
                <Asked label="Rotate" small=true>
                    <Form action=rotate class="form">
                        <Hidden name="id" value=same/>
                        <TextField name="grace" label="Both sign for" optional=true placeholder="24 h" hint="At most 7 d. The receiver takes up the new one meanwhile."/>
                        <Submit label="Make a new secret" kind="primary" small=true/>
                    </Form>
                </Asked>
            </div>
            {move || told.get().filter(|_| made.with(Option::is_none)).map(|once| view! { <ShownOnce secret=once.secret text="The secret in use. That it was shown is in the activity log."/> })}
            {move || made.get().map(|once| view! { <ShownOnce secret=once.secret text="Copy the new secret to the receiver."/> })}
        </Section>
    }
}
