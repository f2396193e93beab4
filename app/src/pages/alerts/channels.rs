//! The channels of the space.

use domain::account::Role;
use domain::alert::view::{ChannelRow, ChannelsView};
use domain::words;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Tabs;
use crate::api::alerts::{ChannelCommand, channels};
use crate::components::{Banner, Confirm, Empty, Form, Hidden, Load, Moment, PageHead, Submission, Symbol, Tone};
use crate::live::live;
use crate::pages::settings::Records;
use crate::session::session;

/// The page at `/alerts/channels`.
#[component]
pub fn ChannelsPage() -> impl IntoView {
    let may_edit = session().with_value(|s| s.may(Role::Editor));
    let command = Submission::told(ChannelCommand::PATH);
    let live = live();
    let list = Resource::new(move || (command.version().get(), live.news.get()), |_| channels());
    let show = move |view: ChannelsView| {
        let failing =
            view.channels.iter().filter(|channel| channel.switched_off.is_some() || (channel.enabled && channel.failing.is_some())).count();
        let title = match (view.channels.len(), failing) {
            (0, _) => "There are no channels yet".to_owned(),
            (n, 0) => words::count(n, "channel", "channels"),
            (_, n) => format!("{} not take messages", words::count(n, "channel does", "channels do")),
        };
        let lead = view! { <p>"Chat rooms, mailboxes, on-call systems: where rules send what happens."</p> };
        let without_mail = !view.mail && view.channels.iter().any(|channel| channel.kind == "email");
        view! {
            <PageHead title lead=lead.into_any()>
                {may_edit.then(|| view! { <a class="button" data-kind="primary" href="/alerts/channels/new" aria-keyshortcuts="n">"Add channel"</a> })}
            </PageHead>
            <Tabs/>
            {without_mail.then(|| view! {
                <Banner tone=Tone::Bad>"This instance has no mail server: an operator sets LOOPR_SMTP_URL. Until then no mail is sent."</Banner>
            })}
            <Records title="Channels"><Rows all=view.channels command may_edit/></Records>
        }
        .into_any()
    };
    view! { <Load resource=list skeleton=&["heading", "line", "row", "row"] view=show/> }
}

#[component]
fn Rows(all: Vec<ChannelRow>, command: Submission, may_edit: bool) -> impl IntoView {
    if all.is_empty() {
        let text = "Members are told by mail, push and bell as they prefer. A channel tells a room, a list or a system.";
        return view! { <Empty symbol=Symbol::Bell title="No channels" text/> }.into_any();
    }
    let row = move |channel: ChannelRow| {
        let id = channel.id.to_string();
        let ids = (id.clone(), id.clone());
        let used = if channel.rules.is_empty() { "no rule sends to it".to_owned() } else { channel.rules.join(", ") };
        let failing = channel.failing.filter(|_| channel.enabled);
        let off = channel.switched_off.filter(|_| !channel.enabled);
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">
                        {if may_edit {
                            view! { <a href=format!("/alerts/channels/{id}/edit")>{channel.name.clone()}</a> }.into_any()
                        } else {
                            channel.name.clone().into_any()
                        }}
                        <span class="chip">{channel.label}</span>
                        {(!channel.enabled).then(|| view! { <span class="chip">"off"</span> })}
                    </div>
                    <div class="record-note">{(!channel.target.is_empty()).then(|| format!("{} · ", channel.target))} {used}</div>
                    {channel.last.map(|last| view! {
                        <div class="record-note">
                            <a class="link" href=format!("/alerts/messages/{}", last.id)>"Last message"</a> ": "
                            {last.state.label().to_lowercase()} " " <Moment at=last.at/>
                        </div>
                    })}
                    {off.map(|why| view! {
                        <p class="state-word" data-state="down">"It switched itself off. " {why} " Switch it on in its settings once it answers."</p>
                    })}
                    {failing.map(|failing| view! {
                        <p class="state-word" data-state="down">
                            "Does not take messages. " {failing.note} " "
                            <a class="link" href=format!("/alerts/messages/{}", failing.id)>"All tries"</a>
                        </p>
                    })}
                </div>
                {may_edit.then(|| view! {
                    <div class="record-actions">
                        <Form action=command key=format!("test-{id}")>
                            <Hidden name="id" value=ids.0/>
                            <button class="button" data-size="small" type="submit" name="command" value="test">"Send test"</button>
                        </Form>
                        <a class="button" data-size="small" href=format!("/alerts/channels/{id}/edit") aria-label=format!("Edit {}", channel.name)>"Edit"</a>
                        <Confirm label="Delete" question=format!("Delete {}? Rules do not send to it any more, and what waits for it is not sent.", channel.name) small=true>
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
