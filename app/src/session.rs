//! Who looks at the page. The server knows it without waiting and writes it into the page; it stays while the reader moves
//! between pages, and whatever changes it loads a new page.
//!
//! It is no resource on purpose: a frame that waits is asked several times on the server for what it is around, and then
//! every page would be made, and paid for, three times.

use domain::view::{SpaceView, VisitorView};
use domain::{AppError, account::Role};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What was typed into a plain form that was refused. Secrets are never kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The endpoint of the server function.
    pub action: String,
    /// Names and values of the fields.
    pub values: Vec<(String, String)>,
    /// Why it was refused.
    pub error: AppError,
}

/// What every page needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub visitor: Option<VisitorView>,
    /// No account exists yet: the administrator has to be set up.
    pub needs_setup: bool,
    /// The request comes from the machine itself, so that no set-up code is asked.
    pub local: bool,
    /// Everybody may sign up.
    pub signup_open: bool,
    /// The refused form of this page.
    pub kept: Option<KeptForm>,
}

impl Session {
    /// The session of the request that is being served; nobody's while routes are listed.
    #[cfg(feature = "ssr")]
    fn read() -> Self {
        use crate::context::{PageContext, query_parameter};
        let Ok(page) = PageContext::get() else { return Self::default() };
        let accounts = page.engine.accounts();
        Self {
            visitor: page.visitor.as_ref().map(|v| v.view.clone()),
            needs_setup: page.visitor.is_none() && accounts.needs_setup(),
            local: page.client.trusted_local,
            signup_open: accounts.signup_open(),
            kept: query_parameter("form").and_then(|id| (page.kept_form)(&id)),
        }
    }

    /// The browser finds the session in its page.
    #[cfg(not(feature = "ssr"))]
    fn read() -> Self {
        Self::default()
    }

    /// The space that is open.
    pub fn space(&self) -> Option<&SpaceView> {
        self.visitor.as_ref()?.space.as_ref()
    }

    /// Whether the visitor may do what a role may do, in the open space.
    pub fn may(&self, role: Role) -> bool {
        self.space().is_some_and(|s| s.role >= role)
    }

    /// Whether the visitor administers the instance.
    pub fn is_admin(&self) -> bool {
        self.visitor.as_ref().is_some_and(|v| v.admin)
    }
}

/// Makes the session of the page available.
pub fn provide() {
    let session = SharedValue::new(Session::read).into_inner();
    provide_context(StoredValue::new(session));
}

/// The session of the page, below the layouts.
pub fn session() -> StoredValue<Session> {
    expect_context()
}

/// The refused form of this address, if it was sent to `endpoint`.
pub fn kept_form(endpoint: &str) -> Option<KeptForm> {
    let asked = use_query_map().with_untracked(|query| query.get("form").is_some());
    let kept = use_context::<StoredValue<Session>>()?.with_value(|s| s.kept.clone())?;
    let matches = endpoint.rsplit('/').next() == Some(kept.action.rsplit('/').next().unwrap_or_default());
    (asked && matches).then_some(kept)
}
