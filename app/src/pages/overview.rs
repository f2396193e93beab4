//! The overview: what is the case, the figures, and every monitor of the open space, live.

mod bulk;
mod filters;
mod headline;
mod row;
mod table;
mod totals;

use std::time::Duration;

use domain::account::Role;
use domain::view::{self, MonitorPage};
use leptos::prelude::*;

use crate::api::monitors::list_monitors;
use crate::components::{Empty, Icon, LoadOnce, PageHead, Symbol, Tone, toasts};
use crate::error::ApiError;
use crate::later::Later;
use crate::live::live;
use crate::pages::webhooks::WebhookLine;
use crate::session::session;
use filters::{Filters, ListAddress, Pager};
use table::MonitorTable;
use totals::TotalsRow;

/// The page at `/` of who is signed in.
#[component]
pub fn Overview() -> impl IntoView {
    let address = ListAddress::current();
    let list = Resource::new(move || address.get(), |a| list_monitors(a.search, a.state, a.tag, a.sort, a.page));
    let show = move |page: MonitorPage| view! { <Loaded first=page list address/> }.into_any();
    view! { <LoadOnce resource=list skeleton=SKELETON view=show/> }
}

/// Several states change at once when a network goes down: the list is loaded again when it has calmed down.
const REFETCH_AFTER: Duration = Duration::from_millis(600);

const SKELETON: &[&str] = &["heading", "line", "stats", "row", "row", "row", "row", "row", "row"];

/// The last loaded page of the list.
#[derive(Clone, Copy)]
struct List {
    page: RwSignal<MonitorPage>,
    address: Memo<ListAddress>,
}

#[component]
fn Loaded(first: MonitorPage, list: Resource<Result<MonitorPage, ApiError>>, address: Memo<ListAddress>) -> impl IntoView {
    let page = RwSignal::new(first);
    follow(page, list);
    provide_context(List { page, address });
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let none_at_all = Memo::new(move |_| page.with(|p| p.totals.all() == 0));
    view! {
        <PageHead title=headline::title(page) lead=headline::lead(page)>
            {may_edit.then(|| view! {
                <a class="button" data-kind="primary" href="/monitors/new" aria-keyshortcuts="n"><Icon symbol=Symbol::Plus/>"Add monitor"</a>
            })}
        </PageHead>
        <WebhookLine/>
        <Show when=move || !none_at_all.get() fallback=move || view! { <FirstStep may_edit/> }>
            <TotalsRow page/>
            <Filters/>
            <MonitorTable may_edit/>
            <Pager total=Signal::derive(move || page.with(|p| p.matching)) size=view::PAGE_SIZE/>
        </Show>
    }
}

/// Keeps the list fresh: with what is loaded later, and by loading it when it has become stale.
fn follow(page: RwSignal<MonitorPage>, list: Resource<Result<MonitorPage, ApiError>>) {
    let live = live();
    Effect::new(move |_| match list.get() {
        Some(Ok(loaded)) => {
            for row in &loaded.rows {
                live.signal(&row.live);
            }
            live.watch(loaded.rows.iter().map(|r| r.id).collect());
            live.totals.set(Some(loaded.totals.clone()));
            page.set(loaded);
        }
        Some(Err(ApiError(error))) => toasts().say(Tone::Bad, error.message),
        None => {}
    });
    // The order and the filters depend on states.
    let states = Memo::new(move |_| live.totals.with(|t| t.as_ref().map(|t| t.by_state)));
    let later = Later::new(REFETCH_AFTER);
    Effect::new(move |before: Option<_>| {
        let now = (live.lists.get(), states.get());
        if before.is_some_and(|before| before != now) {
            later.run(move || list.refetch());
        }
        now
    });
}

/// A space without monitors teaches the first step: type an address.
#[component]
fn FirstStep(may_edit: bool) -> impl IntoView {
    view! {
        <section class="card">
            <Empty
                symbol=Symbol::Pulse
                title="Add the first monitor"
                text="Type an address. Loopr looks at it every minute from now on and shows here what it finds."
            >
                {may_edit.then(|| view! {
                    <form action="/monitors/new" method="get">
                        <div class="input-group">
                            <input class="input" name="url" aria-label="Address" placeholder="example.com" spellcheck="false" autocomplete="off"/>
                            <button class="button" data-kind="primary" type="submit">"Continue"</button>
                        </div>
                    </form>
                })}
            </Empty>
        </section>
    }
}
