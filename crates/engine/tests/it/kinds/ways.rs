//! Ways to a server: HTTP/2, proxies, gRPC, websockets.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::*;
use crate::probe::server::{always, ok};

/// A server of HTTP/2 with prior knowledge that answers with some data and trailers.
async fn http2(data: &'static [u8], trailers: &'static [(&'static str, &'static str)]) -> (SocketAddr, Arc<Mutex<Vec<(String, Vec<u8>)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let log = log.clone();
            let answer = service_fn(move |request: Request<Incoming>| {
                let log = log.clone();
                async move {
                    let uri = request.uri().to_string();
                    let body = request.into_body().collect().await.unwrap().to_bytes().to_vec();
                    log.lock().unwrap().push((uri, body));
                    let mut map = HeaderMap::new();
                    for (name, value) in trailers {
                        map.insert(*name, value.parse().unwrap());
                    }
                    let frames = [Ok::<_, Infallible>(Frame::data(Bytes::from_static(data))), Ok(Frame::trailers(map))];
                    Ok::<_, Infallible>(Response::new(StreamBody::new(futures::stream::iter(frames))))
                }
            });
            tokio::spawn(hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer));
        }
    });
    (address, seen)
}

#[tokio::test]
async fn http_2_with_prior_knowledge() {
    let (address, seen) = http2(b"over two", &[]).await;
    let url = format!("http://{address}/deep?x=1");
    let ready = Ready::new(
        Kind::Http,
        &[("url", &url), ("http_version", "2"), ("assertions", "body == over two"), ("headers", "Host: other.example")],
    );
    fine(&ready.check().await);
    assert_eq!(ready.trace().await.hops[0].version.as_deref(), Some("HTTP/2"));
    assert_eq!(seen.lock().unwrap()[0].0, url);
}

const SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 1];
const NOT_SERVING: &[u8] = &[0, 0, 0, 0, 2, 8, 2];

#[tokio::test]
async fn the_health_service_of_grpc() {
    let (address, seen) = http2(SERVING, &[("grpc-status", "0")]).await;
    let address = address.to_string();
    fine(&observe(Kind::Grpc, &[("address", &address), ("plaintext", "on"), ("service", "a.B"), ("metadata", "x-key: k")]).await);
    let (uri, body) = seen.lock().unwrap()[0].clone();
    assert!(uri.ends_with("/grpc.health.v1.Health/Check"), "{uri}");
    assert_eq!(body, [0, 0, 0, 0, 5, 0x0a, 3, b'a', b'.', b'B']);
    for (data, trailers, reason) in [
        (NOT_SERVING, &[("grpc-status", "0")][..], Reason::NotServing),
        (b"", &[("grpc-status", "12"), ("grpc-message", "unknown method")], Reason::Protocol),
        (b"", &[("grpc-status", "5")], Reason::NotServing),
        (b"", &[("grpc-status", "16"), ("grpc-message", "who")], Reason::Auth),
        (b"nonsense", &[("grpc-status", "0")], Reason::Protocol),
        (SERVING, &[], Reason::Status),
    ] {
        let (address, _) = http2(data, trailers).await;
        let seen = observe(Kind::Grpc, &[("address", &address.to_string()), ("plaintext", "on")]).await;
        assert_eq!(failed(&seen).0, reason, "{trailers:?}");
    }
}

#[tokio::test]
async fn websockets_open_and_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() {
                        let _gone = socket.send(format!("echo {message}").into()).await;
                    }
                }
            });
        }
    });
    let url = format!("ws://{address}/live");
    fine(&observe(Kind::Websocket, &[("url", &url)]).await);
    let seen = observe(Kind::Websocket, &[("url", &url), ("send", "hello"), ("expect", "echo hello")]).await;
    fine(&seen);
    assert_eq!(seen.status, Some(101));
    let never = Ready::new(Kind::Websocket, &[("url", &url), ("send", "hello"), ("expect", "goodbye")]);
    assert_eq!(failed(&never.within(Duration::from_millis(80)).await).0, Reason::Timeout);
    let (web, _) = always("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nnothing").await;
    let seen = observe(Kind::Websocket, &[("url", &format!("ws://{web}/"))]).await;
    assert_eq!((failed(&seen).0, seen.status), (Reason::Status, Some(404)));
}

/// A proxy for CONNECT and for whole URLs; asks for `u:p`.
async fn http_proxy() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                log.lock().unwrap().push(head.clone());
                if !head.to_lowercase().contains("proxy-authorization: basic dtpw") {
                    let _gone = stream.write_all(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n").await;
                } else if let Some(target) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) {
                    let mut to = TcpStream::connect(target).await.unwrap();
                    let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                    let _ended = copy_bidirectional(&mut stream, &mut to).await;
                } else {
                    let _gone = stream.write_all(ok("by proxy").as_bytes()).await;
                }
            });
        }
    });
    (address, asked)
}

#[tokio::test]
async fn proxies_of_http() {
    let (proxy, asked) = http_proxy().await;
    let with = format!("http://u:p@{proxy}");
    fine(&observe(Kind::Http, &[("url", "http://nowhere.example/x"), ("proxy", &with), ("assertions", "body == by proxy")]).await);
    assert!(asked.lock().unwrap()[0].starts_with("GET http://nowhere.example/x HTTP/1.1\r\n"));
    let without = observe(Kind::Http, &[("url", "http://nowhere.example/"), ("proxy", &format!("http://{proxy}"))]).await;
    assert_eq!(without.status, Some(407));
    let refused = observe(Kind::Http, &[("url", "https://nowhere.example/"), ("proxy", &format!("http://{proxy}"))]).await;
    assert!(failed(&refused).1.contains("407"), "{refused:?}");
}

#[tokio::test]
async fn proxies_of_socks() {
    let (web, _) = always(ok("through")).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap();
    let names = Arc::new(Mutex::new(Vec::new()));
    let log = names.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let log = log.clone();
            tokio::spawn(async move {
                let mut head = [0; 2];
                stream.read_exact(&mut head).await.unwrap();
                let mut methods = vec![0; usize::from(head[1])];
                stream.read_exact(&mut methods).await.unwrap();
                stream.write_all(&[5, 0]).await.unwrap();
                let mut request = [0; 5];
                stream.read_exact(&mut request).await.unwrap();
                let mut name = vec![0; usize::from(request[4]) + 2];
                stream.read_exact(&mut name).await.unwrap();
                log.lock().unwrap().push(String::from_utf8_lossy(&name[..name.len() - 2]).into_owned());
                stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                let mut to = TcpStream::connect(web).await.unwrap();
                let _ended = copy_bidirectional(&mut stream, &mut to).await;
            });
        }
    });
    let with = format!("socks5://{proxy}");
    fine(&observe(Kind::Http, &[("url", "http://inside.example/"), ("proxy", &with), ("assertions", "body == through")]).await);
    assert_eq!(names.lock().unwrap().as_slice(), ["inside.example"], "the proxy looks names up");
}
