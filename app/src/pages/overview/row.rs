//! One monitor in the list. Everything that changes comes from its own signal, so an event renders this row alone.

use domain::live::MonitorLive;
use domain::view::MonitorRow;
use domain::{State, words};
use leptos::prelude::*;

use super::table::Picks;
use crate::components::{Countdown, FLAPPING, Icon, Menu, OutcomeBar, Sparkline, StateMark, Symbol};
use crate::environment::environment;
use crate::live::live;
use crate::zone;

/// A row.
#[component]
pub fn Row(row: MonitorRow, may_edit: bool) -> impl IntoView {
    let signal = ArcRwSignal::into(live().signal(&row.live));
    let now: RwSignal<MonitorLive> = signal;
    let state = Memo::new(move |_| now.with(|l| l.state));
    let bar = Signal::derive(move || now.with(|l| l.bar.clone()));
    let spark = Signal::derive(move || now.with(|l| l.spark.clone()));
    let flapping = Memo::new(move |_| now.with(|l| l.flapping));
    let href = format!("/monitors/{}", row.id);
    let plain_get = matches!(row.label.as_str(), "HTTPS" | "HTTP");
    view! {
        <tr role="row" data-state=move || state.get().name() data-id=row.id.to_string()>
            <td role="cell" class="col-pick">
                <div class="pick">
                    {if may_edit { view! { <Pick id=row.id name=row.name.clone()/> }.into_any() } else { view! { <label></label> }.into_any() }}
                    <StateMark state label=true/>
                </div>
            </td>
            <td role="cell" class="col-name">
                <div class="name">
                    <a href=href.clone()>{row.name.clone()}</a>
                    <div class="name-chips">
                        <Show when=move || flapping.get()><span class="chip" data-tone="degraded" title=FLAPPING>"flapping"</span></Show>
                        {(!plain_get).then(|| view! { <span class="chip">{row.label.clone()}</span> })}
                        {row.tags.iter().take(3).map(|tag| view! { <span class="chip">{tag.clone()}</span> }).collect_view()}
                    </div>
                </div>
                <div class="host">{row.address.clone()}</div>
            </td>
            <td role="cell" class="col-bar"><OutcomeBar text=bar/></td>
            <td role="cell" class="col-spark"><Sparkline values=spark/></td>
            <td role="cell" class="col-latency right"><Latency now/></td>
            <td role="cell" class="col-uptime right"><Uptime now/></td>
            <td role="cell" class="col-next right"><Next now/></td>
            <td role="cell" class="col-menu right">
                <RowMenu id=row.id.to_string() name=row.name href state may_edit/>
            </td>
        </tr>
    }
}

#[component]
fn Pick(id: domain::MonitorId, name: String) -> impl IntoView {
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
fn Latency(now: RwSignal<MonitorLive>) -> impl IntoView {
    let env = environment();
    let last = Memo::new(move |_| now.with(|l| l.last.clone()));
    let title = move || {
        last.with(|l| {
            l.as_ref().map(|l| {
                let at = env.zone.with(|z| zone::exact(l.at, z));
                l.error.as_ref().or(l.warning.as_ref()).map_or_else(|| at.clone(), |e| format!("{e} ({at})"))
            })
        })
    };
    let text = move || {
        last.with(|l| match l {
            None => ("latency", "—".to_owned(), ""),
            Some(l) => match l.reason {
                Some(reason) if l.error.is_some() => ("failure", reason.word().to_owned(), ""),
                // Nothing was measured: a group, a job that did not say when it began.
                _ if l.duration_us == 0 => ("latency", "—".to_owned(), ""),
                _ => {
                    let (number, unit) = words::latency_parts(l.duration_us);
                    ("latency", number, unit)
                }
            },
        })
    };
    view! { <span class=move || text().0 title=title>{move || text().1} " " <small>{move || text().2}</small></span> }
}

#[component]
fn Uptime(now: RwSignal<MonitorLive>) -> impl IntoView {
    let share = move || now.with(|l| l.uptime_24h.map_or_else(|| "—".to_owned(), words::percent));
    let title = move || now.with(|l| l.coverage_24h.map(|c| format!("Last 24 hours; {} of the time was watched", words::percent(c))));
    view! { <span class="num" title=title>{share}</span> }
}

#[component]
fn Next(now: RwSignal<MonitorLive>) -> impl IntoView {
    let to = Signal::derive(move || now.with(|l| l.next_at));
    let checking = Memo::new(move |_| now.with(|l| l.checking));
    view! {
        <Show when=move || checking.get() fallback=move || view! { <Countdown to/> }>
            <span class="next">"now"</span>
        </Show>
    }
}

#[component]
fn RowMenu(id: String, name: String, href: String, state: Memo<State>, may_edit: bool) -> impl IntoView {
    let paused = move || state.get() == State::Paused;
    let command = {
        let id = id.clone();
        move |verb: &str| format!("{verb}/{id}")
    };
    let (pause, resume, check) = (command("pause"), command("resume"), command("check"));
    view! {
        <Menu label=format!("Actions for {name}") summary_class="icon-button" summary=view! { <Icon symbol=Symbol::Dots/> }.into_any()>
            <a class="menu-item" href=href.clone()><Icon symbol=Symbol::Pulse/>"Open"</a>
            {may_edit.then(|| view! {
                <a class="menu-item" href=format!("{href}/edit")><Icon symbol=Symbol::Edit/>"Edit"</a>
                <hr/>
                <button class="menu-item" type="submit" form="bulk" name="command" value=check><Icon symbol=Symbol::Bolt/>"Check now"</button>
                <button
                    class="menu-item"
                    type="submit"
                    form="bulk"
                    name="command"
                    value=move || if paused() { resume.clone() } else { pause.clone() }
                >
                    <Icon symbol=Symbol::Pause/>
                    {move || if paused() { "Resume" } else { "Pause" }}
                </button>
            })}
        </Menu>
    }
}
