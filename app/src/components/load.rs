//! A resource on a page: its skeleton first, then what it holds, or what went wrong.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{Failure, Progress};
use crate::error::ApiError;

/// Shows a resource. On later loads the former content stays until the new one is there; a line says that it is on its way. The view is made anew each time,
/// on the server perhaps twice: it must not make resources of its own.
#[component]
pub fn Load<T>(
    resource: Resource<Result<T, ApiError>>,
    /// Shapes of the final size, by the names in `skeleton.css`.
    #[prop(optional)]
    skeleton: &'static [&'static str],
    #[prop(into)] view: Callback<T, AnyView>,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    let busy = RwSignal::new(false);
    // A page that the server makes is sent when it is done: nothing of it is on its way.
    let set_pending = SignalSetter::map(move |pending: bool| {
        if !cfg!(feature = "ssr") {
            busy.set(pending);
        }
    });
    view! {
        <Progress busy=busy.into()/>
        <Transition fallback=move || shapes(skeleton) set_pending>
            {move || Suspend::new(async move { shown(resource.await, view, false) })}
        </Transition>
    }
    .into_any()
}

/// Shows what a resource holds first, made once, as the page or its main part; whoever made the view follows the resource from there, so that focus, picks and
/// open menus survive later loads.
#[component]
pub fn LoadOnce<T>(
    resource: Resource<Result<T, ApiError>>,
    #[prop(optional)] skeleton: &'static [&'static str],
    #[prop(into)] view: Callback<T, AnyView>,
) -> impl IntoView
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static,
{
    view! {
        <Transition fallback=move || shapes(skeleton)>
            {Suspend::new(async move { shown(resource.await, view, true) })}
        </Transition>
    }
    .into_any()
}

fn shapes(names: &'static [&'static str]) -> impl IntoView {
    names.iter().map(|shape| view! { <div class="skeleton" data-shape=*shape aria-hidden="true"></div> }).collect_view()
}

fn shown<T: 'static>(outcome: Result<T, ApiError>, view: Callback<T, AnyView>, page: bool) -> AnyView {
    match outcome {
        Ok(value) => view.run(value),
        Err(ApiError(error)) => view! { <Failure error page/> }.into_any(),
    }
}
