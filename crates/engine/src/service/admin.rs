//! What administrators of the instance do.

use std::collections::HashMap;
use std::time::Duration;

use domain::alert::MessageState;
use domain::mailing::{Invited, LostMail};
use domain::network::NetworkSettings;
use domain::view::{AccountView, InvitationView, Once, SpaceSummary};
use domain::{AccountId, AppError, Code, InvitationId};
use store::{MessageFilter, PasswordLink};

use super::accounts::NO_SPACE;
use super::unavailable;
use crate::actor::Visitor;
use crate::engine::Inner;
use crate::gate::{NAMED, Witness};
use crate::secret;

/// A link to set a password can be used for a day.
const LINK: Duration = Duration::from_secs(86_400);

/// Mails that were given up, of which so many are shown.
const LOST: u32 = 20;

/// What administrators of the instance do.
pub struct Admin<'a>(pub(crate) &'a Inner);

impl Admin<'_> {
    /// All accounts, oldest first.
    pub async fn accounts(&self, visitor: &Visitor) -> Result<Vec<AccountView>, AppError> {
        visitor.must_be_admin()?;
        let counts: HashMap<_, _> = self.0.store.spaces().counts_by_account().await.map_err(unavailable)?.into_iter().collect();
        let accounts = self.0.store.accounts().all().await.map_err(unavailable)?;
        let view = |a: store::Account| AccountView {
            id: a.id,
            name: a.name,
            email: a.email,
            admin: a.admin,
            disabled: a.disabled,
            created_at: a.id.created_at(),
            seen_at: a.seen_at,
            spaces: counts.get(&a.id).copied().unwrap_or(0),
        };
        Ok(accounts.into_iter().map(view).collect())
    }

    /// Mails about accounts that were given up, the newest first. They belong to no space, so that nobody else would see them.
    pub async fn lost_mails(&self, visitor: &Visitor) -> Result<Vec<LostMail>, AppError> {
        visitor.must_be_admin()?;
        let failed = MessageFilter { states: vec![MessageState::Failed], ..MessageFilter::default() };
        let messages = self.0.store.space(NO_SPACE).messages().list(&failed, LOST).await.map_err(unavailable)?;
        let lost = |message: domain::alert::Message| {
            let mail = message.mail?;
            Some(LostMail {
                to: message.to.to_string().trim_start_matches("mail:").to_owned(),
                subject: mail.subject,
                why: message.note,
                at: message.ended_at.unwrap_or(message.planned_at),
            })
        };
        Ok(messages.into_iter().filter_map(lost).collect())
    }

    /// All spaces, oldest first.
    pub async fn spaces(&self, visitor: &Visitor) -> Result<Vec<SpaceSummary>, AppError> {
        visitor.must_be_admin()?;
        self.0.store.spaces().summaries().await.map_err(unavailable)
    }

    /// Disables or enables an account, other than one's own.
    pub async fn set_disabled(&self, visitor: &Visitor, account: AccountId, disabled: bool) -> Result<(), AppError> {
        visitor.must_be_admin()?;
        if account == visitor.account {
            return Err(AppError::new(Code::Conflict, "You cannot disable yourself: nobody might be left to undo it."));
        }
        self.exists(account).await?;
        self.0.store.accounts().set_disabled(account, disabled).await.map_err(unavailable)?;
        tracing::info!(account.id = %account, by = %visitor.account, disabled, "account disabled or enabled");
        self.0.hub.people_changed();
        Ok(())
    }

    async fn exists(&self, account: AccountId) -> Result<(), AppError> {
        let found = self.0.store.accounts().get(account).await.map_err(unavailable)?;
        found.map(drop).ok_or_else(|| AppError::not_found("account"))
    }

    /// Makes a link by which somebody sets their lost password. The answer is its path.
    pub async fn password_link(&self, visitor: &Visitor, account: AccountId) -> Result<Once, AppError> {
        visitor.must_be_admin()?;
        self.exists(account).await?;
        let secret = secret::fresh();
        let link = PasswordLink { hash: secret::hash(&secret), account, expires_at: self.0.clock.now().plus(LINK) };
        self.0.store.invitations().create_password_link(&link).await.map_err(unavailable)?;
        Ok(Once { secret: format!("/reset/{secret}") })
    }

    /// Makes a link to sign up with. The answer is its path.
    pub async fn invite(&self, visitor: &Visitor, note: &str) -> Result<Once, AppError> {
        let made = self.invite_by_mail(visitor, note, "").await?;
        Ok(Once { secret: made.secret })
    }

    /// Makes a link to sign up with and mails it, unless the address is empty.
    pub async fn invite_by_mail(&self, visitor: &Visitor, note: &str, email: &str) -> Result<Invited, AppError> {
        visitor.must_be_admin()?;
        super::spaces::make_invitation(self.0, visitor.account, None, note, email).await
    }

    /// The links to sign up with that nobody has used yet.
    pub async fn invitations(&self, visitor: &Visitor) -> Result<Vec<InvitationView>, AppError> {
        visitor.must_be_admin()?;
        super::spaces::list_invitations(self.0, None).await
    }

    /// Whether the own network is there, and who is asked about it.
    pub fn network(&self, visitor: &Visitor) -> Result<NetworkSettings, AppError> {
        visitor.must_be_admin()?;
        Ok(NetworkSettings { network: self.0.gate.view(), fixed: self.0.config.witnesses.is_some() })
    }

    /// Names the witnesses of the own network, separated by commas or white space; none: nobody is asked.
    pub async fn set_witnesses(&self, visitor: &Visitor, text: &str) -> Result<(), AppError> {
        visitor.must_be_admin()?;
        if self.0.config.witnesses.is_some() {
            return Err(AppError::new(Code::Conflict, "LOOPR_WITNESSES names the witnesses. Change it there, or leave it unset."));
        }
        let witnesses = Witness::parse_list(text).map_err(|error| AppError::field("witnesses", error.to_string()))?;
        let named = witnesses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.0.store.set_fact(NAMED, &named).await.map_err(unavailable)?;
        tracing::info!(by = %visitor.account, witnesses = named, "witnesses named");
        self.0.gate.set(witnesses, "");
        Ok(())
    }

    /// Ends a link to sign up with.
    pub async fn revoke_invitation(&self, visitor: &Visitor, id: InvitationId) -> Result<(), AppError> {
        visitor.must_be_admin()?;
        match self.0.store.invitations().take(id, None).await.map_err(unavailable)? {
            true => Ok(()),
            false => Err(AppError::not_found("invitation")),
        }
    }
}
