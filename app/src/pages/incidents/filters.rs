//! Which incidents are shown: in the address, so that it can be shared, and as links and a form, so that it works without scripts.

use std::time::Duration;

use domain::alert::view::IncidentsView;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::address::address;
use crate::components::PassedOver;
use crate::components::passed_over::{read, strangers};
use crate::later::Later;

/// States and their words.
const STATES: [(&str, &str); 5] =
    [("", "All"), ("unresolved", "Not over"), ("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")];

/// The query of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentAddress {
    /// `state`
    pub state: String,
    /// `monitor`: an id or a name.
    pub monitor: String,
    /// `tag`
    pub tag: String,
    /// `q`
    pub search: String,
    /// `before`: the incident after which this page begins.
    pub before: String,
    /// What the address asks for that there is not.
    pub passed_over: Vec<String>,
}

impl IncidentAddress {
    /// Follows the address.
    pub fn current() -> Memo<Self> {
        let query = use_query_map();
        Memo::new(move |_| {
            query.with(|q| {
                let text = |name: &str| q.get(name).unwrap_or_default();
                let mut passed_over = Vec::new();
                let known = |text: &str| STATES.into_iter().map(|(name, _)| name).find(|name| *name == text);
                let state = read(q, ("state", "state"), known, "all states", &mut passed_over).unwrap_or_default();
                strangers(q, &["state", "monitor", "tag", "q", "before"], &mut passed_over);
                Self {
                    state: state.to_owned(),
                    monitor: text("monitor"),
                    tag: text("tag"),
                    search: text("q"),
                    before: text("before"),
                    passed_over,
                }
            })
        })
    }

    /// As an address.
    pub fn href(&self) -> String {
        let all = [("state", &self.state), ("monitor", &self.monitor), ("tag", &self.tag), ("q", &self.search), ("before", &self.before)];
        address("/incidents", &all.map(|(name, value)| (name, value.as_str())))
    }

    /// Another one, from its first page.
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { before: String::new(), ..self.clone() };
        change(&mut other);
        other.href()
    }

    /// Whether something is filtered.
    pub fn is_filtered(&self) -> bool {
        [&self.state, &self.monitor, &self.tag, &self.search].into_iter().any(|text| !text.is_empty())
    }
}

/// State, text, tag, monitor.
#[component]
pub fn Filters(view: IncidentsView, address: Memo<IncidentAddress>) -> impl IntoView {
    let navigate = use_navigate();
    let form = NodeRef::<html::Form>::new();
    let go = move || {
        let Some(data) = form.get_untracked().and_then(|form| web_sys::FormData::new_with_form(&form).ok()) else { return };
        let text = |name: &str| data.get(name).as_string().unwrap_or_default();
        let href = address.with_untracked(|address| {
            address.with(|other| (other.search, other.tag, other.monitor) = (text("q"), text("tag"), text("monitor")))
        });
        navigate(&href, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    };
    let later = Later::new(Duration::from_millis(250));
    let on_input = {
        let go = go.clone();
        move |_| later.run(go.clone())
    };
    let first = address.get_untracked();
    let tagged = first.tag.clone();
    let tag = |tag: String| {
        let selected = tag == tagged;
        view! { <option value=tag.clone() selected=selected>{tag.clone()}</option> }
    };
    let said = Signal::derive(move || address.with(|address| address.passed_over.clone()));
    view! {
        <PassedOver said/>
        <div class="toolbar">
            <nav class="segmented" aria-label="By state">
                {STATES.map(|(name, word)| {
                    let href = move || address.with(|address| address.with(|other| name.clone_into(&mut other.state)));
                    view! { <a href=href aria-current=move || address.with(|a| a.state == name).then_some("true")>{word}</a> }
                })}
            </nav>
            <form
                class="toolbar-end filter-form"
                role="search"
                action="/incidents"
                method="get"
                node_ref=form
                on:input=on_input
                on:submit=move |event| {
                    event.prevent_default();
                    go();
                }
            >
                <input type="hidden" name="state" value=move || address.with(|address| address.state.clone())/>
                <input
                    id="list-search" class="input" data-size="small" type="search" name="q" value=first.search
                    aria-label="Filter by what is said" aria-keyshortcuts="/" placeholder="Filter"
                />
                <select class="input" data-size="small" name="tag" aria-label="Tag of a monitor">
                    <option value="">"Any tag"</option>
                    {view.tags.into_iter().map(tag).collect_view()}
                </select>
                <input
                    class="input" data-size="small" type="search" name="monitor" value=first.monitor list="monitor-names"
                    aria-label="Monitor" placeholder="Any monitor" autocomplete="off"
                />
                <datalist id="monitor-names">{view.monitors.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
                <noscript><button class="button" data-size="small" type="submit">"Filter"</button></noscript>
            </form>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_only_what_is_filtered() {
        assert_eq!(IncidentAddress::default().href(), "/incidents");
        let address = IncidentAddress { search: "a b".into(), state: "open".into(), before: "inc_1".into(), ..IncidentAddress::default() };
        assert_eq!(address.href(), "/incidents?state=open&q=a%20b&before=inc_1");
        assert_eq!(address.with(|other| other.tag = "web".into()), "/incidents?state=open&tag=web&q=a%20b");
        assert!(address.is_filtered() && !IncidentAddress { before: "inc_1".into(), ..IncidentAddress::default() }.is_filtered());
    }
}
