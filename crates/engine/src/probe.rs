//! How each kind of monitor is checked. A [`Probe`] is prepared once, when a monitor is loaded or edited, and then used for
//! every check of it.
//!
//! The seam for further kinds: one file under `probe/` that implements `run::Check`, and one line in [`Probe::prepare`].
//! Invariant: a probe always ends by its timeout, always answers with an [`Observation`], and reaches the network through the
//! [`Dialer`] alone.

mod dns;
pub(crate) mod group;
mod grpc;
pub mod http;
mod mysql;
mod ping;
mod postgres;
mod redis;
mod registration;
mod run;
mod smtp;
mod ssh;
mod stranger;
mod talk;
mod tcp;
mod tls;
mod websocket;
pub(crate) mod words;

use std::time::Duration;

use domain::check::{Failure, Observation, Reason, Trace};
use domain::kind::Target;
use domain::kind::address::{Address, Family};
use domain::kind::group::GroupSettings;
use domain::kind::heartbeat::HeartbeatSettings;
use domain::kind::mysql::Expected;
use domain::time::Timestamp;
use rustls::pki_types::ServerName;
use url::Host;

use crate::net::{Alpn, Destination, Dialer, TlsProfile, Trust, server_name};
pub use http::{HttpDefaults, PreparedHttp};
use run::{Check, Seen};
use words::failure;

/// Settings that no check can be made of. Validation in the domain comes first, so this is rare.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSettings(pub(crate) String);

/// A prepared check of some kind.
#[derive(Debug)]
pub enum Probe {
    /// A request and what is expected of the answer.
    Http(Box<PreparedHttp>),
    /// Another conversation over the network.
    Other(Conversation),
    /// Not a check: signals come in.
    Heartbeat(Box<HeartbeatSettings>),
    /// Not a check: where other monitors stand.
    Group(GroupSettings),
}

/// A check of any kind but HTTP.
#[derive(Debug)]
pub struct Conversation(Box<dyn Check>);

impl Probe {
    /// Makes settings ready to run.
    ///
    /// # Errors
    /// Settings that cannot be run, in a sentence.
    pub fn prepare(target: &Target, defaults: &HttpDefaults) -> Result<Self, InvalidSettings> {
        let check: Box<dyn Check> = match target {
            Target::Http(http) => return Ok(Self::Http(Box::new(PreparedHttp::new(http, defaults)?))),
            Target::Heartbeat(heartbeat) => return Ok(Self::Heartbeat(Box::new(heartbeat.clone()))),
            Target::Group(group) => return Ok(Self::Group(group.clone())),
            Target::Unreadable(cause) => return Err(InvalidSettings(cause.clone())),
            Target::Tcp(tcp) => Box::new(tcp::Tcp::new(tcp)?),
            Target::Ping(ping) => Box::new(ping::Ping::new(ping)?),
            Target::Dns(dns) => Box::new(dns::Dns::new(dns)?),
            Target::Tls(tls) => Box::new(tls::Certificates::new(tls)?),
            Target::Websocket(websocket) => Box::new(websocket::Websocket::new(websocket)?),
            Target::Grpc(grpc) => Box::new(grpc::Grpc::new(grpc)?),
            Target::Domain(domain) => Box::new(registration::Registration::new(domain, defaults)?),
            Target::Postgres(postgres) => Box::new(postgres::Postgres::new(postgres)?),
            Target::Mysql(mysql) => Box::new(mysql::Mysql::new(mysql)?),
            Target::Redis(redis) => Box::new(redis::Redis::new(redis)?),
            Target::Smtp(smtp) => Box::new(smtp::Smtp::new(smtp)?),
            Target::Ssh(ssh) => Box::new(ssh::Ssh::new(ssh)?),
        };
        Ok(Self::Other(Conversation(check)))
    }

    /// Checks once. `at` is the wall time at which the check begins; it is passed through. What is not checked has nothing
    /// to tell.
    pub async fn check(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Option<Observation> {
        match self {
            Self::Http(http) => Some(http.check(dialer, timeout, at).await),
            Self::Other(Conversation(check)) => Some(run::perform(check.as_ref(), dialer, timeout, at, false).await.0),
            Self::Heartbeat(_) | Self::Group(_) => None,
        }
    }

    /// Checks once and tells everything it saw.
    pub async fn trace(&self, dialer: &Dialer, timeout: Duration, at: Timestamp) -> Option<Trace> {
        match self {
            Self::Http(http) => Some(http.trace(dialer, timeout, at).await),
            Self::Other(Conversation(check)) => Some(run::trace(check.as_ref(), dialer, timeout, at).await),
            Self::Heartbeat(_) | Self::Group(_) => None,
        }
    }

    /// What checks of the same server have in common: `api.example.com:443`. Concurrency per host is counted by it.
    pub fn host_key(&self) -> &str {
        match self {
            Self::Http(http) => http.host_key(),
            Self::Other(Conversation(check)) => check.key(),
            Self::Heartbeat(_) | Self::Group(_) => "",
        }
    }
}

/// How a monitor's own TLS is spoken.
fn profile(alpn: Alpn, unverified: bool, ca: Option<&str>) -> Result<TlsProfile, InvalidSettings> {
    let trust = Trust::read(ca, None).map_err(|(_, message)| InvalidSettings(message))?;
    Ok(TlsProfile { alpn, unverified, trust })
}

/// Whom a certificate has to be for.
fn named(host: &Host<String>) -> Result<ServerName<'static>, InvalidSettings> {
    server_name(host).map_err(|_| InvalidSettings(format!("No certificate can be made out to “{host}”.")))
}

/// What is dialled.
fn destination(address: &Address, tls: Option<TlsProfile>, family: Family) -> Result<Destination, InvalidSettings> {
    let mut to = Destination::plain(address.host.clone(), address.port).over(family);
    if let Some(profile) = tls {
        to.tls = Some((profile, named(&address.host)?));
    }
    Ok(to)
}

/// Whether a query's answer is what is expected of it.
fn judge_value(name: &str, value: Option<&str>, expected: Option<&Expected>, seen: &mut Seen) -> Result<(), Failure> {
    seen.fact("Value", || value.unwrap_or("no row").to_owned());
    let Some(expected) = expected else { return Ok(()) };
    match value {
        Some(value) if expected.accepts(value) => Ok(()),
        Some(value) => {
            let shown: String = value.chars().filter(|c| !c.is_control()).take(80).collect();
            Err(failure(Reason::Content, format!("The query of {name} gave “{shown}”, which is not what is expected.")))
        }
        None => Err(failure(Reason::Content, format!("The query of {name} gave no row."))),
    }
}
