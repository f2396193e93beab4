//! Names and hosts: DNS over datagrams and connections, RDAP, ping.

use std::str::FromStr as _;

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, MX};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::AsyncReadExt as _;
use tokio::net::UdpSocket;

use super::*;
use crate::probe::server::{always, ok};

fn answered(question: &[u8]) -> Message {
    let mut message = Message::from_vec(question).unwrap();
    message.metadata.message_type = MessageType::Response;
    message.edns = None;
    let query = message.queries[0].clone();
    let name = query.name().clone();
    match (name.to_ascii().as_str(), query.query_type()) {
        ("gone.example.", _) => message.metadata.response_code = ResponseCode::NXDomain,
        ("example.com.", RecordType::A) => {
            for last in [1, 2] {
                message.answers.push(Record::from_rdata(name.clone(), 60, RData::A(A::new(192, 0, 2, last))));
            }
        }
        ("example.com.", RecordType::MX) => {
            let exchange = MX::new(10, Name::from_str("mail.example.com.").unwrap());
            message.answers.push(Record::from_rdata(name, 60, RData::MX(exchange)));
        }
        _ => {}
    }
    message
}

/// Answers datagrams and connections on one port; datagrams about `long.` names only with “truncated”.
async fn name_server() -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 2_048];
        while let Ok((count, from)) = socket.recv_from(&mut buffer).await {
            let mut answer = answered(&buffer[..count]);
            // A forgery comes first: it has another id.
            let mut forged = answer.clone();
            forged.metadata.id = answer.metadata.id.wrapping_add(1);
            forged.answers.clear();
            let _sent = socket.send_to(&forged.to_vec().unwrap(), from).await;
            if answer.queries[0].query_type() == RecordType::MX {
                answer.metadata.truncation = true;
                answer.answers.clear();
            }
            let _sent = socket.send_to(&answer.to_vec().unwrap(), from).await;
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let length = usize::from(stream.read_u16().await.unwrap());
            let mut question = vec![0; length];
            stream.read_exact(&mut question).await.unwrap();
            let answer = answered(&question).to_vec().unwrap();
            let mut framed = u16::try_from(answer.len()).unwrap().to_be_bytes().to_vec();
            framed.extend(answer);
            let _sent = stream.write_all(&framed).await;
        }
    });
    address.to_string()
}

#[tokio::test]
async fn names_resolve_to_what_they_should() {
    let server = name_server().await;
    let ask = async |fields: &[(&str, &str)]| observe(Kind::Dns, &[&[("resolver", server.as_str())], fields].concat()).await;
    fine(&ask(&[("query", "example.com")]).await);
    fine(&ask(&[("query", "Example.com."), ("expected", "192.0.2.2\n192.0.2.1")]).await);
    fine(&ask(&[("query", "example.com"), ("expected", "~192.0.2")]).await);
    fine(&ask(&[("query", "example.com"), ("transport", "tcp")]).await);
    fine(&ask(&[("query", "example.com"), ("record", "MX"), ("expected", "10 mail.example.com")]).await);
    fine(&ask(&[("query", "gone.example"), ("rcode", "NXDOMAIN")]).await);
    for (fields, reason, part) in [
        (&[("query", "gone.example")][..], Reason::Dns, "answered NXDOMAIN"),
        (&[("query", "example.com"), ("expected", "192.0.2.1")], Reason::Content, "192.0.2.2”, which is not expected"),
        (&[("query", "example.com"), ("expected", "192.0.2.9")], Reason::Content, "without “192.0.2.9”"),
        (&[("query", "other.example")], Reason::Content, "knows no A record"),
    ] {
        let seen = ask(fields).await;
        let (got, message) = failed(&seen);
        assert!(got == reason && message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_name_server_that_is_not_there() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let silent = Ready::new(Kind::Dns, &[("query", "example.com"), ("resolver", &address)]);
    assert_eq!(failed(&silent.within(Duration::from_millis(80)).await).0, Reason::Timeout);
    drop(socket);
    assert_eq!(failed(&silent.check().await).0, Reason::Refused);
}

#[tokio::test]
async fn registrations() {
    let answer = |status: &str, ends: &str| {
        let event = if ends.is_empty() { String::new() } else { format!(r#"{{"eventAction":"expiration","eventDate":"{ends}"}}"#) };
        ok(&format!(r#"{{"objectClassName":"domain","status":["{status}"],"events":[{event}]}}"#))
    };
    let look = async |answer: String| {
        let (address, requests) = always(answer).await;
        let seen = observe(Kind::Domain, &[("domain", "Example.com"), ("rdap_server", &format!("http://{address}/rdap/"))]).await;
        assert!(requests.lock().unwrap()[0].starts_with("GET /rdap/domain/example.com "));
        seen
    };
    let good = look(answer("active", "2027-09-13T04:00:00Z")).await;
    fine(&good);
    assert_eq!(good.expires_at, Timestamp::parse_rfc3339("2027-09-13T04:00:00Z"));
    let soon = Timestamp::from_millis(AT.as_millis() + 5 * domain::time::DAY_MS).to_rfc3339();
    assert_eq!(look(answer("active", &soon)).await.warning.map(|w| w.reason), Some(Reason::Expiring));
    assert_eq!(failed(&look(answer("active", "2020-01-01T00:00:00Z")).await).0, Reason::Expiring);
    assert_eq!(failed(&look(answer("redemption period", "2030-01-01T00:00:00Z")).await).0, Reason::Expiring);
    assert_eq!(failed(&look(answer("active", "")).await).0, Reason::Content);
    assert_eq!(failed(&look("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".into()).await).0, Reason::NotServing);
    assert_eq!(failed(&look(ok("<html>")).await).0, Reason::Protocol);
}

#[tokio::test]
async fn ping_this_machine() {
    let ready = Ready::new(Kind::Ping, &[("host", "127.0.0.1"), ("count", "4")]);
    let seen = ready.check().await;
    if seen.failure.as_ref().is_some_and(|failure| failure.reason == Reason::Permission) {
        // Where it is not permitted, the message says how to permit it: there is no more to see here.
        assert!(failed(&seen).1.contains("CAP_NET_RAW") && failed(&seen).1.contains("ping_group_range"));
        return;
    }
    fine(&seen);
    assert!(seen.duration_us > 0 && seen.duration_us < 1_000_000, "the mean of the round trips, not the time it took: {seen:?}");
    let trace = ready.trace().await;
    assert!(trace.hops[0].facts.iter().any(|(name, value)| name == "Loss" && value == "0 %"), "{trace:?}");
    // Nobody has this address on a machine of one's own: the whole of 127/8 answers, so another prefix it is.
    let nobody = Ready::new(Kind::Ping, &[("host", "203.0.113.1"), ("count", "1")]);
    assert_eq!(failed(&nobody.within(Duration::from_millis(200)).await).0, Reason::Policy, "documentation addresses are not dialled");
}
