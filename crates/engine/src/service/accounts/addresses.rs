//! The address of an account: proven by a link that was sent to it, and changed to another one that was proven.

use std::sync::Arc;
use std::time::Duration;

use domain::account::Email;
use domain::activity::Area;
use domain::mailing::{AddressView, Mailing, ProofView};
use domain::{AppError, Code};
use store::{Account, MailPurpose, StoreError};

use super::Accounts;
use crate::actor::{Client, Visitor};
use crate::engine::Inner;
use crate::mail::text;
use crate::secret;
use crate::service::activity::Deed;
use crate::service::unavailable;

/// A link that proves an address works for a day.
const LINK: Duration = Duration::from_secs(86_400);

impl Accounts<'_> {
    /// Whether mails about accounts are sent.
    pub fn mailing(&self) -> Mailing {
        self.0.mailing()
    }

    /// How the visitor's address stands.
    pub async fn address(&self, visitor: &Visitor) -> Result<AddressView, AppError> {
        let account = self.own(visitor).await?;
        let pending = self.0.store.mail_links().address_of(account.id, MailPurpose::Email, self.0.clock.now()).await;
        Ok(AddressView {
            email: account.email,
            verified: account.verified_at.is_some(),
            pending: pending.map_err(unavailable)?,
            mailing: self.mailing(),
        })
    }

    async fn own(&self, visitor: &Visitor) -> Result<Account, AppError> {
        let account = self.0.store.accounts().get(visitor.account).await.map_err(unavailable)?;
        account.ok_or_else(AppError::unauthenticated)
    }

    /// Mails a new account the link that proves its address. The account is made already: an error is told to the log.
    pub(super) async fn welcome(&self, account: &Account) {
        if self.mailing().is_ready()
            && let Err(error) = self.mail_verification(account).await
        {
            tracing::error!(account.id = %account.id, error = %error, "the mail that proves an address could not be written");
        }
    }

    async fn mail_verification(&self, account: &Account) -> Result<(), StoreError> {
        let path = self.0.mail_link("/verify", account, MailPurpose::Verify, &account.email, LINK).await?;
        self.0.mail(&account.email, text::verification(&account.name, &self.0.absolute(&path))).await
    }

    /// Mails the link that makes an account; whoever has one with this address is told so instead. Which of the two shows neither in the
    /// answer nor in how long it takes.
    pub(super) fn begin_sign_up(&self, account: Account) {
        let inner = Arc::clone(self.0);
        tokio::spawn(async move {
            if let Err(error) = mail_sign_up(&inner, &account).await {
                tracing::error!(error = %error, "the mail that makes an account could not be written");
            }
        });
    }

    /// Makes the account of a link.
    async fn finish_sign_up(&self, hash: &str) -> Result<(), AppError> {
        let now = self.0.clock.now();
        let account = self.0.store.mail_links().take_sign_up(hash, now).await.map_err(unavailable)?.ok_or_else(link_gone)?;
        let taken = || AppError::new(Code::Conflict, format!("{} has an account by now. Sign in instead.", account.email));
        let space = self.found(&account, false, taken).await?;
        self.0.store.accounts().set_verified(account.id, &account.email, now).await.map_err(unavailable)?;
        tracing::info!(account.id = %account.id, "account made by a link");
        self.0.log_of(&account, Some(space), Deed::new(Area::Account, "signed up with", &account.email)).await;
        Ok(())
    }

    /// Mails the link that proves the visitor's address again; the earlier one ends.
    pub async fn resend_verification(&self, visitor: &Visitor) -> Result<(), AppError> {
        self.0.must_mail()?;
        let account = self.own(visitor).await?;
        if account.verified_at.is_some() {
            return Err(AppError::new(Code::Conflict, "Your address is confirmed already."));
        }
        self.0.limits.try_mail(&account.email)?;
        self.mail_verification(&account).await.map_err(unavailable)
    }

    /// Mails a link to another address, which becomes the visitor's when it is used. The present one is told. The answer is the same when
    /// somebody else has that address: then it is told so.
    pub async fn change_email(&self, visitor: &Visitor, new: &str, password: &str) -> Result<(), AppError> {
        self.0.must_mail()?;
        self.0.limits.try_expensive(visitor.account.bits())?;
        let account = self.own(visitor).await?;
        let new = Email::parse(new).map_err(|e| AppError::field("email", e))?;
        if new.as_str() == account.email {
            return Err(AppError::field("email", "This is your address already."));
        }
        if !secret::verify_password(password, Some(&account.password)).await? {
            return Err(AppError::field("current_password", "This is not your current password."));
        }
        self.0.limits.try_mail(new.as_str())?;
        self.begin_change(&account, new.as_str()).await.map_err(unavailable)?;
        self.0.log_at(visitor, Deed::new(Area::Account, "asked for", "another e-mail address")).await;
        Ok(())
    }

    async fn begin_change(&self, account: &Account, new: &str) -> Result<(), StoreError> {
        let path = self.0.mail_link("/verify", account, MailPurpose::Email, new, LINK).await?;
        let is_taken = self.0.store.accounts().by_email(new).await?.is_some();
        let link = self.0.absolute(if is_taken { "/sign-in" } else { &path });
        let letter = if is_taken { text::taken_address(new, &link) } else { text::changed_address(&account.name, new, &link) };
        self.0.mail(new, letter).await?;
        if !self.0.may_write_to(account) {
            return Ok(());
        }
        let security = self.0.absolute("/settings/security");
        self.0.mail(&account.email, text::changing_address(&account.name, new, &security)).await
    }

    /// Leaves the visitor's address as it is, after all.
    pub async fn keep_email(&self, visitor: &Visitor) -> Result<(), AppError> {
        self.0.store.mail_links().end(visitor.account, MailPurpose::Email).await.map_err(unavailable)
    }

    /// What a link would prove, without using it up: programs that look at mails open links, too.
    pub async fn proof_offer(&self, secret: &str) -> Result<ProofView, AppError> {
        let (hash, now) = (secret::hash(secret), self.0.clock.now());
        for purpose in [MailPurpose::Verify, MailPurpose::Email] {
            if let Some((id, email)) = self.0.store.mail_links().find(&hash, purpose, now).await.map_err(unavailable)? {
                let account = self.0.store.accounts().get(id).await.map_err(unavailable)?.filter(|account| !account.disabled);
                let account = account.ok_or_else(link_gone)?;
                return Ok(ProofView { name: account.name, email, changes: purpose == MailPurpose::Email, makes: false });
            }
        }
        let new = self.0.store.mail_links().find_sign_up(&hash, now).await.map_err(unavailable)?.ok_or_else(link_gone)?;
        Ok(ProofView { name: new.name, email: new.email, changes: false, makes: true })
    }

    /// Proves an address by a link, and uses the link up.
    pub async fn prove(&self, secret: &str, client: &Client) -> Result<ProofView, AppError> {
        self.0.limits.try_secret(client.address, None)?;
        let proof = self.proof_offer(secret).await?;
        let (hash, now) = (secret::hash(secret), self.0.clock.now());
        if proof.makes {
            return self.finish_sign_up(&hash).await.map(|()| proof);
        }
        let purpose = if proof.changes { MailPurpose::Email } else { MailPurpose::Verify };
        let (id, email) = self.0.store.mail_links().take(&hash, purpose, now).await.map_err(unavailable)?.ok_or_else(link_gone)?;
        if proof.changes {
            match self.0.store.accounts().set_email(id, &email, now).await {
                Ok(()) => {}
                Err(StoreError::Duplicate) => {
                    let message = format!("{email} belongs to another account by now. Sign in and choose another address.");
                    return Err(AppError::new(Code::Conflict, message));
                }
                Err(error) => return Err(unavailable(error)),
            }
        } else if !self.0.store.accounts().set_verified(id, &email, now).await.map_err(unavailable)? {
            return Err(link_gone());
        }
        tracing::info!(account.id = %id, changed = proof.changes, "address proven");
        self.0.hub.people_changed();
        if let Some(account) = self.0.store.accounts().get(id).await.map_err(unavailable)? {
            let did = if proof.changes { "changed the e-mail address to" } else { "confirmed" };
            self.0.log_of(&account, None, Deed::new(Area::Account, did, &email)).await;
        }
        Ok(proof)
    }
}

async fn mail_sign_up(inner: &Inner, account: &Account) -> Result<(), StoreError> {
    if inner.store.accounts().by_email(&account.email).await?.is_some() {
        return inner.mail(&account.email, text::taken_address(&account.email, &inner.absolute("/sign-in"))).await;
    }
    let secret = secret::fresh();
    inner.store.mail_links().put_sign_up(&secret::hash(&secret), account, inner.clock.now().plus(LINK)).await?;
    inner.mail(&account.email, text::sign_up(&account.name, &inner.absolute(&format!("/verify/{secret}")))).await
}

fn link_gone() -> AppError {
    AppError::new(
        Code::NotFound,
        "This link was used already, or has expired, or a later one has taken its place. Ask for a new one in your profile, or sign up again.",
    )
}
