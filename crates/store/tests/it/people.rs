//! Accounts, sessions, invitations.

use super::*;
use domain::account::Role;
use domain::{InvitationId, SessionId};
use store::{Answer, Invitation, NewInvitation, PasswordLink, Session, StoreError};

fn session(n: u128, account: &Account, space: Option<SpaceId>) -> Session {
    Session {
        hash: format!("hash{n}"),
        id: SessionId::new(NOW, n),
        account: account.id,
        space,
        seen_at: NOW,
        expires_at: later(1_000),
        device: "Firefox on Linux".into(),
        address: "127.0.0.1".into(),
    }
}

#[tokio::test]
async fn the_first_account_is_made_once_and_addresses_are_unique() {
    let store = memory().await;
    assert!(store.accounts().is_empty().await.unwrap());
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, Some((space(1).id, "Home", &rule(1))), true).await.unwrap();
    assert!(!store.accounts().is_empty().await.unwrap());
    for (other, first) in [(person(2, "bob@example.com"), true), (person(3, "ada@example.com"), false)] {
        assert!(matches!(store.accounts().create(&other, None, first).await, Err(StoreError::Duplicate)));
    }
    assert_eq!(store.accounts().all().await.unwrap().len(), 1);
    let spaces = store.spaces().memberships_of(ada.id).await.unwrap();
    assert_eq!((spaces[0].space, spaces[0].role), (space(1).id, Role::Owner));
}

#[tokio::test]
async fn a_session_finds_its_account_and_spaces_until_it_expires() {
    let store = memory().await;
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, Some((space(2).id, "Zebra", &rule(2))), true).await.unwrap();
    store.spaces().create(&Space { id: space(3).id, name: "Acme".into() }, ada.id, &rule(3)).await.unwrap();
    store.sessions().create(&session(1, &ada, Some(space(2).id))).await.unwrap();
    let found = store.sessions().find("hash1", NOW).await.unwrap().unwrap();
    assert_eq!(found.account.email, "ada@example.com");
    assert_eq!(found.spaces.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["Acme", "Zebra"]);
    assert_eq!(found.session.space, Some(space(2).id));
    assert!(store.sessions().find("hash1", later(1_000)).await.unwrap().is_none());
    assert!(store.sessions().find("hash2", NOW).await.unwrap().is_none());

    store.sessions().touch(&found.session, later(60_000), later(90_000)).await.unwrap();
    store.sessions().set_space("hash1", Some(space(3).id)).await.unwrap();
    let found = store.sessions().find("hash1", later(80_000)).await.unwrap().unwrap();
    assert_eq!((found.session.space, found.account.seen_at), (Some(space(3).id), Some(later(60_000))));

    store.accounts().set_disabled(ada.id, true).await.unwrap();
    assert!(store.sessions().find("hash1", NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn sessions_end_one_by_one_or_all_but_one() {
    let store = memory().await;
    let (ada, bob) = (person(1, "ada@example.com"), person(2, "bob@example.com"));
    store.accounts().create(&ada, None, true).await.unwrap();
    store.accounts().create(&bob, None, false).await.unwrap();
    for n in 1..=4 {
        store.sessions().create(&session(n, if n == 4 { &bob } else { &ada }, None)).await.unwrap();
    }
    assert!(!store.sessions().end(bob.id, SessionId::new(NOW, 1)).await.unwrap(), "another person's session");
    assert!(store.sessions().end(ada.id, SessionId::new(NOW, 1)).await.unwrap());
    store.sessions().end_others(ada.id, "hash2").await.unwrap();
    assert_eq!(store.sessions().of(ada.id, NOW).await.unwrap().len(), 1);
    store.accounts().set_password(ada.id, "new", Some("hash2")).await.unwrap();
    assert!(store.sessions().find("hash2", NOW).await.unwrap().is_some());
    store.accounts().set_password(ada.id, "new", None).await.unwrap();
    assert!(store.sessions().find("hash2", NOW).await.unwrap().is_none());
    assert!(store.sessions().find("hash4", NOW).await.unwrap().is_some());
}

#[tokio::test]
async fn an_answer_is_found_under_its_key_until_it_expires() {
    let store = memory().await;
    let answer =
        Answer { request: "r".into(), status: 201, content_type: Some("application/json".into()), location: None, body: "{}".into() };
    let (now, later) = (NOW, later(1_000));
    store.answers().keep("a", &answer, later).await.unwrap();
    assert_eq!(store.answers().find("a", now).await.unwrap().as_ref(), Some(&answer));
    assert_eq!(store.answers().find("b", now).await.unwrap(), None);
    assert_eq!(store.answers().find("a", later).await.unwrap(), None);
    store.answers().sweep(now).await.unwrap();
    assert_eq!(store.answers().find("a", now).await.unwrap(), Some(answer));
    store.answers().sweep(later).await.unwrap();
    assert_eq!(store.answers().find("a", now).await.unwrap(), None);
}

#[tokio::test]
async fn links_are_used_once_and_expire() {
    let store = memory().await;
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, None, true).await.unwrap();
    let invitation = Invitation {
        id: InvitationId::new(NOW, 1),
        space: Some((space(1).id, Role::Editor)),
        note: "for Bob".into(),
        created_by: ada.id,
        expires_at: later(1_000),
    };
    let new = NewInvitation { invitation: invitation.clone(), hash: "secret".into() };
    store.invitations().create(&new, NOW).await.unwrap();
    assert_eq!(store.invitations().by_hash("secret", NOW).await.unwrap().unwrap(), invitation);
    assert!(store.invitations().by_hash("secret", later(1_000)).await.unwrap().is_none());
    assert_eq!(store.invitations().of(Some(space(1).id), NOW).await.unwrap().len(), 1);
    assert!(store.invitations().of(None, NOW).await.unwrap().is_empty());
    assert!(!store.invitations().take(invitation.id, None).await.unwrap(), "of a space, not of the instance");
    assert!(store.invitations().take(invitation.id, Some(space(1).id)).await.unwrap());
    assert!(!store.invitations().take(invitation.id, Some(space(1).id)).await.unwrap());

    let link = PasswordLink { hash: "link".into(), account: ada.id, expires_at: later(1_000) };
    store.invitations().create_password_link(&link).await.unwrap();
    assert_eq!(store.invitations().password_link("link", NOW).await.unwrap(), Some(ada.id));
    assert!(store.invitations().take_password_link("link").await.unwrap());
    assert!(!store.invitations().take_password_link("link").await.unwrap());
    store.invitations().sweep(NOW).await.unwrap();
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing() {
    let store = memory().await;
    let ada = person(1, "ada@example.com");
    store.accounts().create(&ada, Some((space(1).id, "Home", &rule(1))), true).await.unwrap();
    store.sessions().create(&session(1, &ada, None)).await.unwrap();
    store.space(space(1).id).delete(NOW).await.unwrap();
    store.accounts().delete(ada.id).await.unwrap();
    assert!(store.accounts().get(ada.id).await.unwrap().is_none());
    assert!(store.spaces().memberships_of(ada.id).await.unwrap().is_empty());
    assert!(store.sessions().find("hash1", NOW).await.unwrap().is_none());
}
