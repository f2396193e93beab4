//! Invitations by mail.

use super::*;
use crate::world::person;
use domain::account::Role;

#[tokio::test]
async fn an_invitation_is_mailed_and_can_be_copied() {
    let post = Post::start().await;
    let ada = post.world.admin().await;
    post.world.clock.advance(Duration::from_secs(1));
    let (spaces, actor) = (post.world.engine.spaces(), ada.actor().unwrap());
    let made = spaces.invite_by_mail(&actor, Role::Editor, "", "Edi@example.com").await.unwrap();
    assert_eq!(made.mailed_to, "edi@example.com");
    let letter = post.letter("edi@example.com", "ada invites you to ada’s space", 1).await;
    let mailed = secret(&letter, "invitation");
    assert_eq!(made.secret, format!("/invitation/{mailed}"));
    assert_eq!(spaces.invitations(&actor).await.unwrap()[0].note, "edi@example.com");
    post.world.clock.advance(Duration::from_secs(60));
    let session = post.world.engine.accounts().sign_up(person("edi", &mailed), &local()).await.unwrap().unwrap();
    let edi = post.world.visitor(&session.secret).await;
    assert_eq!(edi.actor().unwrap().role, Role::Editor);
    // Whoever invited knows the link as well: it proves nothing of the address.
    assert!(!post.world.engine.accounts().address(&edi).await.unwrap().verified);
    assert_eq!(log(&post.world, &ada).await, ["ada set up this Loopr", "ada invited edi@example.com as editor", "edi joined as editor"]);

    let made = post.world.engine.admin().invite_by_mail(&ada, "for Grace", "grace@example.com").await.unwrap();
    let letter = post.letter("grace@example.com", "ada invites you to Loopr", 1).await;
    assert_eq!(made.secret, format!("/invitation/{}", secret(&letter, "invitation")));
    let copied = post.world.engine.admin().invite_by_mail(&ada, "", " ").await.unwrap();
    assert!(copied.mailed_to.is_empty() && copied.secret.starts_with("/invitation/"));
    assert!(post.world.engine.admin().invite_by_mail(&ada, "", "nonsense").await.unwrap_err().of("email").is_some());
    post.world.stop().await;
}

#[tokio::test]
async fn where_anybody_signs_up_only_proven_people_have_mails_sent() {
    let post = Post::with(true).await;
    let ada = post.world.admin().await;
    let accounts = post.world.engine.accounts();
    let eve = post.guest(&ada, "eve").await;
    let invite = async || post.world.engine.spaces().invite_by_mail(&eve.actor().unwrap(), Role::Viewer, "", "victim@example.com").await;
    let refused = invite().await.unwrap_err();
    assert!(refused.of("email").is_some_and(|why| why.contains("Confirm your own address")), "{refused:?}");
    accounts.prove(&secret(&post.letter("eve@example.com", "Confirm", 1).await, "verify"), &local()).await.unwrap();
    let mut sent = 0;
    while invite().await.is_ok() {
        sent += 1;
    }
    assert!((1..20).contains(&sent), "{sent}");
    post.world.stop().await;
}
