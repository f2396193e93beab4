//! Passwords: changed, forgotten, and set by links and by the operator.

use std::sync::Arc;
use std::time::Duration;

use domain::account::{Email, check_password};
use domain::activity::Area;
use domain::{AppError, Code};
use store::{Account, MailPurpose, StoreError};

use super::Accounts;
use crate::actor::{Client, NewSession, Visitor};
use crate::engine::Inner;
use crate::mail::text;
use crate::secret;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// A mailed link to a new password works for an hour.
const LINK: Duration = Duration::from_secs(3_600);

impl Accounts<'_> {
    /// Changes the password; every other session ends.
    pub async fn change_password(&self, visitor: &Visitor, current: &str, new: &str) -> Result<(), AppError> {
        self.0.limits.try_expensive(visitor.account.bits())?;
        let account = self.0.store.accounts().get(visitor.account).await.map_err(unavailable)?;
        if !secret::verify_password(current, account.as_ref().map(|a| a.password.as_str())).await? {
            return Err(AppError::field("current_password", "This is not your current password."));
        }
        check_password(new, &visitor.view.email, &visitor.view.name).map_err(|e| AppError::field("new_password", e))?;
        let hash = secret::hash_password(new).await?;
        self.0.store.accounts().set_password(visitor.account, &hash, Some(&visitor.hash)).await.map_err(unavailable)?;
        tracing::info!(account.id = %visitor.account, "password changed");
        self.0.log_at(visitor, Deed::new(Area::Account, "changed", "their password")).await;
        self.0.hub.people_changed();
        Ok(())
    }

    /// Mails a link to a new password, if there is an account with this address. Whether there is one shows neither in the answer nor in
    /// how long it takes: everything that depends on it is done afterwards.
    pub async fn forgot_password(&self, email: &str, client: &Client) -> Result<(), AppError> {
        self.0.must_mail()?;
        let email = Email::parse(email).map_err(|e| AppError::field("email", e))?;
        self.0.limits.try_secret(client.address, None)?;
        self.0.limits.try_mail(email.as_str())?;
        let inner = Arc::clone(self.0);
        tokio::spawn(async move {
            if let Err(error) = mail_new_password(&inner, email.as_str()).await {
                tracing::error!(error = %error, "the mail for a forgotten password could not be written");
            }
        });
        Ok(())
    }

    /// Whose password a link sets.
    pub async fn reset_offer(&self, secret: &str) -> Result<String, AppError> {
        Ok(self.of_link(secret).await?.email)
    }

    /// The account of a link that an administrator made, or that was mailed.
    async fn of_link(&self, secret: &str) -> Result<Account, AppError> {
        let (hash, now) = (secret::hash(secret), self.0.clock.now());
        let made = self.0.store.invitations().password_link(&hash, now).await.map_err(unavailable)?;
        let id = match made {
            Some(id) => Some(id),
            None => self.0.store.mail_links().find(&hash, MailPurpose::Password, now).await.map_err(unavailable)?.map(|(id, _)| id),
        };
        let account = match id {
            Some(id) => self.0.store.accounts().get(id).await.map_err(unavailable)?,
            None => None,
        };
        account.ok_or_else(link_gone)
    }

    /// Uses such a link up. The address that it was mailed to, or nothing when an administrator made it.
    async fn take_link(&self, secret: &str) -> Result<Option<String>, AppError> {
        let hash = secret::hash(secret);
        if self.0.store.invitations().take_password_link(&hash).await.map_err(unavailable)? {
            return Ok(None);
        }
        let taken = self.0.store.mail_links().take(&hash, MailPurpose::Password, self.0.clock.now()).await.map_err(unavailable)?;
        taken.map(|(_, email)| Some(email)).ok_or_else(link_gone)
    }

    /// Sets a password by a link, which ends every session and the link.
    pub async fn reset_password(&self, secret: &str, new: &str, client: &Client) -> Result<NewSession, AppError> {
        self.0.limits.try_secret(client.address, None)?;
        let account = self.of_link(secret).await?;
        check_password(new, &account.email, &account.name).map_err(|e| AppError::field("new_password", e))?;
        if account.disabled {
            return Err(AppError::new(Code::Forbidden, "This account is disabled. Ask an administrator."));
        }
        let hash = secret::hash_password(new).await?;
        let mailed_to = self.take_link(secret).await?;
        self.0.store.accounts().set_password(account.id, &hash, None).await.map_err(unavailable)?;
        if let Some(email) = mailed_to {
            self.0.store.accounts().set_verified(account.id, &email, self.0.clock.now()).await.map_err(unavailable)?;
        }
        tracing::info!(account.id = %account.id, "password set by a link");
        self.0.hub.people_changed();
        let spaces = self.0.store.spaces().memberships_of(account.id).await.map_err(unavailable)?;
        let space = spaces.first().map(|m| m.space);
        self.0.log_of(&account, space, Deed::new(Area::Account, "set", "a new password by a link")).await;
        self.open_session(&account, space, client).await
    }

    /// Sets a password for the operator at the command line; every session ends.
    pub async fn set_password_by_operator(&self, email: &str, password: &str) -> Result<(), AppError> {
        let found = self.0.store.accounts().by_email(&email.trim().to_lowercase()).await.map_err(unavailable)?;
        let account = found.ok_or_else(|| AppError::field("email", "There is no account with this address."))?;
        check_password(password, &account.email, &account.name).map_err(|e| AppError::field("password", e))?;
        let hash = secret::hash_password(password).await?;
        self.0.store.accounts().set_password(account.id, &hash, None).await.map_err(unavailable)
    }
}

async fn mail_new_password(inner: &Inner, email: &str) -> Result<(), StoreError> {
    let Some(account) = inner.store.accounts().by_email(email).await?.filter(|account| !account.disabled) else { return Ok(()) };
    let path = inner.mail_link("/reset", &account, MailPurpose::Password, email, LINK).await?;
    inner.mail(email, text::forgotten_password(&account.name, &inner.absolute(&path))).await
}

fn link_gone() -> AppError {
    AppError::new(Code::NotFound, "This link was used already or has expired. Ask for a new one.")
}
