//! Real servers: PostgreSQL, MariaDB, Redis, OpenSSH and Postfix, started here in directories of their own. `make test` installs
//! them and asks for these tests by `TEST_SERVERS`; without it they say that they were left out.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::*;

/// Whether the servers are there.
fn wanted() -> bool {
    let wanted = std::env::var_os("TEST_SERVERS").is_some();
    if !wanted {
        println!("left out: set TEST_SERVERS where PostgreSQL, MariaDB, Redis, OpenSSH and Postfix are installed");
    }
    wanted
}

/// A server that ends with the test.
struct Server {
    child: Child,
    /// How to end it, when it would leave others behind.
    stop: Option<Command>,
    _directory: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _stopped = self.stop.as_mut().map(Command::output);
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

fn start(command: &mut Command, directory: tempfile::TempDir) -> Server {
    let log = std::fs::File::create(directory.path().join("log")).unwrap();
    let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn();
    Server { child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")), stop: None, _directory: directory }
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    // Some of them give up their rights and must still get in.
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until somebody listens; the deadline only ends a test that would hang.
async fn listening(port: u16, server: &mut Server) {
    for _ in 0..3_000 {
        if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return;
        }
        if let Some(status) = server.child.try_wait().unwrap() {
            let log = std::fs::read_to_string(server._directory.path().join("log")).unwrap_or_default();
            panic!("the server ended with {status}: {log}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nobody listens on {port}");
}

/// The newest directory of programs of PostgreSQL.
fn postgres_programs() -> PathBuf {
    let mut all: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql").unwrap().map(|entry| entry.unwrap().path().join("bin")).collect();
    all.sort();
    all.pop().unwrap()
}

fn as_user(user: &str, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups"]).arg(program);
    command
}

#[tokio::test]
async fn postgresql() {
    if !wanted() {
        return;
    }
    let (directory, port, programs) = (directory(), port(), postgres_programs());
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(directory.path().join("password"), "s3cret").unwrap();
    run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(directory.path()));
    let mut init = as_user("postgres", &programs.join("initdb"));
    init.arg("-D").arg(&data).args(["-U", "ann", "-A", "scram-sha-256", "--no-sync", "--pwfile"]).arg(directory.path().join("password"));
    run(&mut init);
    let mut command = as_user("postgres", &programs.join("postgres"));
    command.arg("-D").arg(&data).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "fsync=off", "-k"]).arg(directory.path());
    let mut server = start(&mut command, directory);
    listening(port, &mut server).await;
    let address = format!("127.0.0.1:{port}");
    let base = [("address", address.as_str()), ("username", "ann"), ("password", "s3cret"), ("database", "postgres")];
    let ask = async |fields: &[(&str, &str)]| observe(Kind::Postgres, &[&base[..], fields].concat()).await;
    // It answers that it starts until it has started.
    while ask(&[]).await.failure.is_some_and(|failure| failure.reason == Reason::NotServing) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fine(&ask(&[]).await);
    fine(&ask(&[("query", "SELECT 40 + 2"), ("expect", "42")]).await);
    assert_eq!(failed(&ask(&[("query", "SELECT 7"), ("expect", "< 7")]).await).0, Reason::Content);
    assert!(failed(&ask(&[("query", "SELECT nothing")]).await).1.contains("42703"));
    let writing = ask(&[("query", "CREATE TABLE t (n int)")]).await;
    assert!(failed(&writing).1.contains("25006"), "a session that reads only: {writing:?}");
    let endless = ask(&[("query", "SELECT repeat('x', 3000000)")]).await;
    assert!(failed(&endless).1.contains("more than 1 MiB"), "{endless:?}");
    assert_eq!(failed(&ask(&[("security", "require")]).await).0, Reason::Tls);
    let stranger = observe(Kind::Postgres, &[("address", &address), ("username", "ann"), ("password", "wrong")]).await;
    assert_eq!(failed(&stranger).0, Reason::Auth);
}

#[tokio::test]
async fn mariadb() {
    if !wanted() {
        return;
    }
    let (directory, port) = (directory(), port());
    let data = directory.path().join("data");
    run(Command::new("mariadb-install-db")
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()))
        .args(["--auth-root-authentication-method=normal", "--skip-test-db"]));
    run(Command::new("chown").args(["-R", "mysql:mysql"]).arg(directory.path()));
    std::fs::write(
        directory.path().join("init.sql"),
        "CREATE USER 'ann'@'127.0.0.1' IDENTIFIED BY 's3cret';\nGRANT SELECT ON *.* TO 'ann'@'127.0.0.1';\n",
    )
    .unwrap();
    let mut command = Command::new("mariadbd");
    command
        .args(["--no-defaults", "--user=mysql", "--bind-address=127.0.0.1", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0"])
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", directory.path().join("socket").display()))
        .arg(format!("--init-file={}", directory.path().join("init.sql").display()));
    let mut server = start(&mut command, directory);
    listening(port, &mut server).await;
    let address = format!("127.0.0.1:{port}");
    let base = [("address", address.as_str()), ("username", "ann"), ("password", "s3cret")];
    let ask = async |fields: &[(&str, &str)]| observe(Kind::Mysql, &[&base[..], fields].concat()).await;
    fine(&ask(&[]).await);
    fine(&ask(&[("query", "SELECT 40 + 2, 'x'"), ("expect", "42"), ("database", "mysql")]).await);
    fine(&ask(&[("query", "SELECT NULL"), ("expect", "NULL")]).await);
    assert!(failed(&ask(&[("query", "SELECT nothing")]).await).1.contains("1054"));
    assert_eq!(failed(&ask(&[("query", "SELECT 1 FROM dual WHERE 0"), ("expect", "1")]).await).0, Reason::Content);
    let writing = ask(&[("query", "CREATE DATABASE d")]).await;
    assert!(writing.failure.is_some(), "a session that reads only");
    let stranger = observe(Kind::Mysql, &[("address", &address), ("username", "ann"), ("password", "wrong")]).await;
    assert_eq!(failed(&stranger).0, Reason::Auth);
    let trace = Ready::new(Kind::Mysql, &base).trace().await;
    assert!(trace.hops[0].facts.iter().any(|(name, value)| name == "Version" && value.contains("MariaDB")), "{trace:?}");
}

#[tokio::test]
async fn redis() {
    if !wanted() {
        return;
    }
    let (directory, port) = (directory(), port());
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--requirepass", "s3cret", "--dir"])
        .arg(directory.path());
    let mut server = start(&mut command, directory);
    listening(port, &mut server).await;
    let address = format!("127.0.0.1:{port}");
    let ask = async |fields: &[(&str, &str)]| observe(Kind::Redis, &[&[("address", address.as_str())], fields].concat()).await;
    fine(&ask(&[("password", "s3cret")]).await);
    fine(&ask(&[("password", "s3cret"), ("username", "default"), ("command", "DBSIZE"), ("expect", "0")]).await);
    assert_eq!(failed(&ask(&[]).await).0, Reason::Auth);
    assert_eq!(failed(&ask(&[("password", "wrong")]).await).0, Reason::Auth);
}

#[tokio::test]
async fn openssh() {
    if !wanted() {
        return;
    }
    let (directory, port) = (directory(), port());
    let key = directory.path().join("key");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key));
    std::fs::create_dir_all("/run/sshd").unwrap();
    let mut command = Command::new("/usr/sbin/sshd");
    command.args(["-D", "-e", "-f", "/dev/null", "-o", "ListenAddress=127.0.0.1", "-p", &port.to_string(), "-h"]).arg(&key);
    let mut server = start(&mut command, directory);
    listening(port, &mut server).await;
    let address = format!("127.0.0.1:{port}");
    fine(&observe(Kind::Ssh, &[("address", &address), ("expect", "OpenSSH")]).await);
}

#[tokio::test]
async fn postfix() {
    if !wanted() {
        return;
    }
    let (directory, port) = (directory(), port());
    let path = |name: &str| directory.path().join(name);
    run(Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(path("key"))
        .arg("-out")
        .arg(path("certificate")));
    let authority = std::fs::read_to_string(path("certificate")).unwrap();
    for name in ["queue", "data"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    run(Command::new("chown").arg("postfix").arg(path("data")));
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {0}/queue\ndata_directory = {0}/data\ncommand_directory = /usr/sbin\n\
         daemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nsetgid_group = postdrop\nmyhostname = localhost\n\
         inet_interfaces = 127.0.0.1\nalias_maps =\nalias_database =\nlocal_recipient_maps =\nsmtpd_relay_restrictions = reject\n\
         smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {0}/certificate\nsmtpd_tls_key_file = {0}/key\nmaillog_file = /dev/stdout\n",
        directory.path().display()
    );
    let services = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\ntlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\n\
         postlog unix-dgram n - n - 1 postlogd\nrewrite unix - - n - - trivial-rewrite\n"
    );
    std::fs::write(path("main.cf"), main).unwrap();
    std::fs::write(path("master.cf"), services).unwrap();
    let mut stop = Command::new("/usr/sbin/postfix");
    stop.arg("-c").arg(directory.path()).arg("stop");
    let mut command = Command::new("/usr/sbin/postfix");
    command.arg("-c").arg(directory.path()).arg("start-fg");
    let mut server = start(&mut command, directory);
    server.stop = Some(stop);
    listening(port, &mut server).await;
    let address = format!("localhost:{port}");
    fine(&observe(Kind::Smtp, &[("address", &address), ("ca", &authority), ("degraded_below_days", "0")]).await);
    assert_eq!(failed(&observe(Kind::Smtp, &[("address", &address)]).await).0, Reason::Tls, "nobody knows who signed it");
    fine(&observe(Kind::Smtp, &[("address", &address), ("security", "prefer"), ("degraded_below_days", "0")]).await);
}
