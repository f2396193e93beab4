//! Numbered migrations, embedded in the binary. Each is applied in one transaction together with its own record, and
//! its checksum is compared at every start.

use sha2::{Digest, Sha256};
use surrealdb::types::SurrealValue;

use crate::db::Db;
use crate::error::{OpenError, StoreError};
use crate::rows::{none, record, vars};

/// Version, name, text. Append only: what was released never changes.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "init", include_str!("../migrations/0001_init.surql")),
    (2, "answers", include_str!("../migrations/0002_answers.surql")),
    (3, "believing", include_str!("../migrations/0003_believing.surql")),
    (4, "degrees", include_str!("../migrations/0004_degrees.surql")),
    (5, "kinds", include_str!("../migrations/0005_kinds.surql")),
    (6, "deciding", include_str!("../migrations/0006_deciding.surql")),
    (7, "packed", include_str!("../migrations/0007_packed.surql")),
    (8, "alerts", include_str!("../migrations/0008_alerts.surql")),
    (9, "browsers", include_str!("../migrations/0009_browsers.surql")),
    (10, "webhooks", include_str!("../migrations/0010_webhooks.surql")),
    (11, "channel health", include_str!("../migrations/0011_channel_health.surql")),
    (12, "sign ups", include_str!("../migrations/0012_sign_ups.surql")),
];

#[derive(SurrealValue)]
struct Applied {
    version: i64,
    checksum: String,
}

/// The version of the schema that this binary knows.
pub(crate) fn known_version() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// Brings the schema to a version, or to the one of this binary.
pub(crate) async fn migrate(db: &Db, now_millis: i64, version: Option<i64>) -> Result<(), OpenError> {
    // A table must be defined before it is selected.
    let table = "DEFINE TABLE IF NOT EXISTS schema_migration SCHEMAFULL;
        DEFINE FIELD IF NOT EXISTS version ON schema_migration TYPE int;
        DEFINE FIELD IF NOT EXISTS name ON schema_migration TYPE string;
        DEFINE FIELD IF NOT EXISTS checksum ON schema_migration TYPE string;
        DEFINE FIELD IF NOT EXISTS applied_at ON schema_migration TYPE int;";
    db.run(table, none()).await?;
    let applied: Vec<Applied> = db.run("SELECT version, checksum FROM schema_migration", none()).await?.rows(0)?;
    let known = known_version();
    if let Some(found) = applied.iter().map(|a| a.version).max().filter(|found| *found > known) {
        return Err(OpenError::Newer { found, known });
    }
    let last = version.unwrap_or(known);
    for (version, name, text) in MIGRATIONS.iter().filter(|(version, ..)| *version <= last) {
        let checksum = checksum(text);
        match applied.iter().find(|a| a.version == *version) {
            Some(done) if done.checksum == checksum => {}
            Some(_) => return Err(OpenError::Changed(*version)),
            None => apply(db, *version, name, text, checksum, now_millis).await?,
        }
    }
    Ok(())
}

async fn apply(db: &Db, version: i64, name: &str, text: &str, checksum: String, now: i64) -> Result<(), StoreError> {
    let all = format!("BEGIN;\n{text}\nCREATE $id SET version = $version, name = $name, checksum = $checksum, applied_at = $now;\nCOMMIT;");
    let variables =
        vars! { id: record("schema_migration", version), version: version, name: name.to_owned(), checksum: checksum, now: now };
    db.run(&all, variables).await?;
    tracing::info!(migration.version = version, migration.name = name, "applied migration");
    Ok(())
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
