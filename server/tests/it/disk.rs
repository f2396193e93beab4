//! A full disk: a tmpfs of limited size in a mount namespace of the server's own, so it needs root or user namespaces. What was
//! acknowledged stays, `/readyz` says what is wrong, and recording goes on by itself when there is space again.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::commands::{loopr, printed, run};
use crate::durability::{get, request, target};

struct Full {
    server: Child,
    port: u16,
    directory: PathBuf,
    token: String,
}

impl Drop for Full {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.server.kill();
        let _reaped = self.server.wait();
    }
}

/// A server on a disk of `megabytes`; `None` where nobody may mount one.
fn serve(directory: &Path, megabytes: u32, floor: &str) -> Option<Full> {
    let unshare = |script: String| {
        let mut command = Command::new("unshare");
        // In a user namespace unless we are root already.
        command.args(if rustix::process::getuid().is_root() { &["-m"][..] } else { &["-m", "-U", "-r"] });
        command.args(["sh", "-c", &script]);
        command
    };
    let mount = format!("mount -t tmpfs -o size={megabytes}m tmpfs '{}'", directory.display());
    if !unshare(mount.clone()).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: this system does not let a test mount a file system of its own (unshare -m, mount -t tmpfs)");
        return None;
    }
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let mut command = unshare(format!("{mount} && exec '{}' serve", env!("CARGO_BIN_EXE_loopr")));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LOOPR_")) {
        command.env_remove(name);
    }
    command.env("LOOPR_DATA_DIR", directory).env("LOOPR_LISTEN", format!("127.0.0.1:{port}")).env("LOOPR_LOG", "error");
    // Small, so that what is written reaches the disk while the test looks.
    command.env("LOOPR_DB_MEMTABLE", "4 MiB").env("LOOPR_DISK_FLOOR", floor);
    let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut full = Full { directory: PathBuf::new(), server, port, token: String::new() };
    // The disk is seen by the server alone; through its root it is seen by us.
    full.directory = PathBuf::from(format!("/proc/{}/root{}", full.server.id(), directory.display()));
    full.until_ready(true);
    full.token = full.token();
    Some(full)
}

impl Full {
    fn token(&self) -> String {
        // The control socket is in there, too, under a name that is short enough for one.
        let short = tempfile::tempdir().unwrap();
        let link = short.path().join("d");
        std::os::unix::fs::symlink(&self.directory, &link).unwrap();
        printed(&run(
            loopr(&link, &["account", "create", "--email", "ada@example.com", "--password-stdin", "--admin"]),
            "correct horse battery",
        ));
        printed(&run(loopr(&link, &["token", "create", "--account", "ada@example.com"]), "")).trim().to_owned()
    }

    fn readiness(&self) -> (u16, Value) {
        request(self.port, "GET", "/readyz", "", None).unwrap_or((0, Value::Null))
    }

    /// Waits until it is ready, or is not; answers what it said. The deadline only ends a test that would hang.
    fn until_ready(&self, ready: bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let (status, body) = self.readiness();
            if status != 0 && (status == 200) == ready {
                return body;
            }
            assert!(Instant::now() < deadline, "never ready = {ready}: {status} {body}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn results(&self, monitor: &str) -> Vec<String> {
        let page = get(self.port, &format!("/api/v1/monitors/{monitor}/results?limit=1000"), &self.token);
        page["items"].as_array().unwrap().iter().map(|r| r["at"].as_str().unwrap().to_owned()).collect()
    }

    fn until_more_than(&self, monitor: &str, results: usize) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let seen = self.results(monitor);
            if seen.len() > results {
                return seen;
            }
            assert!(Instant::now() < deadline, "{} results", seen.len());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Takes all space but so much.
    fn fill(&self, leave_bytes: u64) -> PathBuf {
        let file = self.directory.join("filler");
        let stat = rustix::fs::statvfs(&self.directory).unwrap();
        let take = (stat.f_bavail * stat.f_frsize).saturating_sub(leave_bytes);
        // More than there is ends with an error and a full disk, which is what is wanted.
        let _full = std::fs::write(&file, vec![1; usize::try_from(take).unwrap()]);
        file
    }
}

fn outage(floor: &str, leave_bytes: u64, says: &str) {
    let directory = tempfile::tempdir().unwrap();
    let Some(loopr) = serve(directory.path(), 64, floor) else { return };
    let target = target();
    let mut monitors = Vec::new();
    for n in 0..20 {
        let body = json!({ "kind": "http", "url": format!("http://127.0.0.1:{target}/{n}"), "interval_seconds": 1 });
        let (status, monitor) = request(loopr.port, "POST", "/api/v1/monitors", &loopr.token, Some(&body)).unwrap();
        assert_eq!(status, 201, "{monitor}");
        monitors.push(monitor["id"].as_str().unwrap().to_owned());
    }
    let acknowledged: Vec<_> = monitors.iter().map(|monitor| loopr.until_more_than(monitor, 2)).collect();
    let filler = loopr.fill(leave_bytes);
    let said = loopr.until_ready(false);
    assert!(said["notice"].as_str().is_some_and(|notice| notice.contains(says)), "{said}");
    std::fs::remove_file(filler).unwrap();
    loopr.until_ready(true);
    for (monitor, before) in monitors.iter().zip(&acknowledged) {
        let after = loopr.until_more_than(monitor, before.len() + 2);
        let lost: Vec<_> = before.iter().filter(|at| !after.contains(at)).collect();
        assert!(lost.is_empty(), "{monitor} lost {lost:?}");
    }
}

#[test]
fn below_the_floor_recording_pauses_and_goes_on_by_itself() {
    outage("24 MiB", 8 << 20, "almost full");
}

#[test]
fn a_disk_without_a_byte_left_loses_nothing_that_was_acknowledged() {
    outage("none", 0, "does not take writes");
}
