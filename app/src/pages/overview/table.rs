//! The list of monitors: a table that phones lay out as cards.

use std::collections::HashSet;

use domain::MonitorId;
use domain::view::Sort;
use leptos::prelude::*;

use super::List;
use super::bulk::BulkBar;
use super::filters::SortLink;
use super::row::Row;
use crate::components::{Empty, Symbol};

/// The rows that are picked for a command.
#[derive(Clone, Copy)]
pub struct Picks(pub RwSignal<HashSet<MonitorId>>);

/// The rows of the page of the list.
#[component]
pub fn MonitorTable(may_edit: bool) -> impl IntoView {
    let List { page, address } = expect_context();
    let picks = Picks(RwSignal::new(HashSet::new()));
    provide_context(picks);
    // What is no longer on the page is no longer picked.
    Effect::new(move |_| {
        let shown: HashSet<MonitorId> = page.with(|p| p.rows.iter().map(|r| r.id).collect());
        picks.0.maybe_update(|picked| {
            let before = picked.len();
            picked.retain(|id| shown.contains(id));
            picked.len() != before
        });
    });
    let nothing = Memo::new(move |_| page.with(|p| p.rows.is_empty()));
    let picking = move || (!picks.0.with(HashSet::is_empty)).then_some("true");
    view! {
        <section class="card" aria-label="Monitors">
            <Show when=move || !nothing.get() fallback=move || view! { <NoMatch everything=address.with(super::filters::ListAddress::is_everything)/> }>
                <table class="monitor-table" role="table" data-picking=picking>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" class="col-pick" scope="col"><span class="visually-hidden">"State"</span></th>
                            <th role="columnheader" class="col-name" scope="col"><SortLink sort=Sort::Name word="Monitor"/></th>
                            <th role="columnheader" class="col-bar" scope="col"><SortLink sort=Sort::State word="Last 4 hours"/></th>
                            <th role="columnheader" class="col-spark" scope="col"><span class="visually-hidden">"Latency trend"</span></th>
                            <th role="columnheader" class="col-latency right" scope="col"><SortLink sort=Sort::Latency word="Latency"/></th>
                            <th role="columnheader" class="col-uptime right" scope="col"><SortLink sort=Sort::Uptime word="24 h"/></th>
                            <th role="columnheader" class="col-next right" scope="col">"Next"</th>
                            <th role="columnheader" class="col-menu" scope="col"><span class="visually-hidden">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        <For
                            each=move || page.with(|p| p.rows.clone())
                            key=|r| (r.id, r.name.clone(), r.label.clone(), r.address.clone(), r.tags.clone())
                            children=move |row| view! { <Row row may_edit/> }
                        />
                    </tbody>
                </table>
            </Show>
        </section>
        {may_edit.then(|| view! { <BulkBar/> })}
    }
}

#[component]
fn NoMatch(everything: bool) -> impl IntoView {
    let text = if everything { "This page of the list is empty." } else { "No monitor fits the filters." };
    view! {
        <Empty symbol=Symbol::Search title="Nothing to show" text=text>
            <div class="empty-actions"><a class="button" href="/">"Show all"</a></div>
        </Empty>
    }
}
