//! The bell: what happened in the space, and what of it the reader has seen.

use domain::State;
use domain::alert::Event;
use domain::alert::view::{BellRow, BellView, UNREAD_MAX};
use domain::words;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use crate::api::bell::{MarkBell, bell};
use crate::components::{Empty, Form, Hidden, Load, Moment, PageHead, StateMark, Submission, Symbol};
use crate::live::live;
use crate::pages::settings::Records;

/// The page at `/notifications`.
#[component]
pub fn BellPage() -> impl IntoView {
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|q| q.get("before")).unwrap_or_default());
    let mark = Submission::new(MarkBell::PATH);
    let live = live();
    let list = Resource::new(move || (before.get(), live.news.get(), mark.version().get()), |(before, ..)| bell(before));
    let show = move |view: BellView| {
        let title = match view.unread {
            0 => "You have seen everything".to_owned(),
            n if n >= UNREAD_MAX => format!("More than {} things you have not seen", UNREAD_MAX - 1),
            n => format!("{} you have not seen", words::count(usize::try_from(n).unwrap_or(0), "thing", "things")),
        };
        let lead = view! {
            <p>"What happened in this space, of the kinds that you " <a class="link" href="/settings/notifications">"want to see here"</a> "."</p>
        };
        let next = view.next.map(|key| format!("?before={key}"));
        view! {
            <PageHead title lead=lead.into_any()>
                {(view.unread > 0).then(|| view! {
                    <Form action=mark key="all"><button class="button" type="submit">"Mark all as seen"</button></Form>
                })}
            </PageHead>
            <Records title="Notifications">
                <Rows rows=view.rows mark/>
                {next.map(|href| view! { <div class="card-foot"><a class="link" href=href>"Earlier"</a></div> })}
            </Records>
        }
        .into_any()
    };
    view! { <div class="narrow stack"><Load resource=list skeleton=&["heading", "line", "row", "row", "row"] view=show/></div> }
}

/// The state that an event is about, for its mark.
fn mark_of(event: Event) -> Option<State> {
    match event {
        Event::Down | Event::Late | Event::IncidentOpened => Some(State::Down),
        Event::Up | Event::WebhookRecovered | Event::IncidentResolved => Some(State::Up),
        Event::Degraded | Event::Flapping | Event::Expiring => Some(State::Degraded),
        Event::WebhookFailing | Event::WebhookMissed | Event::ChannelFailing => Some(State::Degraded),
        Event::Unwatched | Event::NodeLost => Some(State::Unknown),
        Event::IncidentAcknowledged | Event::IncidentCommented | Event::DailyDigest | Event::WeeklyDigest => None,
    }
}

#[component]
fn Rows(rows: Vec<BellRow>, mark: Submission) -> impl IntoView {
    if rows.is_empty() {
        return view! { <Empty symbol=Symbol::Bell title="Nothing yet" text="Outages, recoveries and what else you chose stand here."/> }
            .into_any();
    }
    let row = move |row: BellRow| {
        let of_webhook = row.run.map(|run| format!("/webhooks/runs/{run}")).or(row.webhook.map(|webhook| format!("/webhooks/{webhook}")));
        let href = match (row.incident, row.monitor) {
            (Some(_), _) if row.together > 1 => "/incidents".to_owned(),
            (Some(incident), _) => format!("/incidents/{incident}"),
            (None, Some(monitor)) => format!("/monitors/{monitor}"),
            (None, None) if matches!(row.event, Event::WebhookFailing | Event::WebhookRecovered | Event::WebhookMissed) => {
                of_webhook.unwrap_or_else(|| "/webhooks".to_owned())
            }
            (None, None) if row.event == Event::ChannelFailing => "/alerts/channels".to_owned(),
            (None, None) => "/".to_owned(),
        };
        let (key, seen_key) = (row.key.clone(), row.key.clone());
        let (open_form, seen_form) = (format!("open-{key}"), format!("seen-{key}"));
        view! {
            <li class="bell-row" data-seen=row.seen.to_string()>
                <div class="record-text">
                    <div class="record-name">
                        {mark_of(row.event).map(|state| view! { <StateMark state/> })}
                        <Form action=mark key=open_form>
                            <Hidden name="key" value=key/>
                            <Hidden name="next" value=href/>
                            <button class="link-button" type="submit">{row.headline}</button>
                        </Form>
                        <span class="chip">{row.event.label()}</span>
                    </div>
                    <div class="record-note"><Moment at=row.at/> {(!row.detail.is_empty()).then(|| format!(" · {}", row.detail))}</div>
                </div>
                {(!row.seen).then(|| view! {
                    <div class="record-actions">
                        <Form action=mark key=seen_form>
                            <Hidden name="key" value=seen_key/>
                            <button class="button" data-size="small" data-kind="quiet" type="submit">"Mark as seen"</button>
                        </Form>
                    </div>
                })}
            </li>
        }
    };
    view! { <ul class="record-list">{rows.into_iter().map(row).collect_view()}</ul> }.into_any()
}
