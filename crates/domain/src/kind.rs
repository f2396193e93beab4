//! The kinds of monitors. A kind is one file below `kind/`: its settings, the fields of its form section, and how the text
//! in those fields becomes the settings. The form, the REST interface and the database know fields only, so a new kind
//! costs none of them a line.
//!
//! What is kept of a monitor is the text of its fields, normalised ([`Values`]); the settings are read from it. Invariant:
//! text that was accepted once reads back as the same settings.

use std::collections::BTreeMap;

use crate::alert::ChannelKind;

#[cfg(feature = "ssr")]
pub mod address;
#[cfg(feature = "ssr")]
mod reader;
#[cfg(feature = "ssr")]
pub mod reference;
#[cfg(feature = "ssr")]
mod target;

pub mod dns;
pub mod field;
pub mod group;
pub mod grpc;
pub mod heartbeat;
pub mod http;
pub mod mysql;
pub mod ping;
pub mod postgres;
pub mod redis;
pub mod registration;
pub mod smtp;
pub mod ssh;
pub mod tcp;
pub mod tls;
pub mod websocket;

pub use field::{Field, Fields, Input};
#[cfg(feature = "ssr")]
pub use reader::Reader;
#[cfg(feature = "ssr")]
pub(crate) use reader::resolve;
#[cfg(feature = "ssr")]
pub use target::Target;

/// The text of fields by their names; what is empty is left out.
pub type Values = BTreeMap<String, String>;

/// A kind of monitor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A request over HTTP.
    #[default]
    Http,
    /// A TCP connection, and perhaps some text over it.
    Tcp,
    /// ICMP echo.
    Ping,
    /// A question to a name server.
    Dns,
    /// A certificate.
    Tls,
    /// A websocket.
    Websocket,
    /// The standard health service of gRPC.
    Grpc,
    /// The registration of a domain.
    Domain,
    /// Signals that come in by themselves.
    Heartbeat,
    /// A PostgreSQL server.
    Postgres,
    /// A MySQL or MariaDB server.
    Mysql,
    /// A Redis or Valkey server.
    Redis,
    /// A mail server.
    Smtp,
    /// An SSH server.
    Ssh,
    /// Other monitors together.
    Group,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 15] = [
        Self::Http,
        Self::Tcp,
        Self::Ping,
        Self::Dns,
        Self::Tls,
        Self::Websocket,
        Self::Grpc,
        Self::Domain,
        Self::Heartbeat,
        Self::Postgres,
        Self::Mysql,
        Self::Redis,
        Self::Smtp,
        Self::Ssh,
        Self::Group,
    ];

    /// The stable name: in JSON, in the database, in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
            Self::Ping => "ping",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Websocket => "websocket",
            Self::Grpc => "grpc",
            Self::Domain => "domain",
            Self::Heartbeat => "heartbeat",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Redis => "redis",
            Self::Smtp => "smtp",
            Self::Ssh => "ssh",
            Self::Group => "group",
        }
    }

    /// Reads a stable name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Tcp => "TCP",
            Self::Ping => "Ping",
            Self::Dns => "DNS",
            Self::Tls => "Certificate",
            Self::Websocket => "WebSocket",
            Self::Grpc => "gRPC",
            Self::Domain => "Domain",
            Self::Heartbeat => "Heartbeat",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Redis => "Redis",
            Self::Smtp => "SMTP",
            Self::Ssh => "SSH",
            Self::Group => "Group",
        }
    }

    /// What it is good for, in a line.
    pub fn line(self) -> &'static str {
        match self {
            Self::Http => "A web page or an API: status, headers, body, certificate.",
            Self::Tcp => "A port that takes connections; with or without TLS and a few words.",
            Self::Ping => "A host that answers ICMP echo: loss, latency, jitter.",
            Self::Dns => "A name that resolves to what it should.",
            Self::Tls => "A certificate: its days left, its chain, its name.",
            Self::Websocket => "A websocket that opens, and perhaps answers.",
            Self::Grpc => "A gRPC service that says it is serving.",
            Self::Domain => "A domain that is not about to expire.",
            Self::Heartbeat => "A job that reports in: cron jobs, backups, batch work.",
            Self::Postgres => "A PostgreSQL server that lets in and answers.",
            Self::Mysql => "A MySQL or MariaDB server that lets in and answers.",
            Self::Redis => "A Redis or Valkey server that answers PING.",
            Self::Smtp => "A mail server that takes mail.",
            Self::Ssh => "An SSH server that says hello.",
            Self::Group => "Several monitors as one: all, any, or so many of them.",
        }
    }

    /// The fields of its form section.
    pub fn form(self) -> Fields {
        Fields(match self {
            Self::Http => http::FIELDS,
            Self::Tcp => tcp::FIELDS,
            Self::Ping => ping::FIELDS,
            Self::Dns => dns::FIELDS,
            Self::Tls => tls::FIELDS,
            Self::Websocket => websocket::FIELDS,
            Self::Grpc => grpc::FIELDS,
            Self::Domain => registration::FIELDS,
            Self::Heartbeat => heartbeat::FIELDS,
            Self::Postgres => postgres::FIELDS,
            Self::Mysql => mysql::FIELDS,
            Self::Redis => redis::FIELDS,
            Self::Smtp => smtp::FIELDS,
            Self::Ssh => ssh::FIELDS,
            Self::Group => group::FIELDS,
        })
    }

    /// Those fields, in order.
    pub fn fields(self) -> impl Iterator<Item = &'static Field> {
        self.form().iter()
    }

    /// One of them.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.form().get(name)
    }

    /// Whether Loopr goes out and looks; otherwise what happens elsewhere is listened to.
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Heartbeat | Self::Group)
    }
}

/// The fields of everything that is made of fields: monitors, channels and scheduled webhooks.
fn all_fields() -> impl Iterator<Item = &'static Field> {
    let channels = ChannelKind::ALL.into_iter().flat_map(ChannelKind::fields);
    Kind::ALL.into_iter().flat_map(Kind::fields).chain(channels).chain(crate::webhook::form().iter())
}

/// How a field of a monitor, a channel or a scheduled webhook that is a secret is typed; none when it is none. A name means the same in every kind.
pub fn secret_input(name: &str) -> Option<Input> {
    all_fields().find(|field| field.name == name).map(|field| field.input).filter(|input| input.is_secret())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::KEPT;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_stable_and_fields_are_named_once() {
        const COMMON: [&str; 13] = [
            "kind",
            "name",
            "interval",
            "timeout",
            "failures",
            "successes",
            "retry",
            "upside_down",
            "depends_on",
            "tags",
            "note",
            "enabled",
            "id",
        ];
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
            let names: Vec<_> = kind.fields().map(|field| field.name).collect();
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{kind:?}");
            assert!(names.iter().all(|name| !COMMON.contains(name)), "{kind:?} takes a name that all kinds have");
        }
    }

    #[test]
    fn a_name_means_the_same_in_every_kind() {
        let mut seen: BTreeMap<&str, Option<Input>> = BTreeMap::new();
        for field in all_fields() {
            let secret = Some(field.input).filter(|input| input.is_secret());
            assert_eq!(*seen.entry(field.name).or_insert(secret), secret, "{} is a secret here and none there", field.name);
        }
        for name in ["webhook_url", "routing_key", "signing_secret", "user_key", "token", "password"] {
            assert_eq!(secret_input(name), Some(Input::Secret), "{name}");
        }
        assert_eq!((secret_input("recipients"), secret_input("chat_id"), secret_input("url")), (None, None, None));
    }

    #[test]
    fn secrets_are_not_shown() {
        let headers = "A: one\nAccept: text/html\nAuthorization: Bearer {{ secret.KEY }}\nB: {{ secret.B }}two\nC: {{ 'three' }}";
        let values: Values =
            [("headers", headers), ("password", "hunter2"), ("url", "https://a.example/")].map(|(k, v)| (k.into(), v.into())).into();
        let shown = Kind::Http.form().shown(&values);
        assert_eq!(
            shown.get("headers").map(String::as_str),
            Some(&*format!("A: {KEPT}\nAccept: text/html\nAuthorization: Bearer {{{{ secret.KEY }}}}\nB: {KEPT}\nC: {KEPT}"))
        );
        assert_eq!(shown.get("password").map(String::as_str), Some(KEPT));
        assert_eq!(shown.get("url").map(String::as_str), Some("https://a.example/"));
    }
}
