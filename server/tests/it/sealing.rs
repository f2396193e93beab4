//! `kill -9` while history is sealed, merged and deleted from the journal: after every death each check is in the journal or in a
//! segment, and at the end in a segment, once.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::monitor::{Monitor, MonitorDraft};
use domain::time::{DAY_MS, HOUR_MS};
use domain::view::CheckView;
use domain::{AccountId, MonitorId, SpaceId, Timestamp};
use store::packed::Batched;
use store::{Account, Batch, Store, StoreConfig};

const MONITORS: u32 = 12;
const HOURS: i64 = 30;
const INTERVAL_MS: i64 = 30_000;

struct Loopr(Child);

impl Drop for Loopr {
    fn drop(&mut self) {
        // SIGKILL; it may have ended already.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn serve(directory: &Path) -> Loopr {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopr"));
    command.env("LOOPR_DATA_DIR", directory).env("LOOPR_LISTEN", format!("127.0.0.1:{port}")).env("LOOPR_LOG", "warn");
    command.env_remove("LOOPR_DATABASE_URL").arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Loopr(command.spawn().unwrap())
}

async fn open(directory: &Path) -> Store {
    Store::open(&StoreConfig::directory(directory)).await.unwrap()
}

fn start() -> Timestamp {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    Timestamp::from_millis(now - HOURS * HOUR_MS)
}

fn id(n: u32, start: Timestamp) -> MonitorId {
    MonitorId::new(start, u128::from(n))
}

/// Paused monitors, and a journal of everything that they saw in more than a day.
async fn fill(directory: &Path, start: Timestamp) {
    let store = open(directory).await;
    let account = Account {
        id: AccountId::new(start, 1),
        email: "ada@example.com".into(),
        name: "Ada".into(),
        password: "$argon2id$".into(),
        admin: true,
        disabled: false,
        seen_at: None,
        verified_at: None,
    };
    let space = SpaceId::new(start, 1);
    store
        .accounts()
        .create(&account, Some((space, "Acme", &domain::alert::Rule::first(domain::RuleId::new(space.created_at(), 1), space))), true)
        .await
        .unwrap();
    let spec = MonitorDraft::http("http://127.0.0.1:9/").validate().unwrap();
    let monitor = |n| Monitor { id: id(n, start), space, spec: spec.clone(), enabled: false, updated_at: start };
    store.space(space).monitors().create(&(0..MONITORS).map(monitor).collect::<Vec<_>>()).await.unwrap();
    for (seq, at) in instants(start).into_iter().enumerate() {
        let check = CheckView { at, duration_us: 100, status: Some(200), ..CheckView::default() };
        let recorded = Batched { checks: (0..MONITORS).map(|n| (id(n, start), check.clone())).collect(), missed: Vec::new() };
        let batch = Batch { recorded, seq: i64::try_from(seq).unwrap(), ..Batch::default() };
        store.recorder().write(&batch).await.unwrap();
    }
    store.close().await;
}

fn instants(start: Timestamp) -> Vec<Timestamp> {
    (1..HOURS * HOUR_MS / INTERVAL_MS).map(|n| Timestamp::from_millis(start.as_millis() + n * INTERVAL_MS)).collect()
}

struct Found {
    /// Instants of each monitor that a segment holds, with repetitions.
    sealed: Vec<Vec<Timestamp>>,
    /// Those that the journal holds.
    journal: Vec<BTreeSet<Timestamp>>,
}

async fn look(directory: &Path, start: Timestamp) -> Found {
    let store = open(directory).await;
    let mut found = Found { sealed: Vec::new(), journal: vec![BTreeSet::new(); usize::try_from(MONITORS).unwrap()] };
    for n in 0..MONITORS {
        let mut sealed = Vec::new();
        for day in 0..=HOURS / 24 + 1 {
            let day = Timestamp::from_millis(start.floor(DAY_MS).as_millis() + day * DAY_MS);
            sealed.extend(store.checks(id(n, start)).of_day(day, Timestamp::from_millis(i64::MAX)).await.unwrap().iter().map(|c| c.at));
        }
        found.sealed.push(sealed);
    }
    let mut next = 0;
    loop {
        let rows = store.journal().from(next).await.unwrap();
        let Some(last) = rows.last() else { break };
        next = last.seq + 1;
        for (monitor, check) in rows.into_iter().flat_map(|row| row.batched.unwrap().checks) {
            let n = (0..MONITORS).position(|n| id(n, start) == monitor).unwrap();
            found.journal[n].insert(check.at);
        }
    }
    store.close().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_it_while_it_packs_loses_nothing() {
    let (directory, start) = (tempfile::tempdir().unwrap(), start());
    fill(directory.path(), start).await;
    let expected: BTreeSet<Timestamp> = instants(start).into_iter().collect();
    // Only ends a test that would hang: a slow machine needs many rounds.
    let deadline = Instant::now() + Duration::from_secs(600);
    for round in 0.. {
        let loopr = serve(directory.path());
        // Longer each time: the first ones die before or while the journal is read, the last ones finish.
        std::thread::sleep(Duration::from_millis(700 + 300 * round));
        drop(loopr);
        let found = look(directory.path(), start).await;
        for (sealed, journal) in found.sealed.iter().zip(&found.journal) {
            let distinct: BTreeSet<Timestamp> = sealed.iter().copied().collect();
            assert_eq!(distinct.len(), sealed.len(), "round {round}: a check is sealed twice");
            let all: BTreeSet<Timestamp> = distinct.union(journal).copied().collect();
            assert_eq!(all, expected, "round {round}");
        }
        let left = found.journal.first().map_or(0, BTreeSet::len);
        if i64::try_from(left).unwrap() * INTERVAL_MS < 2 * HOUR_MS {
            assert!(round > 2, "it was killed on its way");
            return;
        }
        assert!(Instant::now() < deadline, "round {round}: never done");
    }
}
