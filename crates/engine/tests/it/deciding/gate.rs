//! The gate on the own network. Public targets cannot be reached from a test: names that do not resolve count as public, and
//! a monitor that is upside-down is up while its target is away.

use std::net::SocketAddr;
use std::time::Duration;

use domain::MonitorId;
use domain::change::NO_NETWORK;
use domain::monitor::MonitorDraft;
use domain::state::State;
use engine::{Actor, Clock, EngineConfig, Witness};
use store::{Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::{START, World};

/// A host that takes connections until it is told to go.
struct Host {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Host {
    async fn start(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        Self { address, task }
    }

    async fn go(self) -> SocketAddr {
        self.task.abort();
        // The socket is closed when the task has ended.
        assert!(self.task.await.unwrap_err().is_cancelled());
        self.address
    }
}

fn config(witness: SocketAddr) -> EngineConfig {
    EngineConfig { witnesses: Some(vec![witness.to_string().parse::<Witness>().unwrap()]), ..EngineConfig::default() }
}

async fn watch(world: &World, actor: &Actor, url: &str, upside_down: bool) -> MonitorId {
    let upside_down = if upside_down { "on".into() } else { String::new() };
    let draft = MonitorDraft { interval: "24 h".into(), upside_down, ..MonitorDraft::http(url) };
    world.engine.monitors().create(actor, &draft).await.unwrap().id
}

/// Waits for what the witnesses say.
async fn until_gone(world: &World, gone: bool) {
    let reached = async {
        while world.engine.network().gone_since.is_some() != gone {
            world.clock.advance(Duration::from_secs(5));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
}

/// Waits for the banner.
async fn until_said(world: &World, gone: bool) {
    let said = async {
        while world.engine.notice().is_some_and(|text| text.contains("network")) != gone {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), said).await.unwrap();
}

async fn until_proven(world: &World) {
    let reached = async {
        while world.engine.network().witnesses.iter().all(|witness| witness.answers != Some(true)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_witness_answers_a_public_target_that_fails_is_down() {
    let clock = Clock::manual(START);
    let witness = Host::start("127.0.0.1:0").await;
    let store = Store::open(&StoreConfig::memory()).await.unwrap();
    let world = World::with(store, clock, config(witness.address)).await;
    let actor = world.admin().await.actor().unwrap();
    let id = watch(&world, &actor, "http://missing.invalid/", false).await;
    world.check_until(&actor, id, State::Down).await;
    let live = world.engine.monitors().live(&actor, id).unwrap();
    assert!(live.confirmed_at.is_some_and(|at| at >= live.since));
    assert_eq!(world.engine.notice(), None);
    world.stop().await;
    witness.go().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_public_targets_are_unknown_and_private_ones_are_not_concerned() {
    let clock = Clock::manual(START);
    let witness = Host::start("127.0.0.1:0").await;
    let store = Store::open(&StoreConfig::memory()).await.unwrap();
    let settings = config(witness.address);
    let world = World::with(store, clock.clone(), settings.clone()).await;
    let actor = world.admin().await.actor().unwrap();
    let quiet = watch(&world, &actor, "http://quiet.invalid/", true).await;
    let private = watch(&world, &actor, "http://127.0.0.1:9/", false).await;
    world.until(&actor, quiet, State::Up).await;
    until_proven(&world).await;

    let address = witness.go().await;
    clock.advance(Duration::from_secs(1));
    // Its failures have the witnesses asked.
    let id = watch(&world, &actor, "http://missing.invalid/", false).await;
    world.until(&actor, quiet, State::Unknown).await;
    world.until(&actor, id, State::Unknown).await;
    world.check_until(&actor, private, State::Down).await;
    until_said(&world, true).await;
    assert!(world.engine.health().await.ready, "results are recorded all the same");
    world.engine.flush().await;
    let told = world.engine.history().changes(&actor, quiet, START, clock.now().plus(Duration::from_secs(9)), 1).await.unwrap();
    assert_eq!(told[0].cause.as_deref(), Some(NO_NETWORK));
    for _ in 0..3 {
        world.engine.monitors().check_now(&actor, &[id]).await.unwrap();
        world.until_idle(&actor, id).await;
    }
    world.engine.flush().await;
    assert_eq!(world.state(&actor, id), State::Unknown, "failures say nothing now");

    // A restart in the middle of it forgets neither that the network is gone nor that the witness used to answer.
    let world = World::with(world.stop().await, clock.clone(), settings).await;
    clock.advance(Duration::from_secs(1));
    world.engine.monitors().check_now(&actor, &[id]).await.unwrap();
    world.until_idle(&actor, id).await;
    world.engine.flush().await;
    assert_eq!((world.state(&actor, id), world.state(&actor, quiet)), (State::Unknown, State::Unknown));

    let witness = Host::start(&address.to_string()).await;
    until_gone(&world, false).await;
    world.until(&actor, quiet, State::Up).await;
    world.check_until(&actor, id, State::Down).await;
    until_said(&world, false).await;
    world.stop().await;
    witness.go().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn witnesses_that_never_answered_close_nothing() {
    let clock = Clock::manual(START);
    let store = Store::open(&StoreConfig::memory()).await.unwrap();
    let world = World::with(store, clock, config("127.0.0.1:9".parse().unwrap())).await;
    let actor = world.admin().await.actor().unwrap();
    let id = watch(&world, &actor, "http://missing.invalid/", false).await;
    world.check_until(&actor, id, State::Down).await;
    assert_eq!(world.engine.network().gone_since, None);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_names_witnesses_where_the_operator_is_silent() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let visitor = world.admin().await;
    let witness = Host::start("127.0.0.1:0").await;
    assert!(world.engine.admin().set_witnesses(&visitor, "nonsense").await.unwrap_err().of("witnesses").is_some());
    world.engine.admin().set_witnesses(&visitor, &witness.address.to_string()).await.unwrap();
    until_proven(&world).await;
    let world = World::over(world.stop().await, clock.clone()).await;
    until_proven(&world).await;
    let store = world.stop().await;
    let world = World::with(store, clock, config(witness.address)).await;
    let settings = world.engine.admin().network(&visitor).unwrap();
    assert!(settings.fixed && settings.network.witnesses.len() == 1);
    assert!(world.engine.admin().set_witnesses(&visitor, "").await.is_err(), "the operator has named them");
    world.stop().await;
    witness.go().await;
}
