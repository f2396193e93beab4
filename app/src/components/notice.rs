//! Sentences that need attention: banners, and errors in the place of what could not be shown.

use domain::{AppError, Code};
use leptos::prelude::*;
use leptos_meta::Title;

use super::{Icon, Symbol};

/// What a sentence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Good,
    /// It needs care.
    Warning,
    /// It failed.
    Bad,
}

impl Tone {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "up",
            Self::Warning => "degraded",
            Self::Bad => "down",
        }
    }
}

/// A sentence across the page.
#[component]
pub fn Banner(tone: Tone, children: Children) -> impl IntoView {
    let symbol = if tone == Tone::Good { Symbol::Check } else { Symbol::Alert };
    view! {
        <div class="banner" data-tone=tone.name() role="status">
            <Icon symbol/>
            <span class="banner-text">{children()}</span>
        </div>
    }
}

/// In the place of something that could not be shown: what happened and the way on. A whole page, or a part of one.
#[component]
pub fn Failure(error: AppError, #[prop(optional)] page: bool) -> impl IntoView {
    let retry = matches!(error.code, Code::Unavailable | Code::Internal | Code::RateLimited);
    let title = error.code.title();
    let heading = if page { view! { <Title text=title/><h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    let way_on = if retry {
        view! { <a class="button" href="" rel="external">"Try again"</a> }.into_any()
    } else if error.code == Code::Unauthenticated {
        view! { <a class="button" data-kind="primary" href="/sign-in">"Sign in"</a> }.into_any()
    } else {
        view! { <a class="button" href="/">"Go to the overview"</a> }.into_any()
    };
    view! {
        <div class="empty" role="alert">
            <Icon symbol=Symbol::Alert/>
            {heading}
            <p>{error.message}</p>
            <div class="empty-actions">{way_on}</div>
        </div>
    }
}
