//! Forgotten passwords.

use super::*;
use crate::world::PASSWORD;

const NEW: &str = "another long password";

#[tokio::test]
async fn who_exists_shows_in_no_answer() {
    let post = Post::start().await;
    post.world.admin().await;
    let accounts = post.world.engine.accounts();
    for email in ["nobody@example.com", "ADA@example.com "] {
        accounts.forgot_password(email, &local()).await.unwrap();
    }
    assert!(accounts.forgot_password("not an address", &local()).await.unwrap_err().of("email").is_some());
    post.letter("ada@example.com", "Choose a new password", 1).await;
    assert!(!post.written_to().await.contains(&"nobody@example.com".to_owned()));
    // Nor in how often it is answered.
    let tries = |email: &'static str, host: u8| {
        let accounts = post.world.engine.accounts();
        async move {
            let mut answers = Vec::new();
            for _ in 0..8 {
                answers.push(accounts.forgot_password(email, &from([198, 51, 100, host], "x")).await.map_err(|error| error.code));
            }
            answers
        }
    };
    let (known, unknown) = (tries("ada@example.com", 1).await, tries("nobody@example.com", 2).await);
    assert!(known == unknown && known.contains(&Err(Code::RateLimited)), "{known:?} {unknown:?}");
    post.world.stop().await;
}

#[tokio::test]
async fn a_mailed_link_sets_a_password_once_within_an_hour() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let session = accounts.sign_in("ada@example.com", PASSWORD, &local()).await.unwrap();
    let ask = |n| {
        let post = &post;
        async move {
            post.world.engine.accounts().forgot_password("ada@example.com", &local()).await.unwrap();
            secret(&post.letter("ada@example.com", "Choose a new password", n).await, "reset")
        }
    };
    let (first, second) = (ask(1).await, ask(2).await);
    assert_eq!(code(accounts.reset_offer(&first).await), Code::NotFound);
    assert_eq!(accounts.reset_offer(&second).await.unwrap(), "ada@example.com");
    post.world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(code(accounts.reset_password(&second, NEW, &local()).await), Code::NotFound);

    // Somebody who knew the old password has begun to take the account away.
    accounts.change_email(&ada, "eve@example.com", PASSWORD).await.unwrap();
    let change = secret(&post.letter("eve@example.com", "Use this address", 1).await, "verify");
    let third = ask(3).await;
    assert!(accounts.reset_password(&third, "short", &local()).await.unwrap_err().of("new_password").is_some());
    let fresh = accounts.reset_password(&third, NEW, &local()).await.unwrap();
    assert_eq!(code(accounts.reset_password(&third, NEW, &local()).await), Code::NotFound);
    assert!(accounts.visitor(&session.secret).await.unwrap().is_none(), "every session has ended");
    let ada = post.world.visitor(&fresh.secret).await;
    assert!(accounts.address(&ada).await.unwrap().verified, "the link proves the address, too");
    assert_eq!(code(accounts.prove(&change, &local()).await), Code::NotFound);
    assert!(accounts.sign_in("ada@example.com", PASSWORD, &local()).await.is_err());
    assert!(log(&post.world, &ada).await.contains(&"ada set a new password by a link".to_owned()));
    post.world.stop().await;
}

#[tokio::test]
async fn a_disabled_account_gets_no_link() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let link = post.world.engine.admin().invite(&ada, "").await.unwrap().secret;
    let guest = crate::world::person("bob", link.rsplit('/').next().unwrap());
    let session = post.world.engine.accounts().sign_up(guest, &local()).await.unwrap().unwrap();
    let bob = post.world.visitor(&session.secret).await;
    post.world.engine.admin().set_disabled(&ada, bob.account, true).await.unwrap();
    post.world.engine.accounts().forgot_password("bob@example.com", &local()).await.unwrap();
    post.world.engine.accounts().forgot_password("ada@example.com", &local()).await.unwrap();
    post.letter("ada@example.com", "Choose a new password", 1).await;
    assert!(post.letters("bob@example.com", "Choose a new password").is_empty());
    post.world.stop().await;
}
