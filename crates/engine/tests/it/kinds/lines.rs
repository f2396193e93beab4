//! Protocols of lines: TCP with a few words, SSH, SMTP, IMAP before TLS, Redis; and servers that speak something else.

use super::*;

#[tokio::test]
async fn tcp_says_and_waits() {
    let address = talking("hello\r\n", &[("PING", "+PO"), ("", "NG\r\n")]).await.to_string();
    fine(&observe(Kind::Tcp, &[("address", &address)]).await);
    fine(&observe(Kind::Tcp, &[("address", &address), ("send", "PING\\r\\n\\r\\n"), ("expect", "+PONG")]).await);
    let silent = Ready::new(Kind::Tcp, &[("address", &address), ("expect", "never")]);
    let (reason, message) = (silent.within(Duration::from_millis(80)).await, "did not answer within 80 ms");
    assert!(matches!(failed(&reason), (Reason::Timeout, m) if m.contains(message)), "{reason:?}");
    let closing = talking("bye", &[]).await.to_string();
    let seen = observe(Kind::Tcp, &[("address", &closing), ("send", "x\\n"), ("expect", "never")]).await;
    assert_eq!(failed(&seen).0, Reason::Content);
    assert_eq!(seen.excerpt.as_deref(), Some("bye"));
}

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    for kind in [Kind::Tcp, Kind::Tls, Kind::Ssh, Kind::Redis, Kind::Smtp, Kind::Postgres, Kind::Mysql, Kind::Grpc] {
        assert_eq!(failed(&observe(kind, &[("address", &address)]).await).0, Reason::Refused, "{kind:?}");
    }
}

/// A web server: it says nothing until a request has ended.
async fn web_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut heard, mut chunk) = (Vec::new(), [0; 1_024]);
                while let Ok(count @ 1..) = tokio::io::AsyncReadExt::read(&mut stream, &mut chunk).await {
                    heard.extend_from_slice(&chunk[..count]);
                    if heard.ends_with(b"\r\n\r\n") {
                        return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                    }
                }
                Ok(())
            });
        }
    });
    address
}

#[tokio::test]
async fn a_web_server_is_no_database() {
    let address = web_server().await.to_string();
    for (kind, word) in [(Kind::Postgres, "PostgreSQL"), (Kind::Mysql, "MySQL")] {
        for security in ["none", "require"] {
            let seen = Ready::new(kind, &[("address", &address), ("security", security)]).within(Duration::from_secs(1)).await;
            let said = format!("does not speak {word}: it speaks HTTP");
            assert!(matches!(failed(&seen), (Reason::Protocol, message) if message.contains(&said)), "{seen:?}");
        }
    }
    let hasty = talking("HTTP/1.1 400 Bad Request\r\n", &[]).await.to_string();
    let seen = observe(Kind::Postgres, &[("address", &hasty)]).await;
    assert!(failed(&seen).1.contains("it speaks HTTP"), "{seen:?}");
    let silent = talking("", &[]).await.to_string();
    let seen = Ready::new(Kind::Mysql, &[("address", &silent)]).within(Duration::from_millis(200)).await;
    assert_eq!(failed(&seen).0, Reason::Timeout, "of who says nothing to HTTP either nothing is known");
}

#[tokio::test]
async fn another_family_is_not_dialled() {
    let address = talking("x", &[]).await.to_string();
    let seen = observe(Kind::Tcp, &[("address", &address), ("ip_version", "6")]).await;
    assert!(matches!(failed(&seen), (Reason::Dns, message) if message.contains("wanted family")));
    fine(&observe(Kind::Tcp, &[("address", &address), ("ip_version", "4")]).await);
}

#[tokio::test]
async fn a_closed_policy_closes_every_kind() {
    for (kind, fields) in [
        (Kind::Tcp, &[("address", "127.0.0.1:9")][..]),
        (Kind::Ping, &[("host", "127.0.0.1")]),
        (Kind::Dns, &[("query", "x.example"), ("resolver", "127.0.0.1:9")]),
        (Kind::Websocket, &[("url", "ws://127.0.0.1:9/")]),
        (Kind::Grpc, &[("address", "127.0.0.1:9")]),
        (Kind::Postgres, &[("address", "127.0.0.1:9")]),
        (Kind::Mysql, &[("address", "127.0.0.1:9")]),
        (Kind::Redis, &[("address", "127.0.0.1:9")]),
        (Kind::Smtp, &[("address", "127.0.0.1:9")]),
        (Kind::Ssh, &[("address", "127.0.0.1:9")]),
        (Kind::Tls, &[("address", "127.0.0.1:9")]),
        (Kind::Http, &[("url", "http://public.example/"), ("proxy", "http://127.0.0.1:9")]),
        (Kind::Domain, &[("domain", "x.example"), ("rdap_server", "http://127.0.0.1:9/")]),
    ] {
        let seen = Ready::over(Dialer::new(Policy::default()), kind, fields).check().await;
        assert_eq!(failed(&seen).0, Reason::Policy, "{kind:?}");
    }
}

#[tokio::test]
async fn greetings_of_ssh() {
    let address = talking("welcome\r\nSSH-2.0-OpenSSH_9.9\r\n", &[("", "")]).await.to_string();
    fine(&observe(Kind::Ssh, &[("address", &address), ("expect", "OpenSSH_9")]).await);
    let other = observe(Kind::Ssh, &[("address", &address), ("expect", "dropbear")]).await;
    assert_eq!(failed(&other).0, Reason::Content);
    let old = talking("SSH-1.5-old\r\n", &[("", "")]).await.to_string();
    assert_eq!(failed(&observe(Kind::Ssh, &[("address", &old)]).await).0, Reason::Protocol);
}

const MAIL: &[(&str, &str)] = &[
    ("EHLO", "250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n"),
    ("AUTH PLAIN AGFubgBwYXNz", "235 2.7.0 welcome\r\n"),
    ("AUTH", "535 5.7.8 no\r\n"),
    ("NOOP", "250 OK\r\n"),
    ("QUIT", "221 bye\r\n"),
];

#[tokio::test]
async fn mail_servers() {
    let address = talking("220 mail.example ESMTP\r\n", MAIL).await.to_string();
    fine(&observe(Kind::Smtp, &[("address", &address), ("security", "none")]).await);
    fine(&observe(Kind::Smtp, &[("address", &address), ("security", "prefer"), ("username", "ann"), ("password", "pass")]).await);
    let refused = observe(Kind::Smtp, &[("address", &address), ("security", "none"), ("username", "ann"), ("password", "wrong")]).await;
    assert_eq!((failed(&refused).0, refused.status), (Reason::Auth, Some(535)));
    assert!(!format!("{refused:?}").contains("wrong"), "credentials are not repeated");
    let plain = observe(Kind::Smtp, &[("address", &address)]).await;
    assert!(matches!(failed(&plain), (Reason::Tls, message) if message.contains("does not offer STARTTLS")));
    let busy = talking("554 no service\r\n", &[]).await.to_string();
    assert_eq!(failed(&observe(Kind::Smtp, &[("address", &busy)]).await).0, Reason::NotServing);
}

#[tokio::test]
async fn servers_that_speak_something_else() {
    let web = talking("HTTP/1.1 400 Bad Request\r\n\r\n", &[("", "")]).await.to_string();
    for kind in [Kind::Ssh, Kind::Smtp, Kind::Postgres, Kind::Mysql] {
        let ready = Ready::new(kind, &[("address", &web)]);
        let seen = ready.within(Duration::from_secs(2)).await;
        assert!(matches!(failed(&seen).0, Reason::Protocol | Reason::Timeout), "{kind:?} {seen:?}");
    }
    let redis = talking("", &[("", "HTTP/1.1 400 Bad Request\r\n")]).await.to_string();
    assert_eq!(failed(&observe(Kind::Redis, &[("address", &redis)]).await).0, Reason::Protocol);
}

#[tokio::test]
async fn a_server_without_end_is_left_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move { while stream.write_all(&[b'x'; 4096]).await.is_ok() {} });
        }
    });
    for (kind, fields) in [
        (Kind::Tcp, &[("address", address.as_str()), ("expect", "never")][..]),
        (Kind::Ssh, &[("address", address.as_str())]),
        (Kind::Smtp, &[("address", address.as_str())]),
        (Kind::Redis, &[("address", address.as_str())]),
        (Kind::Mysql, &[("address", address.as_str())]),
    ] {
        let seen = observe(kind, fields).await;
        assert_eq!(failed(&seen).0, Reason::Protocol, "{kind:?}");
        assert!(seen.excerpt.as_ref().is_some_and(|text| text.len() <= 1_024), "{kind:?}");
    }
}

#[tokio::test]
async fn answers_of_redis() {
    let address = talking(
        "",
        &[("LLEN", ""), ("jobs", ":42\r\n"), ("PING", "+PONG\r\n"), ("GET", "$-1\r\n"), ("NOPE", "-ERR unknown command\r\n"), ("", "")],
    )
    .await;
    let address = address.to_string();
    fine(&observe(Kind::Redis, &[("address", &address)]).await);
    fine(&observe(Kind::Redis, &[("address", &address), ("command", "LLEN jobs"), ("expect", "< 100")]).await);
    for (command, expect, reason) in [("LLEN jobs", "< 42", Reason::Content), ("GET", "x", Reason::Content), ("NOPE", "", Reason::Content)]
    {
        let seen = observe(Kind::Redis, &[("address", &address), ("command", command), ("expect", expect)]).await;
        assert_eq!(failed(&seen).0, reason, "{command}");
    }
}
