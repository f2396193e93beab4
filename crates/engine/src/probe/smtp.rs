//! A mail server: greeting, EHLO, STARTTLS, perhaps a sign-in, NOOP, QUIT (RFC 5321, 3207, 4954). No mail is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::check::{Failure, Reason};
use domain::kind::smtp::{MailSecurity, SmtpSettings};
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::words::failure;
use super::{InvalidSettings, destination, named, profile};
use crate::net::{Alpn, Destination, TlsProfile};
use rustls::pki_types::ServerName;

/// Lines of one reply.
const LINES: usize = 100;

/// An SMTP check, ready to run.
#[derive(Debug)]
pub(super) struct Smtp {
    key: String,
    to: Destination,
    upgrade: (TlsProfile, ServerName<'static>),
    settings: SmtpSettings,
}

/// A reply: its code and its lines.
pub(super) struct Reply {
    pub code: u16,
    pub lines: Vec<String>,
}

impl Reply {
    /// Whether an extension is among those that EHLO answers.
    pub fn offers(&self, extension: &str) -> bool {
        self.lines.iter().any(|line| line.split(' ').next().is_some_and(|word| word.eq_ignore_ascii_case(extension)))
    }

    fn said(&self) -> String {
        let text: String = self.lines.join(" ").chars().filter(|c| !c.is_control()).take(120).collect();
        format!("{} {text}", self.code)
    }
}

/// Reads a reply.
pub(super) async fn reply(talk: &mut Talk<'_>, seen: &mut Seen) -> Result<Reply, Failure> {
    let mut lines = Vec::new();
    while lines.len() < LINES {
        let line = talk.line(seen).await?;
        let code = line.get(..3).and_then(|digits| digits.parse::<u16>().ok()).filter(|code| (200..600).contains(code));
        let (Some(code), more) = (code, line.get(3..4) == Some("-")) else { return Err(talk.strange("SMTP", line.as_bytes())) };
        lines.push(line.get(4..).unwrap_or_default().to_owned());
        if !more {
            seen.status = Some(code);
            return Ok(Reply { code, lines });
        }
    }
    Err(failure(Reason::Protocol, format!("{} sent a reply of more than {LINES} lines. Check the port.", talk.name())))
}

/// Says something and reads the reply, which has to have one of some first digits.
pub(super) async fn command(talk: &mut Talk<'_>, text: &str, wanted: u16, seen: &mut Seen) -> Result<Reply, Failure> {
    talk.send(format!("{text}\r\n").as_bytes()).await?;
    let reply = reply(talk, seen).await?;
    if reply.code / 100 == wanted {
        return Ok(reply);
    }
    let word = text.split(' ').next().unwrap_or_default();
    Err(failure(Reason::Status, format!("{} answered {word} with “{}”. Check the mail server’s log.", talk.name(), reply.said())))
}

/// The greeting.
pub(super) async fn greeting(talk: &mut Talk<'_>, seen: &mut Seen) -> Result<(), Failure> {
    let reply = reply(talk, seen).await?;
    seen.fact("Greeting", || reply.said());
    if reply.code == 220 {
        Ok(())
    } else {
        Err(failure(Reason::NotServing, format!("{} greets with “{}”.", talk.name(), reply.said())))
    }
}

impl Smtp {
    pub fn new(settings: &SmtpSettings) -> Result<Self, InvalidSettings> {
        let tls = profile(Alpn::None, settings.security == MailSecurity::Prefer, settings.ca.as_deref())?;
        let upgrade = (tls.clone(), named(&settings.address.host)?);
        let to = destination(&settings.address, (settings.security == MailSecurity::Tls).then_some(tls), settings.family)?;
        Ok(Self { key: settings.address.to_string(), to, upgrade, settings: settings.clone() })
    }

    async fn sign_in(&self, talk: &mut Talk<'_>, offers: &Reply, seen: &mut Seen) -> Result<(), Failure> {
        let name = talk.name();
        let (user, password) = (&self.settings.username, self.settings.password.reveal());
        let methods = offers
            .lines
            .iter()
            .find(|line| line.to_ascii_uppercase().starts_with("AUTH"))
            .cloned()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let refused = |failed: Failure| {
            if failed.reason == Reason::Status {
                failure(Reason::Auth, format!("{name} refused the sign-in. {}", failed.message))
            } else {
                failed
            }
        };
        if methods.contains("PLAIN") {
            let credentials = STANDARD.encode(format!("\0{user}\0{password}"));
            return command(talk, &format!("AUTH PLAIN {credentials}"), 2, seen).await.map(drop).map_err(refused);
        }
        if methods.contains("LOGIN") {
            command(talk, "AUTH LOGIN", 3, seen).await.map_err(refused)?;
            command(talk, &STANDARD.encode(user), 3, seen).await.map_err(refused)?;
            return command(talk, &STANDARD.encode(password), 2, seen).await.map(drop).map_err(refused);
        }
        Err(failure(Reason::Auth, format!("{name} offers neither AUTH PLAIN nor AUTH LOGIN here. It may want TLS first.")))
    }
}

impl Check for Smtp {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("SMTP", self.key.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let mut talk = Talk::new(&self.key, connect(&self.key, &self.to, ways, seen).await?);
            greeting(&mut talk, seen).await?;
            let mut offers = command(&mut talk, "EHLO loopr.invalid", 2, seen).await?;
            let wanted = matches!(self.settings.security, MailSecurity::Starttls | MailSecurity::Prefer);
            if wanted && offers.offers("STARTTLS") {
                command(&mut talk, "STARTTLS", 2, seen).await?;
                talk = talk.secure(&self.upgrade.0, &self.upgrade.1, ways, seen).await?;
                offers = command(&mut talk, "EHLO loopr.invalid", 2, seen).await?;
            } else if self.settings.security == MailSecurity::Starttls {
                let message = format!("{} does not offer STARTTLS. Turn it on, or choose another encryption.", self.key);
                return Err(failure(Reason::Tls, message));
            }
            seen.fact("Extensions", || offers.lines.iter().skip(1).map(String::as_str).collect::<Vec<_>>().join(", "));
            if !self.settings.username.is_empty() {
                // What is said from here on is answered with what was said: nothing of it is kept.
                self.sign_in(&mut talk, &offers, seen).await?;
            }
            command(&mut talk, "NOOP", 2, seen).await?;
            // Whether it says goodbye does not matter.
            let _goodbye = talk.send(b"QUIT\r\n").await;
            Ok(())
        }
        .boxed()
    }
}
