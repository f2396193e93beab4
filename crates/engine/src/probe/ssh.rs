//! The greeting of an SSH server (RFC 4253, 4.2): some lines may come before it.

use domain::check::{Failure, Reason};
use domain::kind::address::Family;
use domain::kind::ssh::SshSettings;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::words::failure;
use super::{InvalidSettings, destination};
use crate::net::Destination;

/// Lines before the greeting.
const LINES: usize = 50;

/// An SSH check, ready to run.
#[derive(Debug)]
pub(super) struct Ssh {
    key: String,
    to: Destination,
    expect: Option<String>,
}

impl Ssh {
    pub fn new(settings: &SshSettings) -> Result<Self, InvalidSettings> {
        let family: Family = settings.family;
        Ok(Self { key: settings.address.to_string(), to: destination(&settings.address, None, family)?, expect: settings.expect.clone() })
    }
}

impl Check for Ssh {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("SSH", self.key.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let mut talk = Talk::new(&self.key, connect(&self.key, &self.to, ways, seen).await?);
            for _ in 0..LINES {
                let line = talk.line(seen).await?;
                let Some(version) = line.strip_prefix("SSH-") else { continue };
                seen.fact("Greeting", || line.clone());
                if !version.starts_with("2.0-") && !version.starts_with("1.99-") {
                    return Err(failure(Reason::Protocol, format!("{} speaks an old SSH: “{line}”. Turn on version 2.", self.key)));
                }
                if let Some(wanted) = self.expect.as_ref().filter(|wanted| !line.contains(wanted.as_str())) {
                    return Err(failure(Reason::Content, format!("{} greets with “{line}”, where “{wanted}” is expected.", self.key)));
                }
                // To say goodbye keeps a line out of the server's log.
                return talk.send(b"SSH-2.0-Loopr\r\n").await;
            }
            Err(talk.strange("SSH", &seen.answer))
        }
        .boxed()
    }
}
