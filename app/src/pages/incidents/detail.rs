//! One incident: what broke, what happened since, who was told, what was learnt.

use domain::account::Role;
use domain::alert::incident::{Happened, IncidentEvent};
use domain::alert::view::IncidentView;
use domain::alert::{Incident, IncidentState};
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::marks::IncidentPill;
use super::told::MessageRows;
use crate::api::incidents::{CommentIncident, IncidentCommand, SavePostmortem, incident};
use crate::components::{Confirm, Crumbs, Form, Hidden, Instant, Load, LoadOnce, Moment, PageHead, Submission, Submit, TextArea};
use crate::live::live;
use crate::pages::settings::{Records, Section};
use crate::session::session;

/// The page at `/incidents/{id}`.
#[component]
pub fn IncidentPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).unwrap_or_default());
    let command = Submission::told(IncidentCommand::PATH);
    let comment = Submission::new(CommentIncident::PATH);
    let postmortem = Submission::new(SavePostmortem::PATH);
    let live = live();
    let loaded = Resource::new(
        move || (id.get(), live.news.get(), command.version().get(), comment.version().get(), postmortem.version().get()),
        |(id, ..)| incident(id),
    );
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let show = move |view: IncidentView| view! { <Page view command may_edit/> }.into_any();
    // The forms are made once: what is being typed survives what happens meanwhile.
    let forms = move |view: IncidentView| {
        let (id, same) = (view.incident.id.to_string(), view.incident.id.to_string());
        view! {
            <Section title="Comment" note="For the timeline: what you found, what you do.">
                <Form action=comment class="form" reset=true>
                    <Hidden name="id" value=same/>
                    <TextArea name="text" label="What is going on" value="" placeholder="The database is being restarted."/>
                    <div class="form-actions"><Submit label="Add comment" kind="primary"/></div>
                </Form>
            </Section>
            <Section title="Post-mortem" note="What happened, why, and what will be different. Markdown.">
                <Form action=postmortem class="form">
                    <Hidden name="id" value=id/>
                    <TextArea name="postmortem" label="Text" value=view.incident.postmortem mono=true optional=true/>
                    <div class="form-actions"><Submit label="Save post-mortem" done="Saved"/></div>
                </Form>
            </Section>
        }
        .into_any()
    };
    view! {
        <div class="narrow stack">
            <Load resource=loaded skeleton=&["heading", "line", "row", "row"] view=show/>
            {may_edit.then(|| view! { <LoadOnce resource=loaded view=forms/> })}
        </div>
    }
}

#[component]
fn Page(view: IncidentView, command: Submission, may_edit: bool) -> impl IntoView {
    let IncidentView { incident, timeline, messages, postmortem_html, monitor_exists, now } = view;
    let crumbs = view! { <Crumbs above=vec![("/incidents".into(), "Incidents".into())] here="Incident"/> }.into_any();
    let mark = view! { <IncidentPill incident=incident.clone()/> }.into_any();
    let lead = view! {
        <p>
            "Began " <Instant at=incident.began_at/>
            {(incident.confirmed_at > incident.began_at).then(|| view! { ", certain " <Instant at=incident.confirmed_at/> })}
            ". "
            {if incident.is_open() { "It lasts " } else { "It lasted " }}
            {words::duration_ms(incident.lasted_ms(now))} "."
        </p>
    }
    .into_any();
    let actions = may_edit.then(|| view! { <Actions incident=incident.clone() command/> });
    let monitor = incident.monitor.filter(|_| monitor_exists);
    let affected = incident.affected.clone();
    let over = incident.resolved.as_ref().map(|by| by.at);
    let detail = incident.detail.clone();
    view! {
        <PageHead title=incident.title.clone() crumbs mark lead>{actions}</PageHead>
        {(!detail.is_empty()).then(|| view! {
            <Section title=if incident.monitor.is_some() { "First failing answer" } else { "What is known" }>
                <p class="prose">{detail}</p>
            </Section>
        })}
        {(!affected.is_empty()).then(|| view! {
            <Records title="Affected monitors">
                <ul class="record-list">
                    {affected.into_iter().map(|one| {
                        let known = monitor == Some(one.monitor) || monitor.is_none();
                        view! {
                            <li>
                                <div class="record-text">
                                    <div class="record-name">
                                        {if known || monitor_exists {
                                            view! { <a href=format!("/monitors/{}", one.monitor)>{one.name}</a> }.into_any()
                                        } else {
                                            one.name.into_any()
                                        }}
                                    </div>
                                    <div class="record-note">
                                        {match over {
                                            Some(end) => format!("for {}", words::duration(end.since(one.since))).into_any(),
                                            None => view! { "since " <Moment at=one.since/> }.into_any(),
                                        }}
                                    </div>
                                </div>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </Records>
        })}
        <Records title="Timeline"><EventRows events=timeline/></Records>
        {(!messages.is_empty()).then(|| view! { <Records title="Who was told"><MessageRows messages/></Records> })}
        {(!postmortem_html.is_empty()).then(|| view! {
            <Section title="What was learnt"><div class="markdown" inner_html=postmortem_html></div></Section>
        })}
    }
}

#[component]
fn Actions(incident: Incident, command: Submission) -> impl IntoView {
    let id = incident.id.to_string();
    let (open, over) = (incident.state == IncidentState::Open, !incident.is_open());
    let resolve_id = id.clone();
    view! {
        <Form action=command key="act">
            <Hidden name="id" value=id/>
            {open.then(|| view! {
                <button class="button" data-kind="primary" type="submit" name="command" value="acknowledge">"Acknowledge"</button>
            })}
            {over.then(|| view! { <button class="button" type="submit" name="command" value="reopen">"Reopen"</button> })}
        </Form>
        {(!over).then(|| view! {
            <Confirm label="Resolve" question="Resolve it by hand? A monitor that is still down opens no new one until it was up again.">
                <Form action=command key="resolve" class="form">
                    <Hidden name="id" value=resolve_id/>
                    <TextArea name="text" label="Why" value="" optional=true/>
                    <button class="button" data-kind="danger" type="submit" name="command" value="resolve">"Resolve it"</button>
                </Form>
            </Confirm>
        })}
    }
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
        Happened::Acknowledged => ("degraded", by("Acknowledged")),
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
