//! The table of webhooks, which phones lay out as cards.

use std::collections::HashSet;

use domain::ScheduleId;
use leptos::prelude::*;

use super::List;
use super::bulk::BulkBar;
use super::row::Row;
use crate::components::{Empty, Symbol};

/// The rows that are picked for a command.
#[derive(Clone, Copy)]
pub struct Picks(pub RwSignal<HashSet<ScheduleId>>);

/// The rows of the page of the list.
#[component]
pub fn WebhookTable(may_edit: bool) -> impl IntoView {
    let List { page, .. } = expect_context();
    let picks = Picks(RwSignal::new(HashSet::new()));
    provide_context(picks);
    // What is no longer on the page is no longer picked.
    Effect::new(move |_| {
        let shown: HashSet<ScheduleId> = page.with(|p| p.rows.iter().map(|r| r.id).collect());
        picks.0.maybe_update(|picked| {
            let before = picked.len();
            picked.retain(|id| shown.contains(id));
            picked.len() != before
        });
    });
    let nothing = Memo::new(move |_| page.with(|p| p.rows.is_empty()));
    let picking = move || (!picks.0.with(HashSet::is_empty)).then_some("true");
    view! {
        // Enter in a field of the bar does nothing: the first button of the form would be what runs the first webhook.
        {may_edit.then(|| view! { <button type="submit" form="bulk" disabled=true hidden=true></button> })}
        <section class="card" aria-label="Webhooks">
            <Show when=move || !nothing.get() fallback=|| view! { <NoMatch/> }>
                <table class="monitor-table webhook-table" role="table" data-picking=picking>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" class="col-pick" scope="col"><span class="visually-hidden">"State"</span></th>
                            <th role="columnheader" class="col-name" scope="col">"Webhook"</th>
                            <th role="columnheader" class="col-when" scope="col">"When"</th>
                            <th role="columnheader" class="col-strip" scope="col">"Recent runs"</th>
                            <th role="columnheader" class="col-latency right" scope="col">"Last run"</th>
                            <th role="columnheader" class="col-uptime right" scope="col">"Success"</th>
                            <th role="columnheader" class="col-next right" scope="col">"Next"</th>
                            <th role="columnheader" class="col-menu" scope="col"><span class="visually-hidden">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        <For
                            each=move || page.with(|p| p.rows.clone())
                            key=|r| (r.id, r.name.clone(), r.target.clone(), r.when.clone(), r.zone.clone(), r.tags.clone(), r.priority)
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
fn NoMatch() -> impl IntoView {
    view! {
        <Empty symbol=Symbol::Search title="Nothing to show" text="No webhook fits the filters.">
            <div class="empty-actions"><a class="button" href="/webhooks">"Show all"</a></div>
        </Empty>
    }
}
