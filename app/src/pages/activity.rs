//! Who did what in the space.

use domain::activity::{Activity, Area};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::api::bell::{ActivityView, activity_log};
use crate::components::{Empty, Instant, Load, PageHead, Symbol};
use crate::pages::settings::Records;

/// What is the case, by what was done last.
fn heading(rows: &[Activity], filtered: bool) -> String {
    match rows.first() {
        None if filtered => "Nothing that was done is like that".to_owned(),
        None => "Nothing has been changed yet".to_owned(),
        Some(last) if filtered => format!("{} did the last of these", last.who),
        Some(last) => format!("{} made the last change", last.who),
    }
}

/// The page at `/activity`.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let query = use_query_map();
    let get = move |name: &'static str| Memo::new(move |_| query.with(|q| q.get(name)).unwrap_or_default());
    let (area, text, before) = (get("area"), get("q"), get("before"));
    let list = Resource::new(move || (area.get(), text.get(), before.get()), |(area, text, before)| activity_log(area, text, before));
    let show = move |view: ActivityView| {
        let lead = view! { <p>"Who changed what, and when. Kept for a year."</p> };
        let (here, typed) = (area.get_untracked(), text.get_untracked());
        let next = view.next.map(|key| format!("?area={here}&q={}&before={key}", crate::address::escape(&typed)));
        let export = format!("/activity/export?area={here}&q={}", crate::address::escape(&typed));
        let link = move |name: &'static str, word: &'static str| {
            let href = if name.is_empty() { "/activity".to_owned() } else { format!("/activity?area={name}") };
            view! { <a href=href aria-current=move || (area.get() == name).then_some("true")>{word}</a> }
        };
        view! {
            <PageHead title=heading(&view.rows, !here.is_empty() || !typed.is_empty()) lead=lead.into_any()>
                <a class="button" href=export rel="external" download="">"Export CSV"</a>
            </PageHead>
            <div class="toolbar">
                <nav class="segmented" aria-label="By area">
                    {link("", "All")}
                    {Area::ALL.map(|area| link(area.name(), area.label()))}
                </nav>
                <form class="toolbar-end" role="search" method="get" action="/activity">
                    <input type="hidden" name="area" value=here/>
                    <input class="input" type="search" name="q" value=typed placeholder="Name, person, thing" aria-label="Search the activity"/>
                </form>
            </div>
            <Records title="Activity">
                <Rows rows=view.rows/>
                {next.map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier"</a></div> })}
            </Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

#[component]
fn Rows(rows: Vec<Activity>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <Empty symbol=Symbol::Pulse title="Nothing here" text="What people change in this space stands here."/> }
            .into_any();
    }
    let row = |one: Activity| {
        let what =
            if one.link.is_empty() { one.what.into_any() } else { view! { <a class="link" href=one.link>{one.what}</a> }.into_any() };
        view! {
            <li>
                <div class="record-text">
                    <div><strong>{one.who}</strong> " " {one.did} " " {what}</div>
                    {(!one.detail.is_empty()).then(|| view! { <div class="record-note">{one.detail}</div> })}
                </div>
                <div class="record-note"><Instant at=one.at/></div>
            </li>
        }
    };
    view! { <ul class="record-list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
}
