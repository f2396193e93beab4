//! The use cases: each takes who asks, decides whether they may, and does one thing. Server functions and REST call the
//! same ones.

mod accounts;
mod activity;
mod admin;
mod alerts;
mod analytics;
mod changes;
mod heartbeats;
mod history;
mod limits;
mod maintenance;
mod monitors;
mod replays;
mod schedules;
mod selection;
mod spaces;
mod tokens;

use domain::{AppError, Code};
use store::StoreError;

use crate::engine::Engine;
pub(crate) use accounts::NO_SPACE;
pub use accounts::{Accounts, NewAccount};
pub use activity::{Activities, ActivityPage};
pub use admin::Admin;
pub use alerts::{Bell, Channels, IncidentDraft, IncidentSearch, Incidents, Messages, Rules};
pub use analytics::Analytics;
pub(crate) use analytics::Answers;
pub use heartbeats::{Heartbeats, Signal};
pub use history::{Export, ExportFormat, History};
pub(crate) use limits::Limits;
pub use maintenance::Maintenance;
pub use monitors::Monitors;
pub(crate) use monitors::give_token;
pub use replays::Replays;
pub use schedules::{Described, Schedules};
pub use spaces::Spaces;
pub use tokens::Tokens;

use crate::actor::Actor;
use crate::live::Feed;

impl Engine {
    /// Signing up and in, and what people do with their own account.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(&self.0)
    }

    /// Spaces, their members and invitations.
    pub fn spaces(&self) -> Spaces<'_> {
        Spaces(&self.0)
    }

    /// Tokens of the REST interface.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(&self.0)
    }

    /// Requests that may be sent again.
    pub fn replays(&self) -> Replays<'_> {
        Replays(&self.0)
    }

    /// What administrators of the instance do.
    pub fn admin(&self) -> Admin<'_> {
        Admin(&self.0)
    }

    /// Monitors.
    pub fn monitors(&self) -> Monitors<'_> {
        Monitors(&self.0)
    }

    /// Scheduled webhooks.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules(&self.0)
    }

    /// Maintenance windows.
    pub fn maintenance(&self) -> Maintenance<'_> {
        Maintenance(&self.0)
    }

    /// Channels.
    pub fn channels(&self) -> Channels<'_> {
        Channels(&self.0)
    }

    /// Rules of alerting.
    pub fn rules(&self) -> Rules<'_> {
        Rules(&self.0)
    }

    /// Incidents.
    pub fn incidents(&self) -> Incidents<'_> {
        Incidents(&self.0)
    }

    /// What was told.
    pub fn messages(&self) -> Messages<'_> {
        Messages(&self.0)
    }

    /// The bell of a member, and what they prefer.
    pub fn bell(&self) -> Bell<'_> {
        Bell(&self.0)
    }

    /// Who did what.
    pub fn activities(&self) -> Activities<'_> {
        Activities(&self.0)
    }

    /// How a period went.
    pub fn analytics(&self) -> Analytics<'_> {
        Analytics(&self.0)
    }

    /// Signals of jobs.
    pub fn heartbeats(&self) -> Heartbeats<'_> {
        Heartbeats(&self.0)
    }

    /// What was recorded.
    pub fn history(&self) -> History<'_> {
        History(&self.0)
    }

    /// Wakes when a session, an account, a membership or a role has changed: whoever keeps a connection open asks again who
    /// is there.
    pub fn people_changes(&self) -> tokio::sync::watch::Receiver<()> {
        self.0.hub.people()
    }

    /// The messages for one tab that shows the actor's space.
    pub fn subscribe(&self, actor: &Actor) -> Feed {
        Feed::new(actor.space, self.0.board.clone(), self.0.hub.clone(), self.0.clock.clone())
    }
}

/// A failure of the database: logged here, once, and shown as what it means to who asked.
pub(crate) fn unavailable(error: StoreError) -> AppError {
    tracing::error!(error = %error, "a use case failed at the database");
    AppError::new(Code::Unavailable, "The database did not answer, and nothing was changed. Try again in a moment.")
}
