//! The incidents of the space: what is not over first by choice of the reader, the newest first.

use domain::account::Role;
use domain::alert::Incident;
use domain::alert::view::IncidentsView;
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use super::marks::IncidentPill;
use crate::api::incidents::{IncidentCommand, incidents};
use crate::components::{Empty, Form, Hidden, Load, Moment, PageHead, Submission, Symbol};
use crate::live::live;
use crate::pages::settings::Records;
use crate::session::session;

const FILTERS: [(&str, &str); 5] =
    [("", "All"), ("unresolved", "Not over"), ("open", "Open"), ("acknowledged", "Acknowledged"), ("resolved", "Resolved")];

/// The page at `/incidents`.
#[component]
pub fn IncidentsPage() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let command = Submission::told(IncidentCommand::PATH);
    let query = use_query_map();
    let get = move |name: &'static str| Memo::new(move |_| query.with(|q| q.get(name)).unwrap_or_default());
    let (state, monitor, before) = (get("state"), get("monitor"), get("before"));
    let live = live();
    let list = Resource::new(
        move || (state.get(), monitor.get(), before.get(), live.news.get(), command.version().get()),
        |(state, monitor, before, ..)| incidents(state, monitor, before),
    );
    let show = move |page: IncidentsView| {
        let title = match page.open {
            0 => "No incident is open".to_owned(),
            1 => "One incident is not over".to_owned(),
            n => format!("{} are not over", words::count(usize::try_from(n).unwrap_or(0), "incident", "incidents")),
        };
        let lead = view! { <p>"A confirmed outage opens one, the recovery ends it. Acknowledging it stops reminders."</p> };
        view! {
            <PageHead title lead=lead.into_any()>
                {may_edit.then(|| view! { <a class="button" href="/incidents/new">"Open incident"</a> })}
            </PageHead>
            <nav class="segmented" aria-label="By state">
                {FILTERS.map(|(name, word)| {
                    let href = if name.is_empty() { "/incidents".to_owned() } else { format!("/incidents?state={name}") };
                    view! { <a href=href aria-current=move || (state.get() == name).then_some("true")>{word}</a> }
                })}
            </nav>
            <Records title="Incidents"><Rows page command may_edit filtered=state.with_untracked(|s| !s.is_empty())/></Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/> }
}

#[component]
fn Rows(page: IncidentsView, command: Submission, may_edit: bool, filtered: bool) -> impl IntoView {
    if page.incidents.is_empty() {
        let (title, text) = if filtered {
            ("None of these", "No incident is in this state.")
        } else {
            ("Nothing has broken yet", "When a monitor is down, confirmed, its incident stands here with everything that happened.")
        };
        return view! { <Empty symbol=Symbol::Check title text/> }.into_any();
    }
    let next = page.next.map(|id| format!("?before={id}"));
    let row = move |incident: Incident| view! { <Row incident now=page.now command may_edit/> };
    view! {
        <ul class="record-list">{page.incidents.into_iter().map(row).collect_view()}</ul>
        {next.map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier incidents"</a></div> })}
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
