//! Signed-in browsers of an account.

use std::time::Duration;

use domain::view::{SessionView, VisitorView};
use domain::{AppError, SessionId, SpaceId, Timestamp};
use store::{Account, Session};

use super::Accounts;
use crate::actor::{Client, NewSession, Visitor};
use crate::secret;
use crate::service::unavailable;

/// A session is noted as used at most once a minute.
const SEEN_EVERY: Duration = Duration::from_secs(60);

impl Accounts<'_> {
    pub(super) async fn open_session(&self, account: &Account, space: Option<SpaceId>, client: &Client) -> Result<NewSession, AppError> {
        let (secret, now) = (secret::fresh(), self.0.clock.now());
        let session = Session {
            hash: secret::hash(&secret),
            id: SessionId::new(now, secret::bits()),
            account: account.id,
            space,
            seen_at: now,
            expires_at: self.session_end(now),
            device: device(&client.user_agent),
            address: client.address.to_string(),
        };
        self.0.store.sessions().create(&session).await.map_err(unavailable)?;
        tracing::info!(account.id = %account.id, "signed in");
        self.0.tell_of_sign_in(account, &session, client).await;
        Ok(NewSession { secret, expires_at: session.expires_at })
    }

    fn session_end(&self, now: Timestamp) -> Timestamp {
        now.plus(Duration::from_secs(u64::from(self.0.config.session_days) * 86_400))
    }

    /// Who a cookie belongs to.
    pub async fn visitor(&self, cookie: &str) -> Result<Option<Visitor>, AppError> {
        let now = self.0.clock.now();
        let hash = secret::hash(cookie);
        let Some(found) = self.0.store.sessions().find(&hash, now).await.map_err(unavailable)? else { return Ok(None) };
        if now.since(found.session.seen_at) >= SEEN_EVERY
            && let Err(error) = self.0.store.sessions().touch(&found.session, now, self.session_end(now)).await
        {
            tracing::warn!(error = %error, "a session was not noted as used");
        }
        let space = found.spaces.iter().find(|s| Some(s.id) == found.session.space).or(found.spaces.first()).cloned();
        let view = VisitorView {
            account: found.account.id,
            name: found.account.name,
            email: found.account.email,
            admin: found.account.admin,
            space,
            spaces: found.spaces,
        };
        Ok(Some(Visitor { account: found.account.id, session: found.session.id, hash, admin: view.admin, view }))
    }

    /// Ends the visitor's session.
    pub async fn sign_out(&self, visitor: &Visitor) -> Result<(), AppError> {
        self.0.store.sessions().end(visitor.account, visitor.session).await.map_err(unavailable)?;
        self.0.hub.people_changed();
        Ok(())
    }

    /// The visitor's sessions, the last used first.
    pub async fn sessions(&self, visitor: &Visitor) -> Result<Vec<SessionView>, AppError> {
        let sessions = self.0.store.sessions().of(visitor.account, self.0.clock.now()).await.map_err(unavailable)?;
        let view = |s: Session| SessionView {
            id: s.id,
            current: s.id == visitor.session,
            created_at: s.id.created_at(),
            seen_at: s.seen_at,
            expires_at: s.expires_at,
            device: s.device,
            address: s.address,
        };
        Ok(sessions.into_iter().map(view).collect())
    }

    /// Ends one of the visitor's sessions.
    pub async fn revoke_session(&self, visitor: &Visitor, session: SessionId) -> Result<(), AppError> {
        match self.0.store.sessions().end(visitor.account, session).await.map_err(unavailable)? {
            true => {
                self.0.hub.people_changed();
                Ok(())
            }
            false => Err(AppError::not_found("session")),
        }
    }

    /// Ends all of the visitor's sessions but this one.
    pub async fn revoke_other_sessions(&self, visitor: &Visitor) -> Result<(), AppError> {
        self.0.store.sessions().end_others(visitor.account, &visitor.hash).await.map_err(unavailable)?;
        self.0.hub.people_changed();
        Ok(())
    }
}

/// Browser and system in words. The order matters: every browser claims to be several.
pub(super) fn device(user_agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.into(),
        (None, None) => "Unknown device".into(),
    }
}
