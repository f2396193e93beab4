//! Everything that must stop a start, says why.

use std::path::{Path, PathBuf};

use super::*;
use store::OpenError;

#[tokio::test]
async fn one_process_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let first = Store::open(&StoreConfig::directory(directory.path())).await.unwrap();
    assert!(matches!(Store::open(&StoreConfig::directory(directory.path())).await, Err(OpenError::Locked(_))));
    first.close().await;
    Store::open(&StoreConfig::directory(directory.path())).await.unwrap().close().await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let refused = Store::open(&StoreConfig::directory(&file)).await.err().unwrap();
    assert!(matches!(refused, OpenError::Directory { .. }), "{refused}");
}

#[tokio::test]
async fn a_url_that_is_none() {
    for url in ["postgres://x", "ws://localhost:8000", "nonsense"] {
        let directory = tempfile::tempdir().unwrap();
        let config = StoreConfig { url: url.into(), ..StoreConfig::directory(directory.path()) };
        let refused = Store::open(&config).await.err().unwrap();
        assert!(matches!(refused, OpenError::Url(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let config = StoreConfig::directory(directory.path());
    let store = Store::open(&config).await.unwrap();
    store.accounts().create(&person(1, "ada@example.com"), None, true).await.unwrap();
    store.set_fact("a", "b").await.unwrap();
    store.close().await;
    let store = Store::open(&config).await.unwrap();
    assert_eq!(store.accounts().by_email("ada@example.com").await.unwrap().unwrap().name, "Person 1");
    assert_eq!(store.fact("a").await.unwrap().as_deref(), Some("b"));
    assert_eq!(store.fact("missing").await.unwrap(), None);
    store.ping().await.unwrap();
    store.close().await;
}

/// The segments of the log of a database.
fn segments(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join("db/wal")).unwrap();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "wal")).collect();
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, &place).unwrap();
        }
    }
}

/// The copy of a directory that is open is what a killed process leaves.
#[tokio::test]
async fn what_was_acknowledged_beside_a_full_memtable_is_there_after_a_kill() {
    let (directory, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let small = |path: &Path| StoreConfig { memtable_bytes: 1 << 20, ..StoreConfig::directory(path) };
    let store = Store::open(&small(directory.path())).await.unwrap();
    let (mut written, mut changes, mut before) = (0, 0, segments(directory.path()));
    // Several writers at once, and on until the memtable has changed twice.
    while changes < 2 {
        let facts = (written..written + 4).map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.set_fact(&format!("fact {n}"), &format!("{n:030000}")).await.unwrap() })
        });
        for fact in facts.collect::<Vec<_>>() {
            fact.await.unwrap();
        }
        written += 4;
        let now = segments(directory.path());
        changes += usize::from(now.last() != before.last());
        before = now;
    }
    // The old segments go when their memtables are on disk. The deadline only ends a test that would hang.
    let alone = async {
        while segments(directory.path()).len() > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), alone).await.unwrap();
    copy(directory.path(), killed.path());
    store.close().await;

    let store = Store::open(&small(killed.path())).await.unwrap();
    for n in 0..written {
        let fact = store.fact(&format!("fact {n}")).await.unwrap();
        assert_eq!(fact.map(|fact| fact.parse::<u32>().unwrap()), Some(n), "fact {n} of {written} was forgotten");
    }
    store.close().await;
}
