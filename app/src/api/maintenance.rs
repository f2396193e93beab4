//! Maintenance windows of the open space.

use domain::maintenance::{Preview, WindowDraft, WindowForm, WindowView};
use leptos::prelude::*;

use crate::error::ApiError;

/// The windows of the open space.
#[server(prefix = "/fn", endpoint = "maintenance", input = server_fn::codec::GetUrl)]
pub async fn maintenance() -> Result<Vec<WindowView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.maintenance().list(&page.actor()?))
}

/// What the form of a window needs: of a saved one, a new one, or of what was typed and is to be seen before it is saved.
#[server(prefix = "/fn", endpoint = "maintenance_form", input = server_fn::codec::Json)]
pub async fn maintenance_form(id: String, typed: Option<WindowDraft>) -> Result<WindowForm, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let id = if id.is_empty() { None } else { Some(super::parse::id(&id, "maintenance window")?) };
    Ok(page.engine.maintenance().form(&page.actor()?, id, typed)?)
}

/// What a draft would mean.
#[server(prefix = "/fn", endpoint = "preview_maintenance")]
pub async fn preview_maintenance(#[server(flatten)] draft: WindowDraft) -> Result<Preview, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.maintenance().preview(&page.actor()?, &draft)?)
}

/// Plans a window, or changes the one that is named, and shows the list.
#[server(prefix = "/fn", endpoint = "save_maintenance")]
pub async fn save_maintenance(#[server(default)] id: String, #[server(flatten)] draft: WindowDraft) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let actor = page.actor()?;
    let maintenance = page.engine.maintenance();
    if id.is_empty() {
        maintenance.create(&actor, &draft).await?;
    } else {
        maintenance.update(&actor, super::parse::id(&id, "maintenance window")?, &draft).await?;
    }
    leptos_axum::redirect("/maintenance");
    Ok(())
}

/// Does one thing with a window: `start`, `end` or `delete`. Says what was done.
#[server(prefix = "/fn", endpoint = "maintenance_command")]
pub async fn maintenance_command(id: String, command: String, #[server(default)] next: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    let page = PageContext::get()?;
    let (actor, maintenance, id) = (page.actor()?, page.engine.maintenance(), super::parse::id(&id, "maintenance window")?);
    let said = match command.as_str() {
        "start" => format!("“{}” has begun.", maintenance.start(&actor, id).await?.spec.name),
        "end" => format!("“{}” has ended. Its monitors are checked now.", maintenance.end(&actor, id).await?.spec.name),
        "delete" => {
            maintenance.delete(&actor, id).await?;
            "The maintenance window is deleted.".to_owned()
        }
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    };
    if !next.is_empty() {
        leptos_axum::redirect(super::parse::path(&next));
    }
    Ok(said)
}
