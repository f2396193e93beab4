//! The root of the app: what is provided everywhere, and which page answers which address.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::environment::Environment;
use crate::layouts::{Frame, Plain, SettingsFrame};
use crate::pages::{NotFound, Overview};
use crate::parts::{Alerts, Entry, Maintenance, Monitor, Part, Settings, Webhooks};
use crate::{session, worker};

/// The app. Every route is rendered completely before it is sent: the database is local, and pages work without scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let environment = Environment::read();
    provide_context(environment);
    session::provide();
    view! {
        <Title formatter=|text: String| if text.is_empty() { "Loopr".to_owned() } else { format!("{text} · Loopr") }/>
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Plain ssr=Async>
                    <Route path=path!("sign-in") view=Part::Entry(Entry::SignIn) ssr=Async/>
                    <Route path=path!("sign-up") view=Part::Entry(Entry::SignUp) ssr=Async/>
                    <Route path=path!("setup") view=Part::Entry(Entry::SetUp) ssr=Async/>
                    <Route path=path!("invitation/:secret") view=Part::Entry(Entry::Invitation) ssr=Async/>
                    <Route path=path!("forgot") view=Part::Entry(Entry::Forgot) ssr=Async/>
                    <Route path=path!("verify/:secret") view=Part::Entry(Entry::Verify) ssr=Async/>
                    <Route path=path!("reset/:secret") view=Part::Entry(Entry::Reset) ssr=Async/>
                    <Route path=path!("acknowledge/:token") view=Part::Entry(Entry::Acknowledge) ssr=Async/>
                </ParentRoute>
                <ParentRoute path=path!("") view=Frame ssr=Async>
                    <Route path=path!("") view=Overview ssr=Async/>
                    <Route path=path!("monitors/new") view=Part::Monitor(Monitor::New) ssr=Async/>
                    <Route path=path!("monitors/:id") view=Part::Monitor(Monitor::Page) ssr=Async/>
                    <Route path=path!("monitors/:id/edit") view=Part::Monitor(Monitor::Edit) ssr=Async/>
                    <Route path=path!("analytics") view=Part::Analytics ssr=Async/>
                    <Route path=path!("incidents") view=Part::Alerts(Alerts::Incidents) ssr=Async/>
                    <Route path=path!("incidents/new") view=Part::Alerts(Alerts::OpenIncident) ssr=Async/>
                    <Route path=path!("incidents/:id") view=Part::Alerts(Alerts::Incident) ssr=Async/>
                    <Route path=path!("alerts") view=Part::Alerts(Alerts::Rules) ssr=Async/>
                    <Route path=path!("alerts/rules/new") view=Part::Alerts(Alerts::NewRule) ssr=Async/>
                    <Route path=path!("alerts/rules/:id/edit") view=Part::Alerts(Alerts::EditRule) ssr=Async/>
                    <Route path=path!("alerts/channels") view=Part::Alerts(Alerts::Channels) ssr=Async/>
                    <Route path=path!("alerts/channels/new") view=Part::Alerts(Alerts::NewChannel) ssr=Async/>
                    <Route path=path!("alerts/channels/:id/edit") view=Part::Alerts(Alerts::EditChannel) ssr=Async/>
                    <Route path=path!("alerts/messages") view=Part::Alerts(Alerts::Messages) ssr=Async/>
                    <Route path=path!("alerts/messages/:id") view=Part::Alerts(Alerts::Message) ssr=Async/>
                    <Route path=path!("notifications") view=Part::Alerts(Alerts::Bell) ssr=Async/>
                    <Route path=path!("activity") view=Part::Alerts(Alerts::Activity) ssr=Async/>
                    <Route path=path!("maintenance") view=Part::Maintenance(Maintenance::List) ssr=Async/>
                    <Route path=path!("maintenance/new") view=Part::Maintenance(Maintenance::New) ssr=Async/>
                    <Route path=path!("maintenance/:id/edit") view=Part::Maintenance(Maintenance::Edit) ssr=Async/>
                    <Route path=path!("webhooks") view=Part::Webhooks(Webhooks::List) ssr=Async/>
                    <Route path=path!("webhooks/new") view=Part::Webhooks(Webhooks::New) ssr=Async/>
                    <Route path=path!("webhooks/import") view=Part::Webhooks(Webhooks::Import) ssr=Async/>
                    <Route path=path!("webhooks/secrets") view=Part::Webhooks(Webhooks::Secrets) ssr=Async/>
                    <Route path=path!("webhooks/dead") view=Part::Webhooks(Webhooks::Dead) ssr=Async/>
                    <Route path=path!("webhooks/runs/:id") view=Part::Webhooks(Webhooks::Run) ssr=Async/>
                    <Route path=path!("webhooks/:id") view=Part::Webhooks(Webhooks::Page) ssr=Async/>
                    <Route path=path!("webhooks/:id/edit") view=Part::Webhooks(Webhooks::Edit) ssr=Async/>
                    <ParentRoute path=path!("settings") view=SettingsFrame ssr=Async>
                        <Route path=path!("") view=Part::Settings(Settings::Profile) ssr=Async/>
                        <Route path=path!("profile") view=Part::Settings(Settings::Profile) ssr=Async/>
                        <Route path=path!("security") view=Part::Settings(Settings::Security) ssr=Async/>
                        <Route path=path!("appearance") view=Part::Settings(Settings::Appearance) ssr=Async/>
                        <Route path=path!("notifications") view=Part::Settings(Settings::Notifications) ssr=Async/>
                        <Route path=path!("space") view=Part::Settings(Settings::Space) ssr=Async/>
                        <Route path=path!("members") view=Part::Settings(Settings::Members) ssr=Async/>
                        <Route path=path!("tokens") view=Part::Settings(Settings::Tokens) ssr=Async/>
                    </ParentRoute>
                    <Route path=path!("admin/accounts") view=Part::Settings(Settings::Accounts) ssr=Async/>
                    <Route path=path!("admin/spaces") view=Part::Settings(Settings::Spaces) ssr=Async/>
                    <Route path=path!("admin/network") view=Part::Settings(Settings::Network) ssr=Async/>
                </ParentRoute>
            </Routes>
        </Router>
        // After the pages: hydration may have to wait for a part of the wasm, and nothing may change meanwhile.
        {move || untrack(|| {
            environment.start();
            worker::register();
        })}
    }
}
