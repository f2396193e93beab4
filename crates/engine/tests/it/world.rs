//! An engine over a database in memory, and a web server whose answer can be changed.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use domain::monitor::{Monitor, MonitorDraft};
use domain::state::State;
use domain::{MonitorId, Timestamp};
use engine::service::NewAccount;
use engine::{Actor, Client, Clock, Engine, EngineConfig, Visitor};
use store::{Store, StoreConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub engine: Engine,
    pub store: Store,
    pub clock: Clock,
    pub shutdown: CancellationToken,
}

pub fn local() -> Client {
    Client { address: Ipv4Addr::LOCALHOST.into(), user_agent: "test".into(), trusted_local: true }
}

pub fn person(name: &str, invitation: &str) -> NewAccount {
    NewAccount {
        name: name.into(),
        email: format!("{name}@example.com"),
        password: PASSWORD.into(),
        code: String::new(),
        invitation: invitation.into(),
    }
}

impl World {
    pub async fn new(clock: Clock) -> Self {
        let store = Store::open(&StoreConfig::memory()).await.unwrap();
        Self::over(store, clock).await
    }

    pub async fn over(store: Store, clock: Clock) -> Self {
        Self::with(store, clock, EngineConfig::default()).await
    }

    pub async fn with(store: Store, clock: Clock, config: EngineConfig) -> Self {
        let shutdown = CancellationToken::new();
        let engine = Engine::start(store.clone(), config, clock.clone(), shutdown.clone()).await.unwrap();
        Self { engine, store, clock, shutdown }
    }

    /// The administrator, set up and signed in.
    pub async fn admin(&self) -> Visitor {
        let session = self.engine.accounts().set_up(person("ada", ""), &local()).await.unwrap();
        self.visitor(&session.secret).await
    }

    pub async fn visitor(&self, cookie: &str) -> Visitor {
        self.engine.accounts().visitor(cookie).await.unwrap().unwrap()
    }

    pub async fn watch(&self, actor: &Actor, url: &str, interval: &str) -> Monitor {
        let draft = MonitorDraft { interval: interval.into(), ..MonitorDraft::http(url) };
        self.engine.monitors().create(actor, &draft).await.unwrap()
    }

    pub fn state(&self, actor: &Actor, id: MonitorId) -> State {
        self.engine.monitors().live(actor, id).unwrap().state
    }

    /// Waits for a state; the deadline only ends a test that would hang.
    pub async fn until(&self, actor: &Actor, id: MonitorId, state: State) {
        let reached = async {
            while self.state(actor, id) != state {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached)
            .await
            .unwrap_or_else(|_| panic!("never {state:?}: {:?}", self.engine.monitors().live(actor, id)));
    }

    /// Waits until a monitor is on its grid and no check of it is under way; the deadline only ends a test that would
    /// hang.
    pub async fn until_scheduled(&self, actor: &Actor, id: MonitorId) {
        let slots = domain::schedule::Slots::of(id, self.engine.monitors().get(actor, id).await.unwrap().spec.interval);
        let reached = async {
            loop {
                let live = self.engine.monitors().live(actor, id).unwrap();
                if !live.checking && live.next_at == Some(slots.after(self.clock.now())) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
    }

    /// Checks now, again and again, until a state is reached; the deadline only ends a test that would hang.
    pub async fn check_until(&self, actor: &Actor, id: MonitorId, state: State) {
        let reached = async {
            while self.state(actor, id) != state {
                // Refusing to check too often is no failure here: time that passes makes up for it.
                if self.engine.monitors().check_now(actor, &[id]).await.is_err() {
                    self.clock.advance(Duration::from_secs(2));
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
                self.until_idle(actor, id).await;
                self.engine.flush().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached)
            .await
            .unwrap_or_else(|_| panic!("never {state:?}: {:?}", self.engine.monitors().live(actor, id)));
    }

    /// Waits until no check of a monitor is under way; the deadline only ends a test that would hang.
    pub async fn until_idle(&self, actor: &Actor, id: MonitorId) {
        let reached = async {
            while self.engine.monitors().live(actor, id).unwrap().checking {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
    }

    /// Lets time pass up to an instant, slot by slot, so that none is missed.
    pub async fn advance_to(&self, actor: &Actor, id: MonitorId, target: &Target, at: Timestamp) {
        let slots = domain::schedule::Slots::of(id, self.engine.monitors().get(actor, id).await.unwrap().spec.interval);
        loop {
            self.until_scheduled(actor, id).await;
            let (now, next) = (self.clock.now(), slots.after(self.clock.now()));
            if next > at {
                self.clock.advance(at.since(now));
                return;
            }
            let hits = target.hits();
            self.clock.advance(next.since(now));
            target.until_hits(hits + 1).await;
        }
    }

    pub async fn stop(self) -> Store {
        self.shutdown.cancel();
        self.engine.stopped().await;
        self.store
    }
}

/// Answers every request with a status that can be changed, and counts.
pub struct Target {
    pub address: SocketAddr,
    pub status: Arc<AtomicU16>,
    pub hits: Arc<AtomicUsize>,
}

impl Target {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (status, hits) = (Arc::new(AtomicU16::new(200)), Arc::new(AtomicUsize::new(0)));
        let (answer, count) = (Arc::clone(&status), Arc::clone(&hits));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let status = answer.load(Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut request = [0; 2048];
                    if stream.read(&mut request).await.is_ok() {
                        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
                        let _closed = stream.write_all(head.as_bytes()).await;
                    }
                });
            }
        });
        Self { address, status, hits }
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Waits for a number of requests; the deadline only ends a test that would hang.
    pub async fn until_hits(&self, hits: usize) {
        let reached = async {
            while self.hits() < hits {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), reached).await.unwrap_or_else(|_| panic!("{} of {hits} requests", self.hits()));
    }
}
