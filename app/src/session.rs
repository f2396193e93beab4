//! Who looks at the page. The server knows it without waiting and writes it into the page; it stays while the reader moves
//! between pages, and whatever changes it loads a new page.
//!
//! It is no resource on purpose: a frame that waits is asked several times on the server for what it is around, and then
//! every page would be made, and paid for, three times.

use domain::mailing::Mailing;
use domain::view::{SpaceView, VisitorView};
use domain::{AppError, account::Role};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

/// What became of a plain form that led back to its page, and what was typed into it. Secrets that were typed are never
/// kept; a secret that was made is kept for one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The endpoint of the server function.
    pub action: String,
    /// Names and values of the fields.
    pub values: Vec<(String, String)>,
    /// The answer as JSON, or why it was refused.
    pub outcome: Result<String, AppError>,
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
    /// Whether mails about accounts are sent.
    pub mailing: Mailing,
    /// A sentence that everybody should see, when the page was made.
    pub notice: Option<String>,
    /// The plain form that led to this page.
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
            mailing: accounts.mailing(),
            notice: page.engine.notice(),
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

/// The plain form that led to this address, if it was sent to `endpoint`.
pub fn kept_form(endpoint: &str) -> Option<KeptForm> {
    kept(use_query_map().with_untracked(is_asked)).filter(|kept| endpoint.rsplit('/').next() == Some(kept.action.as_str()))
}

/// Whether the plain form that led to this address was sent to `endpoint` and refused.
pub fn was_refused(endpoint: &str) -> bool {
    kept_form(endpoint).is_some_and(|kept| kept.outcome.is_err())
}

/// What to say of the plain form that led to this address, unless a field or an answer says it.
pub fn kept_notice() -> Option<Result<String, String>> {
    match kept(use_query_map().with(is_asked))?.outcome {
        Ok(answer) if answer == "null" => Some(Ok("Saved.".into())),
        Ok(answer) => serde_json::from_str(&answer).ok().map(Ok),
        Err(error) => error.fields.is_empty().then_some(Err(error.message)),
    }
}

fn is_asked(query: &leptos_router::params::ParamsMap) -> bool {
    query.get("form").is_some()
}

fn kept(asked: bool) -> Option<KeptForm> {
    use_context::<StoredValue<Session>>()?.with_value(|s| s.kept.clone()).filter(|_| asked)
}
