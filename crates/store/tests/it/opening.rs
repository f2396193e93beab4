//! Everything that must stop a start, says why.

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
