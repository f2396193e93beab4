//! Where an account has signed in from. Only hashes are kept: they tell whether a browser is known, not which one it is.

use domain::{AccountId, Timestamp};
use surrealdb::types::RecordId;

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, text, vars};

/// What is known of a browser that signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Familiar {
    /// The account has signed in from nowhere yet.
    First,
    /// It was here before.
    Known,
    /// The account has been elsewhere only.
    New,
}

/// Browsers of the instance.
pub struct Browsers<'a>(&'a Store);

impl Store {
    /// Where accounts have signed in from.
    pub fn browsers(&self) -> Browsers<'_> {
        Browsers(self)
    }
}

impl Browsers<'_> {
    /// Notes a sign-in, and says whether the browser was known.
    pub async fn note(&self, account: AccountId, hash: &str, now: Timestamp) -> Result<Familiar, StoreError> {
        let query = "SELECT VALUE id FROM $id;
            SELECT VALUE id FROM type::record('browser', [$account, NONE]..[$account, {}]) LIMIT 1;
            UPSERT $id SET seen_at = $now RETURN NONE;";
        let id = compound("browser", vec![text(account), text(hash)]);
        let mut answer = self.0.db.run(query, vars! { id: id, account: account.to_string(), now: now.as_millis() }).await?;
        let (same, any) = (answer.row::<RecordId>(0)?, answer.row::<RecordId>(1)?);
        Ok(match (same, any) {
            (Some(_), _) => Familiar::Known,
            (None, Some(_)) => Familiar::New,
            (None, None) => Familiar::First,
        })
    }

    /// Forgets where nobody has signed in from since an instant.
    pub async fn sweep(&self, before: Timestamp) -> Result<(), StoreError> {
        self.0.db.run("DELETE browser WHERE seen_at < $before RETURN NONE", vars! { before: before.as_millis() }).await.map(drop)
    }
}
