//! Signing up where anybody may: nothing that is answered says who has an account.

use super::*;
use crate::world::PASSWORD;

#[tokio::test]
async fn an_address_that_has_an_account_is_told_so_by_mail_alone() {
    let post = Post::with(true).await;
    post.world.admin().await;
    let accounts = post.world.engine.accounts();
    assert!(accounts.sign_up(person("ada", ""), &local()).await.unwrap().is_none());
    let told = post.letter("ada@example.com", "has an account already", 1).await;
    assert!(told.contains(&format!("{PUBLIC}/sign-in")) && !told.contains("/verify/"), "{told}");

    assert!(accounts.sign_up(person("eve", ""), &local()).await.unwrap().is_none());
    let link = secret(&post.letter("eve@example.com", "One step to your account", 1).await, "verify");
    // Until the link is used there is no account: signing in tells nothing apart, either.
    assert!(accounts.sign_in("eve@example.com", PASSWORD, &local()).await.is_err());
    assert!(accounts.proof_offer(&link).await.unwrap().makes);
    let proof = accounts.prove(&link, &local()).await.unwrap();
    assert_eq!((proof.makes, proof.email.as_str()), (true, "eve@example.com"));
    post.world.clock.advance(Duration::from_secs(1));
    let session = accounts.sign_in("eve@example.com", PASSWORD, &local()).await.unwrap();
    let eve = post.world.visitor(&session.secret).await;
    assert!(accounts.address(&eve).await.unwrap().verified && eve.view.space.is_some());
    assert_eq!(log(&post.world, &eve).await[0], "eve signed up with eve@example.com");
    assert_eq!(code(accounts.prove(&link, &local()).await), Code::NotFound);
    post.world.stop().await;
}

#[tokio::test]
async fn of_two_who_sign_up_with_an_address_the_first_to_prove_it_has_it() {
    let post = Post::with(true).await;
    post.world.admin().await;
    let accounts = post.world.engine.accounts();
    for _ in 0..2 {
        accounts.sign_up(person("eve", ""), &local()).await.unwrap();
    }
    let first = secret(&post.letter("eve@example.com", "One step", 1).await, "verify");
    let second = secret(&post.letter("eve@example.com", "One step", 2).await, "verify");
    accounts.prove(&second, &local()).await.unwrap();
    let late = accounts.prove(&first, &local()).await.unwrap_err();
    assert!(late.code == Code::Conflict && late.message.contains("Sign in"), "{late:?}");

    accounts.sign_up(person("bob", ""), &local()).await.unwrap();
    let old = secret(&post.letter("bob@example.com", "One step", 1).await, "verify");
    post.world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(code(accounts.prove(&old, &local()).await), Code::NotFound);
    post.world.stop().await;
}

#[tokio::test]
async fn without_mail_an_account_is_made_at_once() {
    let config = EngineConfig { signup_open: true, ..EngineConfig::default() };
    let world = World::with(Store::open(&StoreConfig::memory()).await.unwrap(), Clock::manual(START), config).await;
    world.admin().await;
    let session = world.engine.accounts().sign_up(person("eve", ""), &local()).await.unwrap().unwrap();
    assert_eq!(world.visitor(&session.secret).await.view.email, "eve@example.com");
    assert!(world.engine.accounts().sign_up(person("eve", ""), &local()).await.unwrap_err().of("email").is_some());
    world.stop().await;
}
