//! Fills an empty database: an account, a space, and the monitors with their invented year.

use std::time::Duration;

use domain::account::NAME_MAX;
use domain::monitor::{Monitor, MonitorDraft};
use domain::time::{DAY_MS, HOUR_MS};
use domain::{AccountId, AppError, Code, MonitorId, SpaceId, Timestamp};
use store::{Account, Store};

use super::Shape;
use super::model::Service;
use super::year::{Writer, write_year};
use crate::secret;
use crate::service::unavailable;

/// Who may look at a filled directory.
pub struct Filled {
    /// The address of the demo's administrator.
    pub email: String,
    /// Their password, made for this directory.
    pub password: String,
}

/// Fills an empty database. `progress` is told what is being done.
pub async fn fill(store: &Store, now: Timestamp, shape: Shape, mut progress: impl FnMut(String)) -> Result<Filled, AppError> {
    if !store.accounts().is_empty().await.map_err(unavailable)? {
        let message = "This data directory has accounts already. The demo fills an empty one: set LOOPR_DATA_DIR to a new directory.";
        return Err(AppError::new(Code::Conflict, message));
    }
    let filled =
        Filled { email: "demo@example.com".into(), password: secret::typable().to_lowercase() + &secret::typable().to_lowercase() };
    let made_at = Timestamp::from_millis(now.as_millis() - i64::from(shape.age_days) * DAY_MS - 2 * HOUR_MS);
    let account = Account {
        id: AccountId::new(made_at, secret::bits()),
        email: filled.email.clone(),
        name: "Demo Administrator".chars().take(NAME_MAX).collect(),
        password: secret::hash_password(&filled.password).await?,
        admin: true,
        disabled: false,
        seen_at: None,
    };
    let space = SpaceId::new(made_at, secret::bits());
    store
        .accounts()
        .create(
            &account,
            Some((space, "Acme Platform", &domain::alert::Rule::first(domain::RuleId::new(made_at, secret::bits()), space))),
            true,
        )
        .await
        .map_err(unavailable)?;
    if shape.target.is_none() {
        store.set_fact(super::FACT, "1").await.map_err(unavailable)?;
    }

    let mut writer = Writer::new(store);
    for number in 0..shape.monitors {
        let mut service = Service::new(number, now);
        if let Some(seconds) = shape.interval_seconds {
            service.interval_seconds = seconds;
        }
        if let Some(port) = shape.target {
            (service.host, service.path, service.paused) = (format!("127.0.0.1:{port}"), "/", false);
        }
        let monitor = monitor(&service, space, made_at)?;
        store.space(space).monitors().create(std::slice::from_ref(&monitor)).await.map_err(unavailable)?;
        write_year(&mut writer, &service, &monitor, now, i64::from(shape.raw_days)).await?;
        if (number + 1) % 50 == 0 {
            progress(format!("{} of {} monitors, {} checks", number + 1, shape.monitors, domain::words::grouped(writer.checks)));
        }
    }
    writer.finish(now).await?;
    Ok(filled)
}

fn monitor(service: &Service, space: SpaceId, created_at: Timestamp) -> Result<Monitor, AppError> {
    let draft = MonitorDraft {
        name: service.name.clone(),
        interval: service.interval_seconds.to_string(),
        tags: service.tags.clone(),
        ..MonitorDraft::http(format!("http://{}{}", service.host, service.path))
    };
    let id = MonitorId::new(created_at.plus(Duration::from_millis(u64::from(service.number))), secret::bits());
    Ok(Monitor { id, space, spec: draft.validate()?, enabled: !service.paused, updated_at: created_at })
}
