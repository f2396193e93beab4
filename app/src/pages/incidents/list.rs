//! The incidents of the space: what is not over first, then the newest.

use domain::account::Role;
use domain::alert::Incident;
use domain::alert::view::IncidentsView;
use domain::words;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::filters::{Filters, IncidentAddress};
use super::follow;
use super::marks::IncidentPill;
use crate::api::incidents::{IncidentCommand, incidents};
use crate::components::{Empty, Form, Hidden, LoadOnce, Moment, PageHead, Submission, Symbol};
use crate::error::ApiError;
use crate::live::live;
use crate::pages::settings::Records;
use crate::session::session;

/// The page at `/incidents`.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let command = Submission::told(IncidentCommand::PATH);
    let address = IncidentAddress::current();
    let live = live();
    let list = Resource::new(
        move || (address.get(), live.news.get(), command.version().get()),
        |(address, ..)| incidents(address.state, address.monitor, address.tag, address.search, address.before),
    );
    let show = move |first: IncidentsView| view! { <Loaded first list address command may_edit/> }.into_any();
    view! { <LoadOnce resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

/// Made once: what is being typed into the filters survives what happens meanwhile.
#[component]
fn Loaded(
    first: IncidentsView,
    list: Resource<Result<IncidentsView, ApiError>>,
    address: Memo<IncidentAddress>,
    command: Submission,
    may_edit: bool,
) -> impl IntoView {
    let page = RwSignal::new(first.clone());
    follow(page, list);
    let open = Memo::new(move |_| page.with(|page| page.open));
    let title = Signal::derive(move || match open.get() {
        0 => "No incident is open".to_owned(),
        1 => "One incident is not over".to_owned(),
        n => format!("{} are not over", words::count(usize::try_from(n).unwrap_or(0), "incident", "incidents")),
    });
    let lead = view! { <p>"A confirmed outage opens one, the recovery ends it. Acknowledging it stops reminders."</p> };
    view! {
        <PageHead title lead=lead.into_any()>
            {may_edit.then(|| view! { <a class="button" href="/incidents/new" aria-keyshortcuts="n">"Open incident"</a> })}
        </PageHead>
        <Filters view=first address/>
        <Records title="Incidents">
            {move || view! { <Rows page=page.get() command may_edit address=address.get_untracked()/> }}
        </Records>
    }
}

#[component]
fn Rows(page: IncidentsView, command: Submission, may_edit: bool, address: IncidentAddress) -> impl IntoView {
    let next = page.next.map(|id| IncidentAddress { before: id.to_string(), ..address.clone() }.href());
    let next = next.map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier incidents"</a></div> });
    if page.incidents.is_empty() {
        let (title, text) = if address.is_filtered() {
            ("None of these", "No incident fits the filters.")
        } else {
            ("Nothing has broken yet", "When a monitor is down, confirmed, its incident stands here with everything that happened.")
        };
        return view! { <Empty symbol=Symbol::Check title text/> {next} }.into_any();
    }
    let row = move |incident: Incident| view! { <Row incident now=page.now command may_edit/> };
    view! {
        <ul class="record-list" data-rows="true">{page.incidents.into_iter().map(row).collect_view()}</ul>
        {next}
    }
    .into_any()
}

#[component]
fn Row(incident: Incident, now: domain::Timestamp, command: Submission, may_edit: bool) -> impl IntoView {
    let id = incident.id.to_string();
    let lasted = (!incident.is_open()).then(|| words::duration_ms(incident.lasted_ms(now)));
    let open = incident.state == domain::alert::IncidentState::Open;
    // One of them is what it is called after, unless a person opened it.
    let of_one = incident.monitor.is_some();
    let more = incident.affected.len().saturating_sub(usize::from(of_one));
    let key = id.clone();
    view! {
        <li>
            <div class="record-text">
                <div class="record-name"><a href=format!("/incidents/{id}")>{incident.title.clone()}</a> <IncidentPill incident=incident.clone()/></div>
                <div class="record-note">
                    "Began " <Moment at=incident.began_at/>
                    {lasted.map(|lasted| format!(" · lasted {lasted}"))}
                    {(more > 0).then(|| format!(" · {}{} affected", words::count(more, "monitor", "monitors"), if of_one { " more" } else { "" }))}
                </div>
                {(!incident.detail.is_empty()).then(|| view! { <div class="record-note">{incident.detail.clone()}</div> })}
            </div>
            {(may_edit && open).then(|| view! {
                <div class="record-actions">
                    <Form action=command key=key.clone()>
                        <Hidden name="id" value=key/>
                        <button class="button" data-size="small" type="submit" name="command" value="acknowledge">"Acknowledge"</button>
                    </Form>
                </div>
            })}
        </li>
    }
}
