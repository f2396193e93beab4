//! What is checked, read from the text of its fields.

use super::dns::DnsSettings;
use super::group::GroupSettings;
use super::grpc::GrpcSettings;
use super::heartbeat::HeartbeatSettings;
use super::http::HttpSettings;
use super::mysql::DatabaseSettings;
use super::ping::PingSettings;
use super::redis::RedisSettings;
use super::registration::RegistrationSettings;
use super::smtp::SmtpSettings;
use super::ssh::SshSettings;
use super::tcp::TcpSettings;
use super::tls::TlsSettings;
use super::websocket::WebsocketSettings;
use super::{Kind, Reader, Values};
use crate::error::FieldErrors;

/// What is checked, by kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// A request over HTTP.
    Http(Box<HttpSettings>),
    /// A TCP connection.
    Tcp(TcpSettings),
    /// ICMP echo.
    Ping(PingSettings),
    /// A question to a name server.
    Dns(DnsSettings),
    /// A certificate.
    Tls(TlsSettings),
    /// A websocket.
    Websocket(WebsocketSettings),
    /// A gRPC service.
    Grpc(GrpcSettings),
    /// A registration.
    Domain(RegistrationSettings),
    /// Signals that come in.
    Heartbeat(HeartbeatSettings),
    /// A PostgreSQL server.
    Postgres(Box<DatabaseSettings>),
    /// A MySQL server.
    Mysql(Box<DatabaseSettings>),
    /// A Redis server.
    Redis(Box<RedisSettings>),
    /// A mail server.
    Smtp(SmtpSettings),
    /// An SSH server.
    Ssh(SshSettings),
    /// Other monitors.
    Group(GroupSettings),
    /// Settings that an earlier version accepted and this one does not understand; the cause, for people.
    Unreadable(String),
}

impl Target {
    /// Reads the settings of a kind. Gives them together with the values as they are to be kept.
    pub(crate) fn read(kind: Kind, values: Values, errors: &mut FieldErrors) -> (Option<Self>, Values) {
        let mut reader = Reader::new(kind.form(), values, errors);
        let r = &mut reader;
        let target = match kind {
            Kind::Http => HttpSettings::read(r).map(Box::new).map(Self::Http),
            Kind::Tcp => TcpSettings::read(r).map(Self::Tcp),
            Kind::Ping => PingSettings::read(r).map(Self::Ping),
            Kind::Dns => DnsSettings::read(r).map(Self::Dns),
            Kind::Tls => TlsSettings::read(r).map(Self::Tls),
            Kind::Websocket => WebsocketSettings::read(r).map(Self::Websocket),
            Kind::Grpc => GrpcSettings::read(r).map(Self::Grpc),
            Kind::Domain => RegistrationSettings::read(r).map(Self::Domain),
            Kind::Heartbeat => HeartbeatSettings::read(r).map(Self::Heartbeat),
            Kind::Postgres => DatabaseSettings::read(r, 5432, "postgres").map(Box::new).map(Self::Postgres),
            Kind::Mysql => DatabaseSettings::read(r, 3306, "root").map(Box::new).map(Self::Mysql),
            Kind::Redis => RedisSettings::read(r).map(Box::new).map(Self::Redis),
            Kind::Smtp => SmtpSettings::read(r).map(Self::Smtp),
            Kind::Ssh => SshSettings::read(r).map(Self::Ssh),
            Kind::Group => GroupSettings::read(r).map(Self::Group),
        };
        (target, reader.into_values())
    }

    /// Reads what was kept.
    pub fn restore(kind: Kind, values: &Values) -> Self {
        let mut errors = FieldErrors::new();
        match Self::read(kind, values.clone(), &mut errors).0 {
            Some(target) if errors.is_empty() => target,
            _ => Self::Unreadable(format!(
                "The settings of this monitor are not understood: {} Edit and save it.",
                errors.into_error().message
            )),
        }
    }

    /// The host that is dialled, when there is one.
    pub fn host(&self) -> Option<url::Host<String>> {
        let of_url = |text: &str| url::Url::parse(text).ok().and_then(|url| url.host().map(|host| host.to_owned()));
        match self {
            Self::Http(http) => of_url(&http.url),
            Self::Websocket(websocket) => of_url(&websocket.url),
            Self::Tcp(tcp) => Some(tcp.address.host.clone()),
            Self::Ping(ping) => super::address::parse_host(&ping.host).ok(),
            Self::Dns(dns) => dns.resolver.as_ref().map(|resolver| resolver.host.clone()),
            Self::Tls(tls) => Some(tls.address.host.clone()),
            Self::Grpc(grpc) => Some(grpc.address.host.clone()),
            Self::Postgres(database) | Self::Mysql(database) => Some(database.address.host.clone()),
            Self::Redis(redis) => Some(redis.address.host.clone()),
            Self::Smtp(smtp) => Some(smtp.address.host.clone()),
            Self::Ssh(ssh) => Some(ssh.address.host.clone()),
            Self::Domain(_) | Self::Heartbeat(_) | Self::Group(_) | Self::Unreadable(_) => None,
        }
    }

    /// The name of a monitor that nobody named.
    pub fn default_name(&self) -> Option<String> {
        match self {
            Self::Dns(dns) => Some(dns.query.clone()),
            Self::Domain(domain) => Some(domain.domain.clone()),
            _ => self.host().map(|host| host.to_string()),
        }
    }
}
