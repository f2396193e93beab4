//! What part of the list is shown: in the address, so that it can be shared, and as links, so that it works without
//! scripts.

use std::time::Duration;

use domain::view::Sort;
use domain::{State, words};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::List;
use crate::address::address;
use crate::components::passed_over::{read, strangers};
use crate::components::{Icon, PassedOver, Symbol};
use crate::later::Later;
use crate::live::live;

/// The query of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAddress {
    /// `q`
    pub search: String,
    /// `state`
    pub state: String,
    /// `tag`
    pub tag: String,
    /// `sort`
    pub sort: String,
    /// `page`, from 0; written from 1.
    pub page: u32,
    /// What the address asks for that there is not.
    pub passed_over: Vec<String>,
}

impl ListAddress {
    /// Follows the address.
    pub fn current() -> Memo<Self> {
        let query = use_query_map();
        Memo::new(move |_| {
            query.with(|q| {
                let text = |name: &str| q.get(name).unwrap_or_default();
                let mut passed_over = Vec::new();
                let number = |text: &str| text.parse::<u32>().ok().filter(|page| *page > 0);
                let state = read(q, ("state", "state"), State::from_name, "all states", &mut passed_over).map_or("", State::name);
                let sort = read(q, ("sort", "order"), Sort::from_name, "what is broken first", &mut passed_over).map_or("", Sort::name);
                let page = read(q, ("page", "page"), number, "the first one", &mut passed_over).unwrap_or(1) - 1;
                strangers(q, &["q", "state", "tag", "sort", "page"], &mut passed_over);
                Self { search: text("q"), state: state.to_owned(), tag: text("tag"), sort: sort.to_owned(), page, passed_over }
            })
        })
    }

    /// As an address.
    pub fn href(&self) -> String {
        let page = if self.page == 0 { String::new() } else { (self.page + 1).to_string() };
        address("/", &[("q", &self.search), ("state", &self.state), ("tag", &self.tag), ("sort", &self.sort), ("page", &page)])
    }

    /// Whether nothing is filtered.
    pub fn is_everything(&self) -> bool {
        self.search.is_empty() && self.state.is_empty() && self.tag.is_empty()
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { page: 0, ..self.clone() };
        change(&mut other);
        other.href()
    }

    /// Another order, from its first page.
    pub fn sorted(&self, sort: Sort) -> String {
        self.with(|a| a.sort = if sort == Sort::default() { String::new() } else { sort.name().into() })
    }
}

/// Search, state, tag.
#[component]
pub fn Filters() -> impl IntoView {
    let List { page, address } = expect_context();
    let said = Memo::new(move |_| {
        let (mut said, tag) = address.with(|a| (a.passed_over.clone(), a.tag.clone()));
        if !tag.is_empty() && !page.with(|p| p.tags.iter().any(|(there, _)| *there == tag)) {
            said.push(format!("No monitor has the tag “{tag}”."));
        }
        said
    });
    let live = live();
    let count = move |state: Option<State>| {
        let totals = live.totals.get().unwrap_or_else(|| page.with(|p| p.totals.clone()));
        state.map_or_else(|| totals.all(), |s| totals.count(s))
    };
    let link = move |word: &'static str, state: Option<State>| {
        let name = state.map_or("", State::name);
        let here = move || address.with(|a| a.state == name).then_some("true");
        let href = move || address.with(|a| a.with(|a| a.state = name.into()));
        view! { <a href=href aria-current=here>{word}<span class="count">{move || words::grouped(u64::from(count(state)))}</span></a> }
    };
    view! {
        <PassedOver said/>
        <div class="toolbar">
            <nav class="segmented" aria-label="By state">
                {link("All", None)}
                {[State::Down, State::Degraded, State::Up, State::Paused].map(|s| link(s.word(), Some(s))).collect_view()}
                // The states of passage, while there is something in them or one of them is chosen.
                {[State::Pending, State::Unreachable, State::Maintenance, State::Unknown].map(|s| {
                    let shown = Memo::new(move |_| count(Some(s)) > 0 || address.with(|a| a.state == s.name()));
                    view! { <Show when=move || shown.get()>{link(s.word(), Some(s))}</Show> }
                }).collect_view()}
            </nav>
            <div class="toolbar-end"><SearchForm/></div>
        </div>
        <Show when=move || page.with(|p| !p.tags.is_empty())><Tags/></Show>
    }
}

/// A form, so that it works without scripts; with them the list follows while one types.
#[component]
fn SearchForm() -> impl IntoView {
    let List { address, .. } = expect_context();
    let navigate = use_navigate();
    let later = Later::new(Duration::from_millis(200));
    let on_input = move |event: leptos::ev::Event| {
        let (text, navigate) = (event_target_value(&event), navigate.clone());
        later.run(move || {
            let href = address.with_untracked(|a| a.with(|a| a.search = text));
            navigate(&href, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        });
    };
    let hidden = move |name: &'static str, value: fn(&ListAddress) -> &String| {
        view! { <Show when=move || address.with(|a| !value(a).is_empty())><input type="hidden" name=name value=move || address.with(|a| value(a).clone())/></Show> }
    };
    view! {
        <form role="search" action="/" method="get" on:submit=|event| event.prevent_default()>
            {hidden("state", |a| &a.state)}
            {hidden("tag", |a| &a.tag)}
            {hidden("sort", |a| &a.sort)}
            <input
                id="list-search"
                class="input"
                data-size="small"
                type="search"
                name="q"
                aria-label="Filter by name, address or tag"
                aria-keyshortcuts="/"
                placeholder="Filter"
                value=address.with_untracked(|a| a.search.clone())
                on:input=on_input
            />
        </form>
    }
}

#[component]
fn Tags() -> impl IntoView {
    let List { page, address } = expect_context();
    let chip = move |(tag, n): (String, u32)| {
        let (mine, target) = (tag.clone(), tag.clone());
        let here = Memo::new(move |_| address.with(|a| a.tag == mine));
        let href = move || address.with(|a| a.with(|a| a.tag = if here.get() { String::new() } else { target.clone() }));
        view! {
            <a class="chip" href=href aria-current=move || here.get().then_some("true") data-tone=move || here.get().then_some("accent")>
                {tag}<span class="faint">{words::grouped(u64::from(n))}</span>
            </a>
        }
    };
    view! {
        <nav class="chips" aria-label="By tag">
            <For each=move || page.with(|p| p.tags.clone()) key=Clone::clone children=chip/>
        </nav>
    }
}

/// A column heading that sorts.
#[component]
pub fn SortLink(sort: Sort, word: &'static str) -> impl IntoView {
    let List { address, .. } = expect_context();
    let here = move || address.with(|a| Sort::from_name(&a.sort).unwrap_or_default() == sort);
    view! {
        <a href=move || address.with(|a| a.sorted(sort)) aria-current=move || here().then_some("true")>
            {word}
            <Show when=here><Icon symbol=Symbol::SortDown/></Show>
        </a>
    }
}

/// Which rows are shown, and the ways to the others.
#[component]
pub fn Pager(total: Signal<u32>, size: u32) -> impl IntoView {
    let List { address, .. } = expect_context();
    let number = move || address.with(|a| a.page);
    let text = move || {
        let (from, to) = (number() * size + 1, ((number() + 1) * size).min(total.get()));
        if total.get() <= size {
            words::count(usize::try_from(total.get()).unwrap_or(0), "monitor", "monitors")
        } else {
            format!("{from} to {to} of {}", words::grouped(u64::from(total.get())))
        }
    };
    let to = move |page: u32| address.with(|a| ListAddress { page, ..a.clone() }.href());
    view! {
        <div class="pager">
            <span>{text}</span>
            <nav aria-label="Pages">
                <Show when=move || { number() > 0 }>
                    <a class="button" data-size="small" rel="prev" href=move || to(number().saturating_sub(1))>"Previous"</a>
                </Show>
                <Show when=move || { (number() + 1) * size < total.get() }>
                    <a class="button" data-size="small" rel="next" href=move || to(number() + 1)>"Next"</a>
                </Show>
            </nav>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_only_what_differs() {
        assert_eq!(ListAddress::default().href(), "/");
        let address = ListAddress { search: "a b&c".into(), state: "down".into(), page: 1, ..ListAddress::default() };
        assert_eq!(address.href(), "/?q=a%20b%26c&state=down&page=2");
        assert_eq!(address.sorted(Sort::Name), "/?q=a%20b%26c&state=down&sort=name");
    }
}
