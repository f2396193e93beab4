//! Spaces, their members and invitations.

use std::time::Duration;

use domain::account::{NAME_MAX, Role, check_name};
use domain::retention::{Footprint, RetentionChoice, RetentionView};
use domain::time::DAY_MS;
use domain::view::{InvitationOffer, InvitationView, MemberView, Once};
use domain::{AccountId, AppError, Code, InvitationId, MonitorId, SpaceId, Timestamp};
use store::{Invitation, NewInvitation, Space};

use super::unavailable;
use crate::actor::{Actor, Visitor};
use crate::engine::Inner;
use crate::record::Command;
use crate::schedule::Wake;
use crate::secret;

/// Monitors whose last packed day says what a check takes.
const SAMPLED: usize = 16;
/// An invitation can be used for a week.
const INVITATION_DAYS: u64 = 7;

/// Spaces, their members and invitations.
pub struct Spaces<'a>(pub(crate) &'a Inner);

impl Spaces<'_> {
    /// Makes a space and opens it.
    pub async fn create(&self, visitor: &Visitor, name: &str) -> Result<SpaceId, AppError> {
        self.0.limits.try_expensive(visitor.account.bits())?;
        let name = check_name(name, NAME_MAX).map_err(|e| AppError::field("name", e))?;
        let space = Space { id: SpaceId::new(self.0.clock.now(), secret::bits()), name };
        let rule = self.0.first_rule(space.id);
        self.0.store.spaces().create(&space, visitor.account, &rule).await.map_err(unavailable)?;
        self.0.space_made(&space.name, rule);
        self.0.store.sessions().set_space(&visitor.hash, Some(space.id)).await.map_err(unavailable)?;
        Ok(space.id)
    }

    /// Opens another space in the visitor's session.
    pub async fn switch(&self, visitor: &Visitor, space: SpaceId) -> Result<(), AppError> {
        if !visitor.view.spaces.iter().any(|s| s.id == space) {
            return Err(AppError::not_found("space"));
        }
        self.0.store.sessions().set_space(&visitor.hash, Some(space)).await.map_err(unavailable)
    }

    /// Opens the space of a monitor, for a link that somebody from there has sent. Says whether another one was open.
    pub async fn follow(&self, visitor: &Visitor, monitor: MonitorId) -> Result<bool, AppError> {
        let open = visitor.view.space.as_ref().map(|space| space.id);
        let Some(owner) = visitor.view.spaces.iter().find(|space| self.0.board.get(space.id, monitor).is_some()) else { return Ok(false) };
        if open == Some(owner.id) {
            return Ok(false);
        }
        self.switch(visitor, owner.id).await?;
        Ok(true)
    }

    /// Renames the space.
    pub async fn rename(&self, actor: &Actor, name: &str) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        let name = check_name(name, NAME_MAX).map_err(|e| AppError::field("name", e))?;
        self.0.store.space(actor.space).rename(&name).await.map_err(unavailable)?;
        self.0.directory.name_space(actor.space, &name);
        Ok(())
    }

    /// How long the space keeps its history, and what that takes.
    pub async fn retention(&self, actor: &Actor) -> Result<RetentionView, AppError> {
        let choice = self.0.store.space(actor.space).retention().await.map_err(unavailable)?;
        let monitors = self.0.board.of(actor.space);
        let mut footprint = Footprint { monitors: u32::try_from(monitors.len()).unwrap_or(u32::MAX), ..Footprint::default() };
        let day_ms = u128::from(DAY_MS.unsigned_abs());
        for plan in monitors.iter().map(|entry| entry.plan()).filter(|plan| plan.monitor.enabled) {
            let checks = day_ms / plan.slots.interval().as_millis().max(1);
            footprint.checks_a_day = footprint.checks_a_day.saturating_add(u64::try_from(checks).unwrap_or(u64::MAX));
        }
        let sample = monitors.iter().step_by((monitors.len() / SAMPLED).max(1)).take(SAMPLED);
        for entry in sample {
            let size = self.0.store.segments(entry.id).size().await.map_err(unavailable)?;
            footprint.packed.0 += size.checks;
            footprint.packed.1 += size.bytes;
        }
        Ok(RetentionView { most: self.0.config.retention, choice, footprint })
    }

    /// Keeps the history of the space as long as was typed, which is never longer than the instance does.
    pub async fn set_retention(&self, actor: &Actor, typed: [&str; 3]) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        let choice = RetentionChoice::read(typed, self.0.config.retention)?;
        self.0.store.space(actor.space).set_retention(choice).await.map_err(unavailable)
    }

    /// Deletes the space with everything in it, after its name was typed.
    pub async fn delete(&self, actor: &Actor, typed_name: &str) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        let space = self.0.store.spaces().get(actor.space).await.map_err(unavailable)?;
        let space = space.ok_or_else(|| AppError::not_found("space"))?;
        if typed_name.trim() != space.name {
            return Err(AppError::field("name", format!("Type “{}” to confirm.", space.name)));
        }
        delete_space(self.0, actor.space).await
    }

    /// The members, by name.
    pub async fn members(&self, actor: &Actor) -> Result<Vec<MemberView>, AppError> {
        self.0.store.space(actor.space).members().await.map_err(unavailable)
    }

    /// Changes a member's role. A space always has an owner.
    pub async fn set_role(&self, actor: &Actor, account: AccountId, role: Role) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        self.check_leaves_owner(actor, account, Some(role)).await?;
        let now = self.0.clock.now();
        self.0.store.space(actor.space).set_member(account, role, now).await.map_err(unavailable)?;
        self.0.hub.people_changed();
        Ok(())
    }

    /// Removes a member; everybody may remove themselves.
    pub async fn remove_member(&self, actor: &Actor, account: AccountId) -> Result<(), AppError> {
        if actor.account != Some(account) {
            actor.must_be(Role::Owner)?;
        }
        self.check_leaves_owner(actor, account, None).await?;
        self.0.store.space(actor.space).remove_member(account).await.map_err(unavailable)?;
        tracing::info!(space.id = %actor.space, account.id = %account, "member removed");
        self.0.hub.people_changed();
        Ok(())
    }

    async fn check_leaves_owner(&self, actor: &Actor, account: AccountId, role: Option<Role>) -> Result<(), AppError> {
        let members = self.members(actor).await?;
        if !members.iter().any(|m| m.account == account) {
            return Err(AppError::not_found("member"));
        }
        let stays = role == Some(Role::Owner) || members.iter().any(|m| m.role == Role::Owner && m.account != account);
        if stays {
            return Ok(());
        }
        Err(AppError::new(Code::Conflict, "A space needs an owner. Make somebody else owner first, or delete the space."))
    }

    /// Makes a link into the space. The answer is its path.
    pub async fn invite(&self, actor: &Actor, role: Role, note: &str) -> Result<Once, AppError> {
        actor.must_be(Role::Owner)?;
        let account = actor.account.ok_or_else(|| AppError::new(Code::Forbidden, "Tokens cannot invite people."))?;
        make_invitation(self.0, account, Some((actor.space, role)), note).await
    }

    /// The links into the space that nobody has used yet.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<InvitationView>, AppError> {
        actor.must_be(Role::Owner)?;
        list_invitations(self.0, Some(actor.space)).await
    }

    /// Ends a link into the space.
    pub async fn revoke_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        match self.0.store.invitations().take(id, Some(actor.space)).await.map_err(unavailable)? {
            true => Ok(()),
            false => Err(AppError::not_found("invitation")),
        }
    }

    /// What a link offers, to who opened it.
    pub async fn invitation_offer(&self, secret: &str) -> Result<InvitationOffer, AppError> {
        let invitation = self.find(secret).await?;
        let from = self.0.store.accounts().get(invitation.created_by).await.map_err(unavailable)?;
        let space = match invitation.space {
            Some((id, role)) => {
                let space = self.0.store.spaces().get(id).await.map_err(unavailable)?.ok_or_else(invitation_gone)?;
                Some((space.name, role))
            }
            None => None,
        };
        Ok(InvitationOffer { from: from.map(|a| a.name).unwrap_or_default(), space, expires_at: invitation.expires_at })
    }

    async fn find(&self, secret: &str) -> Result<Invitation, AppError> {
        let found = self.0.store.invitations().by_hash(&secret::hash(secret), self.0.clock.now()).await.map_err(unavailable)?;
        found.ok_or_else(invitation_gone)
    }

    /// Joins by a link, and opens the space. A link never lowers a role that somebody has.
    pub async fn accept_invitation(&self, visitor: &Visitor, secret: &str) -> Result<Option<SpaceId>, AppError> {
        let invitation = self.find(secret).await?;
        let Some((space, role)) = invitation.space else {
            return Err(AppError::new(
                Code::Conflict,
                "This invitation is for a new account, and you have one. It stays valid for whom it was meant.",
            ));
        };
        if !self.0.store.invitations().take(invitation.id, Some(space)).await.map_err(unavailable)? {
            return Err(invitation_gone());
        }
        let has = visitor.view.spaces.iter().find(|s| s.id == space).map(|s| s.role);
        if has.is_none_or(|has| has < role) {
            self.0.store.space(space).set_member(visitor.account, role, self.0.clock.now()).await.map_err(unavailable)?;
            self.0.hub.people_changed();
        }
        self.0.store.sessions().set_space(&visitor.hash, Some(space)).await.map_err(unavailable)?;
        Ok(Some(space))
    }
}

pub(super) fn invitation_gone() -> AppError {
    AppError::new(Code::NotFound, "This invitation was used already, was withdrawn, or has expired. Ask for a new link.")
}

pub(super) async fn make_invitation(inner: &Inner, by: AccountId, space: Option<(SpaceId, Role)>, note: &str) -> Result<Once, AppError> {
    inner.limits.try_expensive(by.bits())?;
    let note = note.trim();
    if note.chars().count() > NAME_MAX {
        return Err(AppError::field("note", format!("Use at most {NAME_MAX} characters.")));
    }
    let (secret, now) = (secret::fresh(), inner.clock.now());
    let expires_at: Timestamp = now.plus(Duration::from_secs(INVITATION_DAYS * 86_400));
    let id = InvitationId::new(now, secret::bits());
    let invitation = Invitation { id, space, note: note.to_owned(), created_by: by, expires_at };
    let new = NewInvitation { invitation, hash: secret::hash(&secret) };
    inner.store.invitations().create(&new, now).await.map_err(unavailable)?;
    Ok(Once { secret: format!("/invitation/{secret}") })
}

pub(super) async fn list_invitations(inner: &Inner, space: Option<SpaceId>) -> Result<Vec<InvitationView>, AppError> {
    let invitations = inner.store.invitations().of(space, inner.clock.now()).await.map_err(unavailable)?;
    let mut views = Vec::with_capacity(invitations.len());
    for invitation in invitations {
        let by = inner.store.accounts().get(invitation.created_by).await.map_err(unavailable)?;
        views.push(InvitationView {
            id: invitation.id,
            role: invitation.space.map(|(_, role)| role),
            note: invitation.note,
            created_by: by.map(|a| a.name).unwrap_or_default(),
            expires_at: invitation.expires_at,
        });
    }
    Ok(views)
}

/// Stops the monitors of a space, then deletes it.
pub(super) async fn delete_space(inner: &Inner, space: SpaceId) -> Result<(), AppError> {
    let monitors: Vec<MonitorId> = inner.board.of(space).iter().map(|entry| entry.id).collect();
    // The recorder is gone only when everything stops.
    let _stopping = inner.recorder.send(Command::Gone { monitors }).await;
    for entry in inner.board.of(space) {
        // The scheduler's end lives as long as the engine.
        let _queued = inner.wake.send(Wake::Take(entry.id));
        inner.board.remove(entry.id);
    }
    inner.recorder.flush().await;
    inner.store.space(space).delete(inner.clock.now()).await.map_err(unavailable)?;
    inner.windows.remove_space(space);
    inner.directory.remove_space(space);
    inner.hub.lists_changed(space);
    Ok(())
}
