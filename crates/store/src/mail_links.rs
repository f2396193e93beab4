//! Links that were mailed to somebody: each lets in once, until it expires. Only hashes are kept.

use domain::{AccountId, Timestamp};
use surrealdb::types::SurrealValue;

use crate::accounts::Account;
use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{parse, record, vars};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailPurpose {
    /// It proves the address of the account.
    Verify,
    /// It proves another address, which becomes the account's.
    Email,
    /// It sets a password.
    Password,
    /// It makes an account.
    SignUp,
}

impl MailPurpose {
    fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Email => "email",
            Self::Password => "password",
            Self::SignUp => "sign_up",
        }
    }
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailLink {
    /// The hash of its secret.
    pub hash: String,
    /// Whose.
    pub account: AccountId,
    /// What it is for.
    pub purpose: MailPurpose,
    /// The address that it was sent to.
    pub email: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(SurrealValue)]
struct Row {
    account: String,
    email: String,
}

#[derive(SurrealValue)]
struct SignUpRow {
    account: String,
    email: String,
    name: String,
    password: String,
}

impl SignUpRow {
    fn read(self) -> Result<Account, StoreError> {
        Ok(Account {
            id: parse("mail_link", &self.account)?,
            email: self.email,
            name: self.name,
            password: self.password,
            admin: false,
            disabled: false,
            seen_at: None,
            verified_at: None,
        })
    }
}

/// Links that were mailed.
pub struct MailLinks<'a>(&'a Store);

impl Store {
    /// Links that were mailed.
    pub fn mail_links(&self) -> MailLinks<'_> {
        MailLinks(self)
    }
}

impl MailLinks<'_> {
    /// Keeps one; an earlier one of the same purpose ends.
    pub async fn put(&self, link: &MailLink) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE mail_link WHERE account = $account AND purpose = $purpose RETURN NONE;
            CREATE $id SET account = $account, purpose = $purpose, email = $email, expires_at = $expires_at RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("mail_link", &link.hash), account: link.account.to_string(), purpose: link.purpose.name().to_owned(),
            email: link.email.clone(), expires_at: link.expires_at.as_millis(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Whose link it is and for which address, without using it up.
    pub async fn find(&self, hash: &str, purpose: MailPurpose, now: Timestamp) -> Result<Option<(AccountId, String)>, StoreError> {
        let text = "SELECT account, email FROM $id WHERE purpose = $purpose AND expires_at > $now";
        let variables = vars! { id: record("mail_link", hash), purpose: purpose.name().to_owned(), now: now.as_millis() };
        let row = self.0.db.run(text, variables).await?.row::<Row>(0)?;
        row.map(|row| Ok((parse("mail_link", &row.account)?, row.email))).transpose()
    }

    /// Uses one up; none when it was used, never was, or has ended.
    pub async fn take(&self, hash: &str, purpose: MailPurpose, now: Timestamp) -> Result<Option<(AccountId, String)>, StoreError> {
        let text = "DELETE $id WHERE purpose = $purpose AND expires_at > $now RETURN BEFORE";
        let variables = vars! { id: record("mail_link", hash), purpose: purpose.name().to_owned(), now: now.as_millis() };
        let row = self.0.db.run(text, variables).await?.row::<Row>(0)?;
        row.map(|row| Ok((parse("mail_link", &row.account)?, row.email))).transpose()
    }

    /// Keeps one that makes an account, with all that is known of it.
    pub async fn put_sign_up(&self, hash: &str, account: &Account, expires_at: Timestamp) -> Result<(), StoreError> {
        let text = "CREATE $id SET account = $account, purpose = $purpose, email = $email, expires_at = $expires_at, name = $name,
            password = $password RETURN NONE";
        let variables = vars! {
            id: record("mail_link", hash), account: account.id.to_string(), purpose: MailPurpose::SignUp.name().to_owned(),
            email: account.email.clone(), expires_at: expires_at.as_millis(), name: account.name.clone(), password: account.password.clone(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// The account that a link makes, without using it up.
    pub async fn find_sign_up(&self, hash: &str, now: Timestamp) -> Result<Option<Account>, StoreError> {
        let text = "SELECT account, email, name, password FROM $id WHERE purpose = $purpose AND expires_at > $now";
        self.sign_up(text, hash, now).await
    }

    /// The same, and uses the link up.
    pub async fn take_sign_up(&self, hash: &str, now: Timestamp) -> Result<Option<Account>, StoreError> {
        self.sign_up("DELETE $id WHERE purpose = $purpose AND expires_at > $now RETURN BEFORE", hash, now).await
    }

    async fn sign_up(&self, text: &str, hash: &str, now: Timestamp) -> Result<Option<Account>, StoreError> {
        let variables = vars! { id: record("mail_link", hash), purpose: MailPurpose::SignUp.name().to_owned(), now: now.as_millis() };
        self.0.db.run(text, variables).await?.row::<SignUpRow>(0)?.map(SignUpRow::read).transpose()
    }

    /// The address that somebody waits to have proven.
    pub async fn address_of(&self, account: AccountId, purpose: MailPurpose, now: Timestamp) -> Result<Option<String>, StoreError> {
        let text = "SELECT VALUE email FROM mail_link WHERE account = $account AND purpose = $purpose AND expires_at > $now LIMIT 1";
        let variables = vars! { account: account.to_string(), purpose: purpose.name().to_owned(), now: now.as_millis() };
        self.0.db.run(text, variables).await?.row::<String>(0)
    }

    /// Ends what waits for a purpose.
    pub async fn end(&self, account: AccountId, purpose: MailPurpose) -> Result<(), StoreError> {
        let text = "DELETE mail_link WHERE account = $account AND purpose = $purpose RETURN NONE";
        let variables = vars! { account: account.to_string(), purpose: purpose.name().to_owned() };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Drops those that have ended.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        self.0.db.run("DELETE mail_link WHERE expires_at <= $now RETURN NONE", vars! { now: now.as_millis() }).await.map(drop)
    }
}
