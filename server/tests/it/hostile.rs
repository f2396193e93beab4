//! Targets that mean harm, all at once: the process stays as small as it was, and every check says the right thing.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::durability::Loopr;

/// Monitors of each kind of harm.
const EACH: usize = 6;
/// Checks of every monitor before memory is measured first, and at the end.
const CHECKS: [usize; 2] = [3, 10];
/// What a check may hold of an answer, by default.
const CAP_KIB: u64 = 1024;

/// What is asked for, and the reason of the failure; `None` for an answer that is fine up to the cap.
const HARM: [(&str, Option<&str>); 6] = [
    ("endless", None),
    ("bomb", None),
    ("headers", Some("protocol")),
    ("drip", Some("timeout")),
    ("loop", Some("protocol")),
    ("close", Some("body")),
];

/// A hundred megabytes of nothing in a hundred kilobytes, ten times over.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..100).for_each(|_| encoder.write_all(&zeros).unwrap());
    encoder.finish().unwrap().repeat(12)
}

fn harm(mut stream: TcpStream, bomb: &[u8]) -> std::io::Result<()> {
    let mut request = [0; 2048];
    let read = stream.read(&mut request)?;
    let request = String::from_utf8_lossy(request.get(..read).unwrap_or_default()).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    match path.split('/').nth(1).unwrap_or_default() {
        "endless" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")?;
            loop {
                stream.write_all(&[b'z'; 65_536])?;
            }
        }
        "bomb" => {
            let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", bomb.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(bomb)
        }
        "headers" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            loop {
                stream.write_all(format!("x-{}: y\r\n", "h".repeat(900)).as_bytes())?;
            }
        }
        "drip" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")?;
            loop {
                stream.write_all(b".")?;
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        "loop" => stream.write_all(format!("HTTP/1.1 302 Found\r\nlocation: {path}\r\ncontent-length: 0\r\n\r\n").as_bytes()),
        _ => stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"),
    }
}

fn target() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let bomb: &'static [u8] = bomb().leak();
        for stream in listener.incoming().flatten() {
            // Whoever hangs up has had enough.
            std::thread::spawn(move || harm(stream, bomb));
        }
    });
    port
}

/// A figure of the process in KiB.
fn memory(loopr: &Loopr, figure: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", loopr.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(figure)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

fn checks(loopr: &Loopr, token: &str, monitor: &str) -> Vec<Value> {
    let page = loopr.get(&format!("/api/v1/monitors/{monitor}/results?limit=100"), token);
    page["items"].as_array().unwrap().clone()
}

#[test]
fn hostile_targets_are_judged_and_take_no_memory() {
    let (directory, target) = (tempfile::tempdir().unwrap(), target());
    let loopr = Loopr::start(directory.path());
    let token = loopr.token(directory.path());
    let mut monitors = Vec::new();
    for (path, reason) in HARM {
        for n in 0..EACH {
            let url = format!("http://127.0.0.1:{target}/{path}/{n}");
            // Time enough for a busy machine to judge what does answer: a timeout is not what is tried here, but of `drip`.
            let body = json!({ "kind": "http", "url": url, "interval_seconds": 3, "retry_interval_ms": 500 });
            let (status, monitor) = loopr.request("POST", "/api/v1/monitors", &token, Some(&body)).unwrap();
            assert_eq!(status, 201, "{monitor}");
            monitors.push((monitor["id"].as_str().unwrap().to_owned(), path, reason));
        }
    }
    let until = |count: usize| {
        let deadline = Instant::now() + Duration::from_secs(120);
        while monitors.iter().any(|(id, ..)| checks(&loopr, &token, id).len() < count) {
            assert!(Instant::now() < deadline, "not {count} checks of each");
            std::thread::sleep(Duration::from_millis(500));
        }
    };
    let [first, last] = CHECKS;
    until(first);
    let before = memory(&loopr, "VmRSS:");
    until(last);
    let grown = memory(&loopr, "VmHWM:").saturating_sub(before);
    let at_once = u64::try_from(monitors.len()).unwrap() * CAP_KIB;
    assert!(grown < at_once + 32 * 1024, "{grown} KiB more than at first, with {at_once} KiB of answers at most");
    for (id, path, reason) in &monitors {
        for check in checks(&loopr, &token, id) {
            assert_eq!(check["error"]["reason"].as_str(), *reason, "{path}: {check}");
        }
    }
}
