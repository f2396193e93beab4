//! Tokens of the REST interface: shown once, kept as hashes, as strong as their maker at most.

use std::time::Duration;

use domain::account::{NAME_MAX, Role, Scope, check_name};
use domain::activity::Area;
use domain::view::{Once, TokenView};
use domain::{AccountId, AppError, SpaceId, TokenId};
use store::Token;

use super::unavailable;
use crate::actor::Actor;
use crate::engine::Inner;
use crate::secret;
use crate::service::activity::Deed;

/// What every token begins with, so that scanners of leaked secrets know it.
const PREFIX: &str = "loopr_";

/// Tokens of the REST interface.
pub struct Tokens<'a>(pub(crate) &'a Inner);

impl Tokens<'_> {
    /// Makes a token. The answer is the token itself, shown once.
    pub async fn create(&self, actor: &Actor, name: &str, scope: Scope) -> Result<Once, AppError> {
        actor.must_be(if scope == Scope::Write { Role::Editor } else { Role::Viewer })?;
        let account = actor.account.filter(|_| actor.scope.is_none());
        let account = account.ok_or_else(|| AppError::new(domain::Code::Forbidden, "Tokens cannot make tokens."))?;
        let name = check_name(name, NAME_MAX).map_err(|e| AppError::field("name", e))?;
        let made = self.make(account, actor.space, &name, scope).await?;
        self.log(actor, "created", &name).await;
        Ok(made)
    }

    async fn log(&self, actor: &Actor, did: &str, name: &str) {
        self.0.log(actor, Deed::new(Area::Space, did, &format!("token “{name}”")).at("/settings/tokens".into())).await;
    }

    async fn make(&self, account: AccountId, space: SpaceId, name: &str, scope: Scope) -> Result<Once, AppError> {
        let (secret, now) = (format!("{PREFIX}{}", secret::fresh()), self.0.clock.now());
        let id = TokenId::new(now, secret::bits());
        let token = Token { id, space, name: name.to_owned(), scope, created_by: account, used_at: None };
        self.0.store.space(space).tokens().create(&token, &secret::hash(&secret)).await.map_err(unavailable)?;
        Ok(Once { secret })
    }

    /// The tokens of the space, oldest first.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<TokenView>, AppError> {
        let tokens = self.0.store.space(actor.space).tokens().all().await.map_err(unavailable)?;
        let members = self.0.store.space(actor.space).members().await.map_err(unavailable)?;
        let name = |id: AccountId| members.iter().find(|m| m.account == id).map(|m| m.name.clone()).unwrap_or_default();
        let view = |t: Token| TokenView {
            id: t.id,
            name: t.name,
            scope: t.scope,
            created_by: name(t.created_by),
            created_at: t.id.created_at(),
            used_at: t.used_at,
        };
        Ok(tokens.into_iter().map(view).collect())
    }

    /// Ends a token: its maker and owners may.
    pub async fn revoke(&self, actor: &Actor, id: TokenId) -> Result<(), AppError> {
        let tokens = self.0.store.space(actor.space).tokens().all().await.map_err(unavailable)?;
        let token = tokens.iter().find(|t| t.id == id).ok_or_else(|| AppError::not_found("token"))?;
        if actor.account != Some(token.created_by) {
            actor.must_be(Role::Owner)?;
        }
        self.0.store.space(actor.space).tokens().delete(id).await.map_err(unavailable)?;
        self.log(actor, "revoked", &token.name).await;
        Ok(())
    }

    /// Who a bearer token acts as: its maker's role of now, at most what its scope allows.
    pub async fn authenticate(&self, bearer: &str) -> Result<Option<Actor>, AppError> {
        if !bearer.starts_with(PREFIX) {
            return Ok(None);
        }
        let Some((token, role)) = self.0.store.token(&secret::hash(bearer)).await.map_err(unavailable)? else { return Ok(None) };
        let now = self.0.clock.now();
        let stale = token.used_at.is_none_or(|at| now.since(at) >= Duration::from_secs(60));
        if stale && let Err(error) = self.0.store.touch_token(token.id, now).await {
            tracing::warn!(token.id = %token.id, error = %error, "a token was not noted as used");
        }
        let most = if token.scope == Scope::Write { Role::Editor } else { Role::Viewer };
        Ok(Some(Actor {
            account: Some(token.created_by),
            space: token.space,
            role: role.min(most),
            scope: Some(token.scope),
            name: token.name,
        }))
    }

    /// Makes a token for the operator at the command line: of an account, in a space or its only one.
    pub async fn create_by_operator(&self, email: &str, space: Option<SpaceId>, scope: Scope, name: &str) -> Result<Once, AppError> {
        let name = check_name(name, NAME_MAX).map_err(|e| AppError::field("name", e))?;
        let found = self.0.store.accounts().by_email(&email.trim().to_lowercase()).await.map_err(unavailable)?;
        let account = found.ok_or_else(|| AppError::field("account", "There is no account with this address."))?;
        let spaces = self.0.store.spaces().memberships_of(account.id).await.map_err(unavailable)?;
        let membership = match (space, spaces.as_slice()) {
            (Some(space), all) => all.iter().find(|m| m.space == space).ok_or("The account does not belong to this space.".to_owned()),
            (None, [only]) => Ok(only),
            (None, []) => Err("The account belongs to no space.".to_owned()),
            (None, several) => {
                let names: Vec<String> = several.iter().map(|m| m.space.to_string()).collect();
                Err(format!("The account belongs to several. Name one with --space: {}.", names.join(", ")))
            }
        };
        let membership = membership.map_err(|e| AppError::field("space", e))?;
        if scope == Scope::Write && membership.role < Role::Editor {
            return Err(AppError::field("scope", "The account may only look at this space. Make a token with --scope read."));
        }
        let made = self.make(account.id, membership.space, &name, scope).await?;
        let operator = Actor { account: None, space: membership.space, role: Role::Owner, scope: None, name: String::new() };
        self.log(&operator, "created", &name).await;
        Ok(made)
    }
}
