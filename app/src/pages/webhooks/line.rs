//! How webhooks stand, in one line of the overview. Nothing, in a space without any.

use domain::State;
use domain::webhook::{ScheduleCounts, Standing};
use domain::words;
use leptos::prelude::*;

use super::fresh;
use crate::api::webhooks::count_webhooks;
use crate::components::StateMark;

/// The line.
#[component]
pub fn WebhookLine() -> impl IntoView {
    let counts = Resource::new(|| (), |()| count_webhooks());
    fresh::follow(counts);
    let known = move || counts.get().and_then(Result::ok).filter(|counts| counts.all > 0);
    view! { <Transition>{move || known().map(|counts| view! { <Said counts/> })}</Transition> }
}

#[component]
fn Said(counts: ScheduleCounts) -> impl IntoView {
    let number = |n: u32| words::grouped(u64::from(n));
    let [failing, retrying, running, disabled] =
        [Standing::Failing, Standing::Retrying, Standing::Running, Standing::Disabled].map(|standing| counts.of(standing));
    let shape = if failing == 0 { State::Up } else { State::Down };
    view! {
        <p class="webhook-line">
            <a class="link" href="/webhooks">{words::count(usize::try_from(counts.all).unwrap_or(0), "webhook", "webhooks")}</a>
            <a href="/webhooks?state=failing"><StateMark state=shape/>{number(failing)} " failing"</a>
            <a href="/webhooks?state=running"><StateMark state=State::Pending/>{number(running)} " running"</a>
            {(retrying > 0).then(|| view! {
                <a href="/webhooks?state=retrying"><StateMark state=State::Degraded/>{number(retrying)} " retrying"</a>
            })}
            {(disabled > 0).then(|| view! {
                <a href="/webhooks?state=disabled"><StateMark state=State::Unreachable/>{number(disabled)} " switched off"</a>
            })}
        </p>
    }
}
