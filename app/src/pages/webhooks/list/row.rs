//! One webhook in the list. What changes by itself comes from the page that was loaded last, so that the row stays.

use domain::webhook::{Last, Priority, RunState, ScheduleRow, Standing};
use domain::words;
use leptos::prelude::*;

use super::List;
use super::table::Picks;
use crate::components::{Countdown, Icon, Menu, Moment, Symbol};
use crate::pages::webhooks::marks::{OutcomeStrip, StandingMark, shape};

/// A row.
#[component]
pub fn Row(row: ScheduleRow, may_edit: bool) -> impl IntoView {
    let List { page, .. } = expect_context();
    let id = row.id;
    let first = row.clone();
    let now = Memo::new(move |_| page.with(|p| p.rows.iter().find(|r| r.id == id).cloned()).unwrap_or_else(|| first.clone()));
    let standing = Memo::new(move |_| now.with(|r| r.standing));
    let outcomes = Signal::derive(move || now.with(|r| r.outcomes.clone()));
    let rated = move || now.with(|r| format!("Of the last {}", words::count(usize::try_from(r.rated).unwrap_or(0), "run", "runs")));
    let rate = move || now.with(|r| r.success_rate.map_or_else(|| "—".to_owned(), words::percent));
    let next = Signal::derive(move || now.with(|r| r.next));
    let last = Memo::new(move |_| now.with(|r| r.last.clone()));
    let href = format!("/webhooks/{id}");
    let urgent = matches!(row.priority, Priority::High | Priority::Critical).then(|| row.priority.name());
    view! {
        <tr role="row" data-state=move || shape(standing.get()).name() data-id=id.to_string()>
            <td role="cell" class="col-pick">
                <div class="pick">
                    {if may_edit { view! { <Pick id name=row.name.clone()/> }.into_any() } else { view! { <label></label> }.into_any() }}
                    <StandingMark standing/>
                </div>
            </td>
            <td role="cell" class="col-name">
                <div class="name">
                    <a href=href.clone()>{row.name.clone()}</a>
                    <div class="name-chips">
                        {move || said(standing.get()).map(|(word, tone)| view! { <span class="chip" data-tone=tone>{word}</span> })}
                        {urgent.map(|word| view! { <span class="chip">{word}</span> })}
                        {row.tags.iter().take(3).map(|tag| view! { <span class="chip">{tag.clone()}</span> }).collect_view()}
                    </div>
                </div>
                <div class="host">{row.target.clone()}</div>
            </td>
            <td role="cell" class="col-when">
                <div class="when" title=row.when.clone()>{row.when.clone()}</div>
                <div class="host">{row.zone.clone()}</div>
            </td>
            <td role="cell" class="col-strip"><OutcomeStrip outcomes/></td>
            <td role="cell" class="col-latency right">{move || view! { <LastRun last=last.get()/> }}</td>
            <td role="cell" class="col-uptime right"><span class="num" title=rated>{rate}</span></td>
            <td role="cell" class="col-next right"><Countdown to=next/></td>
            <td role="cell" class="col-menu right"><RowMenu id=id.to_string() name=row.name href standing may_edit/></td>
        </tr>
    }
}

/// What deserves a word beside the name.
fn said(standing: Standing) -> Option<(&'static str, Option<&'static str>)> {
    match standing {
        Standing::Well | Standing::Failing => None,
        Standing::New => Some(("no run yet", None)),
        Standing::Retrying => Some(("retrying", Some("degraded"))),
        Standing::Disabled => Some(("switched off", Some("degraded"))),
        Standing::Running => Some(("running", Some("accent"))),
        Standing::Paused => Some(("paused", None)),
        Standing::Ended => Some(("ended", None)),
    }
}

/// How the last run ended, and how long ago.
#[component]
fn LastRun(last: Option<Last>) -> impl IntoView {
    let Some(last) = last else { return view! { <span class="muted">"—"</span> }.into_any() };
    let failed = last.state != RunState::Succeeded;
    let word = match (last.status, failed) {
        (Some(status), _) => status.to_string(),
        (None, true) => "failed".to_owned(),
        (None, false) => "succeeded".to_owned(),
    };
    let title = if last.note.is_empty() { format!("in {}", words::duration_ms(u64::from(last.duration_ms))) } else { last.note.clone() };
    view! {
        <span class=if failed { "failure" } else { "latency" } title=title>{word}</span>
        <div class="host"><Moment at=last.ended_at/></div>
    }
    .into_any()
}

#[component]
fn Pick(id: domain::ScheduleId, name: String) -> impl IntoView {
    let Picks(picked) = expect_context();
    let on_change = move |event| {
        let on = event_target_checked(&event);
        picked.update(|all| {
            if on {
                all.insert(id)
            } else {
                all.remove(&id)
            };
        });
    };
    view! {
        <label>
            <input
                type="checkbox"
                name="ids[]"
                value=id.to_string()
                form="bulk"
                autocomplete="off"
                aria-label=format!("Pick {name}")
                prop:checked=move || picked.with(|all| all.contains(&id))
                on:change=on_change
            />
        </label>
    }
}

#[component]
fn RowMenu(id: String, name: String, href: String, standing: Memo<Standing>, may_edit: bool) -> impl IntoView {
    let stopped = move || matches!(standing.get(), Standing::Paused | Standing::Disabled);
    let (pause, resume, run) = (format!("pause/{id}"), format!("resume/{id}"), format!("run/{id}"));
    view! {
        <Menu label=format!("Actions for {name}") summary_class="icon-button" summary=view! { <Icon symbol=Symbol::Dots/> }.into_any()>
            <a class="menu-item" href=href.clone()><Icon symbol=Symbol::Clock/>"Open"</a>
            {may_edit.then(|| view! {
                <a class="menu-item" href=format!("{href}/edit")><Icon symbol=Symbol::Edit/>"Edit"</a>
                <a class="menu-item" href=format!("/webhooks/new?copy={id}")><Icon symbol=Symbol::Copy/>"Duplicate"</a>
                <hr/>
                <button class="menu-item" type="submit" form="bulk" name="command" value=run><Icon symbol=Symbol::Bolt/>"Run now"</button>
                <button
                    class="menu-item"
                    type="submit"
                    form="bulk"
                    name="command"
                    value=move || if stopped() { resume.clone() } else { pause.clone() }
                >
                    <Icon symbol=Symbol::Pause/>
                    {move || if stopped() { "Resume" } else { "Pause" }}
                </button>
            })}
        </Menu>
    }
}
