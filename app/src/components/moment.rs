//! Instants and spans that stay right while the page is open. Hovering shows the exact instant and zone.

use domain::Timestamp;
use leptos::prelude::*;

use crate::environment::environment;
use crate::zone;

/// An instant, said in one of the ways of [`zone`].
#[component]
fn At(at: Signal<Timestamp>, said: fn(Timestamp, Timestamp, &str) -> String) -> impl IntoView {
    let env = environment();
    let text = Memo::new(move |_| env.zone.with(|z| said(at.get(), env.now.get(), z)));
    view! {
        <time datetime=move || at.get().to_rfc3339() title=move || env.zone.with(|z| zone::exact(at.get(), z))>
            {text}
        </time>
    }
}

/// An instant, relative near now and absolute beyond a day.
#[component]
pub fn Moment(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    view! { <At at said=zone::near/> }
}

/// An instant to the second, for instants that are compared: `14:08:32` within a day, absolute beyond.
#[component]
pub fn Instant(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    view! { <At at said=zone::second/> }
}

/// How long something lasts already: `11 d 4 h`.
#[component]
pub fn Since(#[prop(into)] at: Signal<Timestamp>) -> impl IntoView {
    let env = environment();
    let text = Memo::new(move |_| zone::span(env.now.get().since(at.get())));
    view! {
        <time
            datetime=move || at.get().to_rfc3339()
            title=move || env.zone.with(|z| format!("since {}", zone::exact(at.get(), z)))
        >
            {text}
        </time>
    }
}

/// The time that is left, counting down; a dash when there is nothing to wait for.
#[component]
pub fn Countdown(#[prop(into)] to: Signal<Option<Timestamp>>) -> impl IntoView {
    let env = environment();
    let text = Memo::new(move |_| to.get().map_or_else(|| "—".to_owned(), |to| zone::countdown(to.since(env.now.get()))));
    let title = move || to.get().map(|to| env.zone.with(|z| zone::exact(to, z)));
    view! { <span class="next num" title=title>{text}</span> }
}
