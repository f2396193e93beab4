//! A question to a name server, over UDP (and TCP for what does not fit), TCP, or TLS (RFC 1035, 7766, 7858). The server's
//! address is judged like any other.

use std::net::SocketAddr;
use std::str::FromStr as _;
use std::time::{Duration, Instant};

use domain::check::{Failure, Reason};
use domain::kind::address::{Address, Family};
use domain::kind::dns::{DnsSettings, Transport};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use hickory_resolver::proto::op::{Edns, Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::net::UdpSocket;
use url::Host;

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::words::{failure, not_connected};
use super::{InvalidSettings, destination, named, profile};
use crate::net::{Alpn, Destination, Phase, micros};

/// What fits into a datagram (RFC 9715).
const DATAGRAM_BYTES: u16 = 1_232;
/// After that a datagram is sent again.
const RESEND: Duration = Duration::from_secs(2);

/// A question, ready to be asked.
#[derive(Debug)]
pub(super) struct Dns {
    key: String,
    name: Name,
    record: RecordType,
    settings: DnsSettings,
}

impl Dns {
    pub fn new(settings: &DnsSettings) -> Result<Self, InvalidSettings> {
        let mut name = Name::from_ascii(&settings.query).map_err(|_| InvalidSettings("The name cannot be looked up.".into()))?;
        name.set_fqdn(true);
        let record = RecordType::from_str(&settings.record).map_err(|_| InvalidSettings("There is no such type of records.".into()))?;
        let key = settings.resolver.as_ref().map_or_else(|| "The system’s name server".to_owned(), ToString::to_string);
        Ok(Self { key, name, record, settings: settings.clone() })
    }

    fn question(&self) -> Message {
        let mut message = Message::query();
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record));
        let mut edns = Edns::new();
        edns.set_max_payload(DATAGRAM_BYTES);
        message.edns = Some(edns);
        message
    }

    /// Who is asked.
    fn server(&self, ways: &Ways<'_>) -> Result<Address, Failure> {
        if let Some(resolver) = &self.settings.resolver {
            return Ok(resolver.clone());
        }
        let system = ways.dialer.name_servers().into_iter().next();
        let server = system
            .ok_or_else(|| failure(Reason::Dns, "This machine has no name server (/etc/resolv.conf). Choose one for this monitor."))?;
        let host = match server {
            SocketAddr::V4(v4) => Host::Ipv4(*v4.ip()),
            SocketAddr::V6(v6) => Host::Ipv6(*v6.ip()),
        };
        Ok(Address { host, port: if self.settings.transport == Transport::Tls { 853 } else { 53 } })
    }

    fn encoded(&self, question: &Message) -> Result<Vec<u8>, Failure> {
        question.to_vec().map_err(|error| failure(Reason::Protocol, format!("The question cannot be asked: {error}.")))
    }

    async fn by_datagram(&self, server: &Address, question: &Message, ways: &Ways<'_>, seen: &mut Seen) -> Result<Message, Failure> {
        let name = &self.key;
        let addresses = ways.dialer.addresses(&server.host, Family::Any, &mut seen.dialling).await;
        let addresses = addresses.map_err(|error| not_connected(name, &error))?;
        let Some(ip) = addresses.first() else { return Err(failure(Reason::Dns, format!("{name} has no address."))) };
        let to = SocketAddr::new(*ip, server.port);
        seen.dialling.phase = Phase::Connected;
        seen.dialling.address = Some(to);
        let broken = |error: std::io::Error| {
            let refused = error.kind() == std::io::ErrorKind::ConnectionRefused;
            let reason = if refused { Reason::Refused } else { Reason::Unreachable };
            failure(reason, format!("{name} cannot be asked ({error}). Check that a name server listens there."))
        };
        let local: SocketAddr =
            if to.is_ipv4() { (std::net::Ipv4Addr::UNSPECIFIED, 0).into() } else { (std::net::Ipv6Addr::UNSPECIFIED, 0).into() };
        let socket = UdpSocket::bind(local).await.map_err(broken)?;
        // Connected: only this server's datagrams are received, and a refusal is heard of.
        socket.connect(to).await.map_err(broken)?;
        let bytes = self.encoded(question)?;
        let begun = Instant::now();
        let mut buffer = vec![0; 65_535];
        loop {
            socket.send(&bytes).await.map_err(broken)?;
            let heard = tokio::time::timeout(RESEND, async {
                loop {
                    let count = socket.recv(&mut buffer).await?;
                    let answer = buffer.get(..count).and_then(|bytes| Message::from_vec(bytes).ok());
                    // What does not belong to the question is somebody else's, or a forgery.
                    if let Some(answer) = answer.filter(|answer| belongs(answer, question)) {
                        return Ok(answer);
                    }
                }
            });
            match heard.await {
                Ok(answer) => {
                    seen.answered_us = Some(micros(begun));
                    return answer.map_err(broken);
                }
                Err(_) => continue,
            }
        }
    }

    async fn by_connection(&self, server: &Address, question: &Message, ways: &Ways<'_>, seen: &mut Seen) -> Result<Message, Failure> {
        let to = self.destination(server).map_err(|InvalidSettings(message)| failure(Reason::Protocol, message))?;
        let mut talk = Talk::new(&self.key, connect(&self.key, &to, ways, seen).await?);
        let bytes = self.encoded(question)?;
        let mut framed = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        framed.extend_from_slice(&bytes);
        talk.send(&framed).await?;
        let head = talk.exact(2, seen).await?;
        let length = <[u8; 2]>::try_from(head).map_or(0, |head| usize::from(u16::from_be_bytes(head)));
        let answer = talk.exact(length, seen).await?;
        seen.answer.clear();
        match Message::from_vec(&answer).ok().filter(|message| belongs(message, question)) {
            Some(message) => Ok(message),
            None => Err(failure(Reason::Protocol, format!("{} answered with something that is not an answer to the question.", self.key))),
        }
    }

    fn destination(&self, server: &Address) -> Result<Destination, InvalidSettings> {
        if self.settings.transport != Transport::Tls {
            return destination(server, None, Family::Any);
        }
        let mut to = destination(server, Some(profile(Alpn::None, false, None)?), Family::Any)?;
        if let (Some(name), Some(tls)) = (&self.settings.server_name, to.tls.as_mut()) {
            tls.1 = named(&Host::parse(name).map_err(|_| InvalidSettings("The name in the certificate is not a host.".into()))?)?;
        }
        Ok(to)
    }

    fn judge(&self, answer: &Message, seen: &mut Seen) -> Result<(), Failure> {
        let code = code_name(answer.metadata.response_code);
        seen.status = Some(u16::from(answer.metadata.response_code));
        let mut records: Vec<String> =
            answer.answers.iter().filter(|record| record.record_type() == self.record).map(|record| record.data.to_string()).collect();
        records.sort();
        seen.fact("Response code", || code.clone());
        for record in &records {
            seen.fact("Record", || record.clone());
        }
        seen.answer(records.join("\n").as_bytes());
        let (name, kind) = (&self.settings.query, &self.settings.record);
        if code != self.settings.rcode {
            let reason = if code == "NXDOMAIN" { Reason::Dns } else { Reason::Status };
            return Err(failure(
                reason,
                format!("{} answered {code} for {kind} of {name}, where {} is expected.", self.key, self.settings.rcode),
            ));
        }
        if self.settings.rcode == "NOERROR" && records.is_empty() {
            return Err(failure(Reason::Content, format!("{} knows no {kind} record of {name}. Check the zone.", self.key)));
        }
        self.as_expected(&records).map_err(|what| failure(Reason::Content, format!("{} answered {kind} of {name} {what}.", self.key)))
    }

    /// Whether the records are those that are expected: all of them, in any order; a line that begins with `~` is a part of one.
    fn as_expected(&self, records: &[String]) -> Result<(), String> {
        if self.settings.expected.is_empty() {
            return Ok(());
        }
        let plain = |text: &str| text.trim().trim_matches('"').trim_end_matches('.').to_lowercase();
        let seen: Vec<String> = records.iter().map(|record| plain(record)).collect();
        let (parts, whole): (Vec<&String>, Vec<&String>) = self.settings.expected.iter().partition(|line| line.starts_with('~'));
        for line in &parts {
            let part = plain(line.trim_start_matches('~'));
            if !seen.iter().any(|record| record.contains(&part)) {
                return Err(format!("without “{}”", line.trim_start_matches('~').trim()));
            }
        }
        for line in &whole {
            if !seen.contains(&plain(line)) {
                return Err(format!("without “{line}”"));
            }
        }
        let strange = records.iter().find(|record| !whole.iter().any(|line| plain(line) == plain(record)));
        match strange.filter(|_| parts.is_empty()) {
            Some(record) => Err(format!("with “{}”, which is not expected", record.chars().take(100).collect::<String>())),
            None => Ok(()),
        }
    }
}

/// Whether a message answers a question.
fn belongs(answer: &Message, question: &Message) -> bool {
    let same = |a: &Query, b: &Query| a.query_type() == b.query_type() && a.name().to_lowercase() == b.name().to_lowercase();
    answer.metadata.id == question.metadata.id
        && (answer.queries.is_empty() || answer.queries.iter().zip(&question.queries).all(|(a, b)| same(a, b)))
}

fn code_name(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".into(),
        ResponseCode::NXDomain => "NXDOMAIN".into(),
        ResponseCode::ServFail => "SERVFAIL".into(),
        ResponseCode::Refused => "REFUSED".into(),
        other => format!("{other:?}").to_uppercase(),
    }
}

impl Check for Dns {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("DNS", format!("{} {} @{}", self.settings.record, self.settings.query, self.key))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let (server, question) = (self.server(ways)?, self.question());
            let mut answer = None;
            if self.settings.transport == Transport::Udp {
                let short = self.by_datagram(&server, &question, ways, seen).await?;
                answer = Some(short).filter(|message| !message.metadata.truncation);
            }
            let answer = match answer {
                Some(answer) => answer,
                None => self.by_connection(&server, &question, ways, seen).await?,
            };
            self.judge(&answer, seen)
        }
        .boxed()
    }
}
