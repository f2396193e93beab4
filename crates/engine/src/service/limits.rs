//! Slows guessing down without locking anybody out: a bucket an address, a bucket an account. The account's bucket does
//! not count for addresses from which its owner has signed in before, so an attacker elsewhere cannot keep them out.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::{AppError, Code};

use crate::clock::Clock;

/// Tries that an address has at once, and how long one takes to come back.
const PER_ADDRESS: (u32, Duration) = (20, Duration::from_secs(6));
/// Tries against one account from unknown addresses.
const PER_ACCOUNT: (u32, Duration) = (10, Duration::from_secs(30));
/// Expensive requests of one signed-in account, such as "Test now".
const PER_ACTOR: (u32, Duration) = (30, Duration::from_secs(2));
/// Signals of one heartbeat.
const PER_HEARTBEAT: (u32, Duration) = (60, Duration::from_secs(1));
/// Mails that somebody asks for to one mailbox, whoever asks.
const PER_MAILBOX: (u32, Duration) = (5, Duration::from_secs(600));
/// Mails that one account has sent to addresses of its choice.
const PER_WRITER: (u32, Duration) = (20, Duration::from_secs(180));
/// Buckets kept of each kind; the fullest are forgotten first.
const KEPT: usize = 50_000;

struct Buckets<K> {
    size: u32,
    refill: Duration,
    /// When each bucket will be full again, on monotonic time.
    full_at: Mutex<HashMap<K, Duration>>,
}

impl<K: Hash + Eq> Buckets<K> {
    fn new((size, refill): (u32, Duration)) -> Self {
        Self { size, refill, full_at: Mutex::default() }
    }

    /// Takes one; how long to wait when there is none (generic cell rate algorithm).
    fn take(&self, key: K, now: Duration) -> Result<(), Duration> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            buckets.retain(|_, full_at| *full_at > now);
        }
        let full_at = buckets.get(&key).copied().unwrap_or(now).max(now) + self.refill;
        let latest = now + self.refill * self.size;
        if full_at > latest {
            return Err(full_at - latest);
        }
        buckets.insert(key, full_at);
        Ok(())
    }
}

/// The limits of the instance.
pub(crate) struct Limits {
    clock: Clock,
    addresses: Buckets<IpAddr>,
    accounts: Buckets<String>,
    actors: Buckets<u128>,
    heartbeats: Buckets<u128>,
    mailboxes: Buckets<String>,
    writers: Buckets<u128>,
    /// Addresses from which an account has signed in lately.
    known: Mutex<HashMap<(String, IpAddr), Duration>>,
}

impl Limits {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            addresses: Buckets::new(PER_ADDRESS),
            accounts: Buckets::new(PER_ACCOUNT),
            actors: Buckets::new(PER_ACTOR),
            heartbeats: Buckets::new(PER_HEARTBEAT),
            mailboxes: Buckets::new(PER_MAILBOX),
            writers: Buckets::new(PER_WRITER),
            known: Mutex::default(),
        }
    }

    /// A try at a password or a secret from an address, against an account if one is named.
    pub fn try_secret(&self, address: IpAddr, account: Option<&str>) -> Result<(), AppError> {
        let now = self.clock.elapsed();
        self.addresses.take(network(address), now).map_err(too_many)?;
        match account {
            Some(account) if !self.is_known(account, address) => self.accounts.take(account.to_owned(), now).map_err(too_many),
            _ => Ok(()),
        }
    }

    /// An expensive request of an account or token.
    pub fn try_expensive(&self, actor: u128) -> Result<(), AppError> {
        self.actors.take(actor, self.clock.elapsed()).map_err(too_many)
    }

    /// A signal of a heartbeat.
    pub fn try_signal(&self, monitor: u128) -> Result<(), AppError> {
        self.heartbeats.take(monitor, self.clock.elapsed()).map_err(too_many)
    }

    /// A mail that somebody asks for. Unknown addresses are counted like others: a refusal tells nothing.
    pub fn try_mail(&self, address: &str) -> Result<(), AppError> {
        self.mailboxes.take(address.to_owned(), self.clock.elapsed()).map_err(|wait| {
            let message = format!("Too many mails to {address}. Look for them there, or wait {} and try again.", rounded(wait));
            AppError::new(Code::RateLimited, message)
        })
    }

    /// A mail of an account to an address of its choice.
    pub fn try_write(&self, account: u128) -> Result<(), AppError> {
        self.writers.take(account, self.clock.elapsed()).map_err(too_many)
    }

    /// The owner signed in from here.
    pub fn remember(&self, account: &str, address: IpAddr) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert((account.to_owned(), network(address)), self.clock.elapsed());
    }

    fn is_known(&self, account: &str, address: IpAddr) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(account.to_owned(), network(address)))
    }
}

/// One customer has a whole /64 of IPv6.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            v6.to_ipv4_mapped().map_or_else(|| IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into()), IpAddr::V4)
        }
    }
}

fn too_many(wait: Duration) -> AppError {
    AppError::new(Code::RateLimited, format!("Too many tries. Wait {} and try again.", rounded(wait)))
}

fn rounded(wait: Duration) -> String {
    domain::words::duration(Duration::from_secs(wait.as_secs().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn an_attacker_is_slowed_and_the_owner_is_not() {
        let clock = Clock::manual(Timestamp::default());
        let limits = Limits::new(clock.clone());
        let owner: IpAddr = "203.0.113.9".parse().expect("address");
        limits.remember("ada@example.com", owner);
        let refused = (0..60u8).filter(|n| limits.try_secret([198, 51, 100, *n].into(), Some("ada@example.com")).is_err()).count();
        assert_eq!(refused, 50);
        assert!(limits.try_secret(owner, Some("ada@example.com")).is_ok());
        clock.advance(Duration::from_secs(30));
        assert!(limits.try_secret([198, 51, 100, 99].into(), Some("ada@example.com")).is_ok());
    }

    #[test]
    fn a_whole_v6_network_is_one_address() {
        let limits = Limits::new(Clock::manual(Timestamp::default()));
        let address = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, n]);
        let refused = (0..30).filter(|n| limits.try_secret(address(*n), None).is_err()).count();
        assert_eq!(refused, 10);
    }
}
