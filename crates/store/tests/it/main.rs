//! The store against the real embedded database: in memory, and on disk where durability is the subject.
#![expect(clippy::unwrap_used, reason = "a test that fails to prepare fails")]

mod canary;
mod history;
mod opening;
mod people;
mod tenants;

use domain::alert::Rule;
use domain::{AccountId, MonitorId, RuleId, SpaceId, Timestamp};
use store::{Account, Space, Store, StoreConfig};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

async fn memory() -> Store {
    Store::open(&StoreConfig::memory()).await.unwrap()
}

fn later(ms: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + ms)
}

fn person(n: u128, email: &str) -> Account {
    Account {
        id: AccountId::new(NOW, n),
        email: email.into(),
        name: format!("Person {n}"),
        password: "$argon2id$".into(),
        admin: false,
        disabled: false,
        seen_at: None,
        verified_at: None,
    }
}

fn space(n: u128) -> Space {
    Space { id: SpaceId::new(NOW, n), name: format!("Space {n}") }
}

fn rule(n: u128) -> Rule {
    Rule::first(RuleId::new(NOW, n), space(n).id)
}

fn monitor_id(n: u128) -> MonitorId {
    MonitorId::new(NOW, n)
}
