//! Ways in and out.

use domain::mailing::ProofView;
use leptos::prelude::*;

use crate::error::ApiError;

/// Signs in and goes to `next`.
#[server(prefix = "/fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let session = page.engine.accounts().sign_in(&email, &password, &page.client).await?;
    page.set_session(&session);
    leptos_axum::redirect(super::parse::path(&next));
    Ok(())
}

/// Makes an account and signs in to it; or mails the link that makes it, and says nothing else.
#[server(prefix = "/fn", endpoint = "sign_up")]
pub async fn sign_up(name: String, email: String, password: String, #[server(default)] invitation: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let account = engine::service::NewAccount { name, email, password, code: String::new(), invitation };
    if let Some(session) = page.engine.accounts().sign_up(account, &page.client).await? {
        page.set_session(&session);
        leptos_axum::redirect("/");
    }
    Ok(())
}

/// Makes the first account, the administrator's.
#[server(prefix = "/fn", endpoint = "set_up")]
pub async fn set_up(name: String, email: String, password: String, #[server(default)] code: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let account = engine::service::NewAccount { name, email, password, code, invitation: String::new() };
    let session = page.engine.accounts().set_up(account, &page.client).await?;
    page.set_session(&session);
    leptos_axum::redirect("/");
    Ok(())
}

/// Ends this session.
#[server(prefix = "/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    if let Some(visitor) = &page.visitor {
        page.engine.accounts().sign_out(visitor).await?;
    }
    page.clear_session();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Mails a link to a new password, if there is an account with this address.
#[server(prefix = "/fn", endpoint = "forgot_password")]
pub async fn forgot_password(email: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().forgot_password(&email, &page.client).await?)
}

/// What a link that was mailed proves.
#[server(prefix = "/fn", endpoint = "proof_offer", input = server_fn::codec::GetUrl)]
pub async fn proof_offer(secret: String) -> Result<ProofView, ApiError> {
    use crate::context::PageContext;
    Ok(PageContext::get()?.engine.accounts().proof_offer(&secret).await?)
}

/// Proves an address by a link that was mailed to it.
#[server(prefix = "/fn", endpoint = "prove_address")]
pub async fn prove_address(secret: String) -> Result<ProofView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.accounts().prove(&secret, &page.client).await?)
}

/// Whose password a link resets.
#[server(prefix = "/fn", endpoint = "reset_offer", input = server_fn::codec::GetUrl)]
pub async fn reset_offer(secret: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    Ok(PageContext::get()?.engine.accounts().reset_offer(&secret).await?)
}

/// Sets a new password by link and signs in.
#[server(prefix = "/fn", endpoint = "reset_password")]
pub async fn reset_password(secret: String, new_password: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let session = page.engine.accounts().reset_password(&secret, &new_password, &page.client).await?;
    page.set_session(&session);
    leptos_axum::redirect("/");
    Ok(())
}
