//! Monitors of the open space.

use domain::check::Trace;
use domain::monitor::MonitorDraft;
use domain::view::{MonitorDetail, MonitorPage};
use leptos::prelude::*;

use crate::error::ApiError;

/// A page of the overview. `state`, `tag` and `sort` are the texts of the address; empty ones mean: any.
#[server(prefix = "/fn", endpoint = "list_monitors", input = server_fn::codec::GetUrl)]
pub async fn list_monitors(
    #[server(default)] search: String,
    #[server(default)] state: String,
    #[server(default)] tag: String,
    #[server(default)] sort: String,
    #[server(default)] page: u32,
) -> Result<MonitorPage, ApiError> {
    use crate::context::PageContext;
    use domain::State;
    use domain::view::{ListQuery, Sort};
    let context = PageContext::get()?;
    let query = ListQuery {
        search,
        state: State::from_name(&state),
        tag: Some(tag).filter(|t| !t.is_empty()),
        sort: Sort::from_name(&sort).unwrap_or_default(),
        page,
    };
    Ok(context.engine.monitors().page(&context.actor()?, &query)?)
}

/// The top of a monitor's page.
#[server(prefix = "/fn", endpoint = "show_monitor", input = server_fn::codec::GetUrl)]
pub async fn show_monitor(id: String) -> Result<MonitorDetail, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.monitors().detail(&page.actor()?, super::parse::id(&id, "monitor")?).await?)
}

/// Adds a monitor and shows it.
#[server(prefix = "/fn", endpoint = "create_monitor")]
pub async fn create_monitor(#[server(flatten)] draft: MonitorDraft) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let monitor = page.engine.monitors().create(&page.actor()?, &draft).await?;
    leptos_axum::redirect(&format!("/monitors/{}", monitor.id));
    Ok(())
}

/// Changes a monitor and shows it.
#[server(prefix = "/fn", endpoint = "update_monitor")]
pub async fn update_monitor(id: String, #[server(flatten)] draft: MonitorDraft) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let monitor = page.engine.monitors().update(&page.actor()?, super::parse::id(&id, "monitor")?, &draft).await?;
    leptos_axum::redirect(&format!("/monitors/{}", monitor.id));
    Ok(())
}

/// Copies a monitor and opens the copy's form.
#[server(prefix = "/fn", endpoint = "duplicate_monitor")]
pub async fn duplicate_monitor(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let copy = page.engine.monitors().duplicate(&page.actor()?, super::parse::id(&id, "monitor")?).await?;
    leptos_axum::redirect(&format!("/monitors/{}/edit", copy.id));
    Ok(())
}

/// Does one thing with several monitors: `pause`, `resume`, `check`, `delete`, `tag` or `untag`. Says what was done. A
/// command may name its only monitor, as `pause/mon_…`: the menus of all rows share one form.
#[server(prefix = "/fn", endpoint = "monitor_command")]
pub async fn monitor_command(
    command: String,
    #[server(default)] ids: Vec<String>,
    #[server(default)] tag: String,
    #[server(default)] next: String,
) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, words};
    let page = PageContext::get()?;
    let actor = page.actor()?;
    let (command, ids) = match command.split_once('/') {
        Some((command, only)) => (command, vec![super::parse::id(only, "monitor")?]),
        None => (command.as_str(), super::parse::ids(&ids, "monitor")?),
    };
    let monitors = page.engine.monitors();
    let (count, verb) = match command {
        "pause" => (monitors.set_enabled(&actor, &ids, false).await?, "Paused"),
        "resume" => (monitors.set_enabled(&actor, &ids, true).await?, "Resumed"),
        "check" => (monitors.check_now(&actor, &ids).await?, "Checking"),
        "delete" => (monitors.delete(&actor, &ids).await?, "Deleted"),
        "tag" => (monitors.retag(&actor, &ids, &tag, "").await?, "Tagged"),
        "untag" => (monitors.retag(&actor, &ids, "", &tag).await?, "Untagged"),
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    };
    if !next.is_empty() {
        leptos_axum::redirect(super::parse::path(&next));
    }
    Ok(format!("{verb} {}.", words::count(usize::try_from(count).unwrap_or(0), "monitor", "monitors")))
}

/// Runs a draft once and shows everything that happened. `editing` is the monitor whose saved secrets it may use.
#[server(prefix = "/fn", endpoint = "test_monitor")]
pub async fn test_monitor(#[server(default)] editing: String, #[server(flatten)] draft: MonitorDraft) -> Result<Trace, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let editing = if editing.is_empty() { None } else { Some(super::parse::id(&editing, "monitor")?) };
    Ok(page.engine.monitors().test(&page.actor()?, &draft, editing).await?)
}
