//! Parts of the wasm that are loaded when a page needs them, so that the first load is the frame and the overview alone. A
//! page is in the wasm of its part when nothing outside of this file names it.

use domain::{AppError, Code};
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::ChooseView;

use crate::components::Failure;
use crate::pages::{
    Acknowledge, ActivityPage, AnalyticsPage, BellPage, ChannelsPage, DeadRunsPage, EditChannel, EditMonitor, EditRule, EditWebhook,
    EditWindow, Forgot, ImportWebhooks, IncidentPage, IncidentsPage, Invitation, MessagePage, MessagesPage, MonitorPage, NewChannel,
    NewMonitor, NewRule, NewWebhook, NewWindow, OpenIncidentPage, Reset, RulesPage, RunPage, SecretsPage, SetUp, SignIn, SignUp, Verify,
    WebhookPage, WebhooksPage, Windows, admin, settings,
};

/// A page of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Entry(Entry),
    Analytics,
    Alerts(Alerts),
    Monitor(Monitor),
    Maintenance(Maintenance),
    Webhooks(Webhooks),
    Settings(Settings),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    SignIn,
    SignUp,
    SetUp,
    Invitation,
    Forgot,
    Verify,
    Reset,
    Acknowledge,
}

/// Incidents, alerts and what there is to read of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alerts {
    Incidents,
    OpenIncident,
    Incident,
    Rules,
    NewRule,
    EditRule,
    Channels,
    NewChannel,
    EditChannel,
    Messages,
    Message,
    Bell,
    Activity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Monitor {
    New,
    Page,
    Edit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maintenance {
    List,
    New,
    Edit,
}

/// Scheduled webhooks and their runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Webhooks {
    List,
    New,
    Page,
    Edit,
    Run,
    Dead,
    Import,
    Secrets,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settings {
    Profile,
    Security,
    Appearance,
    Notifications,
    Space,
    Members,
    Tokens,
    Accounts,
    Spaces,
    Network,
}

#[wasm_split(entry, wasm_split_path = ::leptos::wasm_split, preload(load_entry), fallible)]
fn entry(page: Entry) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Entry::SignIn => view! { <SignIn/> }.into_any(),
        Entry::SignUp => view! { <SignUp/> }.into_any(),
        Entry::SetUp => view! { <SetUp/> }.into_any(),
        Entry::Invitation => view! { <Invitation/> }.into_any(),
        Entry::Forgot => view! { <Forgot/> }.into_any(),
        Entry::Verify => view! { <Verify/> }.into_any(),
        Entry::Reset => view! { <Reset/> }.into_any(),
        Entry::Acknowledge => view! { <Acknowledge/> }.into_any(),
    })
}

#[wasm_split(monitor, wasm_split_path = ::leptos::wasm_split, preload(load_monitor), fallible)]
fn monitor(page: Monitor) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Monitor::New => view! { <NewMonitor/> }.into_any(),
        Monitor::Page => view! { <MonitorPage/> }.into_any(),
        Monitor::Edit => view! { <EditMonitor/> }.into_any(),
    })
}

#[wasm_split(maintenance, wasm_split_path = ::leptos::wasm_split, preload(load_maintenance), fallible)]
fn maintenance(page: Maintenance) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Maintenance::List => view! { <Windows/> }.into_any(),
        Maintenance::New => view! { <NewWindow/> }.into_any(),
        Maintenance::Edit => view! { <EditWindow/> }.into_any(),
    })
}

#[wasm_split(webhooks, wasm_split_path = ::leptos::wasm_split, preload(load_webhooks), fallible)]
fn webhooks(page: Webhooks) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Webhooks::List => view! { <WebhooksPage/> }.into_any(),
        Webhooks::New => view! { <NewWebhook/> }.into_any(),
        Webhooks::Page => view! { <WebhookPage/> }.into_any(),
        Webhooks::Edit => view! { <EditWebhook/> }.into_any(),
        Webhooks::Run => view! { <RunPage/> }.into_any(),
        Webhooks::Dead => view! { <DeadRunsPage/> }.into_any(),
        Webhooks::Import => view! { <ImportWebhooks/> }.into_any(),
        Webhooks::Secrets => view! { <SecretsPage/> }.into_any(),
    })
}

#[wasm_split(alerts, wasm_split_path = ::leptos::wasm_split, preload(load_alerts), fallible)]
fn alerts(page: Alerts) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Alerts::Incidents => view! { <IncidentsPage/> }.into_any(),
        Alerts::OpenIncident => view! { <OpenIncidentPage/> }.into_any(),
        Alerts::Incident => view! { <IncidentPage/> }.into_any(),
        Alerts::Rules => view! { <RulesPage/> }.into_any(),
        Alerts::NewRule => view! { <NewRule/> }.into_any(),
        Alerts::EditRule => view! { <EditRule/> }.into_any(),
        Alerts::Channels => view! { <ChannelsPage/> }.into_any(),
        Alerts::NewChannel => view! { <NewChannel/> }.into_any(),
        Alerts::EditChannel => view! { <EditChannel/> }.into_any(),
        Alerts::Messages => view! { <MessagesPage/> }.into_any(),
        Alerts::Message => view! { <MessagePage/> }.into_any(),
        Alerts::Bell => view! { <BellPage/> }.into_any(),
        Alerts::Activity => view! { <ActivityPage/> }.into_any(),
    })
}

#[wasm_split(analytics, wasm_split_path = ::leptos::wasm_split, preload(load_analytics), fallible)]
fn analytics() -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <AnalyticsPage/> }.into_any())
}

#[wasm_split(settings, wasm_split_path = ::leptos::wasm_split, preload(load_settings), fallible)]
fn settings(page: Settings) -> Result<AnyView, SplitLoaderError> {
    Ok(match page {
        Settings::Profile => view! { <settings::Profile/> }.into_any(),
        Settings::Security => view! { <settings::Security/> }.into_any(),
        Settings::Appearance => view! { <settings::Appearance/> }.into_any(),
        Settings::Notifications => view! { <settings::Notifications/> }.into_any(),
        Settings::Space => view! { <settings::SpaceSettings/> }.into_any(),
        Settings::Members => view! { <settings::Members/> }.into_any(),
        Settings::Tokens => view! { <settings::Tokens/> }.into_any(),
        Settings::Accounts => view! { <admin::Accounts/> }.into_any(),
        Settings::Spaces => view! { <admin::Spaces/> }.into_any(),
        Settings::Network => view! { <admin::Network/> }.into_any(),
    })
}

impl ChooseView for Part {
    async fn choose(self) -> AnyView {
        #[cfg(feature = "ssr")]
        crate::context::preload_part(match self {
            Self::Entry(_) => "entry",
            Self::Analytics => "analytics",
            Self::Alerts(_) => "alerts",
            Self::Monitor(_) => "monitor",
            Self::Maintenance(_) => "maintenance",
            Self::Webhooks(_) => "webhooks",
            Self::Settings(_) => "settings",
        });
        let loaded = match self {
            Self::Entry(page) => entry(page).await,
            Self::Analytics => analytics().await,
            Self::Alerts(page) => alerts(page).await,
            Self::Monitor(page) => monitor(page).await,
            Self::Maintenance(page) => maintenance(page).await,
            Self::Webhooks(page) => webhooks(page).await,
            Self::Settings(page) => settings(page).await,
        };
        loaded.unwrap_or_else(|_| {
            let error = AppError::new(Code::Unavailable, "This page could not be loaded. Check the connection and try again.");
            view! { <Failure error page=true/> }.into_any()
        })
    }

    /// The router waits for this before it hydrates a page, and then for nothing more.
    async fn preload(&self) {
        let loaded = match self {
            Self::Entry(_) => load_entry().await,
            Self::Analytics => load_analytics().await,
            Self::Alerts(_) => load_alerts().await,
            Self::Monitor(_) => load_monitor().await,
            Self::Maintenance(_) => load_maintenance().await,
            Self::Webhooks(_) => load_webhooks().await,
            Self::Settings(_) => load_settings().await,
        };
        // Tried again, and told, when the page is chosen.
        drop(loaded);
    }
}
