//! The list: what is open first, then what comes next, then what is past or off.

use domain::account::Role;
use domain::maintenance::{WindowState, WindowView};
use domain::{State, words};
use leptos::prelude::*;
use server_fn::ServerFn;

use super::times::{Times, length};
use crate::api::maintenance::{MaintenanceCommand, maintenance};
use crate::components::{Confirm, Empty, Form, Hidden, Load, Moment, PageHead, StatePill, Submission, Symbol};
use crate::live::live;
use crate::pages::settings::Records;
use crate::session::session;

/// The page at `/maintenance`.
#[component]
pub fn Windows() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let command = Submission::told(MaintenanceCommand::PATH);
    let live = live();
    // A window that begins or ends changes the states of its monitors: the totals say so.
    let in_maintenance = Memo::new(move |_| live.totals.with(|t| t.as_ref().map(|t| t.count(State::Maintenance))));
    let list = Resource::new(move || (command.version().get(), live.lists.get(), in_maintenance.get()), |_| maintenance());
    let show = move |all: Vec<WindowView>| {
        let title = title(&all);
        let lead = view! {
            <p>"While a window is open, its monitors are checked, but nobody is alerted and their uptime does not suffer."</p>
        };
        view! {
            <PageHead title lead=lead.into_any()>
                {may_edit.then(|| view! { <a class="button" data-kind="primary" href="/maintenance/new">"Plan maintenance"</a> })}
            </PageHead>
            <Records title="Windows"><Rows all command may_edit/></Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row"] view=show/> }
}

/// What is the case.
fn title(all: &[WindowView]) -> String {
    let open: Vec<&WindowView> = all.iter().filter(|w| matches!(w.state, WindowState::Open(_))).collect();
    let next = all.iter().filter(|w| matches!(w.state, WindowState::Next(_))).count();
    match (open.as_slice(), next) {
        ([one], _) => format!("{} is under way", one.name),
        ([_, _, ..], _) => format!("{} maintenance windows are open", open.len()),
        ([], 0) => "No maintenance is planned".into(),
        ([], n) => format!("{} planned", words::count(n, "maintenance window is", "maintenance windows are")),
    }
}

#[component]
fn Rows(all: Vec<WindowView>, command: Submission, may_edit: bool) -> impl IntoView {
    if all.is_empty() {
        let text = "Announce work before it starts: once, every day, on days of the week, or by a cron expression.";
        return view! { <Empty symbol=Symbol::Wrench title="No windows yet" text/> }.into_any();
    }
    let row = move |window: WindowView| view! { <Row window command may_edit/> };
    view! { <ul class="record-list">{all.into_iter().map(row).collect_view()}</ul> }.into_any()
}

#[component]
fn Row(window: WindowView, command: Submission, may_edit: bool) -> impl IntoView {
    let id = window.id.to_string();
    let open = matches!(window.state, WindowState::Open(_));
    let mark = match window.state {
        WindowState::Open(one) => view! { <StatePill state=State::Maintenance>"Open, ends " <Moment at=one.to/></StatePill> }.into_any(),
        WindowState::Next(one) => view! { <span class="chip">"begins " <Moment at=one.from/></span> }.into_any(),
        WindowState::Past => view! { <span class="chip">"past"</span> }.into_any(),
        WindowState::Off => view! { <span class="chip">"off"</span> }.into_any(),
    };
    let (zone, ids) = (window.zone.clone(), (id.clone(), id.clone()));
    let times = window.state.occurrence().map(|one| view! { <div class="record-note"><Times one zone=zone.clone()/></div> });
    let (edit, by_hand) = (format!("/maintenance/{id}/edit"), if open { ("end", "End now") } else { ("start", "Start now") });
    view! {
        <li>
            <div class="record-text">
                <div class="record-name">{window.name.clone()} {mark}</div>
                <div class="record-note">
                    {window.covers} " · " {(window.when != window.name).then(|| format!("{} ", window.when))} {window.zone} " · for "
                    {length(window.duration_ms)}
                </div>
                {times}
                {(!window.note.is_empty()).then(|| view! { <p class="prose record-note">{window.note}</p> })}
            </div>
            {may_edit.then(|| view! {
                <div class="record-actions">
                    <Form action=command key=format!("by-hand-{id}")>
                        <Hidden name="id" value=ids.0/>
                        <button class="button" data-size="small" type="submit" name="command" value=by_hand.0>{by_hand.1}</button>
                    </Form>
                    <a class="button" data-size="small" href=edit aria-label=format!("Edit {}", window.name)>"Edit"</a>
                    <Confirm label="Delete" question=format!("Delete {}?{}", window.name, if open { " It ends at once." } else { "" }) small=true>
                        <Form action=command key=format!("delete-{id}")>
                            <Hidden name="id" value=ids.1/>
                            <button class="button" data-kind="danger" data-size="small" type="submit" name="command" value="delete">"Delete it"</button>
                        </Form>
                    </Confirm>
                </div>
            })}
        </li>
    }
}
