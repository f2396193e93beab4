//! Fills an empty database: an account, a space, and the monitors with their invented year.

use std::time::Duration;

use domain::account::NAME_MAX;
use domain::alert::{Channel, ChannelDraft, ChannelHealth, ChannelKind, Rule};
use domain::kind::{Kind, Values};
use domain::maintenance::{Window, WindowDraft};
use domain::monitor::{Monitor, MonitorDraft};
use domain::time::{DAY_MS, HOUR_MS};
use domain::{AccountId, AppError, ChannelId, Code, MonitorId, RuleId, SpaceId, Timestamp, WindowId};
use store::{Account, Store};

use super::Shape;
use super::behind::{Group, group, parents};
use super::model::Service;
use super::servers::certificate;
use super::year::{Writer, write_year};
use crate::secret;
use crate::service::{give_token, unavailable};

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
        verified_at: None,
    };
    let space = SpaceId::new(made_at, secret::bits());
    let rule = Rule::first(RuleId::new(made_at, secret::bits()), space);
    store.accounts().create(&account, Some((space, super::SPACE, &rule)), true).await.map_err(unavailable)?;
    let own = shape.target.is_none();
    let mut made = Made { space, at: made_at, certificate: String::new(), ids: Vec::new() };
    if own {
        let (certificate, key) = certificate(now).map_err(|error| {
            AppError::new(Code::Internal, format!("The certificate of the demo's own server could not be made: {error}."))
        })?;
        let fact = serde_json::to_string(&(&certificate, key)).unwrap_or_default();
        store.set_fact(super::CERTIFICATE, &fact).await.map_err(unavailable)?;
        store.set_fact(super::FACT, "1").await.map_err(unavailable)?;
        made.certificate = certificate;
    }

    let told = if own { Some(made.room(store, &rule).await?) } else { None };
    let worked_on = last_work(now);
    let mut writer = Writer::new(store);
    for number in 0..shape.monitors {
        let mut service = if own { Service::new(number, now) } else { Service::web(number, now) };
        if let Some(seconds) = shape.interval_seconds {
            service.interval_seconds = seconds;
        }
        if let Some(port) = shape.target {
            (service.fields, service.paused) = (vec![("url", format!("http://127.0.0.1:{port}/"))], false);
        }
        if own && WORKED_ON.contains(&number) {
            service.maintained(worked_on.0, worked_on.1);
        }
        let monitor = made.monitor(&service)?;
        store.space(space).monitors().create(std::slice::from_ref(&monitor)).await.map_err(unavailable)?;
        write_year(&mut writer, &service, &monitor, now, i64::from(shape.raw_days), told).await?;
        if (number + 1) % 50 == 0 {
            progress(format!("{} of {} monitors, {} checks", number + 1, shape.monitors, domain::words::grouped(writer.checks)));
        }
    }
    writer.finish(now).await?;
    if own {
        progress("Webhooks and their runs".into());
        super::hooks::write(store, space, made_at, now).await?;
        // A demo of a few monitors may have none of those that are worked on.
        if WORKED_ON.iter().all(|number| *number < shape.monitors) {
            for window in made.windows(now)? {
                store.space(space).windows().put(&window).await.map_err(unavailable)?;
            }
        }
    }
    Ok(filled)
}

/// The monitors that somebody worked on lately: the database of orders, and who needs it.
const WORKED_ON: [u32; 3] = [4, 6, 56];

/// When that was: three nights ago.
fn last_work(now: Timestamp) -> (Timestamp, Timestamp) {
    let from = now.floor(DAY_MS).as_millis() - 3 * DAY_MS + 2 * HOUR_MS;
    (Timestamp::from_millis(from), Timestamp::from_millis(from + HOUR_MS))
}

/// What was made so far.
struct Made {
    space: SpaceId,
    at: Timestamp,
    /// Of the demo's own server.
    certificate: String,
    /// By number.
    ids: Vec<MonitorId>,
}

impl Made {
    /// A channel that leads to the demo's own web server, and that its first rule sends to.
    async fn room(&self, store: &Store, rule: &Rule) -> Result<ChannelId, AppError> {
        let id = ChannelId::new(self.at, secret::bits());
        let url = format!("http://127.0.0.1:{}/hook", super::PORT);
        let signing = secret::fresh_signing().reveal();
        let fields = [("url", url.as_str()), ("signing_secret", signing.as_str())];
        let draft = ChannelDraft { name: super::ROOM.into(), ..ChannelDraft::of(ChannelKind::Webhook, fields) };
        let channel = Channel {
            id,
            space: self.space,
            spec: draft.validate()?,
            enabled: true,
            health: ChannelHealth::default(),
            updated_at: self.at,
        };
        store.space(self.space).channels().put(&channel).await.map_err(unavailable)?;
        let mut rule = rule.clone();
        rule.spec.to.channels.push(id);
        rule.spec.reminder = Some(Duration::from_secs(3_600));
        store.space(self.space).rules().put(&rule).await.map_err(unavailable)?;
        Ok(id)
    }

    fn monitor(&mut self, service: &Service) -> Result<Monitor, AppError> {
        let mut settings: Values = service.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        match service.kind {
            Kind::Tls => drop(settings.insert("ca".into(), self.certificate.clone())),
            Kind::Heartbeat => drop(settings.insert("period_ms".into(), format!("{} s", service.interval_seconds))),
            Kind::Group => settings.extend(group(service.number).map(|group| self.members(group)).into_iter().flatten()),
            _ => {}
        }
        let draft = MonitorDraft {
            kind: service.kind.name().into(),
            name: service.name.clone(),
            interval: service.interval_seconds.to_string(),
            depends_on: self.named(parents(service.number)),
            tags: service.tags.clone(),
            settings,
            ..MonitorDraft::default()
        };
        let id = MonitorId::new(self.at.plus(Duration::from_millis(u64::from(service.number))), secret::bits());
        self.ids.push(id);
        let mut spec = draft.validate()?;
        give_token(&mut spec);
        Ok(Monitor { id, space: self.space, spec, enabled: !service.paused, updated_at: self.at })
    }

    fn members(&self, group: &Group) -> Vec<(String, String)> {
        let rule = match group.2 {
            Some(least) => vec![("rule".to_owned(), "some".to_owned()), ("least".to_owned(), least.to_string())],
            None => vec![("rule".to_owned(), "all".to_owned())],
        };
        rule.into_iter().chain([("members".to_owned(), self.named(group.1))]).collect()
    }

    /// Ids of numbers that were made already.
    fn named(&self, numbers: &[u32]) -> String {
        let ids = numbers.iter().filter_map(|number| self.ids.get(usize::try_from(*number).ok()?));
        ids.map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    /// Work that was done, and work that is planned.
    fn windows(&self, now: Timestamp) -> Result<[Window; 2], AppError> {
        let start = |at: Timestamp| at.to_rfc3339().chars().take(16).collect();
        let (done, next) = (last_work(now).0, Timestamp::from_millis(now.floor(DAY_MS).as_millis() + 2 * DAY_MS + 22 * HOUR_MS));
        let once = |name: &str, at: Timestamp, length: &str| WindowDraft {
            name: name.into(),
            start: start(at),
            duration: length.into(),
            enabled: "on".into(),
            ..WindowDraft::default()
        };
        let past = WindowDraft {
            covers: "chosen".into(),
            monitors: self.named(&WORKED_ON),
            ..once("Upgrade of the orders database", done, "1 h")
        };
        let coming = WindowDraft { covers: "tags".into(), tags: "logistics".into(), ..once("New switches in the warehouse", next, "2 h") };
        let window = |draft: WindowDraft, made_at: Timestamp| {
            let spec = draft.validate(made_at)?;
            Ok(Window {
                id: WindowId::new(made_at, secret::bits()),
                space: self.space,
                spec,
                started_at: None,
                ended_at: None,
                updated_at: made_at,
            })
        };
        Ok([
            window(past, Timestamp::from_millis(done.as_millis() - DAY_MS))?,
            window(coming, Timestamp::from_millis(now.as_millis() - HOUR_MS))?,
        ])
    }
}
