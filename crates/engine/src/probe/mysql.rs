//! A MySQL or MariaDB server: handshake, TLS, sign-in, perhaps one query in a read-only session. The packets and the ways to
//! sign in are `mysql_common`'s; the connection is ours.

use domain::check::{Failure, Reason};
use domain::kind::mysql::{DatabaseSettings, Security};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use mysql_common::auth::plugins::{AuthProc, ChallengeResponsePlugin as _, Context, Response};
use mysql_common::constants::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthPlugin, AuthSwitchRequest, ErrPacket, HandshakePacket, HandshakeResponse, SslRequest};
use mysql_common::proto::{MyDeserialize, MySerialize};
use rustls::pki_types::ServerName;

use super::run::{Check, Seen, Ways, connect};
use super::stranger::unless_http;
use super::talk::Talk;
use super::words::failure;
use super::{InvalidSettings, destination, judge_value, named, profile};
use crate::net::{Alpn, Destination, Stream, TlsProfile};

const PACKET_BYTES: u32 = 16 * 1024 * 1024;
const UTF8MB4: u8 = 45;
const COLUMNS: u64 = 4_096;
/// Rounds of a sign-in.
const ROUNDS: usize = 8;
const COM_QUERY: u8 = 0x03;

/// A MySQL check, ready to run.
#[derive(Debug)]
pub(super) struct Mysql {
    key: String,
    to: Destination,
    upgrade: (TlsProfile, ServerName<'static>),
    settings: DatabaseSettings,
}

/// A connection on which packets are counted.
struct Packets<'a> {
    talk: Talk<'a>,
    sequence: u8,
}

impl Packets<'_> {
    async fn read(&mut self, seen: &mut Seen) -> Result<Vec<u8>, Failure> {
        let head = self.talk.exact(4, seen).await?;
        let [a, b, c, sequence] = <[u8; 4]>::try_from(head).unwrap_or_default();
        let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        self.sequence = sequence.wrapping_add(1);
        self.talk.exact(length, seen).await
    }

    async fn write(&mut self, payload: &[u8]) -> Result<(), Failure> {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut packet = vec![length[0], length[1], length[2], self.sequence];
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.talk.send(&packet).await
    }

    async fn put(&mut self, packet: &impl MySerialize) -> Result<(), Failure> {
        let mut payload = Vec::new();
        packet.serialize(&mut payload);
        self.write(&payload).await
    }
}

/// What a way to sign in needs to know.
struct SignIn<'a> {
    password: &'a [u8],
    nonce: &'a [u8],
    tls: bool,
}

impl Context for &SignIn<'_> {
    fn pass(&self) -> &[u8] {
        self.password
    }

    fn is_ipc_transport(&self) -> bool {
        false
    }

    fn is_tls_transport(&self) -> bool {
        self.tls
    }

    fn scramble(&self) -> &[u8] {
        self.nonce
    }

    fn server_key_pem(&self) -> Option<&[u8]> {
        None
    }
}

fn parsed<'de, T: MyDeserialize<'de, Ctx = C>, C>(ctx: C, bytes: &'de [u8]) -> Option<T> {
    ParseBuf(bytes).parse(ctx).ok()
}

impl Mysql {
    pub fn new(settings: &DatabaseSettings) -> Result<Self, InvalidSettings> {
        let tls = profile(Alpn::None, settings.security == Security::Prefer, settings.ca.as_deref())?;
        let upgrade = (tls, named(&settings.address.host)?);
        let to = destination(&settings.address, None, settings.family)?;
        Ok(Self { key: settings.address.to_string(), to, upgrade, settings: settings.clone() })
    }

    fn capabilities(&self) -> CapabilityFlags {
        CapabilityFlags::CLIENT_PROTOCOL_41
            | CapabilityFlags::CLIENT_SECURE_CONNECTION
            | CapabilityFlags::CLIENT_PLUGIN_AUTH
            | CapabilityFlags::CLIENT_LONG_PASSWORD
            | CapabilityFlags::CLIENT_TRANSACTIONS
    }

    /// An error packet in words; its codes say what kind of failure it is.
    fn refused(&self, payload: &[u8], doing: &str) -> Failure {
        let name = &self.key;
        match parsed::<ErrPacket<'_>, _>(self.capabilities(), payload) {
            Some(ErrPacket::Error(error)) => {
                let text: String = error.message_str().chars().filter(|c| !c.is_control()).take(200).collect();
                let reason = match error.error_code() {
                    1044 | 1045 | 1698 | 1251 => Reason::Auth,
                    1040 | 1129 | 1203 => Reason::NotServing,
                    _ => Reason::Content,
                };
                failure(reason, format!("{name} refused {doing}: {text} (error {}).", error.error_code()))
            }
            _ => failure(Reason::Protocol, format!("{name} refused {doing} with something that is not a MySQL error. Check the port.")),
        }
    }

    async fn sign_in(&self, packets: &mut Packets<'_>, hello: &HandshakePacket<'_>, tls: bool, seen: &mut Seen) -> Result<(), Failure> {
        let name = &self.key;
        let wrong =
            |error: &dyn std::fmt::Display| failure(Reason::Auth, format!("{name} wants a way to sign in that did not work: {error}."));
        let mut nonce = hello.nonce();
        nonce.truncate(20);
        let mut plugin = hello.auth_plugin().map_or(AuthPlugin::MysqlNativePassword, AuthPlugin::into_owned);
        let mut proc = plugin.init().map_err(|error| wrong(&error))?;
        let password = self.settings.password.reveal().as_bytes();
        let first = step(&mut proc, &SignIn { password, nonce: &nonce, tls }, &nonce).map_err(|error| wrong(&error))?;
        let mut capabilities = self.capabilities();
        capabilities.set(CapabilityFlags::CLIENT_SSL, tls);
        let database = Some(self.settings.database.as_bytes()).filter(|database| !database.is_empty());
        let user = Some(self.settings.username.as_bytes());
        let response = HandshakeResponse::new(first, (5, 7, 0), user, database, Some(plugin.borrow()), capabilities, None, PACKET_BYTES);
        packets.put(&response).await?;
        for _ in 0..ROUNDS {
            let payload = packets.read(seen).await?;
            let answer = match payload.split_first() {
                Some((0x00, _)) => return Ok(()),
                Some((0xff, _)) => return Err(self.refused(&payload, "the sign-in")),
                Some((0xfe, _)) => {
                    let Some(switch) = parsed::<AuthSwitchRequest<'_>, _>((), &payload) else {
                        return Err(packets.talk.strange("MySQL", &payload));
                    };
                    plugin = switch.auth_plugin().into_owned();
                    nonce = switch.plugin_data().to_vec();
                    while nonce.last() == Some(&0) {
                        nonce.pop();
                    }
                    proc = plugin.init().map_err(|error| wrong(&error))?;
                    let challenge = nonce.clone();
                    Some(
                        step(&mut proc, &SignIn { password, nonce: &nonce, tls }, &challenge)
                            .map_err(|error| wrong(&error))?
                            .unwrap_or_default(),
                    )
                }
                Some((0x01, data)) => step(&mut proc, &SignIn { password, nonce: &nonce, tls }, data).map_err(|error| wrong(&error))?,
                _ => return Err(packets.talk.strange("MySQL", &payload)),
            };
            if let Some(answer) = answer {
                packets.write(&answer).await?;
            }
        }
        Err(failure(Reason::Auth, format!("{name} did not come to an end of the sign-in.")))
    }

    /// Sends a query; gives the first column of the first row.
    async fn query(&self, packets: &mut Packets<'_>, text: &str, seen: &mut Seen) -> Result<Option<String>, Failure> {
        packets.sequence = 0;
        let mut payload = vec![COM_QUERY];
        payload.extend_from_slice(text.as_bytes());
        packets.write(&payload).await?;
        let head = packets.read(seen).await?;
        let columns = match head.split_first() {
            Some((0x00, _)) => return Ok(None),
            Some((0xff, _)) => return Err(self.refused(&head, "the query")),
            Some((0xfb, _)) => {
                return Err(failure(Reason::Protocol, format!("{} asked for a file of this machine, which it does not get.", self.key)));
            }
            _ => length(&head).map(|(columns, _)| columns).filter(|columns| *columns <= COLUMNS),
        };
        let Some(columns) = columns else { return Err(packets.talk.strange("MySQL", &head)) };
        // The columns, and the packet that ends them.
        for _ in 0..=columns {
            packets.read(seen).await?;
        }
        let row = packets.read(seen).await?;
        match row.split_first() {
            Some((0xff, _)) => Err(self.refused(&row, "the query")),
            Some((0xfe, _)) if row.len() < 9 => Ok(None),
            Some((0xfb, _)) => Ok(Some("NULL".into())),
            _ => {
                let value = length(&row).and_then(|(bytes, rest)| rest.get(..usize::try_from(bytes).ok()?));
                Ok(value.map(|value| String::from_utf8_lossy(value).into_owned()))
            }
        }
    }

    /// Signs in, and asks what there is to ask.
    async fn converse(&self, stream: Stream, ways: &Ways<'_>, seen: &mut Seen) -> Result<(), Failure> {
        let mut packets = Packets { talk: Talk::new(&self.key, stream), sequence: 0 };
        let first = packets.read(seen).await?;
        // The answers of a server that lets nobody in have the form of an error.
        if first.first() == Some(&0xff) {
            return Err(self.refused(&first, "the connection"));
        }
        let Some(hello) = parsed::<HandshakePacket<'_>, _>((), &first).filter(|hello| hello.protocol_version() == 10) else {
            return Err(packets.talk.strange("MySQL", &first));
        };
        // What was said so far is binary, and what follows may have secrets in it.
        seen.answer.clear();
        seen.fact("Version", || hello.server_version_str().into_owned());
        let offered = hello.capabilities().contains(CapabilityFlags::CLIENT_SSL);
        let tls = self.settings.security != Security::None && offered;
        if self.settings.security == Security::Require && !offered {
            return Err(failure(Reason::Tls, format!("{} does not offer TLS. Turn it on, or choose another encryption.", self.key)));
        }
        if tls {
            packets.put(&SslRequest::new(self.capabilities() | CapabilityFlags::CLIENT_SSL, PACKET_BYTES, UTF8MB4)).await?;
            let talk = packets.talk.secure(&self.upgrade.0, &self.upgrade.1, ways, seen).await?;
            packets = Packets { talk, sequence: packets.sequence };
        }
        self.sign_in(&mut packets, &hello, tls, seen).await?;
        seen.answer.clear();
        if let Some(query) = &self.settings.query {
            self.query(&mut packets, "SET SESSION TRANSACTION READ ONLY", seen).await?;
            seen.answer.clear();
            let value = self.query(&mut packets, query, seen).await?;
            seen.answer.clear();
            judge_value(&self.key, value.as_deref(), self.settings.expected.as_ref(), seen)?;
        }
        // COM_QUIT; whether it says goodbye does not matter.
        packets.sequence = 0;
        let _goodbye = packets.write(&[1]).await;
        Ok(())
    }
}

/// One round of a sign-in.
fn step(proc: &mut AuthProc, context: &SignIn<'_>, challenge: &[u8]) -> Result<Option<Vec<u8>>, mysql_common::auth::plugins::Error> {
    match proc.run(context, challenge)? {
        Response::Next { packet } | Response::Last { packet } => Ok(packet),
    }
}

/// A length-encoded integer, and what follows it.
fn length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let size = match first {
        0..=0xfa => return Some((u64::from(*first), rest)),
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        _ => return None,
    };
    let (number, rest) = rest.split_at_checked(size)?;
    Some((number.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)), rest))
}

impl Check for Mysql {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("MySQL", format!("{} as {}", self.key, self.settings.username))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let stream = connect(&self.key, &self.to, ways, seen).await?;
            let marks = stream.marks();
            unless_http((&self.key, "MySQL"), &self.to, ways, &marks, self.converse(stream, ways, seen)).await
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        assert_eq!(length(&[5, 1]), Some((5, &[1][..])));
        assert_eq!(length(&[0xfc, 1, 2, 9]), Some((0x0201, &[9][..])));
        assert_eq!(length(&[0xfd, 1, 0]), None);
        assert_eq!(length(&[0xff]), None);
    }
}
