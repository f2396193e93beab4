//! Answers to requests that may be sent again under the same key.

use domain::Timestamp;
use surrealdb::types::SurrealValue;

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{none, record, vars};

/// So many answers are kept at most; the sweep drops what ends first.
const KEPT: u32 = 20_000;

/// An answer, and the hash of the request it was given to.
#[derive(Debug, Clone, PartialEq, Eq, SurrealValue)]
pub struct Answer {
    /// A hash of the body that was sent.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// The kept answers.
pub struct Answers<'a>(&'a Store);

impl Store {
    /// Answers that may be asked for again.
    pub fn answers(&self) -> Answers<'_> {
        Answers(self)
    }
}

impl Answers<'_> {
    /// The answer that was given under a key, unless it has expired.
    pub async fn find(&self, key: &str, now: Timestamp) -> Result<Option<Answer>, StoreError> {
        let text = "SELECT request, status, content_type, location, body FROM $id WHERE expires_at > $now";
        let variables = vars! { id: record("answer", key.to_owned()), now: now.as_millis() };
        self.0.db.run(text, variables).await?.row(0)
    }

    /// Keeps an answer under a key until an instant.
    pub async fn keep(&self, key: &str, answer: &Answer, until: Timestamp) -> Result<(), StoreError> {
        let text = "UPSERT $id SET request = $request, status = $status, content_type = $content_type, location = $location,
            body = $body, expires_at = $until RETURN NONE";
        let Answer { request, status, content_type, location, body } = answer.clone();
        let variables = vars! {
            id: record("answer", key.to_owned()), request: request, status: i64::from(status), content_type: content_type,
            location: location, body: body, until: until.as_millis(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Drops what has expired, and what is too much.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let variables = vars! { now: now.as_millis() };
        self.0.db.run("DELETE answer WHERE expires_at <= $now RETURN NONE", variables).await?;
        let text = format!(
            "LET $surplus = (SELECT VALUE id FROM answer ORDER BY expires_at DESC START {KEPT});
            DELETE $surplus RETURN NONE;"
        );
        self.0.db.run(&text, none()).await.map(drop)
    }
}
