//! The other kinds of checks, against servers that speak their protocol: some made here, some real.

mod content;
mod lines;
mod names;
mod passive;
mod real;
mod secured;
mod ways;

use std::net::SocketAddr;
use std::time::Duration;

use domain::check::{Observation, Reason, Trace};
use domain::kind::Kind;
use domain::monitor::MonitorDraft;
use domain::time::Timestamp;
use engine::net::{Access, Dialer, Policy};
use engine::probe::{HttpDefaults, Probe};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

const AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);
/// Long enough never to end a test that is right.
const PATIENCE: Duration = Duration::from_secs(30);

fn open() -> Dialer {
    Dialer::new(Policy { private: Access::Open, ..Policy::default() })
}

fn draft(kind: Kind, fields: &[(&str, &str)]) -> MonitorDraft {
    let settings = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    MonitorDraft { kind: kind.name().into(), name: "It".into(), settings, ..MonitorDraft::default() }
}

/// A check that can be made again and again.
struct Ready {
    probe: Probe,
    spec: domain::monitor::MonitorSpec,
    dialer: Dialer,
}

impl Ready {
    fn new(kind: Kind, fields: &[(&str, &str)]) -> Self {
        Self::over(open(), kind, fields)
    }

    fn over(dialer: Dialer, kind: Kind, fields: &[(&str, &str)]) -> Self {
        let spec = draft(kind, fields).validate().unwrap_or_else(|e| panic!("{:?}", e.fields));
        let probe = Probe::prepare(&spec.target, &HttpDefaults::default()).unwrap();
        Self { probe, spec, dialer }
    }

    async fn check(&self) -> Observation {
        self.within(PATIENCE).await
    }

    async fn within(&self, timeout: Duration) -> Observation {
        self.spec.judge(self.probe.check(&self.dialer, timeout, AT).await.unwrap())
    }

    async fn trace(&self) -> Trace {
        self.probe.trace(&self.dialer, PATIENCE, AT).await.unwrap()
    }
}

async fn observe(kind: Kind, fields: &[(&str, &str)]) -> Observation {
    Ready::new(kind, fields).check().await
}

/// The reason and words of a failure; a check that succeeded fails the test.
fn failed(seen: &Observation) -> (Reason, &str) {
    let failure = seen.failure.as_ref().unwrap_or_else(|| panic!("the check should have failed: {seen:?}"));
    assert!(failure.message.len() <= 500 && failure.message.ends_with('.'), "{}", failure.message);
    (failure.reason, &failure.message)
}

fn fine(seen: &Observation) {
    assert!(seen.failure.is_none() && seen.warning.is_none(), "{seen:?}");
}

/// A server of lines: says the greeting, and answers a line with what belongs to the first beginning that fits.
async fn talking(greeting: &'static str, answers: &'static [(&'static str, &'static str)]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, greeting, answers));
        }
    });
    address
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: S, greeting: &str, answers: &[(&str, &str)]) {
    let (read, mut write) = tokio::io::split(stream);
    let _gone = write.write_all(greeting.as_bytes()).await;
    let mut lines = BufReader::new(read).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Some((_, answer)) = answers.iter().find(|(begins, _)| line.starts_with(begins)) else { return };
        if write.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
