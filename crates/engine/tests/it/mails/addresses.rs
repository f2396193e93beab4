//! Proven addresses, and changed ones.

use super::*;
use crate::world::PASSWORD;

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn an_address_is_proven_by_one_press_of_a_button() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let secret = secret(&post.letter("ada@example.com", "Confirm", 1).await, "verify");
    // Programs that look at mails open links, as often as they like.
    for _ in 0..3 {
        let offer = accounts.proof_offer(&secret).await.unwrap();
        assert_eq!((offer.name.as_str(), offer.email.as_str(), offer.changes), ("ada", "ada@example.com", false));
    }
    assert!(!accounts.address(&ada).await.unwrap().verified);
    post.world.clock.advance(Duration::from_secs(1));
    accounts.prove(&secret, &local()).await.unwrap();
    assert!(accounts.address(&ada).await.unwrap().verified);
    assert_eq!(code(accounts.prove(&secret, &local()).await), Code::NotFound);
    assert_eq!(code(accounts.proof_offer(&secret).await), Code::NotFound);
    assert_eq!(code(accounts.resend_verification(&ada).await), Code::Conflict);
    assert_eq!(log(&post.world, &ada).await, ["ada set up this Loopr", "ada confirmed ada@example.com"]);
    post.world.stop().await;
}

#[tokio::test]
async fn of_two_links_the_later_one_works_for_a_day() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let first = secret(&post.letter("ada@example.com", "Confirm", 1).await, "verify");
    accounts.resend_verification(&ada).await.unwrap();
    let second = secret(&post.letter("ada@example.com", "Confirm", 2).await, "verify");
    assert_eq!(code(accounts.prove(&first, &local()).await), Code::NotFound);
    post.world.clock.advance(HOUR * 24);
    assert_eq!(code(accounts.prove(&second, &local()).await), Code::NotFound);
    accounts.resend_verification(&ada).await.unwrap();
    let third = secret(&post.letter("ada@example.com", "Confirm", 3).await, "verify");
    post.world.clock.advance(HOUR * 24 - Duration::from_secs(1));
    accounts.prove(&third, &local()).await.unwrap();
    post.world.stop().await;
}

#[tokio::test]
async fn mails_to_one_address_are_limited() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let mut sent = 0;
    let refused = loop {
        match accounts.resend_verification(&ada).await {
            Ok(()) => sent += 1,
            Err(error) => break error,
        }
    };
    assert!((1..20).contains(&sent) && refused.code == Code::RateLimited, "{sent}: {refused:?}");
    post.world.clock.advance(HOUR);
    accounts.resend_verification(&ada).await.unwrap();
    post.world.stop().await;
}

#[tokio::test]
async fn another_address_takes_effect_when_it_is_proven() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let refused = accounts.change_email(&ada, "new@example.com", "not the password").await.unwrap_err();
    assert!(refused.of("current_password").is_some());
    assert!(accounts.change_email(&ada, "ada@example.com", PASSWORD).await.unwrap_err().of("email").is_some());
    accounts.change_email(&ada, " New@example.com ", PASSWORD).await.unwrap();
    let told = post.letter("ada@example.com", "about to change", 1).await;
    assert!(told.contains("new@example.com") && told.contains(&format!("{PUBLIC}/settings/security")) && !told.contains("/verify/"));
    let address = accounts.address(&ada).await.unwrap();
    assert_eq!((address.email.as_str(), address.pending.as_deref()), ("ada@example.com", Some("new@example.com")));

    // It stays after all, and the link ends.
    let given_up = secret(&post.letter("new@example.com", "Use this address", 1).await, "verify");
    accounts.keep_email(&ada).await.unwrap();
    assert_eq!(code(accounts.prove(&given_up, &local()).await), Code::NotFound);

    accounts.change_email(&ada, "new@example.com", PASSWORD).await.unwrap();
    let link = secret(&post.letter("new@example.com", "Use this address", 2).await, "verify");
    assert!(accounts.sign_in("new@example.com", PASSWORD, &local()).await.is_err());
    assert!(accounts.proof_offer(&link).await.unwrap().changes);
    accounts.prove(&link, &from([203, 0, 113, 9], "Safari/1")).await.unwrap();
    assert!(accounts.sign_in("ada@example.com", PASSWORD, &local()).await.is_err());
    let session = accounts.sign_in("new@example.com", PASSWORD, &local()).await.unwrap();
    let ada = post.world.visitor(&session.secret).await;
    let address = accounts.address(&ada).await.unwrap();
    assert!(address.verified && address.pending.is_none());
    assert!(log(&post.world, &ada).await.contains(&"ada changed the e-mail address to new@example.com".to_owned()));
    // What proved the former address proves nothing of this one.
    let former = secret(&post.letter("ada@example.com", "Confirm your e-mail", 1).await, "verify");
    assert_eq!(code(accounts.prove(&former, &local()).await), Code::NotFound);
    post.world.stop().await;
}

#[tokio::test]
async fn an_address_that_somebody_has_is_not_told_apart() {
    let post = Post::with(true).await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    post.guest(&ada, "eve").await;
    accounts.change_email(&ada, "eve@example.com", PASSWORD).await.unwrap();
    let told = post.letter("eve@example.com", "has an account already", 1).await;
    assert!(!told.contains("/verify/"), "{told}");
    assert_eq!(accounts.address(&ada).await.unwrap().pending.as_deref(), Some("eve@example.com"));

    // Of two who want the same address, the first one to prove it has it.
    accounts.change_email(&ada, "both@example.com", PASSWORD).await.unwrap();
    let mine = secret(&post.letter("both@example.com", "Use this address", 1).await, "verify");
    post.guest(&ada, "both").await;
    let refused = accounts.prove(&mine, &local()).await.unwrap_err();
    assert!(refused.code == Code::Conflict && refused.message.contains("another account"), "{refused:?}");
    assert_eq!(code(accounts.prove(&mine, &local()).await), Code::NotFound);
    assert_eq!(accounts.address(&ada).await.unwrap().email, "ada@example.com");
    post.world.stop().await;
}
