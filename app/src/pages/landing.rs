//! What a visitor sees at `/`.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::OutcomeBar;
use crate::layouts::PlainBar;
use crate::session::session;

/// Three truths of the product, each with what it means.
const POINTS: [(&str, &str); 3] = [
    (
        "Checked on time",
        "Every monitor has its own slot on the clock. No drift, no pile-up, and a slot that could not run is shown, not hidden.",
    ),
    (
        "Honest numbers",
        "Uptime comes from the time in each state, dated at the first failure. What nobody watched lowers the coverage, not the uptime.",
    ),
    ("Yours", "One binary with its database inside. It runs on your machine, and nothing leaves it but the checks."),
];

/// The landing page.
#[component]
pub fn Landing() -> impl IntoView {
    let open = session().with_value(|s| s.signup_open);
    // A picture of the product from its own parts: four calm hours with one short failure.
    let bar = format!("{}33{}", "0".repeat(31), "0".repeat(15));
    view! {
        <Title text="Uptime monitoring you host yourself"/>
        <div class="plain">
            <PlainBar>
                <a class="button" data-kind="quiet" href="/sign-in">"Sign in"</a>
            </PlainBar>
            <main id="main" class="landing">
                <div class="landing-hero">
                    <h1>"Know what is down before anyone asks"</h1>
                    <p class="landing-lead">
                        "Loopr watches your addresses and services, shows what is the case right now, and keeps the history to prove it."
                    </p>
                    <div class="landing-actions">
                        <a class="button" data-kind="primary" href="/sign-in">"Sign in"</a>
                        {if open {
                            view! { <a class="button" href="/sign-up">"Create an account"</a> }.into_any()
                        } else {
                            view! { <span class="field-hint">"New here? An invitation from a member lets you in."</span> }.into_any()
                        }}
                    </div>
                </div>
                <div aria-hidden="true"><OutcomeBar text=Signal::stored(bar)/></div>
                <ul class="landing-points">
                    {POINTS
                        .into_iter()
                        .map(|(title, text)| view! { <li><h2>{title}</h2><p>{text}</p></li> })
                        .collect_view()}
                </ul>
            </main>
        </div>
    }
}
