//! Signing up and in, and what people do with their own account.

mod addresses;
mod mails;
mod passwords;
mod sessions;

use std::sync::{Arc, PoisonError};

use domain::account::{Email, NAME_MAX, Role, check_name, check_password};
use domain::activity::Area;
use domain::{AccountId, AppError, Code, FieldErrors, SpaceId};
use store::{Account, Invitation, StoreError};
use subtle::ConstantTimeEq;

use super::unavailable;
use crate::actor::{Client, NewSession, Visitor};
use crate::engine::Inner;
use crate::secret;
use crate::service::activity::Deed;

pub(crate) use mails::NO_SPACE;

/// What somebody types to get an account.
#[derive(Clone, Default)]
pub struct NewAccount {
    /// What people call them.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The set-up code, for the first account.
    pub code: String,
    /// The secret of an invitation, or nothing.
    pub invitation: String,
}

/// Signing up and in, and what people do with their own account.
pub struct Accounts<'a>(pub(crate) &'a Arc<Inner>);

impl Accounts<'_> {
    /// Whether the administrator is still to be made.
    pub fn needs_setup(&self) -> bool {
        self.0.setup_code.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether anybody may sign up.
    pub fn signup_open(&self) -> bool {
        self.0.config.signup_open
    }

    /// Makes the first account, an administrator with a space of their own.
    pub async fn set_up(&self, new: NewAccount, client: &Client) -> Result<NewSession, AppError> {
        let expected = self.0.setup_code.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(expected) = expected else {
            return Err(AppError::new(Code::Conflict, "This instance is set up already. Sign in instead."));
        };
        if !client.trusted_local {
            self.0.limits.try_secret(client.address, None)?;
            let typed = new.code.trim().to_uppercase();
            if !bool::from(typed.as_bytes().ct_eq(expected.as_bytes())) {
                return Err(AppError::field("code", "This is not the set-up code. It was printed when Loopr started."));
            }
        }
        let account = self.make(&new, true).await?;
        let gone = || AppError::new(Code::Conflict, "Somebody else has just set this instance up.");
        let space = self.found(&account, true, gone).await?;
        *self.0.setup_code.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.log_of(&account, Some(space), Deed::new(Area::Account, "set up", "this Loopr")).await;
        self.welcome(&account).await;
        self.open_session(&account, Some(space), client).await
    }

    /// Makes an account: with a space of its own when sign-up is open or the invitation is to the instance, as a member
    /// when it is to a space.
    ///
    /// Where anybody may sign up and mails are sent, there is no session yet: a link that is mailed to the address makes the account, and the
    /// answer is the same when the address has one already. Without mails that cannot be hidden, as whoever signs up is let in or is not.
    pub async fn sign_up(&self, new: NewAccount, client: &Client) -> Result<Option<NewSession>, AppError> {
        if self.needs_setup() {
            return Err(AppError::new(Code::Conflict, "Set this instance up first."));
        }
        self.0.limits.try_secret(client.address, None)?;
        let now = self.0.clock.now();
        let invitation = if new.invitation.is_empty() {
            if !self.signup_open() {
                return Err(AppError::new(Code::Forbidden, "Signing up needs an invitation here. Ask an administrator for a link."));
            }
            None
        } else {
            let hash = secret::hash(&new.invitation);
            let found = self.0.store.invitations().by_hash(&hash, now).await.map_err(unavailable)?;
            Some(found.ok_or_else(super::spaces::invitation_gone)?)
        };
        let account = self.make(&new, false).await?;
        if invitation.is_none() && self.mailing().is_ready() {
            self.0.limits.try_mail(&account.email)?;
            self.begin_sign_up(account);
            return Ok(None);
        }
        if self.0.store.accounts().by_email(&account.email).await.map_err(unavailable)?.is_some() {
            return Err(taken());
        }
        let space = self.admit(&account, invitation).await?;
        self.welcome(&account).await;
        self.open_session(&account, Some(space), client).await.map(Some)
    }

    /// Makes the account of somebody who was invited, or needs no invitation. The answer is the space that they are in.
    async fn admit(&self, account: &Account, invitation: Option<Invitation>) -> Result<SpaceId, AppError> {
        let joins = invitation.as_ref().and_then(|i| i.space);
        if let Some(invitation) = &invitation
            && !self.0.store.invitations().take(invitation.id, joins.map(|(space, _)| space)).await.map_err(unavailable)?
        {
            return Err(super::spaces::invitation_gone());
        }
        let Some((space, role)) = joins else { return self.found(account, false, taken).await };
        match self.0.store.accounts().create(account, None, false).await {
            Ok(()) => {}
            Err(StoreError::Duplicate) => return Err(taken()),
            Err(error) => return Err(unavailable(error)),
        }
        self.0.store.space(space).set_member(account.id, role, self.0.clock.now()).await.map_err(unavailable)?;
        self.0.hub.people_changed();
        self.0.log_of(account, Some(space), Deed::new(Area::Space, "joined", &super::spaces::as_role(role))).await;
        Ok(space)
    }

    /// Makes an account with a space of its own.
    async fn found(&self, account: &Account, first: bool, duplicate: impl FnOnce() -> AppError) -> Result<SpaceId, AppError> {
        let space = SpaceId::new(self.0.clock.now(), secret::bits());
        let name = format!("{}’s space", account.name);
        let rule = self.0.first_rule(space);
        match self.0.store.accounts().create(account, Some((space, &name, &rule)), first).await {
            Ok(()) => self.0.space_made(&name, rule),
            Err(StoreError::Duplicate) => return Err(duplicate()),
            Err(error) => return Err(unavailable(error)),
        }
        Ok(space)
    }

    async fn make(&self, new: &NewAccount, admin: bool) -> Result<Account, AppError> {
        let mut errors = FieldErrors::new();
        let email = errors.take("email", Email::parse(&new.email));
        let name = errors.take("name", check_name(&new.name, NAME_MAX));
        errors.take("password", check_password(&new.password, &new.email, &new.name));
        let (Some(email), Some(name), true) = (email, name, errors.is_empty()) else {
            return Err(errors.into_error());
        };
        Ok(Account {
            id: AccountId::new(self.0.clock.now(), secret::bits()),
            email: email.to_string(),
            name,
            password: secret::hash_password(&new.password).await?,
            admin,
            disabled: false,
            seen_at: None,
            verified_at: None,
        })
    }

    /// Opens a session. An unknown address, a disabled account and a wrong password get the same answer, in the same
    /// time.
    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<NewSession, AppError> {
        let email = email.trim().to_lowercase();
        self.0.limits.try_secret(client.address, Some(&email))?;
        let account = self.0.store.accounts().by_email(&email).await.map_err(unavailable)?;
        let right = secret::verify_password(password, account.as_ref().map(|a| a.password.as_str())).await?;
        match account.filter(|a| right && !a.disabled) {
            Some(account) => {
                self.0.limits.remember(&email, client.address);
                let spaces = self.0.store.spaces().memberships_of(account.id).await.map_err(unavailable)?;
                let space = spaces.first().map(|m| m.space);
                self.0.log_of(&account, space, Deed::new(Area::Account, "signed in with", &sessions::device(&client.user_agent))).await;
                self.open_session(&account, space, client).await
            }
            None => {
                tracing::warn!(client.address = %client.address, "a sign-in failed");
                Err(AppError::field("password", "The address or the password is wrong."))
            }
        }
    }

    /// Changes the display name.
    pub async fn rename(&self, visitor: &Visitor, name: &str) -> Result<(), AppError> {
        let name = check_name(name, NAME_MAX).map_err(|e| AppError::field("name", e))?;
        self.0.store.accounts().rename(visitor.account, &name).await.map_err(unavailable)
    }

    /// Deletes the account with everything that is its alone. A space with other members needs another owner first.
    pub async fn delete(&self, visitor: &Visitor, typed_email: &str) -> Result<(), AppError> {
        if typed_email.trim().to_lowercase() != visitor.view.email {
            return Err(AppError::field("email", format!("Type {} to confirm.", visitor.view.email)));
        }
        if visitor.admin {
            let all = self.0.store.accounts().all().await.map_err(unavailable)?;
            let others = all.len() > 1;
            if others && !all.iter().any(|a| a.admin && !a.disabled && a.id != visitor.account) {
                let message = "You are the only administrator, and other people have accounts here. Delete theirs first, or make another administrator with “loopr account create --admin”.";
                return Err(AppError::new(Code::Conflict, message));
            }
        }
        let mut alone = Vec::new();
        for space in &visitor.view.spaces {
            let members = self.0.store.space(space.id).members().await.map_err(unavailable)?;
            let owners = members.iter().filter(|m| m.role == Role::Owner && m.account != visitor.account).count();
            match (members.len(), owners) {
                (1, _) => alone.push(space.id),
                (_, 0) => {
                    let message = format!(
                        "You are the only owner of “{}”, which has other members. Make one of them owner, or delete the space.",
                        space.name
                    );
                    return Err(AppError::new(Code::Conflict, message));
                }
                _ => {}
            }
        }
        let shared =
            visitor.view.spaces.iter().filter(|space| !alone.contains(&space.id)).filter_map(|space| visitor.actor_in(space.id).ok());
        let shared: Vec<_> = shared.collect();
        for space in alone {
            super::spaces::delete_space(self.0, space).await?;
        }
        self.0.store.accounts().delete(visitor.account).await.map_err(unavailable)?;
        for actor in &shared {
            self.0.log(actor, Deed::new(Area::Account, "deleted", "their account")).await;
        }
        tracing::info!(account.id = %visitor.account, "account deleted");
        self.0.hub.people_changed();
        if self.0.store.accounts().is_empty().await.map_err(unavailable)? {
            // The last one leaves an instance that can be set up afresh, after a restart.
            tracing::warn!("the last account was deleted; restart Loopr to set it up again");
        }
        Ok(())
    }

    /// Makes an account for the operator at the command line, with a space of its own.
    pub async fn create_by_operator(&self, email: &str, password: &str, name: &str, admin: bool) -> Result<AccountId, AppError> {
        let name = if name.trim().is_empty() { email.split('@').next().unwrap_or(email) } else { name };
        let new = NewAccount { name: name.into(), email: email.into(), password: password.into(), ..NewAccount::default() };
        let first = self.0.store.accounts().is_empty().await.map_err(unavailable)?;
        let account = self.make(&new, admin || first).await?;
        self.found(&account, first, taken).await?;
        *self.0.setup_code.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(account.id)
    }
}

fn taken() -> AppError {
    AppError::field("email", "There is an account with this address already. Sign in instead.")
}
