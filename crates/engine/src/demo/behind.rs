//! What stands behind the invented web services: databases, caches, brokers, certificates, domains, jobs. Every ninth monitor is one of them,
//! and the last two are groups.
//!
//! Invariant: like everything invented, which one a number stands for follows from the number alone.

use domain::check::{Phases, Reason};
use domain::kind::Kind;

use super::{DNS_PORT, GRPC_PORT, PORT, POSTGRES_PORT, RECORD, REDIS_PORT, SMTP_PORT, SSH_PORT, TLS_PORT, WEBSOCKET_PORT, model::MONITORS};

/// One of them: what kind it is, what people call it, the label of its host, how often it is looked at, and about how long that
/// takes, in microseconds.
struct Behind(Kind, &'static str, &'static str, u32, f64);

const BEHIND: [Behind; 37] = [
    Behind(Kind::Postgres, "Orders database", "orders-db", 60, 2_600.0),
    Behind(Kind::Redis, "Session cache", "sessions-cache", 30, 700.0),
    Behind(Kind::Ping, "Edge router", "edge", 60, 380.0),
    Behind(Kind::Tls, "Certificate of the shop", "shop", 3_600, 3_200.0),
    Behind(Kind::Heartbeat, "Nightly export", "export", 3_600, 41e6),
    Behind(Kind::Tcp, "Message broker", "broker", 60, 600.0),
    Behind(Kind::Dns, "Name of the shop", "shop", 300, 900.0),
    Behind(Kind::Smtp, "Mail relay", "relay", 300, 1_500.0),
    Behind(Kind::Heartbeat, "Invoice run", "invoices", 900, 12e6),
    Behind(Kind::Grpc, "Pricing service", "pricing", 60, 1_900.0),
    Behind(Kind::Websocket, "Live updates", "live", 60, 2_000.0),
    Behind(Kind::Ssh, "Bastion", "bastion", 300, 1_200.0),
    Behind(Kind::Postgres, "Accounts database", "accounts-db", 60, 2_400.0),
    Behind(Kind::Redis, "Rate limits", "limits", 60, 650.0),
    Behind(Kind::Tls, "Certificate of the interface", "api", 3_600, 3_100.0),
    Behind(Kind::Domain, "Domain of the shop", "acme-shop", 43_200, 2_500.0),
    Behind(Kind::Tcp, "Log collector", "logs", 60, 620.0),
    Behind(Kind::Heartbeat, "Backup of orders", "backup", 3_600, 48e6),
    Behind(Kind::Tcp, "Metrics store", "metrics", 60, 640.0),
    Behind(Kind::Dns, "Name of the interface", "api", 300, 950.0),
    Behind(Kind::Postgres, "Reports database", "reports-db", 300, 3_100.0),
    Behind(Kind::Ping, "Warehouse uplink", "warehouse", 60, 420.0),
    Behind(Kind::Redis, "Job queue", "jobs", 30, 680.0),
    Behind(Kind::Smtp, "Mail intake", "intake", 300, 1_600.0),
    Behind(Kind::Heartbeat, "Stock import", "stock", 900, 22e6),
    Behind(Kind::Tls, "Certificate of the mail relay", "relay", 3_600, 3_300.0),
    Behind(Kind::Grpc, "Recommendation service", "recommend", 60, 2_100.0),
    Behind(Kind::Tcp, "Search index", "index", 30, 610.0),
    Behind(Kind::Ssh, "Deploy host", "deploy", 300, 1_250.0),
    Behind(Kind::Websocket, "Support chat", "chat", 60, 2_200.0),
    Behind(Kind::Tls, "Certificate of the admin", "admin", 3_600, 3_000.0),
    Behind(Kind::Tcp, "Object storage", "objects", 60, 660.0),
    Behind(Kind::Postgres, "Catalog database", "catalog-db", 60, 2_500.0),
    Behind(Kind::Heartbeat, "Mail digest", "digest", 3_600, 33e6),
    Behind(Kind::Ping, "Office uplink", "office", 60, 400.0),
    Behind(Kind::Domain, "Domain of the interface", "acme-api", 43_200, 2_600.0),
    Behind(Kind::Redis, "Page cache", "pages", 60, 690.0),
];
const REGIONS: [(&str, &str); 3] = [("", ""), (" EU", "eu."), (" US", "us.")];

/// A group: its name, who belongs to it, and how many of them have to be up when not all have to.
pub(super) struct Group(pub &'static str, pub &'static [u32], pub Option<u32>);

const GROUPS: [Group; 2] = [Group("All of payments", &[7, 32, 57, 82, 107], None), Group("Shop, any region", &[0, 250, 500, 750], Some(1))];

/// Who depends on whom: the web services of orders, sessions and the gateway on what stands behind them.
const PARENTS: [(u32, &[u32]); 6] = [(6, &[4]), (17, &[13]), (37, &[22]), (42, &[13]), (56, &[4, 22]), (92, &[13])];

/// What a number stands for when it is no web service.
pub(super) struct Other {
    pub kind: Kind,
    pub name: String,
    /// Host or domain, as messages name it.
    pub host: String,
    pub interval_seconds: u32,
    pub base_us: f64,
    /// The fields of the kind.
    pub fields: Vec<(&'static str, String)>,
}

/// The group of a number.
pub(super) fn group(number: u32) -> Option<&'static Group> {
    let first = MONITORS - u32::try_from(GROUPS.len()).unwrap_or(0);
    GROUPS.get(usize::try_from(number.checked_sub(first)?).ok()?)
}

/// What a number depends on.
pub(super) fn parents(number: u32) -> &'static [u32] {
    PARENTS.iter().find(|(child, _)| *child == number).map_or(&[], |(_, parents)| parents)
}

/// What a number stands for, when it is no web service.
pub(super) fn other(number: u32) -> Option<Other> {
    if let Some(Group(name, ..)) = group(number) {
        let name = (*name).to_owned();
        return Some(Other { kind: Kind::Group, host: name.clone(), name, interval_seconds: 60, base_us: 0.0, fields: Vec::new() });
    }
    let index = usize::try_from(number / 9).ok().filter(|_| number % 9 == 4)?;
    let Behind(kind, name, label, interval_seconds, base_us) = BEHIND.get(index % BEHIND.len())?;
    let (place, region) = REGIONS.get(index / BEHIND.len()).copied().unwrap_or_default();
    let host = match kind {
        Kind::Domain => format!("{label}{}.example", region.trim_end_matches('.')),
        _ => format!("{label}.{region}acme.localhost"),
    };
    let fields = fields(*kind, &host);
    Some(Other { kind: *kind, name: format!("{name}{place}"), host, interval_seconds: *interval_seconds, base_us: *base_us, fields })
}

/// What is checked: the demo's own servers, under names that lead to the loopback interface.
fn fields(kind: Kind, host: &str) -> Vec<(&'static str, String)> {
    let at = |port: u16| ("address", format!("{host}:{port}"));
    match kind {
        Kind::Tcp => vec![at(PORT)],
        Kind::Ping => vec![("host", host.to_owned())],
        Kind::Dns => {
            vec![
                ("query", host.replace("localhost", "example")),
                ("resolver", format!("127.0.0.1:{DNS_PORT}")),
                ("expected", RECORD.into()),
            ]
        }
        // The certificate is made when the directory is filled.
        Kind::Tls => vec![at(TLS_PORT)],
        Kind::Websocket => vec![("url", format!("ws://{host}:{WEBSOCKET_PORT}/"))],
        Kind::Grpc => vec![at(GRPC_PORT), ("plaintext", "on".into())],
        Kind::Domain => vec![("domain", host.to_owned()), ("rdap_server", format!("http://127.0.0.1:{PORT}/rdap"))],
        Kind::Postgres => vec![at(POSTGRES_PORT), ("username", "loopr".into()), ("security", "none".into())],
        Kind::Redis => vec![at(REDIS_PORT)],
        Kind::Smtp => vec![at(SMTP_PORT), ("security", "none".into())],
        Kind::Ssh => vec![at(SSH_PORT)],
        _ => Vec::new(),
    }
}

/// The hosts whose certificates are looked at.
pub(super) fn secured() -> impl Iterator<Item = String> {
    (0..MONITORS).filter_map(other).filter(|other| other.kind == Kind::Tls).map(|other| other.host)
}

/// What an outage of a web service is for another kind.
pub(super) fn reason(kind: Kind, of_web: Reason) -> Reason {
    match (kind, of_web) {
        (Kind::Heartbeat, _) => Reason::Late,
        (Kind::Ping, _) => Reason::Timeout,
        (Kind::Group, _) => Reason::Members,
        (Kind::Http, reason) => reason,
        (Kind::Postgres | Kind::Redis | Kind::Grpc, Reason::Status) => Reason::NotServing,
        (_, Reason::Status) => Reason::Refused,
        (_, reason) => reason,
    }
}

/// The status of a success.
pub(super) fn status(kind: Kind) -> Option<u16> {
    match kind {
        Kind::Http | Kind::Domain => Some(200),
        Kind::Websocket => Some(101),
        Kind::Smtp => Some(250),
        _ => None,
    }
}

/// Where the time of a check goes.
pub(super) fn phases(kind: Kind, total_us: u32) -> Phases {
    let part = |thousandths: u32| Some(u32::try_from(u64::from(total_us) * u64::from(thousandths) / 1_000).unwrap_or(0));
    match kind {
        Kind::Http | Kind::Domain => {
            Phases { dns_us: part(30), connect_us: part(90), tls_us: None, first_byte_us: part(820), download_us: part(60) }
        }
        Kind::Tcp => Phases { dns_us: part(100), connect_us: part(900), ..Phases::default() },
        Kind::Tls => Phases { dns_us: part(30), connect_us: part(120), tls_us: part(850), ..Phases::default() },
        Kind::Dns => Phases { first_byte_us: part(1_000), ..Phases::default() },
        Kind::Ping | Kind::Heartbeat | Kind::Group => Phases::default(),
        _ => Phases { dns_us: part(40), connect_us: part(160), first_byte_us: part(800), ..Phases::default() },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_tenth_is_not_of_the_web_and_every_kind_but_one_is_there() {
        let others: Vec<Other> = (0..MONITORS).filter_map(other).collect();
        assert_eq!(others.len(), 113);
        let names: BTreeSet<&str> = others.iter().map(|other| other.name.as_str()).collect();
        assert_eq!(names.len(), others.len(), "each has a name of its own");
        let kinds: BTreeSet<Kind> = others.iter().map(|other| other.kind).collect();
        assert_eq!(kinds.len(), Kind::ALL.len() - 2, "all but HTTP, and MySQL");
    }

    #[test]
    fn members_and_parents_come_before_who_needs_them() {
        for number in 0..MONITORS {
            let members = group(number).map_or(&[][..], |group| group.1);
            assert!(members.iter().chain(parents(number)).all(|other| *other < number), "{number}");
            assert!(
                parents(number).iter().all(|parent| other(*parent).is_some()) && (parents(number).is_empty() || other(number).is_none())
            );
        }
    }
}
