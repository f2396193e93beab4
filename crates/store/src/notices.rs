//! What happened in a space, whether or not anybody was told; and what of it each member has seen.

use domain::alert::{Event, Notice};
use domain::{AccountId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::rows::{compound, digest, from_json, key_number, key_text, number, text, to_json, vars};
use crate::spaces::SpaceScope;

const TABLE: &str = "notice";

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    event: String,
    data: String,
}

/// What tells one notice from others of its instant.
fn what(notice: &Notice) -> String {
    let subject = &notice.subject;
    digest(&format!("{} {:?} {} {}", notice.event.name(), subject.monitor, subject.kind, subject.name))
}

impl Row {
    /// Its key follows from what it says, so that writing it again changes nothing.
    pub(crate) fn new(notice: &Notice) -> Result<Self, StoreError> {
        let id = compound(TABLE, vec![text(notice.space), number(-notice.decided_at.as_millis()), text(what(notice))]);
        Ok(Self { id, event: notice.event.name().to_owned(), data: to_json(TABLE, notice)? })
    }
}

/// Writes notices, in a transaction.
pub(crate) const WRITE: &str = "INSERT IGNORE INTO notice $notices RETURN NONE;";

/// A notice with its place: `<instant>-<what>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNotice {
    /// Where it stands.
    pub key: String,
    /// What it says.
    pub notice: Notice,
}

/// What of the notices of a space a member has seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Everything that was certain by then.
    pub read_to: Timestamp,
    /// And these after it: keys, and ranges of a kind.
    pub read: Vec<String>,
}

impl Seen {
    /// Whether one has been seen.
    pub fn has(&self, kept: &KeptNotice) -> bool {
        let notice = &kept.notice;
        let within = |read: &String| {
            Self::parse_range(read).is_some_and(|(event, from, to)| event == notice.event && (from..=to).contains(&notice.decided_at))
        };
        notice.decided_at <= self.read_to || self.read.contains(&kept.key) || self.read.iter().any(within)
    }

    /// All of a kind between two instants, both of them included, as one entry.
    pub fn range(event: Event, from: Timestamp, to: Timestamp) -> String {
        format!("{}:{}..{}", event.name(), from.as_millis(), to.as_millis())
    }

    /// Reads such an entry.
    pub fn parse_range(text: &str) -> Option<(Event, Timestamp, Timestamp)> {
        let (event, instants) = text.split_once(':')?;
        let (from, to) = instants.split_once("..")?;
        let instant = |text: &str| text.parse().ok().map(Timestamp::from_millis);
        Some((Event::from_name(event)?, instant(from)?, instant(to)?))
    }
}

#[derive(SurrealValue)]
struct SeenRow {
    read_to: i64,
    read: Vec<String>,
}

/// The notices of one space.
pub struct Notices<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// What happened in it.
    pub fn notices(&self) -> Notices<'_> {
        Notices(self)
    }
}

fn bell(account: AccountId, space: SpaceId) -> RecordId {
    compound("bell", vec![text(account), text(space)])
}

impl Notices<'_> {
    /// Those of some events that were certain after `since` and stand below `before`, the newest first.
    pub async fn newest(
        &self,
        events: impl Iterator<Item = Event>,
        since: Timestamp,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<KeptNotice>, StoreError> {
        let query = "SELECT * FROM type::record('notice', [$space, $from, $after]..[$space, $to]) WHERE event IN $events LIMIT $limit";
        let (from, after) = match before.and_then(|key| key.split_once('-')) {
            Some((at, what)) => (at.parse::<i64>().map_or(i64::MIN, |at| -at), format!("{what}~")),
            None => (i64::MIN, String::new()),
        };
        let variables = vars! {
            space: self.0.space.to_string(), from: from, after: after, to: 0i64.saturating_sub(since.as_millis()), limit: i64::from(limit),
            events: events.map(|event| event.name().to_owned()).collect::<Vec<_>>(),
        };
        let rows = self.0.store.db.run(query, variables).await?.rows::<Row>(0)?;
        rows.into_iter()
            .map(|row| {
                let at = key_number(&row.id, 1).unwrap_or(0);
                let key = format!("{}-{}", -at, key_text(&row.id, 2).unwrap_or_default());
                Ok(KeptNotice { key, notice: from_json(TABLE, &row.data)? })
            })
            .collect()
    }

    /// What a member has seen.
    pub async fn seen(&self, account: AccountId) -> Result<Seen, StoreError> {
        let query = "SELECT read_to, read FROM $id";
        let row = self.0.store.db.run(query, vars! { id: bell(account, self.0.space) }).await?.row::<SeenRow>(0)?;
        Ok(row.map_or_else(Seen::default, |row| Seen { read_to: Timestamp::from_millis(row.read_to), read: row.read }))
    }

    /// Keeps what a member has seen.
    pub async fn set_seen(&self, account: AccountId, seen: &Seen) -> Result<(), StoreError> {
        let query = "UPSERT $id SET read_to = $read_to, read = $read RETURN NONE";
        let variables = vars! { id: bell(account, self.0.space), read_to: seen.read_to.as_millis(), read: seen.read.clone() };
        self.0.store.db.run(query, variables).await.map(drop)
    }
}
