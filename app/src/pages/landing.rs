//! What a visitor sees at `/`.

use domain::State;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::{OutcomeBar, StateMark};
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

/// Name, address, state, failed pieces of the bar, latency, uptime.
type Sample = (&'static str, &'static str, State, std::ops::Range<usize>, &'static str, &'static str);

/// A picture of the product, made of its own parts.
const SAMPLES: [Sample; 3] = [
    ("Checkout API", "api.acme.dev/checkout", State::Down, 42..48, "timeout", "98.21%"),
    ("Website", "acme.dev", State::Up, 0..0, "84 ms", "100%"),
    ("Public API", "api.acme.dev/health", State::Up, 14..16, "46 ms", "99.96%"),
];

#[component]
fn Picture() -> impl IntoView {
    let row = |(name, address, state, failed, latency, uptime): Sample| {
        let bar: String = (0..48).map(|piece| if failed.contains(&piece) { '3' } else { '0' }).collect();
        view! {
            <div class="landing-row" data-state=state.name()>
                <StateMark state=Signal::stored(state)/>
                <div><p class="landing-name">{name}</p><p class="landing-address">{address}</p></div>
                <OutcomeBar text=Signal::stored(bar)/>
                <span class="landing-latency">{latency}</span>
                <span class="landing-uptime">{uptime}</span>
            </div>
        }
    };
    view! {
        <div class="landing-shot" aria-hidden="true">
            <p class="landing-shot-title"><b>"Checkout API is down"</b>"for 6 min. 131 others are up."</p>
            {SAMPLES.map(row).collect_view()}
        </div>
    }
}

/// The landing page.
#[component]
pub fn Landing() -> impl IntoView {
    let open = session().with_value(|s| s.signup_open);
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
                <Picture/>
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
