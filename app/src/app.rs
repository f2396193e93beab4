//! The root of the app: what is provided everywhere, and which page answers which address.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::environment::Environment;
use crate::layouts::{Frame, Plain, SettingsFrame};
use crate::pages::*;
use crate::{session, worker};

/// The app. Every route is rendered completely before it is sent: the database is local, and pages work without scripts.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let environment = Environment::read();
    provide_context(environment);
    environment.start();
    worker::register();
    session::provide();
    view! {
        <Title formatter=|text: String| if text.is_empty() { "Loopr".to_owned() } else { format!("{text} · Loopr") }/>
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Plain ssr=Async>
                    <Route path=path!("sign-in") view=SignIn ssr=Async/>
                    <Route path=path!("sign-up") view=SignUp ssr=Async/>
                    <Route path=path!("setup") view=SetUp ssr=Async/>
                    <Route path=path!("invitation/:secret") view=Invitation ssr=Async/>
                    <Route path=path!("reset/:secret") view=Reset ssr=Async/>
                </ParentRoute>
                <ParentRoute path=path!("") view=Frame ssr=Async>
                    <Route path=path!("") view=Overview ssr=Async/>
                    <Route path=path!("monitors/new") view=NewMonitor ssr=Async/>
                    <Route path=path!("monitors/:id") view=MonitorPage ssr=Async/>
                    <Route path=path!("monitors/:id/edit") view=EditMonitor ssr=Async/>
                    <ParentRoute path=path!("settings") view=SettingsFrame ssr=Async>
                        <Route path=path!("") view=settings::Profile ssr=Async/>
                        <Route path=path!("profile") view=settings::Profile ssr=Async/>
                        <Route path=path!("security") view=settings::Security ssr=Async/>
                        <Route path=path!("appearance") view=settings::Appearance ssr=Async/>
                        <Route path=path!("space") view=settings::SpaceSettings ssr=Async/>
                        <Route path=path!("members") view=settings::Members ssr=Async/>
                        <Route path=path!("tokens") view=settings::Tokens ssr=Async/>
                    </ParentRoute>
                    <Route path=path!("admin/accounts") view=admin::Accounts ssr=Async/>
                    <Route path=path!("admin/spaces") view=admin::Spaces ssr=Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
