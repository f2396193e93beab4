//! The rules of the space.

use domain::account::Role;
use domain::alert::view::RuleRow;
use domain::words;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Tabs;
use crate::api::alerts::{RuleCommand, rules};
use crate::components::{Confirm, Empty, Form, Hidden, Load, PageHead, Submission, Symbol};
use crate::pages::settings::Records;
use crate::session::session;

/// The page at `/alerts`.
#[component]
pub fn RulesPage() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let command = Submission::told(RuleCommand::PATH);
    let list = Resource::new(move || command.version().get(), |_| rules());
    let show = move |all: Vec<RuleRow>| {
        let on = all.iter().filter(|rule| rule.enabled).count();
        let title = match on {
            0 => "Nobody is told when something breaks".to_owned(),
            n => format!("{} who is told what", words::count(n, "rule says", "rules say")),
        };
        let lead = view! {
            <p>
                "A rule sends events of some monitors to channels and members. What you yourself are told is in "
                <a class="link" href="/settings/notifications">"your notifications"</a> "."
            </p>
        };
        view! {
            <PageHead title lead=lead.into_any()>
                {may_edit.then(|| view! { <a class="button" data-kind="primary" href="/alerts/rules/new" aria-keyshortcuts="n">"Add rule"</a> })}
            </PageHead>
            <Tabs/>
            <Records title="Rules"><Rows all command may_edit/></Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row"] view=show/> }
}

#[component]
fn Rows(all: Vec<RuleRow>, command: Submission, may_edit: bool) -> impl IntoView {
    if all.is_empty() {
        let text = "Without a rule nobody is told: not by mail, not by chat, not by push. The bell shows everything all the same.";
        return view! { <Empty symbol=Symbol::Bell title="No rules" text/> }.into_any();
    }
    let row = move |rule: RuleRow| {
        let id = rule.id.to_string();
        let (edit, toggle) = (format!("/alerts/rules/{id}/edit"), if rule.enabled { ("off", "Switch off") } else { ("on", "Switch on") });
        let events = rule.events.iter().map(|event| event.label()).collect::<Vec<_>>().join(", ");
        let ids = (id.clone(), id.clone());
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        {if may_edit {
                            view! { <a href=edit.clone()>{rule.name.clone()}</a> }.into_any()
                        } else {
                            rule.name.clone().into_any()
                        }}
                        {(!rule.enabled).then(|| view! { <span class="chip">"off"</span> })}
                    </div>
                    <div class="record-note">{rule.which} " → " {rule.who}</div>
                    <div class="record-note">{events}</div>
                    {(!rule.notes.is_empty()).then(|| view! { <div class="record-note">{rule.notes.join(" · ")}</div> })}
                </div>
                {may_edit.then(|| view! {
                    <div class="record-actions">
                        <Form action=command key=format!("toggle-{id}")>
                            <Hidden name="id" value=ids.0/>
                            <button class="button" data-size="small" type="submit" name="command" value=toggle.0>{toggle.1}</button>
                        </Form>
                        <a class="button" data-size="small" href=edit aria-label=format!("Edit {}", rule.name)>"Edit"</a>
                        <Confirm label="Delete" question=format!("Delete “{}”? What it would tell is not told any more.", rule.name) small=true>
                            <Form action=command key=format!("delete-{id}")>
                                <Hidden name="id" value=ids.1/>
                                <button class="button" data-kind="danger" data-size="small" type="submit" name="command" value="delete">"Delete it"</button>
                            </Form>
                        </Confirm>
                    </div>
                })}
            </li>
        }
    };
    view! { <ul class="record-list" data-rows="true">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
}
