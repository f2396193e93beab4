//! The invented services: what they are called, how fast they are, when they were down. Everything follows from a
//! number, so that history and the living target agree.

use domain::Timestamp;
use domain::check::{Failure, Reason};
use domain::kind::Kind;
use domain::time::{DAY_MS, HOUR_MS};

use super::behind;

/// Monitors of the demo.
pub(super) const MONITORS: u32 = 1_000;

const PRODUCTS: [&str; 25] = [
    "Checkout",
    "Search",
    "Accounts",
    "Billing",
    "Catalog",
    "Inventory",
    "Orders",
    "Payments",
    "Shipping",
    "Notifications",
    "Media",
    "Reports",
    "Gateway",
    "Identity",
    "Pricing",
    "Reviews",
    "Recommendations",
    "Sessions",
    "Support",
    "Tax",
    "Uploads",
    "Vouchers",
    "Warehouse",
    "Webhooks",
    "Wishlist",
];
const PARTS: [&str; 10] = ["API", "web", "admin", "worker", "docs", "status", "callback", "health", "login", "export"];
const PLACES: [(&str, &str); 4] = [("", "production"), (" staging", "staging"), (" EU", "production"), (" US", "production")];
const TEAMS: [&str; 6] = ["commerce", "platform", "growth", "data", "logistics", "core"];

/// A small generator: SplitMix64, deterministic, good enough to look like chance.
pub(super) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    /// Between 0 and 1.
    pub fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap_or(0)) / 4_294_967_296.0
    }
}

/// An invented service.
pub(super) struct Service {
    pub number: u32,
    pub kind: Kind,
    pub name: String,
    /// What messages name it by.
    pub host: String,
    /// The fields of its kind.
    pub fields: Vec<(&'static str, String)>,
    pub tags: String,
    pub interval_seconds: u32,
    pub paused: bool,
    /// Its usual latency.
    base_us: f64,
    /// When it was down: in order, never touching.
    pub outages: Vec<Outage>,
    /// When somebody worked on it.
    pub maintenance: Option<(Timestamp, Timestamp)>,
}

/// A time in which a service is down.
pub(super) struct Outage {
    pub from: Timestamp,
    pub to: Timestamp,
    pub reason: Reason,
}

impl Service {
    /// The n-th of all, with a year of outages before `now`.
    pub fn new(number: u32, now: Timestamp) -> Self {
        let web = Self::web(number, now);
        let Some(other) = behind::other(number) else { return web };
        let interval_ms = i64::from(other.interval_seconds) * 1_000;
        let mut chance = Chance::new(u64::from(number) ^ 0xbe41);
        let mut found = match (other.kind, behind::group(number)) {
            (_, Some(group)) => group_outages(group, now),
            // A registration and a certificate do not come and go.
            (Kind::Domain | Kind::Tls, _) => Vec::new(),
            _ => outages(&mut chance, number, now, interval_ms),
        };
        found.iter_mut().for_each(|outage| outage.reason = behind::reason(other.kind, outage.reason));
        Self {
            kind: other.kind,
            name: other.name,
            host: other.host,
            fields: other.fields,
            tags: format!("production, {}", TEAMS.get(usize::try_from(number % 5 + 1).unwrap_or(0)).copied().unwrap_or("core")),
            interval_seconds: other.interval_seconds,
            paused: false,
            base_us: other.base_us,
            outages: found,
            ..web
        }
    }

    /// The n-th web service.
    pub fn web(number: u32, now: Timestamp) -> Self {
        let mut chance = Chance::new(u64::from(number) ^ 0x1009);
        let pick = |n: u32, by: u32| usize::try_from(number / by % n).unwrap_or(0);
        let product = PRODUCTS.get(pick(25, 1)).copied().unwrap_or("Service");
        let part = PARTS.get(pick(10, 25)).copied().unwrap_or("API");
        let (place, environment) = PLACES.get(pick(4, 250)).copied().unwrap_or_default();
        let team = TEAMS.get(pick(6, 4)).copied().unwrap_or("core");
        let interval_seconds = match chance.below(20) {
            0 => 10,
            1 | 2 => 30,
            3..=10 => 60,
            _ => 300,
        };
        let region = if place.is_empty() { String::new() } else { format!("{}.", place.trim().to_lowercase()) };
        let host = format!("{}.{region}{}.localhost:{}", part.to_lowercase(), product.to_lowercase(), super::PORT);
        let base_us = 2_000.0 * 10f64.powf(chance.share() * 2.2);
        let paused = number % 83 == 41;
        let outages = outages(&mut chance, number, now, i64::from(interval_seconds) * 1_000);
        Self {
            number,
            kind: Kind::Http,
            name: format!("{product} {part}{place}"),
            fields: vec![("url", format!("http://{host}{}", if part == "API" { "/health" } else { "/" }))],
            host,
            maintenance: None,
            tags: format!("{environment}, {team}"),
            interval_seconds,
            paused,
            base_us,
            outages,
        }
    }

    /// Somebody works on it in a time; nothing is wrong with it meanwhile.
    pub fn maintained(&mut self, from: Timestamp, to: Timestamp) {
        self.outages.retain(|outage| outage.to < from || outage.from > to);
        self.maintenance = Some((from, to));
    }

    /// Why it is down at an instant.
    pub fn down(&self, at: Timestamp) -> Option<Reason> {
        let next = self.outages.partition_point(|outage| outage.to <= at);
        self.outages.get(next).filter(|outage| outage.from <= at).map(|outage| outage.reason)
    }

    /// What a check says that ended for a reason, in the words of a real one, and the status that came back.
    pub fn failure(&self, reason: Reason) -> (Failure, Option<u16>) {
        let host = &self.host;
        let (message, status) = match reason {
            Reason::Timeout => (format!("{host} did not answer within 10 s. Raise the timeout or check the host."), None),
            Reason::Refused => (format!("{host} refused the connection. Check that the service runs and listens on this port."), None),
            Reason::Dns => (format!("The name {host} does not exist. Check its spelling and its DNS records."), None),
            Reason::Late => ("No signal came in time. Look at the job, and whether it reaches this address.".to_owned(), None),
            Reason::NotServing => (format!("{host} does not serve: it is starting up."), None),
            Reason::Members => ("Not enough of its members are up.".to_owned(), None),
            _ => (format!("{host} answered 503, and 200-299 is expected."), Some(503)),
        };
        (Failure { reason, message }, status)
    }

    /// A latency at an instant: slower in working hours, with a tail, and now and then a bad hour.
    pub fn latency_us(&self, at: Timestamp, chance: &mut Chance) -> u32 {
        let hour = f64::from(i32::try_from(at.as_millis().rem_euclid(DAY_MS) / 60_000).unwrap_or(0)) / 60.0;
        let day = 1.0 + 0.35 * ((hour - 14.0) / 24.0 * std::f64::consts::TAU).cos();
        let bad = Chance::new(u64::try_from(at.as_millis() / HOUR_MS).unwrap_or(0) ^ u64::from(self.number) << 20).below(160) == 0;
        let tail = if chance.below(25) == 0 { 1.5 + chance.share() * 3.0 } else { 1.0 };
        let noise = 0.85 + chance.share() * 0.4;
        let us = self.base_us * day * noise * tail * if bad { 2.6 } else { 1.0 };
        // Truncation is all that is wanted here; a latency is far below the largest number.
        u32::try_from(std::time::Duration::from_secs_f64(us / 1e6).as_micros()).unwrap_or(u32::MAX)
    }
}

/// A group is down while too few of its members are up.
fn group_outages(group: &behind::Group, now: Timestamp) -> Vec<Outage> {
    let members: Vec<Service> = group.1.iter().map(|number| Service::new(*number, now)).collect();
    let least = group.2.map_or(members.len(), |least| usize::try_from(least).unwrap_or(1));
    let mut edges: Vec<Timestamp> = members.iter().flat_map(|member| member.outages.iter().flat_map(|o| [o.from, o.to])).collect();
    edges.sort_unstable();
    let mut out: Vec<Outage> = Vec::new();
    for (from, to) in edges.iter().copied().zip(edges.iter().copied().skip(1)).filter(|(from, to)| from < to) {
        if members.iter().filter(|member| member.down(from).is_none()).count() >= least {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.to == from => last.to = to,
            _ => out.push(Outage { from, to, reason: Reason::Members }),
        }
    }
    out
}

fn outages(chance: &mut Chance, number: u32, now: Timestamp, interval_ms: i64) -> Vec<Outage> {
    let year = 365 * DAY_MS;
    let mut starts: Vec<i64> =
        (0..chance.below(7)).map(|_| i64::try_from(chance.below(u64::try_from(year).unwrap_or(1))).unwrap_or(0)).collect();
    starts.sort_unstable();
    let mut out: Vec<Outage> = Vec::new();
    for start in starts {
        let begins = now.as_millis() - year + start;
        let minutes = 2.0 * 10f64.powf(chance.share() * 2.0);
        let length = i64::try_from(std::time::Duration::from_secs_f64(minutes * 60.0).as_millis()).unwrap_or(0).max(2 * interval_ms);
        let after_last = out.last().is_none_or(|last| begins > last.to.as_millis() + 10 * interval_ms);
        if after_last && begins + length < now.as_millis() - HOUR_MS {
            let reason = match chance.below(12) {
                0..=2 => Reason::Timeout,
                3 | 4 => Reason::Refused,
                5 => Reason::Dns,
                _ => Reason::Status,
            };
            out.push(Outage { from: Timestamp::from_millis(begins), to: Timestamp::from_millis(begins + length), reason });
        }
    }
    // A few are down right now, and stay so for a while; a few were until lately.
    let lately = match number {
        0 => Some((6, -90)),
        377 => Some((48, -45)),
        731 => Some((190, -600)),
        26 | 402 | 655 => Some((150, 95)),
        _ => None,
    };
    if let Some((from, to)) = lately {
        let minute = |m: i64| Timestamp::from_millis(now.as_millis() - m * 60_000);
        // The living target answers like that.
        out.push(Outage { from: minute(from), to: minute(to), reason: Reason::Status });
    }
    out
}
