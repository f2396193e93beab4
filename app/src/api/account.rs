//! The reader's own account: name, password, sessions, appearance, end.

use domain::mailing::AddressView;
use domain::view::SessionView;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// Changes the display name.
#[server(prefix = "/fn", endpoint = "rename_account")]
pub async fn rename_account(name: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().rename(page.visitor()?, &name).await?)
}

/// How the reader's address stands.
#[server(prefix = "/fn", endpoint = "address", input = server_fn::codec::GetUrl)]
pub async fn address() -> Result<AddressView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().address(page.visitor()?).await?)
}

/// Mails the link that proves the reader's address again.
#[server(prefix = "/fn", endpoint = "resend_verification")]
pub async fn resend_verification() -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let visitor = page.visitor()?;
    page.engine.accounts().resend_verification(visitor).await?;
    Ok(format!("A link is on its way to {}.", visitor.view.email))
}

/// Mails a link to another address, which becomes the reader's when it is used.
#[server(prefix = "/fn", endpoint = "change_email")]
pub async fn change_email(email: String, current_password: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.accounts().change_email(page.visitor()?, &email, &current_password).await?;
    Ok(format!("A link is on its way to {}. Your address changes when you open it.", email.trim()))
}

/// Leaves the reader's address as it is.
#[server(prefix = "/fn", endpoint = "keep_email")]
pub async fn keep_email() -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.accounts().keep_email(page.visitor()?).await?;
    Ok("Your address stays as it is.".into())
}

/// Changes the password.
#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().change_password(page.visitor()?, &current_password, &new_password).await?)
}

/// Everywhere the reader is signed in.
#[server(prefix = "/fn", endpoint = "sessions", input = server_fn::codec::GetUrl)]
pub async fn sessions() -> Result<Vec<SessionView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().sessions(page.visitor()?).await?)
}

/// Signs one session out.
#[server(prefix = "/fn", endpoint = "revoke_session")]
pub async fn revoke_session(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().revoke_session(page.visitor()?, super::parse::id(&id, "session")?).await?)
}

/// Signs every other session out.
#[server(prefix = "/fn", endpoint = "revoke_other_sessions")]
pub async fn revoke_other_sessions() -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.accounts().revoke_other_sessions(page.visitor()?).await?;
    Ok(())
}

/// Deletes the account and everything that belongs to it alone.
#[server(prefix = "/fn", endpoint = "delete_account")]
pub async fn delete_account(email: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.accounts().delete(page.visitor()?, &email).await?;
    page.clear_session();
    leptos_axum::redirect("/");
    Ok(())
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeChoice {
    /// The name of a [`Theme`](crate::environment::Theme).
    pub theme: String,
}

/// Remembers the theme in this browser.
#[server(prefix = "/fn", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<ThemeChoice, ApiError> {
    use crate::context::{PageContext, THEME_COOKIE};
    let theme = crate::environment::Theme::from_name(&theme).unwrap_or_default();
    PageContext::get()?.set_preference(THEME_COOKIE, theme.name());
    Ok(ThemeChoice { theme: theme.name().into() })
}
