//! A receiver that counts: schedules run every second while the process is killed again and again, and the receiver answers 500, 429, or not
//! at all. No time of any schedule is missing, and what came twice is marked as such.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt as _;
use serde_json::{Value, json};

use crate::durability::Loopr;

/// Kills in a run by the tests; COUNTING_KILLS and COUNTING_SCHEDULES make it longer: 100 schedules and 30 kills are more than 10,000 runs.
const KILLS: usize = 4;
const SCHEDULES: usize = 10;

/// How often each key was answered well.
type Counts = Arc<Mutex<HashMap<String, u32>>>;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn receiver(counts: &Counts) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (port, counts) = (listener.local_addr().unwrap().port(), Arc::clone(counts));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let counts = Arc::clone(&counts);
            std::thread::spawn(move || answer(stream, &counts));
        }
    });
    port
}

fn answer(mut stream: TcpStream, counts: &Counts) -> Option<()> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    let head = loop {
        let n = stream.read(&mut piece).ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if text.contains("\r\n\r\n") {
            break text;
        }
    };
    let key = head.lines().find_map(|line| line.to_lowercase().strip_prefix("idempotency-key: ").map(str::to_owned))?;
    let status = match rand::rng().random_range(0..20) {
        0 => "500 Broken",
        1 => "429 Slower\r\nretry-after: 1",
        2 => {
            // Longer than the timeout of the schedules: whoever waits has given up.
            std::thread::sleep(Duration::from_millis(1_500));
            return None;
        }
        _ => "200 OK",
    };
    if status.starts_with("200") {
        *counts.lock().unwrap().entry(key).or_default() += 1;
    }
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes()).ok()
}

/// All runs of a schedule, the newest first.
fn runs(loopr: &Loopr, token: &str, schedule: &str) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = loopr.get(&format!("/api/v1/schedules/{schedule}/occurrences?limit=199{cursor}"), token);
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

#[test]
fn no_time_is_missing_and_what_came_twice_is_marked() {
    let (kills, count) = (setting("COUNTING_KILLS", KILLS), setting("COUNTING_SCHEDULES", SCHEDULES));
    let (directory, counts) = (tempfile::tempdir().unwrap(), Counts::default());
    let port = receiver(&counts);
    let mut loopr = Loopr::start(directory.path());
    let token = loopr.token(directory.path());
    let schedules: Vec<String> = (0..count)
        .map(|n| {
            let body = json!({
                "name": format!("Counted {n}"), "trigger": { "every_seconds": 1 }, "request": { "url": format!("http://127.0.0.1:{port}/{n}") },
                "timeout_ms": 1_000, "overlap": "allow", "catch_up": "all", "catch_up_max": 1_000, "concurrency": 50,
                "retry": { "max_attempts": 50, "max_age_seconds": 3_600, "base_seconds": 0.5, "cap_seconds": 1 },
            });
            let (status, made) = loopr.request("POST", "/api/v1/schedules", &token, Some(&body)).unwrap();
            assert_eq!(status, 201, "{made}");
            made["id"].as_str().unwrap().to_owned()
        })
        .collect();
    let mut rng = rand::rng();
    for _ in 0..kills {
        std::thread::sleep(Duration::from_millis(rng.random_range(1_000..4_000)));
        drop(loopr);
        std::thread::sleep(Duration::from_millis(rng.random_range(0..2_000)));
        loopr = Loopr::start(directory.path());
    }
    std::thread::sleep(Duration::from_secs(2));
    for schedule in &schedules {
        let (status, _) = loopr.request("POST", &format!("/api/v1/schedules/{schedule}/pause"), &token, Some(&json!({}))).unwrap();
        assert_eq!(status, 200);
    }
    // The deadline only ends a test that would hang.
    let deadline = Instant::now() + Duration::from_secs(u64::try_from(setting("COUNTING_DEADLINE", 240)).unwrap());
    let open = |loopr: &Loopr| -> usize {
        let states = ["scheduled", "running", "retrying"];
        let of = |schedule: &String, state: &str| {
            let page = loopr.get(&format!("/api/v1/schedules/{schedule}/occurrences?limit=199&state={state}"), &token);
            page["items"].as_array().unwrap().len()
        };
        schedules.iter().map(|schedule| states.iter().map(|state| of(schedule, state)).sum::<usize>()).sum()
    };
    loop {
        let left = open(&loopr);
        if left == 0 {
            break;
        }
        if Instant::now() >= deadline {
            let all = schedules.iter().flat_map(|schedule| runs(&loopr, &token, schedule));
            let open: Vec<Value> = all.filter(|run| run["due_at"].is_string()).take(5).collect();
            panic!("{left} have not ended, among them {open:#?}");
        }
        std::thread::sleep(Duration::from_millis(300));
    }
    let counts = counts.lock().unwrap();
    let (mut total, mut twice) = (0, 0);
    for schedule in &schedules {
        let runs = runs(&loopr, &token, schedule);
        let mut times: Vec<i64> = Vec::new();
        for run in &runs {
            assert_eq!(run["state"], "succeeded", "{run}");
            let id = run["id"].as_str().unwrap();
            let received = counts.get(id).copied().unwrap_or(0);
            assert!(received >= 1, "{id} was never received: {run}");
            assert!(received == 1 || run["uncertain"] == true, "{id} came {received} times and is not marked: {run}");
            if run["uncertain"] == true {
                let tries = loopr.get(&format!("/api/v1/occurrences/{id}"), &token)["tries"].clone();
                let named = |attempt: &Value| attempt["request"]["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:"));
                assert!(tries.as_array().unwrap().iter().all(named), "an attempt whose end nobody saw says where it went: {tries}");
            }
            twice += usize::from(received > 1);
            times.push(id.rsplit('_').next().unwrap().parse().unwrap());
        }
        times.sort_unstable();
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 1_000), "a time of {schedule} is missing: {times:?}");
        total += runs.len();
    }
    assert!(total >= schedules.len() * kills, "{total} runs");
    println!("{total} runs over {kills} kills, {twice} of them received twice");
}
