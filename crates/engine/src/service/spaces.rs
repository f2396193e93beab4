//! Spaces, their members and invitations.

use std::time::Duration;

use domain::account::{Email, NAME_MAX, Role, check_name};
use domain::activity::Area;
use domain::mailing::Invited;
use domain::retention::{Footprint, RetentionChoice, RetentionView};
use domain::time::DAY_MS;
use domain::view::{InvitationOffer, InvitationView, MemberView, Once};
use domain::{AccountId, AppError, Code, InvitationId, MonitorId, SpaceId, Timestamp};
use store::{Invitation, NewInvitation, Space};

use super::unavailable;
use crate::actor::{Actor, Visitor};
use crate::engine::Inner;
use crate::mail::text;
use crate::record::Command;
use crate::schedule::Wake;
use crate::secret;
use crate::service::activity::Deed;

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
        let actor =
            Actor { account: Some(visitor.account), space: space.id, role: Role::Owner, scope: None, name: visitor.view.name.clone() };
        self.0.log(&actor, Deed::new(Area::Space, "made", "the space")).await;
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
        self.0.log(actor, Deed::new(Area::Space, "renamed", &format!("the space to “{name}”")).at("/settings/space".into())).await;
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
        self.0.store.space(actor.space).set_retention(choice).await.map_err(unavailable)?;
        self.0.log(actor, Deed::new(Area::Space, "changed", "how long history is kept").at("/settings/space".into())).await;
        Ok(())
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
        let name = self.check_leaves_owner(actor, account, Some(role)).await?;
        let now = self.0.clock.now();
        self.0.store.space(actor.space).set_member(account, role, now).await.map_err(unavailable)?;
        self.0.hub.people_changed();
        let what = format!("the role of {name} to {}", role.word().to_lowercase());
        self.0.log(actor, Deed::new(Area::Space, "changed", &what).at("/settings/members".into())).await;
        Ok(())
    }

    /// Removes a member; everybody may remove themselves.
    pub async fn remove_member(&self, actor: &Actor, account: AccountId) -> Result<(), AppError> {
        if actor.account != Some(account) {
            actor.must_be(Role::Owner)?;
        }
        let name = self.check_leaves_owner(actor, account, None).await?;
        self.0.store.space(actor.space).remove_member(account).await.map_err(unavailable)?;
        tracing::info!(space.id = %actor.space, account.id = %account, "member removed");
        self.0.hub.people_changed();
        let deed = match actor.account == Some(account) {
            true => Deed::new(Area::Space, "left", "the space"),
            false => Deed::new(Area::Space, "removed", &name).at("/settings/members".into()),
        };
        self.0.log(actor, deed).await;
        Ok(())
    }

    /// Refuses what would leave the space without an owner. The answer is what people call the member.
    async fn check_leaves_owner(&self, actor: &Actor, account: AccountId, role: Option<Role>) -> Result<String, AppError> {
        let members = self.members(actor).await?;
        let member = members.iter().find(|m| m.account == account).ok_or_else(|| AppError::not_found("member"))?;
        let stays = role == Some(Role::Owner) || members.iter().any(|m| m.role == Role::Owner && m.account != account);
        if stays {
            return Ok(member.name.clone());
        }
        Err(AppError::new(Code::Conflict, "A space needs an owner. Make somebody else owner first, or delete the space."))
    }

    /// Makes a link into the space. The answer is its path.
    pub async fn invite(&self, actor: &Actor, role: Role, note: &str) -> Result<Once, AppError> {
        let made = self.invite_by_mail(actor, role, note, "").await?;
        Ok(Once { secret: made.secret })
    }

    /// Makes a link into the space and mails it, unless the address is empty.
    pub async fn invite_by_mail(&self, actor: &Actor, role: Role, note: &str, email: &str) -> Result<Invited, AppError> {
        actor.must_be(Role::Owner)?;
        let account = actor.account.ok_or_else(|| AppError::new(Code::Forbidden, "Tokens cannot invite people."))?;
        let made = make_invitation(self.0, account, Some((actor.space, role)), note, email).await?;
        let whom = [made.mailed_to.as_str(), note.trim(), "somebody"].into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        let what = format!("{whom} {}", as_role(role));
        self.0.log(actor, Deed::new(Area::Space, "invited", &what).at("/settings/members".into())).await;
        Ok(made)
    }

    /// The links into the space that nobody has used yet.
    pub async fn invitations(&self, actor: &Actor) -> Result<Vec<InvitationView>, AppError> {
        actor.must_be(Role::Owner)?;
        list_invitations(self.0, Some(actor.space)).await
    }

    /// Ends a link into the space.
    pub async fn revoke_invitation(&self, actor: &Actor, id: InvitationId) -> Result<(), AppError> {
        actor.must_be(Role::Owner)?;
        if !self.0.store.invitations().take(id, Some(actor.space)).await.map_err(unavailable)? {
            return Err(AppError::not_found("invitation"));
        }
        self.0.log(actor, Deed::new(Area::Space, "took back", "an invitation").at("/settings/members".into())).await;
        Ok(())
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
            let actor = Actor { account: Some(visitor.account), space, role, scope: None, name: visitor.view.name.clone() };
            self.0.log(&actor, Deed::new(Area::Space, "joined", &as_role(role)).at("/settings/members".into())).await;
        }
        self.0.store.sessions().set_space(&visitor.hash, Some(space)).await.map_err(unavailable)?;
        Ok(Some(space))
    }
}

pub(super) fn invitation_gone() -> AppError {
    AppError::new(Code::NotFound, "This invitation was used already, was withdrawn, or has expired. Ask for a new link.")
}

/// `as editor`
pub(super) fn as_role(role: Role) -> String {
    format!("as {}", role.word().to_lowercase())
}

/// Makes a link, and mails it unless the address is empty.
pub(super) async fn make_invitation(
    inner: &Inner,
    by: AccountId,
    space: Option<(SpaceId, Role)>,
    note: &str,
    email: &str,
) -> Result<Invited, AppError> {
    inner.limits.try_expensive(by.bits())?;
    let note = note.trim();
    if note.chars().count() > NAME_MAX {
        return Err(AppError::field("note", format!("Use at most {NAME_MAX} characters.")));
    }
    let guest = if email.trim().is_empty() { None } else { Some(mailable(inner, by, email).await?) };
    let (secret, now) = (secret::fresh(), inner.clock.now());
    let expires_at: Timestamp = now.plus(Duration::from_secs(INVITATION_DAYS * 86_400));
    let id = InvitationId::new(now, secret::bits());
    let told_apart = guest.as_ref().filter(|_| note.is_empty()).map_or(note, |(email, _)| email.as_str());
    let invitation = Invitation { id, space, note: told_apart.chars().take(NAME_MAX).collect(), created_by: by, expires_at };
    let new = NewInvitation { invitation, hash: secret::hash(&secret) };
    inner.store.invitations().create(&new, now).await.map_err(unavailable)?;
    let path = format!("/invitation/{secret}");
    let Some((email, inviter)) = guest else { return Ok(Invited { secret: path, mailed_to: String::new() }) };
    let name = space.map(|(space, _)| inner.directory.of(space).name.clone());
    let letter = text::invitation(&inviter, name.as_deref(), &inner.absolute(&path));
    inner.mail(email.as_str(), letter).await.map_err(unavailable)?;
    Ok(Invited { secret: path, mailed_to: email.to_string() })
}

/// The address of a guest, and what people call whoever invites them: if mails are sent, and not too many were.
async fn mailable(inner: &Inner, by: AccountId, email: &str) -> Result<(Email, String), AppError> {
    let email = Email::parse(email).map_err(|e| AppError::field("email", e))?;
    if let Some(why) = inner.mailing().why_not() {
        return Err(AppError::field("email", format!("{why} Leave this empty and send the link yourself.")));
    }
    let account = inner.store.accounts().get(by).await.map_err(unavailable)?.ok_or_else(AppError::unauthenticated)?;
    if !inner.may_write_to(&account) {
        let message = "Confirm your own address first, in your profile. Until then, leave this empty and send the link yourself.";
        return Err(AppError::field("email", message));
    }
    inner.limits.try_write(by.bits())?;
    inner.limits.try_mail(email.as_str())?;
    Ok((email, account.name))
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
    inner.book.remove_space(space);
    inner.hub.lists_changed(space);
    Ok(())
}
