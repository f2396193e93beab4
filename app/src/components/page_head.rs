//! The first lines of a page: what is the case, one sentence of context, the actions.

use leptos::prelude::*;
use leptos_meta::Title;

/// Heading, context and actions of a page. `title` is also the title of the document.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    #[prop(optional)] crumbs: Option<AnyView>,
    /// Beside the heading.
    #[prop(optional)]
    mark: Option<AnyView>,
    /// The sentence below.
    #[prop(optional)]
    lead: Option<AnyView>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    // On the server the title of the document is asked for after the page is done and its signals are gone.
    let first = title.get_untracked();
    let text = move || title.try_get().unwrap_or_else(|| first.clone());
    view! {
        <Title text/>
        {crumbs}
        <div class="page-head">
            <div class="page-text">
                <div class="page-title">
                    <h1>{title}</h1>
                    {mark}
                </div>
                {lead.map(|lead| view! { <div class="page-lead">{lead}</div> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </div>
    }
}

/// The way to this page from the overview.
#[component]
pub fn Crumbs(
    /// Addresses and words of the pages above.
    above: Vec<(String, String)>,
    #[prop(into)] here: String,
) -> impl IntoView {
    view! {
        <nav aria-label="Where you are">
            <ol class="crumbs">
                {above.into_iter().map(|(href, word)| view! { <li><a href=href>{word}</a></li> }).collect_view()}
                <li aria-current="page">{here}</li>
            </ol>
        </nav>
    }
}
