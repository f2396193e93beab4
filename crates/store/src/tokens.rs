//! Bearer tokens of the REST interface. Only hashes are kept.

use domain::account::{Role, Scope};
use domain::{AccountId, SpaceId, Timestamp, TokenId};
use surrealdb::types::{RecordId, SurrealValue};

use crate::error::StoreError;
use crate::open::Store;
use crate::rows::{damaged, id_of, parse, record, vars};
use crate::spaces::SpaceScope;

/// A token of a space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id; the id's instant is its creation.
    pub id: TokenId,
    /// Where it is valid.
    pub space: SpaceId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scope: Scope,
    /// Who made it.
    pub created_by: AccountId,
    /// When it was last used, to the minute.
    pub used_at: Option<Timestamp>,
}

#[derive(SurrealValue)]
struct Row {
    id: RecordId,
    space: String,
    name: String,
    scope: String,
    created_by: String,
    used_at: Option<i64>,
}

impl TryFrom<Row> for Token {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: id_of("token", &row.id)?,
            space: parse("token", &row.space)?,
            name: row.name,
            scope: Scope::from_name(&row.scope).ok_or_else(|| damaged("token", "its scope is unknown"))?,
            created_by: parse("token", &row.created_by)?,
            used_at: row.used_at.map(Timestamp::from_millis),
        })
    }
}

#[derive(SurrealValue)]
struct RoleRow {
    role: String,
}

/// The tokens of one space.
pub struct Tokens<'a>(&'a SpaceScope<'a>);

impl SpaceScope<'_> {
    /// Its tokens.
    pub fn tokens(&self) -> Tokens<'_> {
        Tokens(self)
    }
}

impl Store {
    /// The token of a secret, with the role its maker has in the space now: none when they left or are disabled.
    pub async fn token(&self, hash: &str) -> Result<Option<(Token, Role)>, StoreError> {
        let text = "LET $found = (SELECT * FROM token WHERE hash = $hash LIMIT 1)[0];
            SELECT * FROM [$found] WHERE id != NONE;
            SELECT role FROM membership WHERE account = ($found.created_by ?? '') AND space = ($found.space ?? '')
                AND type::record('account', account).disabled = false;";
        let mut answer = self.db.run(text, vars! { hash: hash.to_owned() }).await?;
        let (Some(token), Some(row)) = (answer.row::<Row>(1)?, answer.row::<RoleRow>(2)?) else {
            return Ok(None);
        };
        let role = Role::from_name(&row.role).ok_or_else(|| damaged("membership", "its role is unknown"))?;
        Ok(Some((token.try_into()?, role)))
    }

    /// Notes that a token was used.
    pub async fn touch_token(&self, id: TokenId, now: Timestamp) -> Result<(), StoreError> {
        let variables = vars! { id: record("token", id), now: now.as_millis() };
        self.db.run("UPDATE $id SET used_at = $now RETURN NONE", variables).await.map(drop)
    }
}

impl Tokens<'_> {
    /// Keeps a new one.
    pub async fn create(&self, token: &Token, hash: &str) -> Result<(), StoreError> {
        let text = "CREATE $id SET hash = $hash, space = $space, name = $name, scope = $scope, created_by = $created_by,
            created_at = $now RETURN NONE";
        let variables = vars! {
            id: record("token", token.id), hash: hash.to_owned(), space: self.0.space.to_string(), name: token.name.clone(),
            scope: token.scope.name().to_owned(), created_by: token.created_by.to_string(),
            now: token.id.created_at().as_millis(),
        };
        self.0.store.db.run(text, variables).await.map(drop)
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Token>, StoreError> {
        let text = "SELECT * FROM token WHERE space = $space ORDER BY created_at";
        let rows = self.0.store.db.run(text, vars! { space: self.0.space.to_string() }).await?.rows::<Row>(0)?;
        rows.into_iter().map(Token::try_from).collect()
    }

    /// Ends one; false when there is no such here.
    pub async fn delete(&self, id: TokenId) -> Result<bool, StoreError> {
        let variables = vars! { id: record("token", id), space: self.0.space.to_string() };
        let text = "DELETE $id WHERE space = $space RETURN BEFORE";
        Ok(self.0.store.db.run(text, variables).await?.row::<Row>(0)?.is_some())
    }
}
