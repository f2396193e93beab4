//! Signed-in browsers. The key is the hash of the cookie's secret.

use domain::account::Role;
use domain::view::SpaceView;
use domain::{AccountId, SessionId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::accounts::{self, Account};
use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, key_text, parse, record, vars};

/// One signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// The hash of the cookie's secret: the key.
    pub hash: String,
    /// What the browser may see of it.
    pub id: SessionId,
    /// Who.
    pub account: AccountId,
    /// The space that is open.
    pub space: Option<SpaceId>,
    /// When it last did something, to the minute.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Browser and system in words.
    pub device: String,
    /// The address it signed in from.
    pub address: String,
}

/// A session, whose it is, and where they may go.
#[derive(Debug, Clone)]
pub struct SessionWithAccount {
    /// The session.
    pub session: Session,
    /// Whose.
    pub account: Account,
    /// Their spaces, by name.
    pub spaces: Vec<SpaceView>,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    public: String,
    account: String,
    space: Option<String>,
    seen_at: i64,
    expires_at: i64,
    device: String,
    address: String,
}

impl TryFrom<Row> for Session {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            hash: key_text(&row.id, 0).unwrap_or_default().to_owned(),
            id: parse("session", &row.public)?,
            account: parse("session", &row.account)?,
            space: row.space.as_deref().map(|s| parse("session", s)).transpose()?,
            seen_at: Timestamp::from_millis(row.seen_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            device: row.device,
            address: row.address,
        })
    }
}

#[derive(SurrealValue)]
struct SpaceRow {
    space: String,
    role: String,
    name: Option<String>,
}

/// All sessions of the instance.
pub struct Sessions<'a>(&'a Store);

impl Store {
    /// All sessions of the instance.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// Who a cookie belongs to: one round trip. Expired sessions and disabled accounts answer nothing.
    pub async fn find(&self, hash: &str, now: Timestamp) -> Result<Option<SessionWithAccount>, StoreError> {
        let text = "LET $found = (SELECT * FROM $id WHERE expires_at > $now)[0];
            SELECT * FROM [$found] WHERE id != NONE;
            SELECT * FROM type::record('account', $found.account ?? 'nobody') WHERE disabled = false;
            SELECT space, role, type::record('space', space).name AS name FROM membership
                WHERE account = ($found.account ?? '') ORDER BY name;";
        let mut answer = self.0.db.run(text, vars! { id: record("session", hash), now: now.as_millis() }).await?;
        let (Some(session), Some(account)) = (answer.row::<Row>(1)?, answer.row::<accounts::Row>(2)?) else {
            return Ok(None);
        };
        let mut spaces = Vec::new();
        for row in answer.rows::<SpaceRow>(3)? {
            let role = Role::from_name(&row.role).ok_or_else(|| damaged("membership", "its role is unknown"))?;
            spaces.push(SpaceView { id: parse("membership", &row.space)?, name: row.name.unwrap_or_default(), role });
        }
        Ok(Some(SessionWithAccount { session: session.try_into()?, account: account.try_into()?, spaces }))
    }

    /// Keeps a new session, and drops the expired ones of its account.
    pub async fn create(&self, session: &Session) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE session WHERE account = $account AND expires_at <= $now RETURN NONE;
            CREATE $id SET public = $public, account = $account, space = $space, created_at = $now, seen_at = $now,
                expires_at = $expires_at, device = $device, address = $address RETURN NONE;
            UPDATE type::record('account', $account) SET seen_at = $now RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("session", &session.hash), public: session.id.to_string(), account: session.account.to_string(),
            space: session.space.map(|s| s.to_string()), now: session.seen_at.as_millis(),
            expires_at: session.expires_at.as_millis(), device: session.device.clone(), address: session.address.clone(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Notes that a session is in use, and prolongs it.
    pub async fn touch(&self, session: &Session, now: Timestamp, expires_at: Timestamp) -> Result<(), StoreError> {
        let text = "BEGIN;
            UPDATE $id SET seen_at = $now, expires_at = $expires_at RETURN NONE;
            UPDATE $account SET seen_at = $now RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("session", &session.hash), account: record("account", session.account), now: now.as_millis(),
            expires_at: expires_at.as_millis(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Opens a space in a session.
    pub async fn set_space(&self, hash: &str, space: Option<SpaceId>) -> Result<(), StoreError> {
        let variables = vars! { id: record("session", hash), space: space.map(|s| s.to_string()) };
        self.0.db.run("UPDATE $id SET space = $space RETURN NONE", variables).await.map(drop)
    }

    /// The sessions of an account that have not expired, the last used first.
    pub async fn of(&self, account: AccountId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let text = "SELECT * FROM session WHERE account = $account AND expires_at > $now ORDER BY seen_at DESC";
        let rows = self.0.db.run(text, vars! { account: account.to_string(), now: now.as_millis() }).await?.rows::<Row>(0)?;
        rows.into_iter().map(Session::try_from).collect()
    }

    /// Ends one session of an account; false when there is no such.
    pub async fn end(&self, account: AccountId, id: SessionId) -> Result<bool, StoreError> {
        let text = "DELETE session WHERE account = $account AND public = $public RETURN BEFORE";
        let variables = vars! { account: account.to_string(), public: id.to_string() };
        Ok(!self.0.db.run(text, variables).await?.rows::<Row>(0)?.is_empty())
    }

    /// Ends all sessions of an account but one.
    pub async fn end_others(&self, account: AccountId, keep: &str) -> Result<(), StoreError> {
        let variables = vars! { account: account.to_string(), keep: record("session", keep) };
        self.0.db.run("DELETE session WHERE account = $account AND id != $keep RETURN NONE", variables).await.map(drop)
    }
}
