//! `kill -9` at any moment: every acknowledged monitor and every result that was shown is there after the restart, and
//! none twice.

use std::collections::BTreeMap;
use std::hash::{Hash as _, Hasher as _};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
const ROUNDS: usize = 4;

/// The binary, serving a data directory.
pub struct Loopr {
    child: Child,
    port: u16,
}

impl Drop for Loopr {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(directory: &Path, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopr"));
    command.env("LOOPR_DATA_DIR", directory).env("LOOPR_LISTEN", format!("127.0.0.1:{port}")).env("LOOPR_LOG", "warn");
    command.env_remove("LOOPR_DATABASE_URL").stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

impl Loopr {
    pub fn start(directory: &Path) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let child = command(directory, port).arg("serve").stdout(Stdio::null()).spawn().unwrap();
        let loopr = Self { child, port };
        let deadline = Instant::now() + Duration::from_secs(60);
        while loopr.request("GET", "/readyz", "", None).is_none_or(|(status, _)| status != 200) {
            assert!(Instant::now() < deadline, "not ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        loopr
    }

    /// SIGKILL, as the system does when memory runs out.
    fn kill(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn request(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        request(self.port, method, path, token, body)
    }

    pub fn get(&self, path: &str, token: &str) -> Value {
        get(self.port, path, token)
    }

    /// An administrator, and a token of theirs that may write.
    pub fn token(&self, directory: &Path) -> String {
        let mut account = command(directory, self.port)
            .args(["account", "create", "--email", EMAIL, "--password-stdin", "--admin"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        account.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
        assert!(account.wait().unwrap().success());
        let output = command(directory, self.port).args(["token", "create", "--account", EMAIL, "--scope", "write"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// Asks a server on the loopback interface; `None` when nobody answers.
pub fn request(port: u16, method: &str, path: &str, token: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    // Each request is its own key, so that one that is sent again is known again.
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut hasher = std::hash::DefaultHasher::new();
    (path, &body).hash(&mut hasher);
    let key = if body.is_empty() { String::new() } else { format!("idempotency-key: {:x}\r\n", hasher.finish()) };
    let head = format!(
        "{method} {path} HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n{key}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some((status, serde_json::from_str(body).unwrap_or(Value::Null)))
}

/// The answer of a server that must have one.
pub fn get(port: u16, path: &str, token: &str) -> Value {
    let (status, body) = request(port, "GET", path, token, None).unwrap();
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Answers `200 OK` to whoever connects, for the rest of the test.
pub fn target() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream: TcpStream = stream;
            let _request = stream.read(&mut [0; 2048]);
            let _answered = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
        }
    });
    port
}

fn results(loopr: &Loopr, token: &str, monitor: &str) -> Vec<String> {
    let page = loopr.get(&format!("/api/v1/monitors/{monitor}/results?limit=1000"), token);
    page["items"].as_array().unwrap_or_else(|| panic!("{page}")).iter().map(|r| r["at"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    let (directory, target) = (tempfile::tempdir().unwrap(), target());
    let mut loopr = Loopr::start(directory.path());
    let token = loopr.token(directory.path());

    let mut acknowledged: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut sent = Vec::new();
    for round in 0..ROUNDS {
        for n in 0..3 {
            let body = json!({ "kind": "http", "url": format!("http://127.0.0.1:{target}/{round}/{n}"), "interval_seconds": 1 });
            let (status, monitor) = loopr.request("POST", "/api/v1/monitors", &token, Some(&body)).unwrap();
            assert_eq!(status, 201, "{monitor}");
            acknowledged.insert(monitor["id"].as_str().unwrap().to_owned(), Vec::new());
            sent.push((body, monitor["id"].clone()));
        }
        std::thread::sleep(Duration::from_millis(1_500 + 170 * u64::try_from(round).unwrap()));
        for (monitor, seen) in &mut acknowledged {
            *seen = results(&loopr, &token, monitor);
        }
        loopr.kill();
        loopr = Loopr::start(directory.path());
        for (body, id) in &sent {
            let (status, again) = loopr.request("POST", "/api/v1/monitors", &token, Some(body)).unwrap();
            assert_eq!((status, &again["id"]), (201, id), "round {round}: a request that is sent again makes nothing new");
        }
        for (monitor, seen) in &acknowledged {
            let after = results(&loopr, &token, monitor);
            let lost: Vec<_> = seen.iter().filter(|at| !after.contains(at)).collect();
            assert!(lost.is_empty(), "round {round}: {monitor} lost {lost:?}");
            let mut distinct = after.clone();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), after.len(), "round {round}: {monitor} has a result twice");
        }
    }
    assert!(acknowledged.values().all(|seen| !seen.is_empty()), "{acknowledged:?}");
    let listed = loopr.get("/api/v1/monitors?limit=100", &token);
    let text = listed.to_string();
    assert!(acknowledged.keys().all(|id| text.contains(id.as_str())));
    assert_eq!(listed["items"].as_array().unwrap().len(), acknowledged.len());
}
