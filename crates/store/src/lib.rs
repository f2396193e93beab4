//! The only crate that names surrealdb: it opens the database, migrates it and offers repositories.
//!
//! What belongs to a tenant is reached through [`Store::space`], so that an unscoped query cannot be written by
//! accident. A write of several rows is one `BEGIN … COMMIT` text. Secrets are sealed here, before they reach a row.

mod accounts;
mod activity;
mod answers;
mod backup;
mod checks;
mod db;
mod error;
mod history;
mod incidents;
mod invitations;
mod journal;
mod lock;
mod maintenance;
mod messages;
mod migrate;
mod monitors;
mod notices;
mod old_results;
mod open;
mod outbox;
pub mod packed;
mod preferences;
mod purge;
mod retention;
mod rollups;
mod rows;
mod rules;
mod seal;
mod segments;
mod sessions;
mod spaces;
mod states;
mod tokens;
mod transitions;

pub use accounts::{Account, Accounts};
pub use activity::{Activities, ActivityFilter};
pub use answers::{Answer, Answers};
pub use backup::{BackupError, Counts};
pub use checks::Checks;
pub use db::Db;
pub use error::{OpenError, StoreError};
pub use history::{Batch, Recorder};
pub use incidents::{IncidentFilter, Incidents};
pub use invitations::{Invitation, Invitations, NewInvitation, PasswordLink};
pub use journal::{Entry as JournalEntry, Journal};
pub use maintenance::Windows;
pub use messages::{MessageFilter, Messages};
pub use monitors::Monitors;
pub use notices::{KeptNotice, Notices, Seen};
pub use open::{Store, StoreConfig};
pub use outbox::{Change as MessageChange, Consequences, Due, LANES_MAX, Outbox};
pub use preferences::Reachable;
pub use rollups::{Level, Rollup, Rollups};
pub use rules::Rules;
pub use segments::{PackedSize, Segments, Unsealed};
pub use sessions::{Session, SessionWithAccount, Sessions};
pub use spaces::{Membership, Space, SpaceScope, Spaces};
pub use states::{StateRow, States};
pub use tokens::{Token, Tokens};
pub use transitions::Transitions;
