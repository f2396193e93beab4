//! Mails about accounts: written into the outbox like every message, so that the same courier sends them, and tries again.
//!
//! Invariant: of the secret of a link only the hash is kept, and the mail itself is sealed.

use std::time::Duration;

use domain::alert::{Content, Destination, Mail, Message, MessageState, Purpose};
use domain::mailing::Mailing;
use domain::{AppError, Code, MessageId, SpaceId};
use store::{Account, Familiar, MailLink, MailPurpose, Session, StoreError};

use crate::actor::Client;
use crate::engine::Inner;
use crate::mail::{MailText, text};
use crate::secret;
use crate::service::limits::network;

/// The space that mails about accounts are kept under: none of the instance's.
pub(crate) const NO_SPACE: SpaceId = SpaceId::from_bits(0);

impl Inner {
    /// Whether mails about accounts can be sent. Where people reach this instance is never taken from a request: whoever asks for a link
    /// would decide where it leads.
    pub fn mailing(&self) -> Mailing {
        match (&self.config.mail, &self.config.public_url) {
            (None, _) => Mailing::NoServer,
            (Some(_), None) => Mailing::NoAddress,
            (Some(_), Some(_)) => Mailing::Ready,
        }
    }

    /// Refuses what cannot be done without mail.
    pub fn must_mail(&self) -> Result<(), AppError> {
        self.mailing().why_not().map_or(Ok(()), |why| Err(AppError::new(Code::Conflict, why)))
    }

    /// Whether an account may be written to: where anybody may sign up with any address, only a proven one.
    pub fn may_write_to(&self, account: &Account) -> bool {
        account.verified_at.is_some() || !self.config.signup_open
    }

    /// A path of this instance as an address.
    pub fn absolute(&self, path: &str) -> String {
        let public = self.config.public_url.as_deref().unwrap_or_default();
        format!("{}{path}", public.trim_end_matches('/'))
    }

    /// Keeps a new link; the answer is its path. An earlier one for the same purpose ends.
    pub async fn mail_link(
        &self,
        page: &str,
        account: &Account,
        purpose: MailPurpose,
        email: &str,
        lasts: Duration,
    ) -> Result<String, StoreError> {
        let secret = secret::fresh();
        let expires_at = self.clock.now().plus(lasts);
        let link = MailLink { hash: secret::hash(&secret), account: account.id, purpose, email: email.to_owned(), expires_at };
        self.store.mail_links().put(&link).await?;
        Ok(format!("{page}/{secret}"))
    }

    /// Writes a mail into the outbox.
    pub async fn mail(&self, to: &str, text: MailText) -> Result<(), StoreError> {
        let now = self.clock.now();
        let MailText { subject, text, html } = text;
        let message = Message {
            id: MessageId::new(now, secret::bits()),
            space: NO_SPACE,
            to: Destination::Address(to.to_owned()),
            rule: None,
            incident: None,
            purpose: Purpose::Account,
            content: Content::default(),
            mail: Some(Mail { subject, text, html }),
            follows: None,
            nth: 0,
            state: MessageState::Waiting,
            note: String::new(),
            planned_at: now,
            due_at: now,
            attempts: 0,
            claim: None,
            ended_at: None,
        };
        self.store.outbox().add(std::slice::from_ref(&message)).await?;
        self.outbox.wake(vec![(message.to, now)]);
        Ok(())
    }

    /// Notes where an account signs in from, and mails it when that is new. The sign-in itself has worked: an error is told to the log.
    pub async fn tell_of_sign_in(&self, account: &Account, session: &Session, client: &Client) {
        let browser = secret::hash(&format!("{}\n{}", session.device, network(client.address)));
        let noted = async {
            let familiar = self.store.browsers().note(account.id, &browser, session.seen_at).await?;
            if familiar != Familiar::New || !self.mailing().is_ready() || !self.may_write_to(account) {
                return Ok(());
            }
            let at = session.seen_at.civil(0);
            let when = format!("{:04}-{:02}-{:02} {:02}:{:02} UTC", at.year, at.month, at.day, at.hour, at.minute);
            let link = self.absolute("/settings/security");
            self.mail(&account.email, text::new_sign_in(&account.name, &when, &session.device, &session.address, &link)).await
        };
        let noted: Result<(), StoreError> = noted.await;
        if let Err(error) = noted {
            tracing::error!(account.id = %account.id, error = %error, "a sign-in from a new browser could not be told");
        }
    }
}
