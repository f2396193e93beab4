//! Accounts: who can sign in.

use domain::alert::Rule;
use domain::{AccountId, Timestamp};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{id_of, none, record, vars};

/// An account with its password hash; never leaves the server.
#[derive(Clone)]
pub struct Account {
    /// Its id; the id's instant is its creation.
    pub id: AccountId,
    /// In lower case, unique.
    pub email: String,
    /// What people call them.
    pub name: String,
    /// A PHC string of argon2id.
    pub password: String,
    /// May administer the instance.
    pub admin: bool,
    /// May not sign in.
    pub disabled: bool,
    /// When it last did something, to the minute.
    pub seen_at: Option<Timestamp>,
    /// When a link that was sent to its address was used; none: nobody knows whose the address is.
    pub verified_at: Option<Timestamp>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({}, {})", self.id, self.email)
    }
}

#[derive(SurrealValue)]
pub(crate) struct Row {
    id: RecordId,
    email: String,
    name: String,
    password: String,
    admin: bool,
    disabled: bool,
    seen_at: Option<i64>,
    verified_at: Option<i64>,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: id_of("account", &row.id)?,
            email: row.email,
            name: row.name,
            password: row.password,
            admin: row.admin,
            disabled: row.disabled,
            seen_at: row.seen_at.map(Timestamp::from_millis),
            verified_at: row.verified_at.map(Timestamp::from_millis),
        })
    }
}

/// All accounts of the instance.
pub struct Accounts<'a>(&'a Store);

impl Store {
    /// All accounts of the instance.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

impl Accounts<'_> {
    /// Whether there is none yet.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.0.db.run("SELECT VALUE id FROM account LIMIT 1", none()).await?.row::<RecordId>(0)?.is_none())
    }

    /// One by its id.
    pub async fn get(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = self.0.db.run("SELECT * FROM $id", vars! { id: record("account", id) }).await?.row::<Row>(0)?;
        row.map(Account::try_from).transpose()
    }

    /// One by its address.
    pub async fn by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let query = "SELECT * FROM account WHERE email = $email LIMIT 1";
        let row = self.0.db.run(query, vars! { email: email.to_owned() }).await?.row::<Row>(0)?;
        row.map(Account::try_from).transpose()
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Account>, StoreError> {
        let rows = self.0.db.run("SELECT * FROM account ORDER BY created_at", none()).await?.rows::<Row>(0)?;
        rows.into_iter().map(Account::try_from).collect()
    }

    /// Makes an account with a space of its own, and the first one only if `first`. [`StoreError::Duplicate`] when the
    /// address is taken, or when somebody else was first.
    pub async fn create(&self, account: &Account, space: Option<(domain::SpaceId, &str, &Rule)>, first: bool) -> Result<(), StoreError> {
        let mut text = String::from("BEGIN;");
        if first {
            // A fixed id: of two set-ups at the same instant one fails.
            text.push_str("CREATE instance:first SET value = $email RETURN NONE;");
        }
        text.push_str(
            "CREATE $id SET email = $email, name = $name, password = $password, admin = $admin, disabled = false,
                created_at = $now RETURN NONE;",
        );
        let now = account.id.created_at().as_millis();
        let mut variables = vars! {
            id: record("account", account.id), email: account.email.clone(), name: account.name.clone(),
            password: account.password.clone(), admin: account.admin, now: now,
        };
        if let Some((space, name, rule)) = space {
            text.push_str(
                "CREATE $space_id SET name = $space_name, created_at = $now RETURN NONE;
                INSERT INTO rule $rule RETURN NONE;
                CREATE $membership SET account = $account, space = $space, role = 'owner', joined_at = $now RETURN NONE;",
            );
            variables.extend(vars! {
                space_id: record("space", space), space_name: name.to_owned(), space: space.to_string(),
                account: account.id.to_string(), membership: crate::spaces::membership_record(account.id, space),
                rule: crate::rules::Row::of(rule)?,
            });
        }
        text.push_str("COMMIT;");
        self.0.db.run(&text, variables).await.map(drop)
    }

    /// Changes the display name.
    pub async fn rename(&self, id: AccountId, name: &str) -> Result<(), StoreError> {
        let variables = vars! { id: record("account", id), name: name.to_owned() };
        self.0.db.run("UPDATE $id SET name = $name RETURN NONE", variables).await.map(drop)
    }

    /// Notes that a link that was sent to an address was used. False when it is not the account's address any more.
    pub async fn set_verified(&self, id: AccountId, email: &str, now: Timestamp) -> Result<bool, StoreError> {
        let text = "UPDATE $id SET verified_at = verified_at ?? $now WHERE email = $email RETURN VALUE id";
        let variables = vars! { id: record("account", id), email: email.to_owned(), now: now.as_millis() };
        Ok(self.0.db.run(text, variables).await?.row::<RecordId>(0)?.is_some())
    }

    /// Changes the address to one that was proven; links that were sent to the old one end. [`StoreError::Duplicate`] when it is taken.
    pub async fn set_email(&self, id: AccountId, email: &str, now: Timestamp) -> Result<(), StoreError> {
        let text = "BEGIN;
            UPDATE $id SET email = $email, verified_at = $now RETURN NONE;
            DELETE mail_link WHERE account = $account RETURN NONE;
            COMMIT;";
        let variables = vars! { id: record("account", id), account: id.to_string(), email: email.to_owned(), now: now.as_millis() };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Changes the password and ends every session but one, every link to set a password, and what somebody else may have begun: a change
    /// of the address.
    pub async fn set_password(&self, id: AccountId, password: &str, keep_session: Option<&str>) -> Result<(), StoreError> {
        let text = "BEGIN;
            UPDATE $id SET password = $password RETURN NONE;
            DELETE session WHERE account = $account AND id != $keep RETURN NONE;
            DELETE password_link WHERE account = $account RETURN NONE;
            DELETE mail_link WHERE account = $account AND purpose IN ['password', 'email'] RETURN NONE;
            COMMIT;";
        let variables = vars! {
            id: record("account", id), account: id.to_string(), password: password.to_owned(),
            keep: record("session", keep_session.unwrap_or_default()),
        };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Replaces a hash by a stronger one of the same password.
    pub async fn rehash(&self, id: AccountId, password: &str) -> Result<(), StoreError> {
        let variables = vars! { id: record("account", id), password: password.to_owned() };
        self.0.db.run("UPDATE $id SET password = $password RETURN NONE", variables).await.map(drop)
    }

    /// Disables or enables; disabling ends every session.
    pub async fn set_disabled(&self, id: AccountId, disabled: bool) -> Result<(), StoreError> {
        let text = "BEGIN;
            UPDATE $id SET disabled = $disabled RETURN NONE;
            DELETE session WHERE account = $account AND $disabled RETURN NONE;
            COMMIT;";
        let variables = vars! { id: record("account", id), account: id.to_string(), disabled: disabled };
        self.0.db.run(text, variables).await.map(drop)
    }

    /// Deletes an account with its sessions, memberships and what it wanted to be told there, links, browsers, devices and the tokens it
    /// made. Its spaces are the caller's business, before.
    pub async fn delete(&self, id: AccountId) -> Result<(), StoreError> {
        let text = "BEGIN;
            DELETE session WHERE account = $account RETURN NONE;
            FOR $space IN (SELECT VALUE space FROM membership WHERE account = $account) {
                DELETE type::record('preference', [$space, $account]) RETURN NONE;
            };
            DELETE type::record('bell', [$account, NONE]..[$account, {}]) RETURN NONE;
            DELETE membership WHERE account = $account RETURN NONE;
            DELETE password_link WHERE account = $account RETURN NONE;
            DELETE mail_link WHERE account = $account RETURN NONE;
            DELETE push_device WHERE account = $account RETURN NONE;
            DELETE type::record('browser', [$account, NONE]..[$account, {}]) RETURN NONE;
            DELETE token WHERE created_by = $account RETURN NONE;
            DELETE invitation WHERE created_by = $account RETURN NONE;
            DELETE $id RETURN NONE;
            COMMIT;";
        self.0.db.run(text, vars! { id: record("account", id), account: id.to_string() }).await.map(drop)
    }
}
