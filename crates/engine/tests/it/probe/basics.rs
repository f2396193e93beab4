//! Answers, silence, and what is sent.

use std::future::pending;
use std::time::Duration;

use domain::check::Reason;
use engine::net::{Access, Dialer, Policy};
use engine::probe::Probe;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::server::{always, ok, send, serve};
use super::{AT, PATIENCE, check, failed, get, header, open, prepared, trace};

#[tokio::test]
async fn an_accepted_status_is_a_success() {
    let (address, requests) = always(ok("hello")).await;
    let probe = Probe::Http(Box::new(prepared(&get(format!("http://{address}/health?deep=1")))));
    assert_eq!(probe.host_key(), address.to_string());
    let seen = probe.check(&open(), PATIENCE, AT).await.expect("it is checked");
    assert!(seen.is_success(), "{seen:?}");
    assert_eq!((seen.status, seen.at), (Some(200), AT));
    let phases = seen.phases;
    assert!(phases.connect_us.is_some() && phases.first_byte_us.is_some() && phases.download_us.is_some());
    assert!(phases.dns_us.is_none() && phases.tls_us.is_none(), "a literal and plain address needs neither");
    let request = requests.lock().expect("not poisoned").concat();
    assert!(request.starts_with("GET /health?deep=1 HTTP/1.1\r\n"), "{request}");
    for line in [&format!("host: {address}"), "accept: */*", "accept-encoding: identity", "connection: close", "user-agent: Loopr/"] {
        assert!(request.contains(&format!("\r\n{line}")), "{line} in {request}");
    }
}

#[tokio::test]
async fn a_body_is_sent_with_its_length() {
    let (address, requests) = always(ok("")).await;
    let mut settings = get(format!("http://{address}/"));
    settings.method = "POST".into();
    for body in [None, Some("{\"a\":1}".to_owned())] {
        settings.body = body;
        assert!(check(&settings).await.is_success());
    }
    let requests = requests.lock().expect("not poisoned").clone();
    assert!(requests.first().is_some_and(|request| request.contains("\r\ncontent-length: 0\r\n")), "{requests:?}");
    assert!(requests.last().is_some_and(|request| request.ends_with("\r\n\r\n{\"a\":1}")), "{requests:?}");
}

#[tokio::test]
async fn credentials_of_the_url_are_sent_and_not_shown() {
    let (address, requests) = always(ok("")).await;
    let trace = trace(&get(format!("http://ann:secret@{address}/"))).await;
    assert!(requests.lock().expect("not poisoned").concat().contains("authorization: Basic YW5uOnNlY3JldA=="));
    assert!(!format!("{trace:?}").contains("secret"), "{trace:?}");
}

#[tokio::test]
async fn another_status_is_a_failure() {
    let (address, _) = always("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").await;
    let seen = check(&get(format!("http://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!((reason, seen.status), (Reason::Status, Some(503)));
    assert!(message.contains("503 Service Unavailable") && message.contains("200-299"), "{message}");
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let seen = check(&get(format!("http://{address}/"))).await;
    assert_eq!(failed(&seen).0, Reason::Refused);
    assert!(seen.phases.connect_us.is_some() && seen.phases.first_byte_us.is_none());
}

#[tokio::test]
async fn a_name_that_is_none() {
    let seen = check(&get("http://no-such-name.invalid/")).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Dns);
    assert!(message.contains("no-such-name.invalid"), "{message}");
}

#[tokio::test]
async fn silence_ends_by_the_timeout() {
    let (address, _) = serve(|_, stream| async move {
        pending::<()>().await;
        drop(stream);
    })
    .await;
    let seen = prepared(&get(format!("http://{address}/"))).check(&open(), Duration::from_millis(300), AT).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Timeout);
    assert!(message.contains("did not answer within 300 ms"), "{message}");
    assert!(seen.duration_us >= 300_000 && seen.phases.first_byte_us.is_none(), "{seen:?}");
}

#[tokio::test]
async fn a_dripping_head_ends_by_the_timeout() {
    let (address, _) = serve(|_, mut stream| async move {
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: ".iter().chain([b'a'].iter().cycle()) {
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let seen = prepared(&get(format!("http://{address}/"))).check(&open(), Duration::from_millis(300), AT).await;
    assert_eq!((failed(&seen).0, seen.status), (Reason::Timeout, None));
    assert!(seen.phases.first_byte_us.is_some(), "something did come");
}

#[tokio::test]
async fn something_that_is_not_http() {
    let (address, _) = always("SSH-2.0-OpenSSH_9.9\r\n").await;
    let seen = check(&get(format!("http://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Protocol);
    assert!(message.contains("not HTTP"), "{message}");
}

#[tokio::test]
async fn a_connection_closed_without_a_word() {
    let (address, _) = always("").await;
    let seen = check(&get(format!("http://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Protocol);
    assert!(message.contains("without an answer"), "{message}");
    assert!(seen.phases.first_byte_us.is_none(), "nothing came");
}

#[tokio::test]
async fn heads_are_bounded() {
    let many: String = (0..200).map(|i| format!("X-{i}: 1\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(300_000));
    for headers in [many, long] {
        let (address, _) = always(format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 0\r\n\r\n")).await;
        let seen = check(&get(format!("http://{address}/"))).await;
        let (reason, message) = failed(&seen);
        assert_eq!(reason, Reason::Protocol);
        assert!(message.contains("100 headers or 64 KiB"), "{message}");
    }
}

#[tokio::test]
async fn a_refused_target_says_how_to_allow_it_and_not_what_it_is() {
    let dialer = Dialer::new(Policy { private: Access::Closed, ..Policy::default() });
    for url in ["http://127.0.0.1:1/", "http://localhost:1/"] {
        let trace = prepared(&get(url)).trace(&dialer, PATIENCE, AT).await;
        let (reason, message) = failed(&trace.observation);
        assert_eq!(reason, Reason::Policy);
        assert!(message.contains("network policy") && message.contains("LOOPR_ALLOW_TARGETS"), "{message}");
        assert_eq!(trace.hops.first().expect("one hop").address, None);
        assert!(!url.contains("localhost") || !format!("{trace:?}").contains("127.0.0.1"), "{trace:?}");
    }
}

#[tokio::test]
async fn a_trace_tells_everything_but_secrets() {
    let body = "x".repeat(5000);
    let answer =
        format!("HTTP/1.1 200 OK\r\nSet-Cookie: sid=secret\r\nX-Long: {}\r\nContent-Length: {}\r\n\r\n{body}", "y".repeat(500), body.len());
    let (address, _) = serve(move |_, stream| send(stream, answer.clone())).await;
    let mut settings = get(format!("http://localhost:{}/a#part", address.port()));
    settings.headers.push(header("Authorization", "Bearer secret"));
    let trace = trace(&settings).await;
    assert!(trace.observation.is_success(), "{trace:?}");
    let [hop] = trace.hops.as_slice() else { unreachable!("one hop: {trace:?}") };
    assert_eq!((hop.method.as_str(), hop.status, hop.version.as_deref()), ("GET", Some(200), Some("HTTP/1.1")));
    assert_eq!(hop.url, format!("http://localhost:{}/a", address.port()));
    assert_eq!(hop.address, Some(address.to_string()));
    assert_eq!((trace.body_bytes, trace.body_capped, trace.excerpt.len()), (5000, false, 2048));
    assert!(hop.headers.contains(&("set-cookie".into(), "[redacted]".into())));
    assert!(hop.headers.iter().any(|(name, value)| name == "x-long" && value.chars().count() == 201));
    assert!(!format!("{trace:?}").contains("secret"));
}
