//! Invitations to the open space, and accepting one.

use domain::mailing::Invited;
use domain::view::{InvitationOffer, InvitationView};
use leptos::prelude::*;

use crate::error::ApiError;

/// Invitations of the open space that nobody has used yet.
#[server(prefix = "/fn", endpoint = "invitations", input = server_fn::codec::GetUrl)]
pub async fn invitations() -> Result<Vec<InvitationView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().invitations(&page.actor()?).await?)
}

/// Makes a link that lets one person into the open space, and mails it if there is an address.
#[server(prefix = "/fn", endpoint = "invite")]
pub async fn invite(role: String, #[server(default)] note: String, #[server(default)] email: String) -> Result<Invited, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, account::Role};
    let page = PageContext::get()?;
    let role = Role::from_name(&role).ok_or_else(|| AppError::field("role", "Choose viewer, editor or owner."))?;
    Ok(page.engine.spaces().invite_by_mail(&page.actor()?, role, &note, &email).await?)
}

/// Takes a link back.
#[server(prefix = "/fn", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.spaces().revoke_invitation(&page.actor()?, super::parse::id(&id, "invitation")?).await?)
}

/// What an invitation offers.
#[server(prefix = "/fn", endpoint = "read_invitation", input = server_fn::codec::GetUrl)]
pub async fn read_invitation(secret: String) -> Result<InvitationOffer, ApiError> {
    use crate::context::PageContext;
    Ok(PageContext::get()?.engine.spaces().invitation_offer(&secret).await?)
}

/// Joins with the account that is signed in.
#[server(prefix = "/fn", endpoint = "accept_invitation")]
pub async fn accept_invitation(secret: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.spaces().accept_invitation(page.visitor()?, &secret).await?;
    leptos_axum::redirect("/");
    Ok(())
}
