//! `kill -9` in a loop while targets go down and up and the channel is down, then up: every change is told at least once, none is
//! missing, and of each monitor the order holds.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::{Value, json};

use crate::durability::Loopr;

/// Rounds of a run by the tests; the twenty of the figure that the project promises are run by hand: LOSING_NOTHING_ROUNDS=20.
const ROUNDS: usize = 4;
const MONITORS: usize = 3;

/// An HTTP server of one thread a connection: it takes what comes, and answers as `good` says.
struct Server {
    port: u16,
    good: Arc<AtomicBool>,
    /// The bodies of requests that were answered well.
    taken: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (good, taken) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (says, keeps) = (Arc::clone(&good), Arc::clone(&taken));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (says, keeps) = (Arc::clone(&says), Arc::clone(&keeps));
                std::thread::spawn(move || answer(stream, &says, &keeps));
            }
        });
        Self { port, good, taken }
    }
}

fn answer(mut stream: TcpStream, good: &AtomicBool, taken: &Mutex<Vec<Value>>) -> Option<()> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let body = loop {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().split_once("content-length: ").and_then(|(_, rest)| rest.lines().next()?.trim().parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break body.to_owned();
        }
    };
    let status = if good.load(Ordering::SeqCst) { "200 OK" } else { "503 Gone fishing" };
    if status.starts_with("200")
        && let Ok(document) = serde_json::from_str(&body)
    {
        taken.lock().unwrap().push(document);
    }
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes()).ok()
}

/// What was told of each monitor: events with their instants, in the order in which they first came.
fn told(sink: &Server) -> BTreeMap<String, Vec<(String, String)>> {
    let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for document in sink.taken.lock().unwrap().iter() {
        for event in document["data"]["events"].as_array().unwrap() {
            let Some(monitor) = event["subject"]["monitor"].as_str() else { continue };
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            let one = (text("type"), text("at"));
            let known = all.entry(monitor.to_owned()).or_default();
            if !known.contains(&one) {
                known.push(one);
            }
        }
    }
    all
}

/// The changes that have to be told: down, and up after down.
fn changes(loopr: &Loopr, token: &str, monitor: &str) -> Vec<(String, String)> {
    let page = loopr.get(&format!("/api/v1/monitors/{monitor}/transitions?limit=1000"), token);
    let mut items: Vec<Value> = page["items"].as_array().unwrap().clone();
    items.reverse();
    let (mut down, mut wanted) = (false, Vec::new());
    for change in items {
        let at = change["at"].as_str().unwrap().to_owned();
        match change["to"].as_str().unwrap() {
            "down" if !down => {
                down = true;
                wanted.push(("monitor.down".to_owned(), at));
            }
            "up" if down => {
                down = false;
                wanted.push(("monitor.up".to_owned(), at));
            }
            _ => {}
        }
    }
    wanted
}

/// What a monitor was last written to have become.
fn newest_change(loopr: &Loopr, token: &str, monitor: &str) -> String {
    let page = loopr.get(&format!("/api/v1/monitors/{monitor}/transitions?limit=1"), token);
    page["items"][0]["to"].as_str().unwrap_or_default().to_owned()
}

/// The messages that are not at their end. All are looked at together, not one state after the other: one that is tried again goes back from
/// its way to waiting.
fn open_messages(loopr: &Loopr, token: &str) -> Vec<Value> {
    let (mut open, mut path) = (Vec::new(), "/api/v1/messages?limit=500".to_owned());
    loop {
        let page = loopr.get(&path, token);
        let items = page["items"].as_array().unwrap().iter();
        open.extend(items.filter(|message| ["waiting", "sending"].contains(&message["state"].as_str().unwrap())).cloned());
        let Some(next) = page["next_cursor"].as_str() else { return open };
        path = format!("/api/v1/messages?limit=500&cursor={next}");
    }
}

#[test]
fn every_change_is_told_however_often_the_process_is_killed() {
    let rounds = std::env::var("LOSING_NOTHING_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(ROUNDS);
    let (directory, sink) = (tempfile::tempdir().unwrap(), Server::start());
    let targets: Vec<Server> = (0..MONITORS).map(|_| Server::start()).collect();
    let mut loopr = Loopr::start(directory.path());
    let token = loopr.token(directory.path());
    let make = |loopr: &Loopr, path: &str, body: Value| {
        let (status, made) = loopr.request("POST", path, &token, Some(&body)).unwrap();
        assert_eq!(status, 201, "{path}: {made}");
        made["id"].as_str().unwrap().to_owned()
    };
    let url = format!("http://127.0.0.1:{}/hook", sink.port);
    let channel = make(&loopr, "/api/v1/channels", json!({ "name": "Sink", "kind": "webhook", "settings": { "url": url } }));
    make(&loopr, "/api/v1/rules", json!({ "name": "All", "events": ["down", "up"], "channels": [channel] }));
    let monitors: Vec<String> = targets
        .iter()
        .enumerate()
        .map(|(n, target)| {
            let url = format!("http://127.0.0.1:{}/{n}", target.port);
            make(&loopr, "/api/v1/monitors", json!({ "kind": "http", "url": url, "interval_seconds": 1, "failures_before_down": 1 }))
        })
        .collect();
    let mut rng = rand::rng();
    for round in 0..rounds {
        sink.good.store(round % 2 == 1, Ordering::SeqCst);
        for _ in 0..rng.random_range(2..5) {
            for target in &targets {
                target.good.store(rng.random(), Ordering::SeqCst);
            }
            std::thread::sleep(Duration::from_millis(rng.random_range(300..1_300)));
        }
        drop(loopr);
        loopr = Loopr::start(directory.path());
    }
    sink.good.store(true, Ordering::SeqCst);
    targets.iter().for_each(|target| target.good.store(true, Ordering::SeqCst));
    // The deadline only ends a test that would hang: a channel that failed rests for a while.
    let deadline = Instant::now() + Duration::from_secs(420);
    loop {
        // A monitor shows its new state a moment before that is written; the change and its message are written together.
        let up = monitors.iter().all(|id| newest_change(&loopr, &token, id) == "up");
        let open = if up { open_messages(&loopr, &token) } else { Vec::new() };
        if up && open.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "all up: {up}; to be sent: {open:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
    let told = told(&sink);
    for monitor in &monitors {
        let (wanted, told) = (changes(&loopr, &token, monitor), told.get(monitor).cloned().unwrap_or_default());
        let mut in_time = told.clone();
        in_time.sort_by(|a, b| a.1.cmp(&b.1));
        assert_eq!(in_time, wanted, "of {monitor}");
        // An outage that is told late may come after a younger one; its end never comes before its beginning.
        let place = |change: &(String, String)| told.iter().position(|there| there == change);
        assert!(wanted.chunks(2).all(|outage| outage.iter().map(place).is_sorted()), "of {monitor}: {told:?}");
    }
    assert!(told.values().map(Vec::len).sum::<usize>() > 0, "nothing happened");
}
