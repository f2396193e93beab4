//! Single-use links: into a space, into the instance, and to set a password. Only hashes are kept.

use domain::account::Role;
use domain::{AccountId, InvitationId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, none, parse, record, vars};

/// An invitation that nobody has used yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The space and role it gives; none: only an account.
    pub space: Option<(SpaceId, Role)>,
    /// Whom it is for, or any other note.
    pub note: String,
    /// Who made it.
    pub created_by: AccountId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An invitation with the hash of its secret.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// What it offers.
    pub invitation: Invitation,
    /// The hash of the link's secret.
    pub hash: String,
}

/// A link to set a password.
#[derive(Debug, Clone)]
pub struct PasswordLink {
    /// The hash of the link's secret: the key.
    pub hash: String,
    /// Whose password.
    pub account: AccountId,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: Option<String>,
    role: Option<String>,
    note: String,
    created_by: String,
    expires_at: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let space = match (row.space, row.role) {
            (Some(space), Some(role)) => {
                let role = Role::from_name(&role).ok_or_else(|| damaged("invitation", "its role is unknown"))?;
                Some((parse("invitation", &space)?, role))
            }
            _ => None,
        };
        Ok(Self {
            id: id_of("invitation", &row.id)?,
            space,
            note: row.note,
            created_by: parse("invitation", &row.created_by)?,
            expires_at: Timestamp::from_millis(row.expires_at),
        })
    }
}

#[derive(SurrealValue)]
struct LinkRow {
    account: String,
    expires_at: i64,
}

/// All links of the instance.
pub struct Invitations<'a>(&'a Store);

impl Store {
    /// All links of the instance.
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations(self)
    }
}

impl Invitations<'_> {
    /// Keeps a new one, and drops what has expired.
    pub async fn create(&self, new: &NewInvitation, now: Timestamp) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE invitation WHERE expires_at <= $now RETURN NONE;
            CREATE $id SET hash = $hash, space = $space, role = $role, note = $note, created_by = $created_by,
                expires_at = $expires_at RETURN NONE;
            COMMIT;";
        let invitation = &new.invitation;
        let variables = vars! {
            id: record("invitation", invitation.id), hash: new.hash.clone(), now: now.as_millis(),
            space: invitation.space.map(|(space, _)| space.to_string()),
            role: invitation.space.map(|(_, role)| role.name().to_owned()), note: invitation.note.clone(),
            created_by: invitation.created_by.to_string(), expires_at: invitation.expires_at.as_millis(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// The invitation of a secret, unless it has expired.
    pub async fn by_hash(&self, hash: &str, now: Timestamp) -> Result<Option<Invitation>, StoreError> {
        let text = "SELECT * FROM invitation WHERE hash = $hash AND expires_at > $now LIMIT 1";
        let row = self.0.db.run(text, vars! { hash: hash.to_owned(), now: now.as_millis() }).await?.row::<Row>(0)?;
        row.map(Invitation::try_from).transpose()
    }

    /// Those of a space, or of the instance, that have not expired.
    pub async fn of(&self, space: Option<SpaceId>, now: Timestamp) -> Result<Vec<Invitation>, StoreError> {
        let text = "SELECT * FROM invitation WHERE space = $space AND expires_at > $now ORDER BY expires_at";
        let variables = vars! { space: space.map(|s| s.to_string()), now: now.as_millis() };
        let rows = self.0.db.run(text, variables).await?.rows::<Row>(0)?;
        rows.into_iter().map(Invitation::try_from).collect()
    }

    /// Takes one away, used or revoked; false when it is gone already: of two that use it at once, one gets true.
    pub async fn take(&self, id: InvitationId, space: Option<SpaceId>) -> Result<bool, StoreError> {
        let variables = vars! { id: record("invitation", id), space: space.map(|s| s.to_string()) };
        Ok(self.0.db.run("DELETE $id WHERE space = $space RETURN BEFORE", variables).await?.row::<Row>(0)?.is_some())
    }

    /// Keeps a link to set a password; earlier ones of the account end.
    pub async fn create_password_link(&self, link: &PasswordLink) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE password_link WHERE account = $account RETURN NONE;
            CREATE $id SET account = $account, expires_at = $expires_at RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("password_link", &link.hash), account: link.account.to_string(), expires_at: link.expires_at.as_millis(),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Whose password a link sets, unless it has expired.
    pub async fn password_link(&self, hash: &str, now: Timestamp) -> Result<Option<AccountId>, StoreError> {
        let variables = vars! { id: record("password_link", hash), now: now.as_millis() };
        let row = self.0.db.run("SELECT * FROM $id WHERE expires_at > $now", variables).await?.row::<LinkRow>(0)?;
        row.map(|r| parse("password_link", &r.account)).transpose()
    }

    /// Takes a password link away; false when it is gone already.
    pub async fn take_password_link(&self, hash: &str) -> Result<bool, StoreError> {
        let variables = vars! { id: record("password_link", hash) };
        Ok(self.0.db.run("DELETE $id RETURN BEFORE", variables).await?.row::<LinkRow>(0)?.is_some())
    }

    /// Drops what has expired.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let text = "DELETE invitation WHERE expires_at <= $now RETURN NONE;
            DELETE password_link WHERE expires_at <= $now RETURN NONE;
            DELETE session WHERE expires_at <= $now RETURN NONE;";
        let mut variables = none();
        variables.insert("now", now.as_millis());
        self.0.db.run(text, variables).await.map(drop)
    }
}
