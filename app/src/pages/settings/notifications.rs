//! What the reader wants to be told of the open space, and how.

use domain::alert::view::{DeviceRow, PreferencesView};
use domain::alert::{Event, Way};
use leptos::prelude::*;
use server_fn::ServerFn;

use super::push_device::AllowPush;
use super::{Records, Section};
use crate::api::bell::{RemoveDevice, SavePreferences, TestDevices, preferences};
use crate::components::{Form, Hidden, Load, LoadOnce, Moment, PageHead, Submission, Submit, form_state};

/// The page.
#[component]
pub fn Notifications() -> impl IntoView {
    let save = Submission::new(SavePreferences::PATH);
    let remove = Submission::told(RemoveDevice::PATH);
    let test = Submission::told(TestDevices::PATH);
    let added = RwSignal::new(0u32);
    let loaded = Resource::new(move || (remove.version().get(), added.get()), |_| preferences());
    let form = move |view: PreferencesView| view! { <Choices view save/> }.into_any();
    let devices = move |view: PreferencesView| {
        view! {
            <Devices devices=view.devices remove test/>
            <AllowPush key=view.push_key added/>
        }
        .into_any()
    };
    view! {
        <LoadOnce resource=loaded skeleton=&["heading", "line", "chart"] view=form/>
        <Load resource=loaded skeleton=&["row"] view=devices/>
    }
}

#[component]
fn Choices(view: PreferencesView, save: Submission) -> impl IntoView {
    let title = if view.told_by_rules { "What you are told" } else { "No rule of this space tells its members anything" };
    let lead = view! {
        <p>
            "The bell tells what happens in this space, of the events that you choose. Mail and push come by the rules that tell members. "
            <a class="link" href="/alerts">"See the rules"</a> "."
        </p>
    };
    let why_no_mail = match (view.mail, view.must_verify && !view.verified) {
        (false, _) => Some("This instance has no mail server yet, so no mail is sent."),
        (true, true) => Some("Your address is not confirmed yet, so no mail is sent. See your profile."),
        _ => None,
    };
    let why_no_push = view.devices.is_empty().then_some("None of your browsers takes push messages yet: see below.");
    let chosen = StoredValue::new(view.preferences);
    view! {
        <PageHead title=title.to_owned() lead=lead.into_any()/>
        <Section title="By event" note=format!("Mail goes to {}.", view.email)>
            <Form action=save class="form">
                {why_no_mail.map(|text| view! { <p class="field-hint">{text}</p> })}
                {why_no_push.map(|text| view! { <p class="field-hint">{text}</p> })}
                <table class="matrix">
                    <thead><tr><th scope="col">"Event"</th>{Way::ALL.map(|way| view! { <th scope="col">{way.label()}</th> })}</tr></thead>
                    <tbody>
                        {Event::ALL.map(|event| view! {
                            <tr>
                                <th scope="row"><span>{event.label()}</span><small>{event.line()}</small></th>
                                {Way::ALL.map(|way| {
                                    let on = chosen.with_value(|all| all.of(way).has(event));
                                    view! { <td><Box way event on/></td> }
                                })}
                            </tr>
                        })}
                    </tbody>
                </table>
                <div class="form-actions"><Submit label="Save" kind="primary" done="Saved"/></div>
            </Form>
        </Section>
    }
}

#[component]
fn Box(way: Way, event: Event, on: bool) -> impl IntoView {
    let name = match way {
        Way::Email => "email[]",
        Way::Push => "push[]",
        Way::App => "app[]",
    };
    let saved = if on { vec![event.name().to_owned()] } else { Vec::new() };
    let checked = form_state().values(name, saved).iter().any(|chosen| chosen == event.name());
    let label = format!("{}: {}", event.label(), way.label());
    view! { <label class="matrix-box"><input type="checkbox" name=name value=event.name() checked=checked aria-label=label/></label> }
}

#[component]
fn Devices(devices: Vec<DeviceRow>, remove: Submission, test: Submission) -> impl IntoView {
    let any = !devices.is_empty();
    let row = move |device: DeviceRow| {
        let id = device.id.clone();
        view! {
            <li>
                <div class="record-text">
                    <div class="record-name">{device.name}</div>
                    <div class="record-note">"Added " <Moment at=device.created_at/></div>
                </div>
                <div class="record-actions">
                    <Form action=remove key=device.id>
                        <Hidden name="id" value=id/>
                        <Submit label="Forget" small=true/>
                    </Form>
                </div>
            </li>
        }
    };
    view! {
        <Records title="Devices" note="Browsers and installed apps that take push messages, in all spaces.">
            <ul class="record-list">{devices.into_iter().map(row).collect_view()}</ul>
            {any.then(|| view! {
                <div class="card-foot"><Form action=test><Submit label="Send a test to all of them" small=true/></Form></div>
            })}
        </Records>
    }
}
