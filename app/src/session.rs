//! Who looks at the page: one resource, loaded with every page and kept while the reader moves between pages.

use domain::view::{SpaceView, VisitorView};
use domain::{AppError, account::Role};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::api;
use crate::error::ApiError;

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub visitor: Option<VisitorView>,
    /// No account exists yet: the administrator has to be set up.
    pub needs_setup: bool,
    /// The request comes from the machine itself, so that no set-up code is asked.
    pub local: bool,
    /// Everybody may sign up.
    pub signup_open: bool,
    /// A sentence that everybody should see.
    pub notice: Option<String>,
    /// The refused form of this page.
    pub kept: Option<KeptForm>,
}

impl Session {
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

/// The resource behind [`session`].
#[derive(Clone, Copy)]
pub struct SessionResource(pub Resource<Result<Session, ApiError>>);

impl SessionResource {
    /// Loads it; once per page load.
    pub fn provide() {
        provide_context(Self(Resource::new(|| (), |()| api::session::load_session())));
    }
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
