//! The bell: what happened in a space since somebody last looked, and what they want to be told.

use domain::account::{NAME_MAX, check_name};
use domain::alert::rule::Audience;
use domain::alert::view::{BellView, PreferencesView, UNREAD_MAX};
use domain::alert::{ChannelDraft, ChannelKind, ChannelSpec, Event, Events, Notice, Preferences, Way};
use domain::monitor::Secrets;
use domain::{AccountId, AppError, Code, Timestamp, words};
use store::{Device, Seen};

use super::storms::Storms;
use crate::actor::Actor;
use crate::engine::Inner;
use crate::secret;
use crate::service::unavailable;

/// Rows of one page.
const PAGE: usize = 30;
/// Notices that are read at once.
const READ: u32 = 300;
/// So often, for one page: a storm is one row.
const READS: usize = 10;
/// Single entries that are noted as seen; more of them move the line up to which everything is.
const NOTED: usize = 200;

/// Whether somebody is told of something: not of what they did, and not twice of an outage.
fn is_news(notice: &Notice, account: AccountId) -> bool {
    !notice.is_said_by_a_change() && notice.by != Some(account)
}

/// The bell of a member.
pub struct Bell<'a>(pub(crate) &'a Inner);

impl Bell<'_> {
    fn account(&self, actor: &Actor) -> Result<AccountId, AppError> {
        actor.account.ok_or_else(|| AppError::new(Code::Forbidden, "Only people have a bell."))
    }

    async fn wanted(&self, actor: &Actor, account: AccountId) -> Result<Events, AppError> {
        let preferences = self.0.store.space(actor.space).preferences(account).await.map_err(unavailable)?;
        Ok(preferences.app)
    }

    /// How many entries were not seen, counted up to [`UNREAD_MAX`].
    pub async fn unread(&self, actor: &Actor) -> Result<u32, AppError> {
        let account = self.account(actor)?;
        let notices = self.0.store.space(actor.space);
        let seen = notices.notices().seen(account).await.map_err(unavailable)?;
        let events = self.wanted(actor, account).await?;
        let since = seen.read_to;
        let newer = notices.notices().newest(offered(events), since, None, UNREAD_MAX).await.map_err(unavailable)?;
        Ok(u32::try_from(newer.iter().filter(|kept| is_news(&kept.notice, account) && !seen.has(kept)).count()).unwrap_or(UNREAD_MAX))
    }

    /// A page of entries, the newest first.
    pub async fn page(&self, actor: &Actor, before: Option<&str>) -> Result<BellView, AppError> {
        let account = self.account(actor)?;
        let space = self.0.store.space(actor.space);
        let events = self.wanted(actor, account).await?;
        let seen = space.notices().seen(account).await.map_err(unavailable)?;
        let (mut storms, mut last, mut more) = (Storms::default(), before.map(str::to_owned), true);
        'page: for _ in 0..READS {
            let some = space.notices().newest(offered(events), Timestamp::default(), last.as_deref(), READ).await.map_err(unavailable)?;
            more = some.len() >= usize::try_from(READ).unwrap_or(usize::MAX);
            for kept in some {
                let key = kept.key.clone();
                if !is_news(&kept.notice, account) {
                    last = Some(key);
                    continue;
                }
                if !storms.take(kept, PAGE) {
                    more = true;
                    break 'page;
                }
                last = Some(key);
            }
            if !more {
                break;
            }
        }
        let unread = self.unread(actor).await?;
        Ok(BellView { unread, rows: storms.into_rows(&seen), next: last.filter(|_| more) })
    }

    /// Notes one entry as seen, or everything.
    pub async fn mark(&self, actor: &Actor, key: Option<&str>) -> Result<(), AppError> {
        let account = self.account(actor)?;
        let space = self.0.store.space(actor.space);
        let mut seen = space.notices().seen(account).await.map_err(unavailable)?;
        match key {
            None => seen = Seen { read_to: self.0.clock.now(), read: Vec::new() },
            Some(key) => {
                let single = || key.split_once('-').and_then(|(at, _)| at.parse::<i64>().ok()).map(Timestamp::from_millis);
                let known = Seen::parse_range(key).map(|(_, _, to)| to).or_else(single);
                let at = known.ok_or_else(|| AppError::not_found("notice"))?;
                if at > seen.read_to && !seen.read.iter().any(|read| read == key) {
                    seen.read.push(key.to_owned());
                }
                if seen.read.len() > NOTED {
                    seen.read.remove(0);
                }
            }
        }
        space.notices().set_seen(account, &seen).await.map_err(unavailable)?;
        self.0.hub.news(actor.space);
        Ok(())
    }

    /// What somebody wants to be told here, and what there is to tell them by.
    pub async fn preferences(&self, actor: &Actor) -> Result<PreferencesView, AppError> {
        let account = self.account(actor)?;
        let preferences = self.0.store.space(actor.space).preferences(account).await.map_err(unavailable)?;
        let directory = self.0.directory.of(actor.space);
        let person = directory.people.iter().find(|person| person.account == account);
        let told = |audience: &Audience| audience.people;
        Ok(PreferencesView {
            preferences,
            mail: self.0.directory.has_mail(),
            verified: person.is_some_and(|person| person.verified),
            must_verify: self.0.config.signup_open,
            email: person.map(|person| person.email.clone()).unwrap_or_default(),
            devices: self.0.store.devices().of(account).await.map_err(unavailable)?,
            push_key: self.0.push_key.clone(),
            told_by_rules: directory.rules.iter().any(|rule| rule.enabled && told(&rule.spec.to)),
        })
    }

    /// Has a browser of somebody told by push messages.
    pub async fn add_device(&self, actor: &Actor, endpoint: &str, p256dh: &str, auth: &str, name: &str) -> Result<(), AppError> {
        let account = self.account(actor)?;
        let fields = [("endpoint", endpoint), ("p256dh", p256dh), ("auth_secret", auth)];
        let spec = ChannelDraft::of(ChannelKind::Push, fields).validate()?;
        let name = check_name(name, NAME_MAX).unwrap_or_else(|_| "A browser".into());
        let device = Device { id: secret::hash(endpoint), name, keys: spec.settings.0 };
        self.0.store.devices().put(account, &device, self.0.clock.now()).await.map_err(unavailable)?;
        self.0.directory.read_people(&self.0.store).await.map_err(unavailable)
    }

    /// Forgets a device of somebody.
    pub async fn remove_device(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        let account = self.account(actor)?;
        if !self.0.store.devices().delete(account, id).await.map_err(unavailable)? {
            return Err(AppError::not_found("device"));
        }
        self.0.directory.read_people(&self.0.store).await.map_err(unavailable)
    }

    /// Sends a push message to every device of somebody, and says what came of it.
    pub async fn test_devices(&self, actor: &Actor) -> Result<String, AppError> {
        let account = self.account(actor)?;
        self.0.limits.try_expensive(account.bits())?;
        let devices = self.0.store.devices().with_keys(account).await.map_err(unavailable)?;
        let (all, mut taken, mut errors) = (devices.len(), 0usize, Vec::new());
        for device in devices {
            let settings = Secrets(device.keys);
            let spec =
                ChannelSpec { name: device.name.clone(), kind: ChannelKind::Push, settings, title: String::new(), body: String::new() };
            let attempt = self.0.sender.test(&spec, Event::Down, &self.0.test_context()).await;
            match attempt.error() {
                None => taken += 1,
                Some(error) => errors.push(format!("{}: {error}", device.name)),
            }
        }
        match (all, taken) {
            (0, _) => Err(AppError::new(Code::Conflict, "None of your browsers takes push messages yet.")),
            (_, 0) => Err(AppError::new(Code::Unavailable, errors.join(" "))),
            _ => Ok(format!("{taken} of {} took the test. {}", words::count(all, "device", "devices"), errors.join(" "))),
        }
    }

    /// Keeps what somebody wants to be told here.
    pub async fn set_preferences(&self, actor: &Actor, ways: &[(Way, Vec<String>)]) -> Result<(), AppError> {
        let account = self.account(actor)?;
        let mut preferences = Preferences { email: Events::NONE, push: Events::NONE, app: Events::NONE };
        for (way, names) in ways {
            let events = Events::from_names(names.iter().map(String::as_str));
            let events = events.map_err(|name| AppError::field(way.name(), format!("“{name}” is not an event.")))?;
            match way {
                Way::Email => preferences.email = events,
                Way::Push => preferences.push = events,
                Way::App => preferences.app = events,
            }
        }
        self.0.store.space(actor.space).set_preferences(account, &preferences).await.map_err(unavailable)?;
        self.0.directory.read_people(&self.0.store).await.map_err(unavailable)?;
        self.0.hub.news(actor.space);
        Ok(())
    }
}

fn offered(events: Events) -> impl Iterator<Item = Event> {
    events.iter()
}
