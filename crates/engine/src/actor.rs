//! Who asks. Every use case takes one of these, so that none can be called without having decided who it is.

use std::net::IpAddr;

use domain::account::{Role, Scope};
use domain::view::VisitorView;
use domain::{AccountId, AppError, Code, SessionId, SpaceId, Timestamp};

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Client {
    /// The address of the browser, behind trusted proxies if there are any.
    pub address: IpAddr,
    /// What it calls itself.
    pub user_agent: String,
    /// The peer is this machine and the request carries no forwarding header.
    pub trusted_local: bool,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who.
    pub account: AccountId,
    /// In which browser.
    pub session: SessionId,
    /// The hash of the cookie.
    pub(crate) hash: String,
    /// May administer the instance.
    pub admin: bool,
    /// What they may know of themselves.
    pub view: VisitorView,
}

impl Visitor {
    /// The visitor in the space that is open.
    pub fn actor(&self) -> Result<Actor, AppError> {
        let space = self
            .view
            .space
            .as_ref()
            .ok_or_else(|| AppError::new(Code::Forbidden, "You belong to no space. Create one, or ask for an invitation."))?;
        Ok(Actor { account: Some(self.account), space: space.id, role: space.role, scope: None, name: self.view.name.clone() })
    }

    /// The visitor in one of their spaces, whichever is open: a tab goes on showing the space it was opened in.
    pub fn actor_in(&self, space: SpaceId) -> Result<Actor, AppError> {
        let space = self.view.spaces.iter().find(|s| s.id == space).ok_or_else(|| AppError::not_found("space"))?;
        Ok(Actor { account: Some(self.account), space: space.id, role: space.role, scope: None, name: self.view.name.clone() })
    }

    pub(crate) fn must_be_admin(&self) -> Result<(), AppError> {
        if self.admin { Ok(()) } else { Err(AppError::new(Code::Forbidden, "Only administrators of this instance may do that.")) }
    }
}

/// Somebody acting in a space.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who; none for the operator at the command line.
    pub account: Option<AccountId>,
    /// Where.
    pub space: SpaceId,
    /// As what.
    pub role: Role,
    /// Set when a token acts.
    pub scope: Option<Scope>,
    /// What people call them.
    pub name: String,
}

impl Actor {
    /// What logs and timelines call them; never empty, as that means that Loopr did it by itself.
    pub fn named(&self) -> String {
        match (self.name.as_str(), self.scope) {
            ("", _) => "operator".to_owned(),
            (name, Some(_)) => format!("token {name}"),
            (name, None) => name.to_owned(),
        }
    }

    /// Refuses who has less than a role.
    pub fn must_be(&self, role: Role) -> Result<(), AppError> {
        if self.role >= role {
            return Ok(());
        }
        let who = match role {
            Role::Viewer => "members",
            Role::Editor => "editors and owners",
            Role::Owner => "owners",
        };
        Err(AppError::new(Code::Forbidden, format!("Only {who} of this space may do that. Ask an owner for the role.")))
    }
}

/// A fresh session: the value of the cookie, shown once.
#[derive(Clone)]
pub struct NewSession {
    /// The value of the cookie.
    pub secret: String,
    /// When the cookie ends.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewSession(until {})", self.expires_at.to_rfc3339())
    }
}
