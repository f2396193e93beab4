//! What the reader is told: the bell, and what they prefer. And who did what in the space.

use domain::activity::Activity;
use domain::alert::view::{BellView, PreferencesView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The figures beside the words of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewsCounts {
    /// Entries of the bell that were not seen.
    pub unread: u32,
    /// Incidents that are not over.
    pub open: u32,
}

/// The figures beside the words of the navigation.
#[server(prefix = "/fn", endpoint = "count_news", input = server_fn::codec::GetUrl)]
pub async fn count_news() -> Result<NewsCounts, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let actor = page.actor()?;
    Ok(NewsCounts { unread: page.engine.bell().unread(&actor).await?, open: page.engine.incidents().open(&actor).await? })
}

/// A page of the bell.
#[server(prefix = "/fn", endpoint = "bell", input = server_fn::codec::GetUrl)]
pub async fn bell(#[server(default)] before: String) -> Result<BellView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.bell().page(&page.actor()?, Some(before.as_str()).filter(|before| !before.is_empty())).await?)
}

/// Notes an entry of the bell as seen, or all of them when none is named, and follows it to its cause.
#[server(prefix = "/fn", endpoint = "mark_bell")]
pub async fn mark_bell(#[server(default)] key: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.bell().mark(&page.actor()?, Some(key.as_str()).filter(|key| !key.is_empty())).await?;
    if !next.is_empty() {
        leptos_axum::redirect(super::parse::path(&next));
    }
    Ok(())
}

/// What the reader wants to be told here.
#[server(prefix = "/fn", endpoint = "preferences", input = server_fn::codec::GetUrl)]
pub async fn preferences() -> Result<PreferencesView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.bell().preferences(&page.actor()?).await?)
}

/// Keeps what the reader wants to be told here.
#[server(prefix = "/fn", endpoint = "save_preferences")]
pub async fn save_preferences(
    #[server(default)] email: Vec<String>,
    #[server(default)] push: Vec<String>,
    #[server(default)] app: Vec<String>,
) -> Result<(), ApiError> {
    use crate::context::PageContext;
    use domain::alert::Way;
    let page = PageContext::get()?;
    let ways = [(Way::Email, email), (Way::Push, push), (Way::App, app)];
    Ok(page.engine.bell().set_preferences(&page.actor()?, &ways).await?)
}

/// Has this browser told by push messages.
#[server(prefix = "/fn", endpoint = "add_device")]
pub async fn add_device(endpoint: String, p256dh: String, auth_secret: String, name: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.bell().add_device(&page.actor()?, &endpoint, &p256dh, &auth_secret, &name).await?)
}

/// Forgets a device. Says so.
#[server(prefix = "/fn", endpoint = "remove_device")]
pub async fn remove_device(id: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.bell().remove_device(&page.actor()?, &id).await?;
    Ok("The device is forgotten.".to_owned())
}

/// Sends a push message to every device of the reader. Says what came of it.
#[server(prefix = "/fn", endpoint = "test_devices")]
pub async fn test_devices() -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.bell().test_devices(&page.actor()?).await?)
}

/// A page of the activity log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    /// The newest first.
    pub rows: Vec<Activity>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A page of the activity log. `area` is the name of one, or empty.
#[server(prefix = "/fn", endpoint = "activity_log", input = server_fn::codec::GetUrl)]
pub async fn activity_log(
    #[server(default)] area: String,
    #[server(default)] q: String,
    #[server(default)] before: String,
) -> Result<ActivityView, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    use domain::activity::Area;
    let page = PageContext::get()?;
    let area = match area.as_str() {
        "" => None,
        name => Some(Area::from_name(name).ok_or_else(|| AppError::field("area", format!("There is no area “{name}”.")))?),
    };
    let before = Some(before).filter(|before| !before.is_empty());
    let (rows, next) = page.engine.activities().page(&page.actor()?, area, &q, before, None).await?;
    Ok(ActivityView { rows, next })
}
