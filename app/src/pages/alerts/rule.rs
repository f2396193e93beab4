//! Making a rule, and changing one.

use domain::account::Role;
use domain::alert::view::{Offered, RuleForm};
use domain::alert::{Event, RuleDraft};
use domain::kind::Kind;
use domain::{AppError, Code, words};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use server_fn::ServerFn;

use super::past::Tried;
use crate::api::alerts::{SaveRule, rule_fields};
use crate::components::{
    CheckField, Crumbs, Failure, FieldError, Form, FormState, Hidden, Icon, LoadOnce, MonitorsField, PageHead, Submission, Submit, Symbol,
    TextField, form_state,
};
use crate::environment::environment;
use crate::layouts::AskBeforeLeaving;
use crate::session::session;

/// The page at `/alerts/rules/new`.
#[component]
pub fn NewRule() -> impl IntoView {
    view! { <Editor id=String::new()/> }
}

/// The page at `/alerts/rules/{id}/edit`.
#[component]
pub fn EditRule() -> impl IntoView {
    let id = use_params_map().with_untracked(|p| p.get("id")).unwrap_or_default();
    view! { <Editor id/> }
}

#[component]
fn Editor(id: String) -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let form = Resource::new(|| (), move |()| rule_fields(id.clone(), None));
    let show = |form: RuleForm| view! { <Fields form/> }.into_any();
    view! { <LoadOnce resource=form skeleton=&["heading", "line", "chart"] view=show/> }.into_any()
}

#[component]
fn Fields(form: RuleForm) -> impl IntoView {
    let action = Submission::new(SaveRule::PATH);
    let id = form.id.map(|id| id.to_string());
    let (title, save, word) = match &id {
        Some(_) => (format!("Edit “{}”", form.draft.name), "Save changes", "Edit"),
        None => ("Who is told what?".to_owned(), "Add rule", "Add rule"),
    };
    let crumbs = view! { <Crumbs above=vec![("/alerts".into(), "Alerts".into())] here=word/> }.into_any();
    let RuleForm { draft, offered, tried, .. } = form;
    view! {
        <div class="narrow stack">
            <PageHead title crumbs/>
            <Form action class="form" id="rule-form">
                <AskBeforeLeaving saved=action.pending()/>
                {id.map(|id| view! { <Hidden name="id" value=id/> })}
                <Tried first=tried>
                    <RuleFields draft offered/>
                </Tried>
                <div class="form-actions" data-sticky="true">
                    <Submit label=save kind="primary"/>
                    <a class="button" data-kind="quiet" href="/alerts">"Cancel"</a>
                </div>
            </Form>
        </div>
    }
}

/// Value, words, note.
type Choice = (String, String, String);

/// Boxes of which several can be ticked.
#[component]
fn Boxes(
    /// With the brackets that make it a list.
    name: &'static str,
    /// Without them, where what is wrong is said.
    field: Option<&'static str>,
    legend: &'static str,
    chosen: Vec<String>,
    options: Vec<Choice>,
) -> impl IntoView {
    let chosen = form_state().values(name, chosen);
    view! {
        <fieldset class="field">
            <legend>{legend}</legend>
            <div class="choices" data-many="true">
                {options
                    .into_iter()
                    .map(|(value, label, note)| {
                        let checked = chosen.contains(&value);
                        view! {
                            <label class="choice">
                                <input type="checkbox" name=name value=value checked=checked/>
                                <span>{label}</span>
                                <small>{note}</small>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            {field.map(|name| view! { <FieldError name/> })}
        </fieldset>
    }
}

fn audience(offered: &[Offered]) -> Vec<Choice> {
    offered.iter().map(|one| (one.value.clone(), one.name.clone(), one.label.clone())).collect()
}

#[component]
fn Fold(title: &'static str, summary: String, fields: Vec<&'static str>, children: Children) -> impl IntoView {
    let open = expect_context::<FormState>().is_wrong_at_first(&fields);
    view! {
        <details class="fold" open=open>
            <summary>
                <Icon symbol=Symbol::Chevron/>
                <span>{title}</span>
                <span class="fold-value">{summary}</span>
            </summary>
            <div class="fold-body">{children()}</div>
        </details>
    }
}

#[component]
fn RuleFields(draft: RuleDraft, offered: Vec<Offered>) -> impl IntoView {
    let mut events: Vec<(&'static str, Vec<Choice>)> = Vec::new();
    for event in Event::ALL {
        let option = (event.name().to_owned(), event.label().to_owned(), event.line().to_owned());
        match events.last_mut().filter(|(about, _)| *about == event.about()) {
            Some((_, options)) => options.push(option),
            None => events.push((event.about(), vec![option])),
        }
    }
    let last = events.len().saturating_sub(1);
    let events = events.into_iter().enumerate().map(|(nth, (about, options))| {
        // What is wrong with all of them stands below the last.
        let field = (nth == last).then_some("events");
        view! { <Boxes name="events[]" field legend=about chosen=draft.events.clone() options/> }
    });
    let events = events.collect_view();
    let kinds = Kind::ALL.map(|kind| (kind.name().to_owned(), kind.label().to_owned(), String::new())).into();
    let reader = environment().zone.get_untracked();
    let zone = if draft.zone.is_empty() { reader } else { draft.zone.clone() };
    let which = [&draft.tags, &draft.groups, &draft.monitors, &draft.like].into_iter().filter(|text| !text.is_empty()).cloned();
    let which = which.chain((!draft.kinds.is_empty()).then(|| draft.kinds.join(", "))).collect::<Vec<_>>().join(" · ");
    let when = [
        (!draft.delay.is_empty()).then(|| format!("after {}", draft.delay)),
        (!draft.reminder.is_empty()).then(|| format!("again after {}", draft.reminder)),
        (!draft.quiet_from.is_empty()).then(|| format!("quiet {} to {}", draft.quiet_from, draft.quiet_to)),
    ];
    let when = when.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let steps = [&draft.after1, &draft.after2, &draft.after3].into_iter().filter(|text| !text.is_empty()).count();
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let lone = offered.len() < 2;
    let step = |n: usize| (audience(&offered), n);
    let (first, second, third) = (step(1).0, step(2).0, step(3).0);
    view! {
        <Boxes name="to[]" field=Some("to") legend="Who is told" chosen=draft.to options=audience(&offered)/>
        {lone.then(|| view! {
            <p class="field-hint">"There are no channels yet. " <a class="link" href="/alerts/channels/new">"Add a channel"</a> " to tell a chat room or a mailbox."</p>
        })}
        {events}
        <TextField name="name" label="Name" value=draft.name optional=true placeholder="Its events"/>
        <div class="folds">
            <Fold title="Of which monitors and webhooks" summary=or(which, "all of them") fields=vec!["tags", "groups", "monitors", "like", "kinds"]>
                <TextField name="tags" label="Tags" value=draft.tags optional=true placeholder="production, api" hint="A monitor or webhook with any of them is meant. What is filled below narrows it further."/>
                <MonitorsField name="groups" label="Members of groups" value=draft.groups hint="Groups of this space."/>
                <MonitorsField name="monitors" label="Monitors" value=draft.monitors hint="These, one by one."/>
                <TextField name="like" label="Names like" value=draft.like optional=true placeholder="api-*" hint="* stands for anything."/>
                <Boxes name="kinds[]" field=Some("kinds") legend="Kinds" chosen=draft.kinds options=kinds/>
            </Fold>
            <Fold title="When, and how often" summary=or(when, "at once, and once") fields=vec!["delay", "reminder", "quiet_from", "quiet_to", "zone"]>
                <div class="field-row">
                    <TextField name="delay" label="Delay" value=draft.delay optional=true placeholder="none" hint="An outage that is over by then is not told at all."/>
                    <TextField name="reminder" label="Remind after" value=draft.reminder optional=true placeholder="never" hint="Then after twice as long, until somebody acknowledges."/>
                </div>
                <div class="field-row">
                    <TextField name="quiet_from" label="Quiet from" kind="time" value=draft.quiet_from optional=true/>
                    <TextField name="quiet_to" label="Quiet until" kind="time" value=draft.quiet_to optional=true hint="What happens meanwhile is told then, together."/>
                </div>
                <TextField name="zone" label="Time zone" zones=true value=zone placeholder="UTC" hint="Of the quiet hours, of digests and of the times in messages: an IANA name."/>
            </Fold>
            <Fold
                title="When nobody acknowledges"
                summary=match steps { 0 => "nothing more".to_owned(), n => words::count(n, "step", "steps") }
                fields=vec!["after1", "to1", "after2", "to2", "after3", "to3"]
            >
                <TextField name="after1" label="After" value=draft.after1 optional=true placeholder="15 min"/>
                <Boxes name="to1[]" field=Some("to1") legend="Tell also" chosen=draft.to1 options=first/>
                <TextField name="after2" label="And after" value=draft.after2 optional=true placeholder="30 min"/>
                <Boxes name="to2[]" field=Some("to2") legend="Tell also" chosen=draft.to2 options=second/>
                <TextField name="after3" label="And after" value=draft.after3 optional=true placeholder="1 h"/>
                <Boxes name="to3[]" field=Some("to3") legend="Tell also" chosen=draft.to3 options=third/>
            </Fold>
        </div>
        <CheckField name="enabled" label="On" note="Off: it tells nothing." checked=draft.enabled == "on"/>
    }
}
