//! Spaces and who belongs to them.

use domain::account::Role;
use domain::alert::Rule;
use domain::view::{MemberView, SpaceSummary};
use domain::{AccountId, MonitorId, SpaceId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{compound, damaged, id_of, none, parse, record, text, vars};
use crate::rules;

pub(crate) fn membership_record(account: AccountId, space: SpaceId) -> RecordId {
    compound("membership", vec![text(account), text(space)])
}

/// A space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    /// Its id; the id's instant is its creation.
    pub id: SpaceId,
    /// What people call it.
    pub name: String,
}

/// That somebody belongs to a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub account: AccountId,
    /// Where.
    pub space: SpaceId,
    /// As what.
    pub role: Role,
}

#[derive(SurrealValue)]
struct SpaceRow {
    id: RecordId,
    name: String,
}

#[derive(SurrealValue)]
struct MembershipRow {
    account: String,
    space: String,
    role: String,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = StoreError;

    fn try_from(row: MembershipRow) -> Result<Self, StoreError> {
        let role = Role::from_name(&row.role).ok_or_else(|| damaged("membership", "its role is unknown"))?;
        Ok(Self { account: parse("membership", &row.account)?, space: parse("membership", &row.space)?, role })
    }
}

#[derive(SurrealValue)]
struct MemberRow {
    account: String,
    role: String,
    joined_at: i64,
    name: Option<String>,
    email: Option<String>,
}

#[derive(SurrealValue)]
struct SummaryRow {
    id: RecordId,
    name: String,
    created_at: i64,
}

#[derive(SurrealValue)]
struct CountRow {
    space: String,
    n: i64,
}

/// All spaces of the instance.
pub struct Spaces<'a>(&'a Store);

/// What belongs to one space.
pub struct SpaceScope<'a> {
    pub(crate) store: &'a Store,
    pub(crate) space: SpaceId,
}

impl Store {
    /// All spaces of the instance.
    pub fn spaces(&self) -> Spaces<'_> {
        Spaces(self)
    }

    /// What belongs to one space. The only way to its rows.
    pub fn space(&self, space: SpaceId) -> SpaceScope<'_> {
        SpaceScope { store: self, space }
    }
}

impl Spaces<'_> {
    /// Makes a space with its first owner and its first rule.
    pub async fn create(&self, space: &Space, owner: AccountId, rule: &Rule) -> Result<(), StoreError> {
        let text = "BEGIN;
            CREATE $id SET name = $name, created_at = $now RETURN NONE;
            INSERT INTO rule $rule RETURN NONE;
            CREATE $membership SET account = $account, space = $space, role = 'owner', joined_at = $now RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("space", space.id), name: space.name.clone(), now: space.id.created_at().as_millis(),
            membership: membership_record(owner, space.id), account: owner.to_string(), space: space.id.to_string(),
            rule: rules::Row::of(rule)?,
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// One by its id.
    pub async fn get(&self, id: SpaceId) -> Result<Option<Space>, StoreError> {
        let row = self.0.db.run("SELECT id, name FROM $id", vars! { id: record("space", id) }).await?.row::<SpaceRow>(0)?;
        row.map(|r| Ok(Space { id: id_of("space", &r.id)?, name: r.name })).transpose()
    }

    /// The names of all of them, for the engine's start.
    pub async fn names(&self) -> Result<Vec<(SpaceId, String)>, StoreError> {
        let rows = self.0.db.run("SELECT id, name FROM space", none()).await?.rows::<SpaceRow>(0)?;
        rows.into_iter().map(|row| Ok((id_of("space", &row.id)?, row.name))).collect()
    }

    /// All of them with their sizes, oldest first, for an administrator.
    pub async fn summaries(&self) -> Result<Vec<SpaceSummary>, StoreError> {
        let query = "SELECT id, name, created_at FROM space ORDER BY created_at;
            SELECT space, count() AS n FROM membership GROUP BY space;
            SELECT space, count() AS n FROM monitor GROUP BY space;";
        let mut answer = self.0.db.run(query, none()).await?;
        let rows = answer.rows::<SummaryRow>(0)?;
        let (members, monitors) = (answer.rows::<CountRow>(1)?, answer.rows::<CountRow>(2)?);
        let count = |rows: &[CountRow], id: SpaceId| {
            let id = id.to_string();
            rows.iter().find(|r| r.space == id).and_then(|r| u32::try_from(r.n).ok()).unwrap_or(0)
        };
        rows.into_iter()
            .map(|row| {
                let id = id_of("space", &row.id)?;
                let created_at = Timestamp::from_millis(row.created_at);
                Ok(SpaceSummary { id, name: row.name, created_at, members: count(&members, id), monitors: count(&monitors, id) })
            })
            .collect()
    }

    /// Where an account belongs.
    pub async fn memberships_of(&self, account: AccountId) -> Result<Vec<Membership>, StoreError> {
        let query = "SELECT account, space, role FROM membership WHERE account = $account";
        let rows = self.0.db.run(query, vars! { account: account.to_string() }).await?.rows::<MembershipRow>(0)?;
        rows.into_iter().map(Membership::try_from).collect()
    }

    /// How many spaces each account belongs to.
    pub async fn counts_by_account(&self) -> Result<Vec<(AccountId, u32)>, StoreError> {
        let query = "SELECT account AS space, count() AS n FROM membership GROUP BY space";
        let rows = self.0.db.run(query, none()).await?.rows::<CountRow>(0)?;
        rows.into_iter().map(|r| Ok((parse("membership", &r.space)?, u32::try_from(r.n).unwrap_or(0)))).collect()
    }
}

impl SpaceScope<'_> {
    /// Changes its name.
    pub async fn rename(&self, name: &str) -> Result<(), StoreError> {
        let variables = vars! { id: record("space", self.space), name: name.to_owned() };
        self.store.db.run("UPDATE $id SET name = $name RETURN NONE", variables).await.map(drop)
    }

    /// Deletes it with its members, invitations, tokens, maintenance windows, channels, rules, schedules and monitors. What is left of it is deleted in
    /// the background. Answers the monitors that are gone.
    pub async fn delete(&self, now: Timestamp) -> Result<Vec<MonitorId>, StoreError> {
        let monitors = self.monitors().ids().await?;
        let text = "BEGIN;
            DELETE membership WHERE space = $space RETURN NONE;
            DELETE invitation WHERE space = $space RETURN NONE;
            DELETE token WHERE space = $space RETURN NONE;
            DELETE maintenance WHERE space = $space RETURN NONE;
            DELETE channel WHERE space = $space RETURN NONE;
            DELETE rule WHERE space = $space RETURN NONE;
            DELETE schedule WHERE space = $space RETURN NONE;
            DELETE type::record('named_secret', [$space, NONE]..[$space, {}]) RETURN NONE;
            DELETE type::record('preference', [$space, NONE]..[$space, {}]) RETURN NONE;
            DELETE type::record('unresolved', [$space, NONE]..[$space, {}]) RETURN NONE;
            UPSERT type::record('space_purge', $space) SET created_at = $now RETURN NONE;
            UPDATE session SET space = NONE WHERE space = $space RETURN NONE;
            FOR $monitor IN $monitors {
                UPSERT type::record('purge', $monitor) SET created_at = $now RETURN NONE;
                DELETE type::record('monitor_state', $monitor) RETURN NONE;
            };
            DELETE monitor WHERE space = $space RETURN NONE;
            DELETE $id RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("space", self.space), space: self.space.to_string(), now: now.as_millis(),
            monitors: monitors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        };
        self.store.db.run(text, variables).await?;
        Ok(monitors)
    }

    /// Its members, by name.
    pub async fn members(&self) -> Result<Vec<MemberView>, StoreError> {
        let query = "SELECT account, role, joined_at, type::record('account', account).name AS name,
                type::record('account', account).email AS email
            FROM membership WHERE space = $space ORDER BY name";
        let rows = self.store.db.run(query, vars! { space: self.space.to_string() }).await?.rows::<MemberRow>(0)?;
        rows.into_iter()
            .map(|row| {
                Ok(MemberView {
                    account: parse("membership", &row.account)?,
                    name: row.name.unwrap_or_default(),
                    email: row.email.unwrap_or_default(),
                    role: Role::from_name(&row.role).ok_or_else(|| damaged("membership", "its role is unknown"))?,
                    joined_at: Timestamp::from_millis(row.joined_at),
                })
            })
            .collect()
    }

    /// Adds a member or changes a role.
    pub async fn set_member(&self, account: AccountId, role: Role, now: Timestamp) -> Result<(), StoreError> {
        let text = "UPSERT $id SET account = $account, space = $space, role = $role, joined_at = joined_at ?? $now RETURN NONE";
        let variables = vars! {
            id: membership_record(account, self.space), account: account.to_string(), space: self.space.to_string(),
            role: role.name().to_owned(), now: now.as_millis(),
        };
        self.store.db.run(text, variables).await.map(drop)
    }

    /// Removes a member, with the tokens they made here.
    pub async fn remove_member(&self, account: AccountId) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE $id RETURN NONE;
            DELETE token WHERE space = $space AND created_by = $account RETURN NONE;
            DELETE type::record('preference', [$space, $account]) RETURN NONE;
            DELETE type::record('bell', [$account, $space]) RETURN NONE;
            UPDATE session SET space = NONE WHERE account = $account AND space = $space RETURN NONE;
            COMMIT;";
        let variables = vars! { id: membership_record(account, self.space), account: account.to_string(), space: self.space.to_string() };
        self.store.db.run(text, variables).await.map(drop)
    }
}
