//! Hands messages to whoever carries them: to a channel, to each device of a person, to a mailbox.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use domain::AccountId;
use domain::alert::channel::Act;
use domain::alert::{Again, Attempt, ChannelKind, ChannelSpec, Destination, Mail, Message, Outcome, Purpose, Way};
use domain::http::Sent;
use domain::kind::Values;
use domain::monitor::Secrets;
use store::Store;

use super::Post;
use super::directory::Directory;
use super::links::Links;
use super::send::{Context, Sender};
use crate::clock::Clock;
use crate::live::Hub;
use crate::mail::{Letter, MailText};

/// Carries messages.
pub(crate) struct Carrier {
    pub sender: Arc<Sender>,
    pub store: Store,
    pub clock: Clock,
    pub directory: Arc<Directory>,
    pub links: Links,
    pub hub: Hub,
    /// Under which address people reach this instance, where the operator has said so.
    pub public_url: Option<String>,
}

impl Post for Carrier {
    async fn post(&self, message: &Message) -> Attempt {
        match &message.to {
            Destination::Channel(id) => match self.directory.channel(*id) {
                Some(channel) => self.sender.send(&channel.spec, &message.content, &self.context(message)).await,
                None => self.nowhere("The channel was deleted."),
            },
            Destination::Person(account, Way::Email) => self.to_mailbox(message, *account).await,
            Destination::Person(account, Way::Push) => self.to_devices(message, *account).await,
            Destination::Person(_, Way::App) => self.nowhere("The bell is not sent anywhere."),
            Destination::Address(address) => self.account_mail(message, address).await,
        }
    }
}

impl Carrier {
    fn context(&self, message: &Message) -> Context {
        let directory = self.directory.of(message.space);
        let zone = directory.rules.iter().find(|rule| Some(rule.id) == message.rule).map(|rule| rule.spec.zone.clone());
        let now = self.clock.now();
        let several = message.content.incidents().len() > 1;
        let subject = message.content.last().map(|notice| &notice.subject);
        let path = match (message.incident, subject.and_then(|subject| subject.monitor), subject.and_then(|subject| subject.schedule)) {
            _ if several => "/incidents".to_owned(),
            (Some(incident), ..) => format!("/incidents/{incident}"),
            (None, Some(monitor), _) => format!("/monitors/{monitor}"),
            (None, None, Some(_)) if !message.content.is_about_one() => "/webhooks".to_owned(),
            (None, None, Some(schedule)) => match subject.and_then(|subject| subject.run) {
                Some(run) => format!("/webhooks/runs/{run}"),
                None => format!("/webhooks/{schedule}"),
            },
            (None, None, None) => "/".to_owned(),
        };
        let absolute = |path: String| self.public_url.as_ref().map(|url| format!("{}{path}", url.trim_end_matches('/')));
        // Of several, the first that is told may be one that is over.
        let open = message.content.open_incidents().first().copied();
        let alone = message.incident.filter(|_| matches!(message.purpose, Purpose::News | Purpose::Reminder | Purpose::Escalation));
        let ack = if several { open } else { alone }.and_then(|incident| {
            let about = (message.space, incident, several.then_some(message.id));
            self.links.acknowledge(about, &directory.name_of(&message.to), now)
        });
        Context {
            message: message.id,
            now,
            public_url: self.public_url.clone(),
            link: absolute(path),
            ack_link: ack.and_then(absolute),
            zone: zone.unwrap_or_else(|| "UTC".into()),
            key: key(message),
            act: match message.purpose {
                Purpose::Acknowledgement => Some(Act::Acknowledge),
                Purpose::Recovery => Some(Act::Resolve),
                _ => None,
            },
        }
    }

    async fn to_mailbox(&self, message: &Message, account: AccountId) -> Attempt {
        let directory = self.directory.of(message.space);
        let Some(person) = directory.people.iter().find(|person| person.account == account) else {
            return self.nowhere("They do not belong to this space any more.");
        };
        let settings = Values::from([("recipients".to_owned(), person.email.clone())]);
        self.sender.send(&spec(ChannelKind::Email, &person.name, settings), &message.content, &self.context(message)).await
    }

    /// To every device: it arrived when one of them took it. A device that is gone is forgotten.
    async fn to_devices(&self, message: &Message, account: AccountId) -> Attempt {
        let devices = match self.store.devices().with_keys(account).await {
            Ok(devices) => devices,
            Err(error) => {
                tracing::warn!(error = %error, "the devices of a person could not be read");
                return self.failed("The database did not answer.", Again::Later);
            }
        };
        let mut best = self.nowhere("They have no device that takes push messages any more.");
        for device in devices {
            let attempt =
                self.sender.send(&spec(ChannelKind::Push, &device.name, device.keys), &message.content, &self.context(message)).await;
            if matches!(attempt.outcome, Outcome::Failed { again: Again::Never, .. }) {
                match self.store.devices().delete(account, &device.id).await {
                    Ok(_) => self.hub.people_changed(),
                    Err(error) => tracing::warn!(error = %error, "a device that is gone could not be forgotten"),
                }
            }
            let better =
                attempt.is_delivered() || (!best.is_delivered() && !matches!(attempt.outcome, Outcome::Failed { again: Again::Never, .. }));
            if better || best.target.is_empty() {
                best = attempt;
            }
        }
        best
    }

    async fn account_mail(&self, message: &Message, address: &str) -> Attempt {
        let (Some(mailer), Some(mail)) = (self.sender.mailer(), &message.mail) else {
            return self.nowhere("This instance has no mail server.");
        };
        let now = self.clock.now();
        let Mail { subject, text, html } = mail.clone();
        let letter = Letter {
            to: vec![address.to_owned()],
            text: MailText { subject, text, html },
            id: message.id.to_string(),
            thread: None,
            list: None,
            date: SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or(0)),
        };
        let began = self.clock.elapsed();
        let sent = mailer.send(&letter).await;
        let duration_ms = u32::try_from(self.clock.elapsed().saturating_sub(began).as_millis()).unwrap_or(u32::MAX);
        let target = format!("{address} over {}", mailer.server());
        let (status, answer, outcome) = match sent {
            Ok((code, said)) => (Some(code), format!("{code} {said}"), Outcome::Delivered),
            Err(error) => (error.code, error.answer.clone(), Outcome::Failed { again: error.again, error: error.to_string() }),
        };
        // What it says lets people in: only its subject is kept.
        let sent = Sent { headers: vec![("Subject".into(), letter.text.subject)], ..Sent::default() };
        Attempt { at: now, duration_ms, target, sent, status, answer, outcome }
    }

    fn nowhere(&self, why: &str) -> Attempt {
        self.failed(why, Again::Never)
    }

    fn failed(&self, why: &str, again: Again) -> Attempt {
        Attempt::unsent(self.clock.now(), why.to_owned(), again)
    }
}

/// What belongs together has the same: the news of an incident, and the failing of a webhook and its end.
fn key(message: &Message) -> String {
    let schedule = message.content.last().filter(|notice| notice.event.is_of_failing_webhook()).and_then(|notice| notice.subject.schedule);
    match (message.incident, schedule.filter(|_| message.content.is_about_one())) {
        (Some(incident), _) => incident.to_string(),
        (None, Some(schedule)) => schedule.to_string(),
        (None, None) => message.id.to_string(),
    }
}

fn spec(kind: ChannelKind, name: &str, settings: Values) -> ChannelSpec {
    ChannelSpec { name: name.to_owned(), kind, settings: Secrets(settings), title: String::new(), body: String::new() }
}
