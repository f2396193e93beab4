//! From a failing target to what arrives at a channel: incidents, rules, the outbox; over restarts, storms and channels that fail.

mod delivering;
mod incidents;
mod rules;

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use domain::alert::{ChannelDraft, ChannelKind, MessageState, RuleDraft};
use domain::{ChannelId, MonitorId};
use engine::Actor;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::probe::server::{Requests, send, serve};
use crate::world::{Target, World};

/// A server that takes messages, or does not.
struct Sink {
    url: String,
    requests: Requests,
    status: Arc<AtomicU16>,
}

impl Sink {
    async fn start() -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let says = Arc::clone(&status);
        let answer = move |_: String, stream: TcpStream| {
            let status = says.load(Ordering::SeqCst);
            send(stream, format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
        };
        let (address, requests) = serve(answer).await;
        Self { url: format!("http://{address}/hook"), requests, status }
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The documents that came, whether or not they were taken.
    fn documents(&self) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()).collect()
    }

    /// The `webhook-id` of every document, of which each is signed.
    fn ids(&self) -> Vec<String> {
        let header = |request: &String, name: &str| {
            let head = request.split_once("\r\n\r\n").unwrap().0.to_lowercase();
            head.lines().find_map(|line| Some(line.strip_prefix(name)?.trim_start_matches(':').trim().to_owned())).unwrap_or_default()
        };
        let requests = self.requests.lock().unwrap();
        assert!(requests.iter().all(|request| header(request, "webhook-signature").starts_with("v1,")), "not signed: {requests:?}");
        requests.iter().map(|request| header(request, "webhook-id")).collect()
    }

    /// The kinds of what every document tells, in order.
    fn told(&self) -> Vec<Vec<String>> {
        let events = |document: &Value| {
            let events = document["data"]["events"].as_array().unwrap();
            events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
        };
        self.documents().iter().map(events).collect()
    }

    /// Waits for a number of documents; the deadline only ends a test that would hang.
    async fn until(&self, count: usize) {
        let came = async {
            while self.documents().len() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), came).await.unwrap_or_else(|_| panic!("{:?}, {count} wanted", self.told()));
    }
}

/// A channel that leads to a sink.
async fn channel(world: &World, actor: &Actor, sink: &Sink) -> ChannelId {
    let draft = ChannelDraft::of(ChannelKind::Webhook, [("url", sink.url.as_str())]);
    world.engine.channels().create(actor, &draft, true).await.unwrap().id
}

fn rule(to: ChannelId) -> RuleDraft {
    RuleDraft {
        enabled: "on".into(),
        events: ["down", "up", "late", "flapping", "channel_failing"].map(str::to_owned).into(),
        to: vec![to.to_string()],
        ..RuleDraft::default()
    }
}

/// A monitor that is down by its first failure and whose slots are far away.
async fn watched(world: &World, actor: &Actor, target: &Target) -> MonitorId {
    let draft = domain::monitor::MonitorDraft {
        interval: "24 h".into(),
        failures: "1".into(),
        ..domain::monitor::MonitorDraft::http(target.url())
    };
    let id = world.engine.monitors().create(actor, &draft).await.unwrap().id;
    world.until(actor, id, domain::State::Up).await;
    // What happens next happens later.
    world.clock.advance(Duration::from_secs(1));
    id
}

/// Waits until so many messages are in a state; the deadline only ends a test that would hang.
async fn until_messages(world: &World, actor: &Actor, state: MessageState, count: usize) {
    let reached = async {
        loop {
            let page = world.engine.messages().page(actor, &[state], None, None, None).await.unwrap();
            if page.messages.len() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(30), reached).await;
    if ended.is_err() {
        let all = world.engine.messages().page(actor, &[], None, None, None).await.unwrap();
        panic!("{count} {state:?} wanted: {:?}", all.messages.iter().map(|m| (m.state, &m.headline, &m.note)).collect::<Vec<_>>());
    }
}
