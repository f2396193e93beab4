//! Spaces and their members.

use domain::retention::RetentionView;
use domain::view::MemberView;
use leptos::prelude::*;

use crate::error::ApiError;

/// Makes a space and opens it.
#[server(prefix = "/fn", endpoint = "create_space")]
pub async fn create_space(name: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.spaces().create(page.visitor()?, &name).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Opens another space.
#[server(prefix = "/fn", endpoint = "switch_space")]
pub async fn switch_space(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.spaces().switch(page.visitor()?, super::parse::id(&id, "space")?).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Renames the open space.
#[server(prefix = "/fn", endpoint = "rename_space")]
pub async fn rename_space(name: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().rename(&page.actor()?, &name).await?)
}

/// How long the open space keeps its history.
#[server(prefix = "/fn", endpoint = "retention", input = server_fn::codec::GetUrl)]
pub async fn retention() -> Result<RetentionView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().retention(&page.actor()?).await?)
}

/// Keeps the history of the open space for so many days; what is empty is left to the instance.
#[server(prefix = "/fn", endpoint = "set_retention")]
pub async fn set_retention(raw_days: String, hour_days: String, day_days: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().set_retention(&page.actor()?, [&raw_days, &hour_days, &day_days]).await?)
}

/// Deletes the open space with everything in it.
#[server(prefix = "/fn", endpoint = "delete_space")]
pub async fn delete_space(name: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.spaces().delete(&page.actor()?, &name).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Who belongs to the open space.
#[server(prefix = "/fn", endpoint = "members", input = server_fn::codec::GetUrl)]
pub async fn members() -> Result<Vec<MemberView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().members(&page.actor()?).await?)
}

/// Gives a member another role.
#[server(prefix = "/fn", endpoint = "set_role")]
pub async fn set_role(account: String, role: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, account::Role};
    let page = PageContext::get()?;
    let role = Role::from_name(&role).ok_or_else(|| AppError::field("role", "Choose viewer, editor or owner."))?;
    Ok(page.engine.spaces().set_role(&page.actor()?, super::parse::id(&account, "member")?, role).await?)
}

/// Takes somebody out of the open space.
#[server(prefix = "/fn", endpoint = "remove_member")]
pub async fn remove_member(account: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().remove_member(&page.actor()?, super::parse::id(&account, "member")?).await?)
}

/// Leaves the open space.
#[server(prefix = "/fn", endpoint = "leave_space")]
pub async fn leave_space() -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let visitor = page.visitor()?;
    page.engine.spaces().remove_member(&visitor.actor()?, visitor.account).await?;
    leptos_axum::redirect("/");
    Ok(())
}
