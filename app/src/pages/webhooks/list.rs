//! The list of webhooks: what is the case, and every webhook with its next run and its last result, live.

mod bulk;
mod filters;
mod headline;
mod row;
mod table;

use domain::account::Role;
use domain::webhook::SchedulesView;
use domain::words;
use leptos::prelude::*;

use super::fresh;
use crate::api::webhooks::webhooks;
use crate::components::{Empty, Icon, LoadOnce, PageHead, Symbol, Tone, toasts};
use crate::error::ApiError;
use crate::session::session;
use filters::{Filters, ListAddress, Pager};
use table::WebhookTable;

/// Rows of a page.
const PAGE: u32 = 50;

const SKELETON: &[&str] = &["heading", "line", "row", "row", "row", "row", "row"];

/// The last loaded page of the list.
#[derive(Clone, Copy)]
struct List {
    page: RwSignal<SchedulesView>,
    address: Memo<ListAddress>,
}

/// The page at `/webhooks`.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    let address = ListAddress::current();
    let list = Resource::new(move || address.get(), |a| webhooks(a.search, a.standing, a.tag, a.page));
    let show = move |first: SchedulesView| view! { <Loaded first list address/> }.into_any();
    view! { <LoadOnce resource=list skeleton=SKELETON view=show/> }
}

#[component]
fn Loaded(first: SchedulesView, list: Resource<Result<SchedulesView, ApiError>>, address: Memo<ListAddress>) -> impl IntoView {
    let page = RwSignal::new(first);
    Effect::new(move |_| match list.get() {
        Some(Ok(loaded)) => page.maybe_update(|there| std::mem::replace(there, loaded) != *there),
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        None => {}
    });
    fresh::follow(list);
    provide_context(List { page, address });
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let none_at_all = Memo::new(move |_| page.with(|p| p.counts.all == 0));
    let title = Memo::new(move |_| page.with(|p| headline::title(&p.counts)));
    let lead = view! { <p aria-live="polite">{move || page.with(headline::lead)}</p> }.into_any();
    view! {
        <PageHead title lead>
            <Show when=move || !none_at_all.get()><a class="button" href="/webhooks/dead">"Dead letters"</a></Show>
            {may_edit.then(|| view! {
                <a class="button" href="/webhooks/secrets">"Secrets"</a>
                <a class="button" href="/webhooks/import">"Import"</a>
                <a class="button" data-kind="primary" href="/webhooks/new" aria-keyshortcuts="n"><Icon symbol=Symbol::Plus/>"Add webhook"</a>
            })}
        </PageHead>
        <Show when=move || !none_at_all.get() fallback=move || view! { <FirstStep may_edit/> }>
            <Filters/>
            <WebhookTable may_edit/>
            <Pager/>
        </Show>
    }
}

/// A space without webhooks teaches the first step: type an address.
#[component]
fn FirstStep(may_edit: bool) -> impl IntoView {
    view! {
        <section class="card">
            <Empty
                symbol=Symbol::Clock
                title="Schedule the first webhook"
                text="Type the address of a job. Loopr calls it when its timetable says so, tries again when it fails, and keeps every answer."
            >
                {may_edit.then(|| view! {
                    <form action="/webhooks/new" method="get">
                        <div class="input-group">
                            <input class="input" name="url" aria-label="Address" placeholder="https://example.com/jobs/nightly" spellcheck="false" autocomplete="off"/>
                            <button class="button" data-kind="primary" type="submit">"Continue"</button>
                        </div>
                    </form>
                    <p class="muted">"A crontab or a table can be " <a class="link" href="/webhooks/import">"taken over"</a> "."</p>
                })}
            </Empty>
        </section>
    }
}

/// `1 webhook`, `1 204 webhooks`.
fn counted(n: u32) -> String {
    words::count(usize::try_from(n).unwrap_or(0), "webhook", "webhooks")
}
