//! `loopr backup` and `loopr restore`, with history in them: what is restored is what was there, table by table.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::check::Phases;
use domain::machine::Transition;
use domain::monitor::{Monitor, MonitorDraft};
use domain::state::State;
use domain::time::{DAY_MS, HOUR_MS};
use domain::view::CheckView;
use domain::{AccountId, MonitorId, SpaceId, Timestamp};
use store::packed::Batched;
use store::{Account, Batch, Level, Rollup, Store, StoreConfig, Unsealed};

use crate::commands::{loopr, printed, run, serve};

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(START.as_millis() + ms)
}

/// Some of everything: more rows than are read at once, more bytes than a piece holds.
async fn fill(directory: &Path) {
    let store = Store::open(&StoreConfig::directory(directory)).await.unwrap();
    let space = SpaceId::new(START, 1);
    let account = Account {
        id: AccountId::new(START, 1),
        email: "ada@example.com".into(),
        name: "Ada".into(),
        password: "$argon2id$".into(),
        admin: true,
        disabled: false,
        seen_at: None,
        verified_at: None,
    };
    store
        .accounts()
        .create(&account, Some((space, "Acme", &domain::alert::Rule::first(domain::RuleId::new(space.created_at(), 1), space))), true)
        .await
        .unwrap();
    let spec = MonitorDraft::http("http://127.0.0.1:9/").validate().unwrap();
    let ids: Vec<MonitorId> = (0..5).map(|n| MonitorId::new(START, n)).collect();
    let monitors: Vec<_> = ids.iter().map(|id| Monitor { id: *id, space, spec: spec.clone(), enabled: false, updated_at: START }).collect();
    store.space(space).monitors().create(&monitors).await.unwrap();
    for id in &ids {
        for day in 0..3 {
            let check = |n: i64| CheckView {
                at: at(day * DAY_MS + n * 30_000).floor(1),
                duration_us: u32::try_from(n * 7).unwrap(),
                phases: Phases { dns_us: Some(1), ..Phases::default() },
                excerpt: Some(format!("{n:>1000}")),
                ..CheckView::default()
            };
            let start = at(day * DAY_MS).floor(DAY_MS);
            let checks = (0..500).map(check).filter(|check| check.at.floor(DAY_MS) == start).collect();
            store.segments(*id).seal_day(start, checks).await.unwrap();
        }
        let hours: Vec<_> = (0..300).map(|n| (at(n * HOUR_MS).floor(HOUR_MS), Rollup { missed: 7, ..Rollup::default() })).collect();
        store.rollups(*id).write(Level::Hour, &hours).await.unwrap();
        store
            .seal(vec![Unsealed {
                monitor: *id,
                hour: at(0).floor(HOUR_MS),
                checks: vec![CheckView { at: at(1), ..CheckView::default() }],
            }])
            .await
            .unwrap();
    }
    for seq in 0..450 {
        let recorded = Batched { checks: vec![(ids[0], CheckView { at: at(seq), ..CheckView::default() })], missed: Vec::new() };
        let transition = Transition { from: State::Up, to: State::Down, at: at(seq), decided_at: at(seq) };
        let transitions = vec![(ids[1], transition, Some("status"))];
        store.recorder().write(&Batch { recorded, seq, transitions, ..Batch::default() }).await.unwrap();
    }
    store.close().await;
}

/// Every entry of a backup.
fn entries(file: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(std::fs::File::open(file).unwrap());
    let read = |entry: std::io::Result<tar::Entry<'_, std::fs::File>>| {
        let mut entry = entry.unwrap();
        let (name, mut bytes) = (entry.path().unwrap().display().to_string(), Vec::new());
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_restored_is_what_was_there_table_by_table() {
    let place = tempfile::tempdir().unwrap();
    let (data, again, file, second) =
        (place.path().join("data"), place.path().join("again"), place.path().join("first.tar"), place.path().join("second.tar"));
    fill(&data).await;
    let key = std::fs::read(data.join("secret.key")).unwrap();

    printed(&run(loopr(&data, &["backup", file.to_str().unwrap()]), ""));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    printed(&run(loopr(&again, &["restore", file.to_str().unwrap()]), ""));
    assert_eq!(std::fs::read(again.join("secret.key")).unwrap(), key);
    assert_eq!(std::fs::metadata(again.join("secret.key")).unwrap().permissions().mode() & 0o777, 0o600);
    printed(&run(loopr(&again, &["backup", second.to_str().unwrap()]), ""));
    let (first, second) = (entries(&file), entries(&second));
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>());
    for (name, bytes) in &first {
        assert!(second.get(name) == Some(bytes), "{name} differs");
    }
    for (table, pieces) in
        [("segment", 2), ("rollup", 1), ("journal", 1), ("transition", 1), ("monitor", 1), ("account", 1), ("schema_migration", 1)]
    {
        let found = first.keys().filter(|name| name.split('/').next() == Some(table)).count();
        assert!(found >= pieces, "{table} has {found} pieces");
    }
    let counts: BTreeMap<String, u64> = serde_json::from_slice(&first["end.json"]).unwrap();
    assert_eq!((counts["transition"], counts["rollup"], counts["monitor"]), (450, 1_500, 5));

    // A second restore would mix two histories; a file that is cut off has no end.
    let refused = run(loopr(&again, &["restore", file.to_str().unwrap()]), "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("is not empty"));
    let (cut, other) = (place.path().join("cut.tar"), place.path().join("other"));
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let refused = run(loopr(&other, &["restore", cut.to_str().unwrap()]), "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("not a whole backup"), "{refused:?}");
    assert!(!other.exists(), "nothing is left behind");
    printed(&run(loopr(&other, &["restore", file.to_str().unwrap()]), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_writes_its_own_backup() {
    let place = tempfile::tempdir().unwrap();
    let (data, again, file) = (place.path().join("data"), place.path().join("again"), place.path().join("running.tar"));
    fill(&data).await;
    let server = serve(&data);
    // From elsewhere, by a relative name.
    let mut backup = loopr(&data, &["backup", "running.tar"]);
    backup.current_dir(place.path());
    assert!(printed(&run(backup, "")).contains("rows"));
    drop(server);
    printed(&run(loopr(&again, &["restore", file.to_str().unwrap()]), ""));
    let store = Store::open(&StoreConfig::directory(&again)).await.unwrap();
    let monitors = store.all_monitors().await.unwrap();
    assert_eq!(monitors.len(), 5, "secrets open with the key of the backup");
    let checks = store.checks(monitors[1].id).of_day(at(0), at(DAY_MS)).await.unwrap();
    assert!(checks.len() > 100);
    store.close().await;
}

#[tokio::test]
async fn a_backup_of_nothing_is_refused_and_makes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (data, file) = (directory.path().join("typo"), directory.path().join("backup.tar"));
    let output = loopr(&data, &["backup", file.to_str().unwrap()]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("There is no data in"), "{output:?}");
    assert!(!file.exists() && !data.join("db").exists() && !data.join("secret.key").exists());
}
