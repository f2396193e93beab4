//! The only crate that names surrealdb: it opens the database, migrates it and offers repositories.
//!
//! What belongs to a tenant is reached through [`Store::space`], so that an unscoped query cannot be written by
//! accident. A write of several rows is one `BEGIN … COMMIT` text. Secrets are sealed here, before they reach a row.

mod accounts;
mod answers;
mod backup;
mod checks;
mod db;
mod error;
mod history;
mod invitations;
mod journal;
mod lock;
mod maintenance;
mod migrate;
mod monitors;
mod old_results;
mod open;
pub mod packed;
mod purge;
mod retention;
mod rollups;
mod rows;
mod seal;
mod segments;
mod sessions;
mod spaces;
mod states;
mod tokens;
mod transitions;

pub use accounts::{Account, Accounts};
pub use answers::{Answer, Answers};
pub use backup::{BackupError, Counts, Told, Written};
pub use checks::Checks;
pub use db::Db;
pub use error::{OpenError, StoreError};
pub use history::{Batch, Recorder};
pub use invitations::{Invitation, Invitations, NewInvitation, PasswordLink};
pub use journal::{Entry as JournalEntry, Journal};
pub use maintenance::Windows;
pub use monitors::Monitors;
pub use open::{Store, StoreConfig};
pub use rollups::{Level, Rollup, Rollups};
pub use segments::{PackedSize, Segments, Unsealed};
pub use sessions::{Session, SessionWithAccount, Sessions};
pub use spaces::{Membership, Space, SpaceScope, Spaces};
pub use states::{StateRow, States};
pub use tokens::{Token, Tokens};
pub use transitions::Transitions;
