//! Mails that do not arrive: an administrator sees them, without what is in them.

use super::*;
use store::{Consequences, MessageChange};

#[tokio::test]
async fn a_mail_that_was_given_up_is_shown_to_administrators_alone() {
    let refusing = Rules { recipient: "550 5.1.1 No such user", ..Rules::of(Encryption::None) };
    let post = Post::over(Server::start(refusing).await, false).await;
    let ada = post.world.admin().await;
    let space = post.world.store.space(SpaceId::from_bits(0));
    // The tries between are the courier's business: what is looked at here is a mail whose last one has failed.
    let tried = async {
        loop {
            let message = space.messages().list(&MessageFilter::default(), 1).await.unwrap().swap_remove(0);
            if message.attempts > 0 && message.claim.is_none() {
                return message;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let message = tokio::time::timeout(Duration::from_secs(20), tried).await.expect("it was tried");
    let (admin, seen, claimed) = (post.world.engine.admin(), message.due_at, message.claim.clone());
    assert!(admin.lost_mails(&ada).await.unwrap().is_empty(), "it is tried again");
    let failed = domain::alert::Message { state: domain::alert::MessageState::Failed, ended_at: Some(START), ..message };
    let change = MessageChange { message: failed, seen, claimed, attempt: None };
    post.world.store.outbox().change(&[change], &Consequences::default()).await.unwrap();
    let lost = admin.lost_mails(&ada).await.unwrap();
    assert_eq!((lost.len(), lost[0].to.as_str(), lost[0].subject.as_str()), (1, "ada@example.com", "Confirm your e-mail address"));
    assert!(lost[0].why.contains("550"), "{lost:?}");
    let bob = post.guest(&ada, "bob").await;
    assert_eq!(code(admin.lost_mails(&bob).await), Code::Forbidden);
    post.world.stop().await;
}
