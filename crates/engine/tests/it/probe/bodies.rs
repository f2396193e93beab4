//! Bodies: to the cap and not beyond, to the end or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::check::Reason;
use engine::probe::{HttpDefaults, PreparedHttp};
use tokio::io::AsyncWriteExt;

use super::server::{always, serve};
use super::{AT, PATIENCE, check, failed, get, open, prepared, trace};

#[tokio::test]
async fn an_endless_body_ends_at_the_cap() {
    let sent = Arc::new(AtomicU64::new(0));
    let counter = sent.clone();
    let (address, _) = serve(move |_, mut stream| {
        let counter = counter.clone();
        async move {
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n";
            let _ = stream.write_all(head.as_bytes()).await;
            let block = vec![b'z'; 65_536];
            while stream.write_all(&block).await.is_ok() {
                counter.fetch_add(65_536, Ordering::Relaxed);
            }
        }
    })
    .await;
    let trace = trace(&get(format!("http://{address}/"))).await;
    assert!(trace.observation.is_success(), "{trace:?}");
    assert_eq!((trace.body_bytes, trace.body_capped, trace.excerpt.len()), (1 << 20, true, 2048));
    // What the kernel's buffers swallowed besides is its own affair.
    assert!(sent.load(Ordering::Relaxed) < 64 << 20, "the connection was closed");
}

#[tokio::test]
async fn the_cap_is_a_setting() {
    let (address, _) = always(super::server::ok(&"x".repeat(1000))).await;
    for (cap, capped) in [(999, true), (1000, false)] {
        let defaults = HttpDefaults { body_cap_bytes: cap, ..HttpDefaults::default() };
        let http = PreparedHttp::new(&get(format!("http://{address}/")), &defaults).expect("valid");
        let trace = http.trace(&open(), PATIENCE, AT).await;
        assert_eq!((trace.body_bytes, trace.body_capped), (cap, capped));
    }
}

#[tokio::test]
async fn a_dripping_body_ends_by_the_timeout() {
    let (address, _) = serve(|_, mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await;
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let seen = prepared(&get(format!("http://{address}/"))).check(&open(), Duration::from_millis(300), AT).await;
    let (reason, message) = failed(&seen);
    assert_eq!((reason, seen.status), (Reason::Timeout, Some(200)));
    assert!(message.contains("its body did not end within 300 ms"), "{message}");
}

#[tokio::test]
async fn a_body_cut_short_is_a_failure() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    ] {
        let (address, _) = always(answer).await;
        let seen = check(&get(format!("http://{address}/"))).await;
        assert_eq!((failed(&seen).0, seen.status), (Reason::Body, Some(200)), "{answer}");
    }
}

#[tokio::test]
async fn bodies_may_come_in_chunks_or_until_the_end() {
    for answer in [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ] {
        let (address, _) = always(answer).await;
        let trace = trace(&get(format!("http://{address}/"))).await;
        assert!(trace.observation.is_success(), "{answer}: {trace:?}");
        assert_eq!(trace.excerpt, "hello", "{answer}");
    }
}

#[tokio::test]
async fn a_head_request_has_no_body() {
    let (address, _) = always("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n").await;
    let mut settings = get(format!("http://{address}/"));
    settings.method = "HEAD".into();
    assert!(check(&settings).await.is_success());
}
