//! What an administrator of the instance may see and do.

use domain::mailing::{Invited, LostMail};
use domain::network::NetworkSettings;
use domain::view::{AccountView, InvitationView, Once, SpaceSummary};
use leptos::prelude::*;

use crate::error::ApiError;

/// All accounts.
#[server(prefix = "/fn", endpoint = "admin_accounts", input = server_fn::codec::GetUrl)]
pub async fn admin_accounts() -> Result<Vec<AccountView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().accounts(page.visitor()?).await?)
}

/// Mails about accounts that were given up.
#[server(prefix = "/fn", endpoint = "lost_mails", input = server_fn::codec::GetUrl)]
pub async fn lost_mails() -> Result<Vec<LostMail>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().lost_mails(page.visitor()?).await?)
}

/// All spaces.
#[server(prefix = "/fn", endpoint = "admin_spaces", input = server_fn::codec::GetUrl)]
pub async fn admin_spaces() -> Result<Vec<SpaceSummary>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().spaces(page.visitor()?).await?)
}

/// Lets an account sign in, or not.
#[server(prefix = "/fn", endpoint = "set_disabled")]
pub async fn set_disabled(id: String, disabled: bool) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().set_disabled(page.visitor()?, super::parse::id(&id, "account")?, disabled).await?)
}

/// Makes a link with which somebody who lost the password sets a new one.
#[server(prefix = "/fn", endpoint = "password_link")]
pub async fn password_link(id: String) -> Result<Once, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().password_link(page.visitor()?, super::parse::id(&id, "account")?).await?)
}

/// Invitations to the instance that nobody has used yet.
#[server(prefix = "/fn", endpoint = "admin_invitations", input = server_fn::codec::GetUrl)]
pub async fn admin_invitations() -> Result<Vec<InvitationView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().invitations(page.visitor()?).await?)
}

/// Makes a link with which one person makes an account, and mails it if there is an address.
#[server(prefix = "/fn", endpoint = "admin_invite")]
pub async fn admin_invite(#[server(default)] note: String, #[server(default)] email: String) -> Result<Invited, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().invite_by_mail(page.visitor()?, &note, &email).await?)
}

/// Takes a link back.
#[server(prefix = "/fn", endpoint = "admin_revoke_invitation")]
pub async fn admin_revoke_invitation(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().revoke_invitation(page.visitor()?, super::parse::id(&id, "invitation")?).await?)
}

/// Whether the own network is there, and who is asked about it.
#[server(prefix = "/fn", endpoint = "admin_network", input = server_fn::codec::GetUrl)]
pub async fn admin_network() -> Result<NetworkSettings, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().network(page.visitor()?)?)
}

/// Names the witnesses of the own network.
#[server(prefix = "/fn", endpoint = "set_witnesses")]
pub async fn set_witnesses(#[server(default)] witnesses: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.admin().set_witnesses(page.visitor()?, &witnesses).await?)
}
