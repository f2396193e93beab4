//! One incident: what broke, what happened since, who was told, what was learnt.

use domain::account::Role;
use domain::alert::Incident;
use domain::alert::incident::{Happened, IncidentEvent};
use domain::alert::view::IncidentView;
use domain::view::CheckView;
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::follow;
use super::forms::{Actions, Writing};
use super::marks::IncidentPill;
use super::told::MessageRows;
use crate::api::incidents::{CommentIncident, IncidentCommand, SavePostmortem, incident};
use crate::components::{Crumbs, Instant, LoadOnce, PageHead, Since, Submission};
use crate::error::ApiError;
use crate::live::live;
use crate::pages::settings::{Records, Section};
use crate::session::session;

/// The page at `/incidents/{id}`.
#[component]
pub fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    move || view! { <One id=id.get()/> }
}

#[component]
fn One(id: String) -> impl IntoView {
    let command = Submission::told(IncidentCommand::PATH);
    let comment = Submission::new(CommentIncident::PATH);
    let postmortem = Submission::new(SavePostmortem::PATH);
    let live = live();
    let loaded = Resource::new(
        move || (live.news.get(), command.version().get(), comment.version().get(), postmortem.version().get()),
        move |_| incident(id.clone()),
    );
    let show = move |first: IncidentView| view! { <Loaded first loaded command comment postmortem/> }.into_any();
    view! { <LoadOnce resource=loaded skeleton=&["heading", "line", "row", "row"] view=show/> }
}

#[component]
fn Loaded(
    first: IncidentView,
    loaded: Resource<Result<IncidentView, ApiError>>,
    command: Submission,
    comment: Submission,
    postmortem: Submission,
) -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let (id, text) = (first.incident.id, first.incident.postmortem.clone());
    let view = RwSignal::new(first);
    follow(view, loaded);
    let incident = Memo::new(move |_| view.with(|view| view.incident.clone()));
    let title = Signal::derive(move || incident.with(|incident| incident.title.clone()));
    let state = Memo::new(move |_| incident.with(|incident| incident.state));
    let crumbs = view! { <Crumbs above=vec![("/incidents".into(), "Incidents".into())] here="Incident"/> }.into_any();
    let mark = (move || view! { <IncidentPill incident=incident.get()/> }).into_any();
    let lead = (move || view! { <Lead incident=incident.get()/> }).into_any();
    let actions = may_edit.then(|| view! { <Actions id state command/> });
    view! {
        <PageHead title crumbs mark lead>{actions}</PageHead>
        <div class="columns incident">
            <div class="incident-main">
                {move || {
                    let IncidentView { timeline, messages, postmortem_html, .. } = view.get();
                    view! {
                        {(!postmortem_html.is_empty()).then(|| view! {
                            <Section title="What was learnt"><div class="markdown" inner_html=postmortem_html></div></Section>
                        })}
                        <Records title="Timeline"><EventRows events=timeline/></Records>
                        {(!messages.is_empty()).then(|| view! { <Records title="Who was told"><MessageRows messages/></Records> })}
                    }
                }}
                {may_edit.then(|| view! { <Writing id text comment postmortem/> })}
            </div>
            <div class="incident-side">
                {move || {
                    let IncidentView { incident, first, monitor_exists, .. } = view.get();
                    view! { <FirstAnswer incident=incident.clone() first/> <Suffering incident monitor_exists/> }
                }}
            </div>
        </div>
    }
}

/// When it was. How long it is open already says the mark.
#[component]
fn Lead(incident: Incident) -> impl IntoView {
    let lasted = incident.resolved.is_some().then(|| {
        let end = incident.resolved.as_ref().map_or(incident.updated_at, |by| by.at);
        format!(" It lasted {}.", words::duration(end.since(incident.began_at)))
    });
    let lasts = (incident.is_open() && incident.acknowledged.is_some()).then_some(incident.began_at);
    view! {
        <p>
            "Began " <Instant at=incident.began_at/>
            {(incident.confirmed_at > incident.began_at).then(|| view! { ", certain " <Instant at=incident.confirmed_at/> })}
            "." {lasted}
            {lasts.map(|at| view! { " Open for " <Since at/> "." })}
        </p>
    }
}

/// What the first check that failed was answered, or what is known otherwise.
#[component]
fn FirstAnswer(incident: Incident, first: Option<CheckView>) -> impl IntoView {
    let (status, excerpt) = first.map(|check| (check.status, check.excerpt)).unwrap_or_default();
    let title = match (incident.monitor.is_some(), status.is_some() || excerpt.is_some()) {
        (true, true) => "First failing answer",
        (true, false) if incident.is_open() => "What is wrong",
        (true, false) => "What was wrong",
        (false, _) => "What is known",
    };
    let nothing = incident.detail.is_empty() && status.is_none() && excerpt.is_none();
    (!nothing).then(|| {
        view! {
            <Section title>
                <div class="stack">
                    {status.map(|status| view! { <p>"Status " <strong class="num">{status}</strong></p> })}
                    {(!incident.detail.is_empty()).then(|| view! { <p class="prose">{incident.detail}</p> })}
                    {excerpt.map(|text| view! { <pre class="excerpt" tabindex="0" aria-label="The beginning of the answer">{text}</pre> })}
                </div>
            </Section>
        }
    })
}

/// The monitors that suffer or suffered.
#[component]
fn Suffering(incident: Incident, monitor_exists: bool) -> impl IntoView {
    let (opener, over) = (incident.monitor, incident.resolved.map(|by| by.at));
    let by_hand = opener.is_none();
    let row = move |one: domain::alert::incident::Affected| {
        let gone = opener == Some(one.monitor) && !monitor_exists;
        let word = if by_hand || opener != Some(one.monitor) {
            "affected for "
        } else if over.is_some() {
            "was down for "
        } else {
            "down for "
        };
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        {if gone { one.name.into_any() } else { view! { <a href=format!("/monitors/{}", one.monitor)>{one.name}</a> }.into_any() }}
                    </div>
                    <div class="record-note">
                        {word}
                        {match over {
                            Some(end) => words::duration(end.since(one.since)).into_any(),
                            None => view! { <Since at=one.since/> }.into_any(),
                        }}
                    </div>
                </div>
            </li>
        }
    };
    (!incident.affected.is_empty()).then(|| view! {
        <Records title="Affected monitors"><ul class="record-list">{incident.affected.into_iter().map(row).collect_view()}</ul></Records>
    })
}

/// What an entry of the timeline says.
fn said(event: &IncidentEvent) -> (&'static str, String) {
    let by = |word: &str| if event.by.is_empty() { word.to_owned() } else { format!("{word} by {}", event.by) };
    match event.happened {
        Happened::Detected => ("down", "First failure".into()),
        Happened::Confirmed => ("down", "Confirmed".into()),
        Happened::Opened => ("down", by("Opened")),
        Happened::Affected => ("unreachable", "Affected, too".into()),
        Happened::Alerted => ("up", "Told".into()),
        Happened::AlertFailed => ("degraded", "Could not be told".into()),
        Happened::Acknowledged => ("acknowledged", by("Acknowledged")),
        Happened::Commented => ("unknown", by("Comment")),
        Happened::Recovered => ("up", "Recovered".into()),
        Happened::Resolved => ("up", by("Resolved")),
        Happened::Reopened => ("down", by("Reopened")),
        Happened::Postmortem => ("unknown", by("Post-mortem")),
    }
}

#[component]
fn EventRows(events: Vec<IncidentEvent>) -> impl IntoView {
    let row = |event: IncidentEvent| {
        let (tone, word) = said(&event);
        view! {
            <li class="event" data-state=tone>
                <div class="event-head"><strong>{word}</strong> <span class="muted"><Instant at=event.at/></span></div>
                {(!event.text.is_empty()).then(|| view! { <p class="prose">{event.text}</p> })}
            </li>
        }
    };
    view! { <ol class="events">{events.into_iter().map(row).collect_view()}</ol> }
}
