//! Beside the log: the next runs, the request as a command, the signing secret, and the end.

use domain::webhook::ScheduleDetail;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::webhooks::{RevealWebhook, RotateWebhook};
use crate::components::{Confirm, CopyButton, Form, Hidden, Moment, Submission};
use crate::pages::settings::Section;
use crate::pages::signing::Signing;
use crate::pages::webhooks::next_runs::NextRuns;

/// The cards.
#[component]
pub fn Side(detail: RwSignal<ScheduleDetail>, may_edit: bool, command: Submission) -> impl IntoView {
    let next = Memo::new(move |_| detail.with(|d| d.next.clone()));
    let (id, name) = detail.with_untracked(|d| (d.row.id.to_string(), d.row.name.clone()));
    let wall = Memo::new(move |_| detail.with(|d| d.row.zone.clone()));
    let signs = Memo::new(move |_| detail.with(|d| d.signs));
    let until = Memo::new(move |_| detail.with(|d| d.rotated_until));
    let sign = StoredValue::new(id.clone());
    view! {
        <Section title="Next runs">
            {move || match next.get() {
                none if none.is_empty() => view! { <p class="muted">"None: it is paused, or it has no time any more."</p> }.into_any(),
                runs => view! { <NextRuns runs zone=wall.get()/> }.into_any(),
            }}
        </Section>
        <About detail/>
        <Curl detail/>
        {may_edit.then(|| view! {
            <Show when=move || signs.get()>
                <Signing id=sign.get_value() until rotate=RotateWebhook::PATH reveal=RevealWebhook::PATH/>
            </Show>
            <Section title="Delete" tone="danger" id="delete">
                <p class="muted">"Its runs go with it and can’t be brought back. To stop for a while, pause it."</p>
                <Confirm label="Delete webhook" question=format!("Delete {name} and all its runs?")>
                    <Form action=command key="delete">
                        <input type="hidden" name="ids[]" value=id/>
                        <Hidden name="next" value="/webhooks"/>
                        <button class="button" data-kind="danger" type="submit" name="command" value="delete">"Delete it"</button>
                    </Form>
                </Confirm>
            </Section>
        })}
    }
}

/// Tags, note, and what decides when it runs.
#[component]
fn About(detail: RwSignal<ScheduleDetail>) -> impl IntoView {
    let tags = move || detail.with(|d| d.row.tags.clone());
    let note = move || detail.with(|d| (!d.note.is_empty()).then(|| d.note.clone()));
    let created = detail.with_untracked(|d| d.row.id.created_at());
    let disabling = Memo::new(move |_| detail.with(|d| d.disabling.clone()));
    let facts = Memo::new(move |_| detail.with(|d| d.facts.clone()));
    view! {
        <Section title="Settings">
            <dl class="facts">
                {move || facts.get().into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                {move || Some(disabling.get()).filter(|text| !text.is_empty()).map(|text| view! { <dt>"When it keeps failing"</dt><dd>{text}</dd> })}
                <dt>"Added"</dt>
                <dd><Moment at=created/></dd>
            </dl>
            {move || (!tags().is_empty()).then(|| view! { <p class="chips">{tags().into_iter().map(|t| view! { <span class="chip">{t}</span> }).collect_view()}</p> })}
            {move || note().map(|text| view! { <p class="prose">{text}</p> })}
        </Section>
    }
}

/// The request as a command.
#[component]
fn Curl(detail: RwSignal<ScheduleDetail>) -> impl IntoView {
    let curl = Signal::derive(move || detail.with(|d| d.curl.clone()));
    view! {
        <section class="card">
            <div class="card-head"><h2>"As curl"</h2><CopyButton text=curl/></div>
            <div class="card-body">
                <pre class="excerpt" tabindex="0" aria-label="The request as a command for curl">{curl}</pre>
                {move || curl.with(|text| text.contains("…'")).then(|| view! { <p class="muted">"Put in what stands as …: it may be secret, and is not shown."</p> })}
                {move || curl.with(|text| text.contains("{{")).then(|| view! { <p class="muted">"What stands in {{ }} is filled in for each run; here it stands as it is written."</p> })}
            </div>
        </section>
    }
}
