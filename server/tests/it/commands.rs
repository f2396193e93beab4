//! The binary at the command line: exit codes, what it prints, and commands with and without a running server.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

pub fn loopr(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopr"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("LOOPR_")) {
        command.env_remove(name);
    }
    command.args(arguments).env("LOOPR_DATA_DIR", directory).env("LOOPR_LOG", "warn");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    // It may end before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub fn printed(output: &Output) -> &str {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::str::from_utf8(&output.stdout).unwrap()
}

pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM would be polite; the test is over.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn serve(directory: &Path) -> (Server, String) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let mut command = loopr(directory, &["serve"]);
    command.env("LOOPR_LISTEN", &address).stdout(Stdio::null()).stderr(Stdio::null());
    let server = Server(command.spawn().unwrap());
    for _ in 0..300 {
        let mut asked = loopr(directory, &["healthcheck"]);
        asked.env("LOOPR_LISTEN", &address);
        if run(asked, "").status.success() {
            return (server, address);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the server did not start");
}

#[test]
fn wrong_settings_end_with_code_2() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = loopr(directory.path(), &["serve"]);
    command.env("LOOPR_LISTN", "x").env("LOOPR_SIGNUP", "maybe");
    let output = run(command, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("Did you mean LOOPR_LISTEN?") && said.contains("LOOPR_SIGNUP: "), "{said}");
    assert_eq!(run(loopr(directory.path(), &["nonsense"]), "").status.code(), Some(2));
}

#[test]
fn references_are_printed() {
    let directory = tempfile::tempdir().unwrap();
    let config = run(loopr(directory.path(), &["config"]), "");
    assert_eq!(printed(&config), server::config::reference::markdown());
    let openapi = run(loopr(directory.path(), &["openapi"]), "");
    assert!(serde_json::from_str::<serde_json::Value>(printed(&openapi)).unwrap()["paths"].is_object());
}

#[test]
fn commands_work_without_and_with_a_server() {
    let directory = tempfile::tempdir().unwrap();
    let create = |email| {
        run(loopr(directory.path(), &["account", "create", "--email", email, "--password-stdin", "--admin"]), "correct horse battery\n")
    };
    assert!(printed(&create("ada@example.com")).starts_with("Created acc_"));
    let token = |email| run(loopr(directory.path(), &["token", "create", "--account", email]), "");
    let alone = token("ada@example.com");
    assert_eq!(printed(&alone).lines().count(), 1, "the token alone");

    let (_server, _) = serve(directory.path());
    assert!(printed(&create("bob@example.com")).starts_with("Created acc_"), "through the socket");
    assert_ne!(printed(&token("ada@example.com")), printed(&alone));
    let twice = create("ada@example.com");
    assert_eq!(twice.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&twice.stderr).is_empty());
    let short = run(loopr(directory.path(), &["account", "password", "--email", "ada@example.com", "--password-stdin"]), "short\n");
    assert_eq!(short.status.code(), Some(1));
}

#[test]
fn a_dead_server_is_unhealthy() {
    let directory = tempfile::tempdir().unwrap();
    let mut asked = loopr(directory.path(), &["healthcheck"]);
    asked.env("LOOPR_LISTEN", "127.0.0.1:1");
    assert_eq!(run(asked, "").status.code(), Some(1));
}
