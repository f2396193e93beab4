//! Who did what: written by the other use cases, read here.

use std::time::Duration;

use domain::account::Role;
use domain::activity::{Activity, Area};
use domain::{AppError, SpaceId, Timestamp};
use store::{Account, ActivityFilter};

use super::history::export::harmless;
use super::unavailable;
use crate::actor::{Actor, Visitor};
use crate::engine::Inner;

/// Entries of one page.
const PAGE: u32 = 50;
/// Entries of one export.
const EXPORT: u32 = 10_000;

/// What is logged.
pub(crate) struct Deed<'a> {
    pub area: Area,
    /// In the past tense.
    pub did: &'a str,
    pub what: &'a str,
    /// Where to look at it; empty when it is gone.
    pub link: String,
}

impl<'a> Deed<'a> {
    pub fn new(area: Area, did: &'a str, what: &'a str) -> Self {
        Self { area, did, what, link: String::new() }
    }

    pub fn at(self, link: String) -> Self {
        Self { link, ..self }
    }
}

impl Inner {
    /// Keeps what somebody did. What they did is done already: an error here is told to the log and not to them.
    pub async fn log(&self, actor: &Actor, deed: Deed<'_>) {
        let Deed { area, did, what, link } = deed;
        let who = actor.named();
        let (did, what) = (did.to_owned(), what.to_owned());
        let activity = Activity { at: self.clock.now(), who, area, did, what, link, detail: String::new() };
        if let Err(error) = self.store.space(actor.space).activities().add(&activity).await {
            tracing::error!(error = %error, did = activity.did, what = activity.what, "what somebody did could not be logged");
        }
    }
}

impl Inner {
    /// Keeps what somebody did with their account, in the space that they have open.
    pub async fn log_at(&self, visitor: &Visitor, deed: Deed<'_>) {
        // Whoever belongs to no space is nobody's business.
        if let Ok(actor) = visitor.actor() {
            self.log(&actor, deed).await;
        }
    }

    /// The same without a session: in a space, or else in the first one that the account belongs to.
    pub async fn log_of(&self, account: &Account, space: Option<SpaceId>, deed: Deed<'_>) {
        let space = match space {
            Some(space) => Some(space),
            None => match self.store.spaces().memberships_of(account.id).await {
                Ok(memberships) => memberships.first().map(|membership| membership.space),
                Err(error) => return tracing::error!(error = %error, did = deed.did, "what somebody did could not be logged"),
            },
        };
        if let Some(space) = space {
            let actor = Actor { account: Some(account.id), space, role: Role::Viewer, scope: None, name: account.name.clone() };
            self.log(&actor, deed).await;
        }
    }
}

/// The activity log of a space.
pub struct Activities<'a>(pub(crate) &'a Inner);

/// A page of the log.
pub type ActivityPage = (Vec<Activity>, Option<String>);

impl Activities<'_> {
    /// What was done, newest first, and where the next page begins.
    pub async fn page(
        &self,
        actor: &Actor,
        area: Option<Area>,
        text: &str,
        before: Option<String>,
        limit: Option<u32>,
    ) -> Result<ActivityPage, AppError> {
        let limit = limit.unwrap_or(PAGE).clamp(1, 500);
        let filter = ActivityFilter { area, text: text.trim().to_owned(), before, since: Timestamp::default() };
        let mut rows = self.0.store.space(actor.space).activities().list(&filter, limit + 1).await.map_err(unavailable)?;
        let more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = rows.last().map(|(place, _)| place.clone()).filter(|_| more);
        Ok((rows.into_iter().map(|(_, activity)| activity).collect(), next))
    }

    /// What was done within some days, as CSV; at most some thousand entries.
    pub async fn export(&self, actor: &Actor, area: Option<Area>, text: &str, days: u64) -> Result<Vec<u8>, AppError> {
        let since = self.0.clock.now().minus(Duration::from_secs(days.saturating_mul(86_400)));
        let filter = ActivityFilter { area, text: text.trim().to_owned(), before: None, since };
        let rows = self.0.store.space(actor.space).activities().list(&filter, EXPORT).await.map_err(unavailable)?;
        let written = csv(rows.into_iter().map(|(_, activity)| activity));
        written.map_err(|error| {
            tracing::error!(error = %error, "the activity could not be written as CSV");
            AppError::internal()
        })
    }
}

fn csv(rows: impl Iterator<Item = Activity>) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["at", "who", "area", "did", "what", "detail"])?;
    for one in rows {
        let [who, did, what, detail] = [&one.who, &one.did, &one.what, &one.detail].map(|text| harmless(text));
        out.write_record([one.at.to_rfc3339().as_str(), &who, one.area.name(), &did, &what, &detail])?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_like_a_formula_is_text() {
        let what = "=cmd|' /C calc'!A0, \"quoted\"".to_owned();
        let at = Timestamp::from_millis(1_790_000_000_000);
        let one = Activity {
            at,
            who: "Ada".into(),
            area: Area::Monitor,
            did: "created".into(),
            what,
            link: String::new(),
            detail: String::new(),
        };
        let text = String::from_utf8(csv(std::iter::once(one)).expect("written")).expect("text");
        assert_eq!(text.lines().nth(1), Some("2026-09-21T14:13:20.000Z,Ada,monitor,created,\"'=cmd|' /C calc'!A0, \"\"quoted\"\"\","));
    }
}
