//! The figures beside the words of the navigation: what is not over, and what the reader has not seen. Loaded once for all of them, and again when
//! something happened.

use leptos::prelude::*;

use crate::api::bell::{NewsCounts, count_news};
use crate::components::{Icon, Symbol};
use crate::error::ApiError;
use crate::live::live;

/// The figures of the open space.
#[derive(Clone, Copy)]
pub struct News(Resource<Result<NewsCounts, ApiError>>);

impl News {
    /// Loads them; in the frame, where there is a space.
    pub fn provide(has_space: bool) {
        let live = live();
        let load = move |news: u32| async move {
            // Who belongs to no space has no news.
            let _again = news;
            if has_space { count_news().await } else { Ok(NewsCounts::default()) }
        };
        provide_context(Self(Resource::new(move || live.news.get(), load)));
    }

    /// They, once they are there. Below a `Transition`.
    pub fn get(self) -> Option<NewsCounts> {
        self.0.get().and_then(Result::ok)
    }
}

/// The bell: how much of what happened the reader has not seen.
#[component]
pub fn Bell() -> impl IntoView {
    let news = expect_context::<News>();
    let unread = move || news.get().map_or(0, |counts| counts.unread);
    let label = move || match unread() {
        0 => "Notifications: nothing new".to_owned(),
        n => format!("Notifications: {n} not seen"),
    };
    view! {
        <Transition>
            <a class="bell" href="/notifications" aria-label=label title=label>
                <Icon symbol=Symbol::Bell/>
                {move || (unread() > 0).then(|| {
                    let most = domain::alert::view::UNREAD_MAX;
                    let text = if unread() >= most { format!("{}+", most - 1) } else { unread().to_string() };
                    view! { <span class="count-badge" aria-hidden="true">{text}</span> }
                })}
            </a>
        </Transition>
    }
}
