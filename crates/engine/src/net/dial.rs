//! The dialer: resolve, judge, connect, TLS. The only code that opens an outbound socket for a person's target.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::check::Phases;
use domain::kind::address::Family;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant as TokioInstant, timeout_at};
use url::Host;

use super::policy::{Policy, Refused};
use super::resolve::{ResolveError, Resolver};
use super::stream::{Stream, micros};
use super::tier::{Tier, tier_of};
use super::tls::{TlsClient, TlsProfile};

/// No address gets less than this while others wait, or a distant one could never answer.
const SMALLEST_SHARE: Duration = Duration::from_millis(250);

/// Where to connect to, prepared once and dialled often.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The host as the URL names it.
    pub host: Host<String>,
    /// The TCP port.
    pub port: u16,
    /// How to speak TLS, and to whom; `None` for a plain connection.
    pub tls: Option<(TlsProfile, ServerName<'static>)>,
    /// Which addresses of the name are dialled.
    pub family: Family,
}

impl Destination {
    /// A plain destination.
    pub fn plain(host: Host<String>, port: u16) -> Self {
        Self { host, port, tls: None, family: Family::Any }
    }

    /// A destination behind TLS.
    ///
    /// # Errors
    /// A host name that can stand in no certificate.
    pub fn tls(host: Host<String>, port: u16, profile: TlsProfile) -> Result<Self, rustls::pki_types::InvalidDnsNameError> {
        let name = server_name(&host)?;
        Ok(Self { host, port, tls: Some((profile, name)), family: Family::Any })
    }

    /// The same, dialling only some of the addresses.
    pub fn over(self, family: Family) -> Self {
        Self { family, ..self }
    }
}

/// Whom a certificate has to be for.
///
/// # Errors
/// A host name that can stand in no certificate.
pub fn server_name(host: &Host<String>) -> Result<ServerName<'static>, rustls::pki_types::InvalidDnsNameError> {
    Ok(match host {
        Host::Domain(name) => ServerName::try_from(name.strip_suffix('.').unwrap_or(name).to_owned())?,
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    })
}

/// Whether an address is of a family.
fn is_of(family: Family, address: IpAddr) -> bool {
    match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    }
}

/// What a dial is doing, so that whoever ends it by a timeout can say what it waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Waiting for a name server.
    #[default]
    Resolving,
    /// Waiting for a TCP handshake.
    Connecting,
    /// Waiting for a TLS handshake.
    Securing,
    /// Done: a stream was handed out.
    Connected,
}

/// How far a dial came. Owned by the caller, so that it outlives a dial that was cut off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dialling {
    /// What it is doing.
    pub phase: Phase,
    /// What it cost so far: name, connection, TLS.
    pub phases: Phases,
    /// Whether the addresses came from the cache.
    pub dns_cached: bool,
    /// The address that is or was dialled last.
    pub address: Option<SocketAddr>,
}

/// Why nothing was connected.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The name has no address.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The policy refuses the host or every address of it.
    #[error(transparent)]
    Policy(#[from] Refused),
    /// The last of the addresses that were tried did not take the connection.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// The name has addresses, but none of the wanted family.
    #[error("the name has no address of the wanted family")]
    Family,
    /// The handshake or the certificate failed.
    #[error("TLS: {0}")]
    Tls(io::Error),
}

/// A stream and where it leads to.
pub struct Dialled {
    /// Connected, and past the TLS handshake where one was wanted.
    pub stream: Stream,
    /// The address at the other end.
    pub address: SocketAddr,
}

/// Opens connections under the policy of this instance.
pub struct Dialer {
    policy: RwLock<Arc<Policy>>,
    resolver: Resolver,
    tls: TlsClient,
}

impl Dialer {
    /// With the system's resolver and certificates. Reads files: call it once, at start.
    pub fn new(policy: Policy) -> Self {
        Self::with_tls(policy, TlsClient::system())
    }

    /// With other certificates than the system's.
    pub fn with_tls(policy: Policy, tls: TlsClient) -> Self {
        Self { policy: RwLock::new(Arc::new(policy)), resolver: Resolver::new(), tls }
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another policy in force, for every dial that begins from now on.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
    }

    /// Whether a host is on this machine or its own networks, as far as is known: what goes there needs no way to the
    /// internet.
    pub fn is_private(&self, host: &Host<String>) -> bool {
        match host {
            Host::Ipv4(address) => tier_of(IpAddr::V4(*address)) != Tier::Public,
            Host::Ipv6(address) => tier_of(IpAddr::V6(*address)) != Tier::Public,
            Host::Domain(name) => self.resolver.is_private(name),
        }
    }

    /// Connects. Does not end by itself before `deadline`; the caller's own timeout is what ends it.
    ///
    /// # Errors
    /// [`DialError`]; `progress` says how far it came.
    pub async fn dial(&self, to: &Destination, deadline: Instant, progress: &mut Dialling) -> Result<Dialled, DialError> {
        let addresses = self.addresses(&to.host, to.family, progress).await?;
        let (stream, address) = self.connect(&addresses, to.port, deadline, progress).await?;
        let mut stream = Stream::plain(stream);
        match &to.tls {
            Some((profile, name)) => stream = self.secure(stream, profile, name, progress).await?,
            None => progress.phase = Phase::Connected,
        }
        Ok(Dialled { stream, address })
    }

    /// Resolves and judges: the addresses of a host that may be spoken to, in the order in which they are to be tried.
    ///
    /// # Errors
    /// [`DialError`]; an answer is never empty.
    pub async fn addresses(&self, host: &Host<String>, family: Family, progress: &mut Dialling) -> Result<Vec<IpAddr>, DialError> {
        let policy = self.policy();
        policy.judge_host(host)?;
        *progress = Dialling::default();
        let list = match host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => {
                let begun = Instant::now();
                let addresses = self.resolver.resolve(name).await?;
                progress.dns_cached = addresses.cached;
                progress.phases.dns_us = Some(if addresses.cached { 0 } else { micros(begun) });
                let permitted = |address: &IpAddr| policy.judge_address(Some(name), *address).is_ok();
                let list: Vec<IpAddr> = addresses.list.iter().copied().filter(permitted).collect();
                if list.is_empty() {
                    return Err(DialError::Policy(Refused));
                }
                list
            }
        };
        let list: Vec<IpAddr> = list.into_iter().filter(|address| is_of(family, *address)).collect();
        if list.is_empty() { Err(DialError::Family) } else { Ok(list) }
    }

    /// Speaks TLS over a connection that was plain so far: at once, or after a STARTTLS.
    ///
    /// # Errors
    /// [`DialError::Tls`].
    pub async fn secure(
        &self,
        stream: Stream,
        profile: &TlsProfile,
        name: &ServerName<'static>,
        progress: &mut Dialling,
    ) -> Result<Stream, DialError> {
        progress.phase = Phase::Securing;
        let begun = Instant::now();
        let stream = stream.into_plain().map_err(DialError::Tls)?;
        let secured = self.tls.handshake(profile, name.clone(), stream).await;
        progress.phases.tls_us = Some(micros(begun));
        let stream = Stream::tls(secured.map_err(DialError::Tls)?);
        progress.phase = Phase::Connected;
        Ok(stream)
    }

    /// The client side of TLS, to judge a chain.
    pub fn tls(&self) -> &TlsClient {
        &self.tls
    }

    /// The name servers of the system.
    pub fn name_servers(&self) -> Vec<SocketAddr> {
        self.resolver.name_servers()
    }

    /// Tries judged addresses one after the other, each with a fair share of what is left of the time.
    async fn connect(
        &self,
        addresses: &[IpAddr],
        port: u16,
        deadline: Instant,
        progress: &mut Dialling,
    ) -> Result<(TcpStream, SocketAddr), DialError> {
        progress.phase = Phase::Connecting;
        let started = Instant::now();
        let mut failure: Option<io::Error> = None;
        for (i, ip) in addresses.iter().enumerate() {
            let address = SocketAddr::new(*ip, port);
            progress.address = Some(address);
            let begun = Instant::now();
            let left = u32::try_from(addresses.len() - i).unwrap_or(1);
            let attempt = TcpStream::connect(address);
            let result = if left == 1 {
                attempt.await
            } else {
                let share = (deadline.saturating_duration_since(begun) / left).max(SMALLEST_SHARE);
                timeout_at(TokioInstant::from_std(begun + share), attempt).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            };
            progress.phases.connect_us = Some(micros(started));
            match result {
                Ok(stream) => {
                    stream.set_nodelay(true).map_err(DialError::Connect)?;
                    return Ok((stream, address));
                }
                // "No route" from a machine without IPv6 says less than what the other family said.
                Err(error) if failure.is_some() && is_local(&error) => {}
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.map_or(DialError::Policy(Refused), DialError::Connect))
    }
}

/// Whether the fault lies on this side: there is no way to that family of addresses.
fn is_local(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
}
