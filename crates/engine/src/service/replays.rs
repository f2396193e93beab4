//! Requests that may be sent again: what was answered under a key is answered again.

use std::time::Duration;

use domain::AppError;
use store::Answer;

use super::unavailable;
use crate::engine::Inner;

/// For how long an answer is kept.
const FOR: Duration = Duration::from_secs(24 * 3_600);

/// Answers that were given under a key.
pub struct Replays<'a>(pub(crate) &'a Inner);

impl Replays<'_> {
    /// What was answered under a key in the last 24 hours.
    pub async fn find(&self, key: &str) -> Result<Option<Answer>, AppError> {
        self.0.store.answers().find(key, self.0.clock.now()).await.map_err(unavailable)
    }

    /// Keeps an answer for 24 hours.
    pub async fn keep(&self, key: &str, answer: &Answer) -> Result<(), AppError> {
        self.0.store.answers().keep(key, answer, self.0.clock.now().plus(FOR)).await.map_err(unavailable)
    }
}
