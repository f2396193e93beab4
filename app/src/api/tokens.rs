//! Tokens of the REST interface, per space.

use domain::view::{Once, TokenView};
use leptos::prelude::*;

use crate::error::ApiError;

/// The tokens of the open space.
#[server(prefix = "/fn", endpoint = "tokens", input = server_fn::codec::GetUrl)]
pub async fn tokens() -> Result<Vec<TokenView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.tokens().list(&page.actor()?).await?)
}

/// Makes a token; the answer is the only time that it is shown.
#[server(prefix = "/fn", endpoint = "create_token")]
pub async fn create_token(name: String, scope: String) -> Result<Once, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, account::Scope};
    let page = PageContext::get()?;
    let scope = Scope::from_name(&scope).ok_or_else(|| AppError::field("scope", "Choose read or write."))?;
    Ok(page.engine.tokens().create(&page.actor()?, &name, scope).await?)
}

/// Makes a token useless.
#[server(prefix = "/fn", endpoint = "revoke_token")]
pub async fn revoke_token(id: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.tokens().revoke(&page.actor()?, super::parse::id(&id, "token")?).await?)
}
