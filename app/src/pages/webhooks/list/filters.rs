//! What part of the list is shown: in the address, so that it can be shared, and as links, so that it works without scripts.

use std::time::Duration;

use domain::webhook::Standing;
use domain::words;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{List, PAGE, counted};
use crate::address::address;
use crate::components::PassedOver;
use crate::components::passed_over::{read, strangers};
use crate::later::Later;

/// The query of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAddress {
    /// `q`
    pub search: String,
    /// `state`: the name of a standing.
    pub standing: String,
    /// `tag`
    pub tag: String,
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
                let standing = read(q, ("state", "state"), Standing::from_name, "all of them", &mut passed_over).map_or("", Standing::name);
                let page = read(q, ("page", "page"), number, "the first one", &mut passed_over).unwrap_or(1) - 1;
                strangers(q, &["q", "state", "tag", "page"], &mut passed_over);
                Self { search: text("q"), standing: standing.to_owned(), tag: text("tag"), page, passed_over }
            })
        })
    }

    /// As an address.
    pub fn href(&self) -> String {
        let page = if self.page == 0 { String::new() } else { (self.page + 1).to_string() };
        address("/webhooks", &[("q", &self.search), ("state", &self.standing), ("tag", &self.tag), ("page", &page)])
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { page: 0, ..self.clone() };
        change(&mut other);
        other.href()
    }
}

/// Standing, search, tag.
#[component]
pub fn Filters() -> impl IntoView {
    let List { page, address } = expect_context();
    let said = Memo::new(move |_| {
        let (mut said, tag) = address.with(|a| (a.passed_over.clone(), a.tag.clone()));
        if !tag.is_empty() && !page.with(|p| p.tags.contains(&tag)) {
            said.push(format!("No webhook has the tag “{tag}”."));
        }
        said
    });
    let count = move |standing: Option<Standing>| page.with(|p| standing.map_or(p.counts.all, |standing| p.counts.of(standing)));
    let link = move |word: &'static str, standing: Option<Standing>| {
        let name = standing.map_or("", Standing::name);
        let here = move || address.with(|a| a.standing == name).then_some("true");
        let href = move || address.with(|a| a.with(|a| a.standing = name.into()));
        let number = move || view! { <span class="count">{words::grouped(u64::from(count(standing)))}</span> };
        view! { <a href=href aria-current=here>{word}{number}</a> }
    };
    view! {
        <PassedOver said/>
        <div class="toolbar">
            <nav class="segmented" aria-label="By state">
                {link("All", None)}
                {[Standing::Failing, Standing::Running, Standing::Well, Standing::Paused].map(|s| link(s.label(), Some(s))).collect_view()}
                // The rarer ones, while there is something in them or one of them is chosen.
                {[Standing::Retrying, Standing::New, Standing::Disabled, Standing::Ended].map(|s| {
                    let shown = Memo::new(move |_| count(Some(s)) > 0 || address.with(|a| a.standing == s.name()));
                    view! { <Show when=move || shown.get()>{link(s.label(), Some(s))}</Show> }
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
        <form role="search" action="/webhooks" method="get" on:submit=|event| event.prevent_default()>
            {hidden("state", |a| &a.standing)}
            {hidden("tag", |a| &a.tag)}
            <input
                id="list-search"
                class="input"
                data-size="small"
                type="search"
                name="q"
                aria-label="Filter by name, address, note or tag"
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
    let chip = move |tag: String| {
        let (mine, target) = (tag.clone(), tag.clone());
        let here = Memo::new(move |_| address.with(|a| a.tag == mine));
        let href = move || address.with(|a| a.with(|a| a.tag = if here.get() { String::new() } else { target.clone() }));
        view! {
            <a class="chip" href=href aria-current=move || here.get().then_some("true") data-tone=move || here.get().then_some("accent")>{tag}</a>
        }
    };
    view! {
        <nav class="chips" aria-label="By tag">
            <For each=move || page.with(|p| p.tags.clone()) key=Clone::clone children=chip/>
        </nav>
    }
}

/// Which rows these are, and the way to the others.
#[component]
pub fn Pager() -> impl IntoView {
    let List { page, address } = expect_context();
    let total = Memo::new(move |_| page.with(|p| p.matching));
    let number = move || address.with(|a| a.page);
    let text = move || {
        let (from, to) = (number() * PAGE + 1, ((number() + 1) * PAGE).min(total.get()));
        if total.get() <= PAGE { counted(total.get()) } else { format!("{from} to {to} of {}", words::grouped(u64::from(total.get()))) }
    };
    let to = move |page: u32| address.with(|a| ListAddress { page, ..a.clone() }.href());
    view! {
        <div class="pager">
            <span>{text}</span>
            <nav aria-label="Pages">
                <Show when=move || { number() > 0 }>
                    <a class="button" data-size="small" rel="prev" href=move || to(number().saturating_sub(1))>"Previous"</a>
                </Show>
                <Show when=move || { (number() + 1) * PAGE < total.get() }>
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
        assert_eq!(ListAddress::default().href(), "/webhooks");
        let address = ListAddress { search: "a b&c".into(), standing: "failing".into(), page: 1, ..ListAddress::default() };
        assert_eq!(address.href(), "/webhooks?q=a%20b%26c&state=failing&page=2");
        assert_eq!(address.with(|a| a.standing.clear()), "/webhooks?q=a%20b%26c");
    }
}
