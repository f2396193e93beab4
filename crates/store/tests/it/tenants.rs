//! What belongs to a space stays in it.

use super::*;
use domain::TokenId;
use domain::account::{Role, Scope};
use domain::alert::{Events, Preferences};
use domain::kind::{Kind, Target};
use domain::monitor::{Monitor, MonitorDraft};
use store::Token;

fn monitor(n: u128, space: &Space) -> Monitor {
    let fields = [
        ("url", format!("https://example.com/{n}")),
        ("headers", "Authorization: Bearer hunter2\nX-Empty:".into()),
        ("body", "{\"a\": 1}\n".into()),
    ];
    let draft = MonitorDraft { tags: "prod, api".into(), ..MonitorDraft::of(Kind::Http, fields) };
    Monitor { id: monitor_id(n), space: space.id, spec: draft.validate().unwrap(), enabled: true, updated_at: NOW }
}

#[tokio::test]
async fn monitors_survive_a_round_trip_with_their_secrets() {
    let store = memory().await;
    let (one, two) = (monitor(1, &space(1)), monitor(2, &space(2)));
    store.space(space(1).id).monitors().create(std::slice::from_ref(&one)).await.unwrap();
    store.space(space(2).id).monitors().create(std::slice::from_ref(&two)).await.unwrap();
    let mut all = store.all_monitors().await.unwrap();
    all.sort_by_key(|m| m.id);
    assert_eq!(all, [one.clone(), two.clone()]);
    let Target::Http(http) = &all[0].spec.target else { unreachable!("an HTTP monitor") };
    assert_eq!((http.headers[0].value.as_str(), http.headers[1].value.as_str()), ("Bearer hunter2", ""));

    let mut renamed = one.clone();
    renamed.spec.name = "Renamed".into();
    store.space(space(2).id).monitors().update(std::slice::from_ref(&renamed)).await.unwrap();
    assert!(store.all_monitors().await.unwrap().contains(&one), "another space changes nothing");
    store.space(space(1).id).monitors().update(std::slice::from_ref(&renamed)).await.unwrap();
    assert!(store.all_monitors().await.unwrap().contains(&renamed));

    store.space(space(1).id).monitors().delete(&[one.id, two.id], NOW).await.unwrap();
    assert_eq!(store.all_monitors().await.unwrap(), [two]);
    assert_eq!(store.purges().await.unwrap(), [one.id]);
}

#[tokio::test]
async fn members_have_one_role_each() {
    let store = memory().await;
    let (ada, bob) = (person(1, "ada@example.com"), person(2, "bob@example.com"));
    store.accounts().create(&ada, Some((space(1).id, "Home", &rule(1))), true).await.unwrap();
    store.accounts().create(&bob, None, false).await.unwrap();
    let home = store.space(space(1).id);
    home.set_member(bob.id, Role::Viewer, later(5)).await.unwrap();
    home.set_member(bob.id, Role::Editor, later(9)).await.unwrap();
    let members = home.members().await.unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!((members[1].email.as_str(), members[1].role, members[1].joined_at), ("bob@example.com", Role::Editor, later(5)));
    let summary = store.spaces().summaries().await.unwrap();
    assert_eq!((summary[0].name.as_str(), summary[0].members, summary[0].monitors), ("Home", 2, 0));
    home.rename("House").await.unwrap();
    assert_eq!(store.spaces().get(space(1).id).await.unwrap().unwrap().name, "House");
    let quiet = Preferences { email: Events::NONE, push: Events::NONE, app: Events::NONE };
    home.set_preferences(bob.id, &quiet).await.unwrap();
    home.remove_member(bob.id).await.unwrap();
    assert_eq!(home.members().await.unwrap().len(), 1);
    assert_eq!(home.preferences(bob.id).await.unwrap(), Preferences::default(), "who comes back begins anew");
    home.set_member(bob.id, Role::Viewer, later(10)).await.unwrap();
    home.set_preferences(bob.id, &quiet).await.unwrap();
    store.accounts().delete(bob.id).await.unwrap();
    assert_eq!(home.preferences(bob.id).await.unwrap(), Preferences::default());
    assert_eq!(store.spaces().counts_by_account().await.unwrap(), [(ada.id, 1)]);
}

#[tokio::test]
async fn tokens_end_with_their_makers_membership() {
    let store = memory().await;
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, Some((space(1).id, "Home", &rule(1))), true).await.unwrap();
    let token =
        Token { id: TokenId::new(NOW, 1), space: space(1).id, name: "CI".into(), scope: Scope::Write, created_by: ada.id, used_at: None };
    let home = store.space(space(1).id);
    home.tokens().create(&token, "hash").await.unwrap();
    assert_eq!(store.token("hash").await.unwrap(), Some((token.clone(), Role::Owner)));
    assert_eq!(store.token("other").await.unwrap(), None);
    store.touch_token(token.id, later(1)).await.unwrap();
    assert_eq!(home.tokens().all().await.unwrap()[0].used_at, Some(later(1)));
    assert!(!store.space(space(2).id).tokens().delete(token.id).await.unwrap());
    store.accounts().set_disabled(ada.id, true).await.unwrap();
    assert_eq!(store.token("hash").await.unwrap(), None);
    store.accounts().set_disabled(ada.id, false).await.unwrap();
    assert!(store.token("hash").await.unwrap().is_some());
    home.remove_member(ada.id).await.unwrap();
    assert_eq!(store.token("hash").await.unwrap(), None);
}

#[tokio::test]
async fn a_deleted_space_takes_everything_with_it() {
    let store = memory().await;
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, Some((space(1).id, "Home", &rule(1))), true).await.unwrap();
    let home = store.space(space(1).id);
    home.monitors().create(&[monitor(1, &space(1)), monitor(2, &space(1))]).await.unwrap();
    store.space(space(2).id).monitors().create(&[monitor(3, &space(2))]).await.unwrap();
    let mut gone = home.delete(NOW).await.unwrap();
    gone.sort();
    assert_eq!(gone, [monitor_id(1), monitor_id(2)]);
    assert_eq!(store.all_monitors().await.unwrap().len(), 1);
    assert!(store.spaces().get(space(1).id).await.unwrap().is_none());
    assert_eq!(store.purges().await.unwrap().len(), 2);
}
