//! The secrets by which receivers know that a webhook came from here: every channel of that kind has one.

use domain::account::Role;
use domain::activity::Area;
use domain::alert::{Channel, ChannelKind, ChannelSpec};
use domain::{AppError, ChannelId, Timestamp, signing};

use super::channels::Channels;
use crate::actor::Actor;
use crate::secret::fresh_signing;
use crate::service::activity::Deed;

const SECRET: &str = "signing_secret";
const FORMER: &str = "previous_secret";
const UNTIL: &str = "previous_until";

/// Gives a webhook a secret when it has none.
pub(super) fn sign(spec: &mut ChannelSpec) {
    if spec.kind == ChannelKind::Webhook && secret(spec).is_none() {
        spec.settings.0.insert(SECRET.into(), fresh_signing().reveal());
    }
}

fn secret(spec: &ChannelSpec) -> Option<&String> {
    spec.settings.0.get(SECRET).filter(|secret| !secret.is_empty())
}

/// Until when the former secret of a channel signs as well.
pub(super) fn former_until(spec: &ChannelSpec, now: Timestamp) -> Option<Timestamp> {
    spec.settings.0.get(UNTIL).and_then(|until| Timestamp::parse_rfc3339(until)).filter(|until| *until > now)
}

impl Channels<'_> {
    fn webhook(&self, actor: &Actor, id: ChannelId) -> Result<Channel, AppError> {
        actor.must_be(Role::Editor)?;
        let channel = self.get(actor, id)?;
        if channel.spec.kind == ChannelKind::Webhook {
            Ok(channel)
        } else {
            Err(AppError::field("id", "This channel does not sign: only webhooks do."))
        }
    }

    /// Makes a new signing secret and tells it; the old one signs beside it for so long (`24 h`, at most 7 d; empty: 24 h).
    ///
    /// # Errors
    /// It is not there or does not sign, or the span is none.
    pub async fn rotate(&self, actor: &Actor, id: ChannelId, grace: &str) -> Result<String, AppError> {
        let mut channel = self.webhook(actor, id)?;
        let old = secret(&channel.spec).cloned();
        let (span, now, new) = (signing::grace(grace)?, self.0.clock.now(), fresh_signing().reveal());
        let settings = &mut channel.spec.settings.0;
        settings.insert(SECRET.into(), new.clone());
        if let Some(old) = old {
            settings.insert(FORMER.into(), old);
            settings.insert(UNTIL.into(), now.plus(span).to_rfc3339());
        }
        channel.updated_at = now;
        self.put(actor, channel, "rotated the signing secret of").await?;
        Ok(new)
    }

    /// Tells the signing secret; that is written in the activity log.
    ///
    /// # Errors
    /// It is not there or does not sign.
    pub async fn reveal(&self, actor: &Actor, id: ChannelId) -> Result<String, AppError> {
        let channel = self.webhook(actor, id)?;
        // Of a channel from before every webhook had one.
        let none = || AppError::field("id", "It has no secret yet, so its requests are not signed. Rotate makes one.");
        let secret = secret(&channel.spec).cloned().ok_or_else(none)?;
        let what = format!("the signing secret of channel “{}”", channel.spec.name);
        self.0.log(actor, Deed::new(Area::Alert, "looked at", &what).at(format!("/alerts/channels/{id}/edit"))).await;
        Ok(secret)
    }
}
