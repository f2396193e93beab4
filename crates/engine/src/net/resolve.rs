//! Names to addresses: the system's own configuration (resolv.conf, hosts, search domains), asked once per name at a time
//! and remembered for at most a minute. Called by the dialer, which judges what comes out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use tokio::sync::OnceCell;

use super::tier::{Tier, tier_of};

/// An answer is used for its own time to live, but never longer than this.
const LONGEST: Duration = Duration::from_secs(60);
/// How many names are remembered.
const NAMES: usize = 16_384;
/// How many addresses of one answer are used.
const ADDRESSES: usize = 8;
/// How often the system's configuration is looked at again.
const RECHECK: Duration = Duration::from_secs(15);
const SOURCES: [&str; 2] = ["/etc/resolv.conf", "/etc/hosts"];

/// Why a name has no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The name does not exist.
    #[error("the name does not exist")]
    NotFound,
    /// The name exists, but has no address.
    #[error("the name has no address")]
    NoAddress,
    /// No name server answered.
    #[error("no name server answered")]
    NoAnswer,
    /// A name server answered with an error.
    #[error("the name server failed")]
    Failed,
}

/// The addresses of a name, in the order in which they are to be tried.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// At least one and at most eight.
    pub list: Arc<[IpAddr]>,
    /// Whether they were known already.
    pub cached: bool,
}

#[derive(Debug)]
struct Answer {
    list: Arc<[IpAddr]>,
    until: Instant,
}

/// One cell per name: the first who asks fills it, whoever comes meanwhile waits for him, and when he gives up another
/// of them takes over.
type Cell = Arc<OnceCell<Answer>>;

/// The system's resolver with a cache in front.
pub struct Resolver {
    system: Mutex<System>,
    names: Mutex<HashMap<Box<str>, Cell>>,
    /// Whether the addresses of a name were all private when it last had some.
    private: Mutex<HashMap<Box<str>, bool>>,
}

struct System {
    resolver: Arc<TokioResolver>,
    changed: [Option<SystemTime>; 2],
    looked: Instant,
}

impl Default for Resolver {
    fn default() -> Self {
        Self::new()
    }
}

impl Resolver {
    /// Reads the system's configuration. Without one, only literal addresses, `localhost` and the hosts file resolve.
    pub fn new() -> Self {
        Self { system: Mutex::new(System::read()), names: Mutex::default(), private: Mutex::default() }
    }

    /// The addresses of a host name (never a literal: the dialer judges those itself).
    ///
    /// # Errors
    /// [`ResolveError`]; failures are not remembered, so that a recovery is seen at once.
    pub async fn resolve(&self, name: &str) -> Result<Addresses, ResolveError> {
        if is_localhost(name) {
            return Ok(Addresses { list: ordered(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()], false), cached: false });
        }
        let now = Instant::now();
        let cell = self.cell(name, now);
        if let Some(answer) = cell.get() {
            return Ok(Addresses { list: answer.list.clone(), cached: true });
        }
        let answer = cell.get_or_try_init(|| self.ask(name)).await;
        if answer.is_err() {
            self.forget(name, &cell);
        }
        answer.map(|answer| Addresses { list: answer.list.clone(), cached: false })
    }

    /// Who the system asks, in its order.
    pub fn name_servers(&self) -> Vec<SocketAddr> {
        match hickory_resolver::system_conf::read_system_conf() {
            Ok((config, _)) => config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect(),
            // Said when the resolver was made.
            Err(_) => Vec::new(),
        }
    }

    fn cell(&self, name: &str, now: Instant) -> Cell {
        let mut names = lock(&self.names);
        let fresh = |cell: &Cell| cell.get().is_none_or(|answer| answer.until > now);
        if let Some(cell) = names.get(name).filter(|cell| fresh(cell)) {
            return cell.clone();
        }
        let cell = Cell::default();
        if names.len() >= NAMES && !names.contains_key(name) {
            names.retain(|_, cell| fresh(cell));
        }
        // More live names than we remember: this one is asked for every time, which is slower and still right.
        if names.len() < NAMES {
            names.insert(name.into(), cell.clone());
        }
        cell
    }

    fn forget(&self, name: &str, cell: &Cell) {
        let mut names = lock(&self.names);
        // Somebody else may still be waiting for this cell, or a newer one may stand there already.
        if names.get(name).is_some_and(|own| Arc::ptr_eq(own, cell) && Arc::strong_count(own) <= 2) {
            names.remove(name);
        }
    }

    /// Remembers where a name leads, also for when no name server answers any more.
    fn note(&self, name: &str, list: &[IpAddr]) {
        let private = list.iter().all(|address| tier_of(*address) != Tier::Public);
        let mut known = lock(&self.private);
        if known.len() < NAMES || known.contains_key(name) {
            known.insert(name.into(), private);
        }
    }

    /// Whether a name leads to this machine and its own networks alone, as far as is known.
    pub fn is_private(&self, name: &str) -> bool {
        is_localhost(name) || lock(&self.private).get(name).copied().unwrap_or(false)
    }

    async fn ask(&self, name: &str) -> Result<Answer, ResolveError> {
        let resolver = lock(&self.system).current();
        let lookup = resolver.lookup_ip(name).await.map_err(|error| classify(&error))?;
        let list: Vec<IpAddr> = lookup.iter().collect();
        if list.is_empty() {
            return Err(ResolveError::NoAddress);
        }
        self.note(name, &list);
        let until = lookup.valid_until().min(Instant::now() + LONGEST);
        Ok(Answer { list: ordered(list, has_ipv6_route()), until })
    }
}

impl System {
    fn read() -> Self {
        let builder = TokioResolver::builder_tokio().unwrap_or_else(|error| {
            tracing::warn!(%error, "dns.config: /etc/resolv.conf cannot be read, only the hosts file is used");
            TokioResolver::builder_with_config(ResolverConfig::default(), TokioRuntimeProvider::default())
        });
        let build = |mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>| {
            let options = builder.options_mut();
            options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            // Our own cache says whether an answer came from it; a second one behind it would lie.
            options.cache_size = 0;
            builder.build()
        };
        let resolver = build(builder).or_else(|error| {
            tracing::warn!(%error, "dns.config: the system's resolver cannot be used, only the hosts file is");
            build(TokioResolver::builder_with_config(ResolverConfig::default(), TokioRuntimeProvider::default()))
        });
        #[expect(clippy::expect_used, reason = "an empty configuration has nothing in it that could be refused")]
        let resolver = resolver.expect("an empty configuration builds");
        Self { resolver: Arc::new(resolver), changed: SOURCES.map(modified), looked: Instant::now() }
    }

    /// The resolver, read anew when the system's files have changed: a laptop moves, a container is renamed.
    fn current(&mut self) -> Arc<TokioResolver> {
        if self.looked.elapsed() >= RECHECK {
            self.looked = Instant::now();
            if SOURCES.map(modified) != self.changed {
                *self = Self::read();
            }
        }
        self.resolver.clone()
    }
}

fn modified(path: &str) -> Option<SystemTime> {
    Path::new(path).metadata().and_then(|data| data.modified()).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `localhost` and what is below it is this machine, whatever a name server says (RFC 6761, 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some(start) = name.len().checked_sub("localhost".len()) else {
        return false;
    };
    name.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case("localhost"))
        && (start == 0 || name.get(..start).is_some_and(|head| head.ends_with('.')))
}

fn classify(error: &NetError) -> ResolveError {
    if error.is_nx_domain() {
        ResolveError::NotFound
    } else if error.is_no_records_found() {
        ResolveError::NoAddress
    } else if matches!(error, NetError::Timeout | NetError::NoConnections | NetError::Io(_)) {
        ResolveError::NoAnswer
    } else if matches!(error, NetError::Proto(_)) {
        // What cannot be put into a question cannot be a name.
        ResolveError::NotFound
    } else {
        ResolveError::Failed
    }
}

/// Alternates between the families, so that one broken family costs one attempt, not all of them (RFC 8305, 4).
fn ordered(list: Vec<IpAddr>, v6_first: bool) -> Arc<[IpAddr]> {
    let (v6, v4): (Vec<_>, Vec<_>) = list.into_iter().partition(IpAddr::is_ipv6);
    let (first, second) = if v6_first { (v6, v4) } else { (v4, v6) };
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::new();
    loop {
        let pair = [first.next(), second.next()];
        if pair == [None, None] {
            break;
        }
        all.extend(pair.into_iter().flatten());
    }
    all.truncate(ADDRESSES);
    all.into()
}

/// Whether the kernel knows a way to the IPv6 internet: connecting a datagram socket sends nothing.
fn has_ipv6_route() -> bool {
    const SOMEWHERE: Ipv6Addr = Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888);
    UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect((SOMEWHERE, 53))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_a_whole_label() {
        assert!(["localhost", "LOCALHOST.", "app.localhost"].into_iter().all(is_localhost));
        assert!(!["notlocalhost", "localhost.example", "ost", "é"].into_iter().any(is_localhost));
    }

    #[test]
    fn families_alternate() {
        let parse = |text: &str| text.parse::<IpAddr>().expect(text);
        let list = ["1.1.1.1", "1.0.0.1", "8.8.8.8", "2606:4700::1"].map(parse).to_vec();
        let texts = |v6_first| ordered(list.clone(), v6_first).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts(true), ["2606:4700::1", "1.1.1.1", "1.0.0.1", "8.8.8.8"]);
        assert_eq!(texts(false), ["1.1.1.1", "2606:4700::1", "1.0.0.1", "8.8.8.8"]);
    }

    #[tokio::test]
    async fn an_answer_is_cached_and_a_failure_is_not() {
        let resolver = Resolver::new();
        let answer = Answer { list: ordered(vec![Ipv4Addr::LOCALHOST.into()], false), until: Instant::now() + LONGEST };
        assert!(resolver.cell("kept.example", Instant::now()).set(answer).is_ok());
        assert!(resolver.resolve("kept.example").await.expect("known").cached);
        let later = Instant::now() + LONGEST + LONGEST;
        assert!(resolver.cell("kept.example", later).get().is_none(), "an old answer is not used");
        assert!(resolver.resolve("no such name").await.is_err());
        assert!(!lock(&resolver.names).contains_key("no such name"));
    }

    #[test]
    fn the_cache_is_bounded() {
        let resolver = Resolver::new();
        for i in 0..NAMES + 100 {
            resolver.cell(&format!("{i}.example"), Instant::now());
        }
        assert!(lock(&resolver.names).len() <= NAMES);
    }
}
