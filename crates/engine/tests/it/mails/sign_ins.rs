//! Sign-ins from elsewhere, and what the log says of accounts.

use super::*;
use crate::world::PASSWORD;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1";

#[tokio::test]
async fn only_a_browser_that_was_not_there_before_is_told() {
    let post = Post::start().await;
    post.world.engine.accounts().create_by_operator("ada@example.com", PASSWORD, "ada", true).await.unwrap();
    let sign_in = async |client: Client| {
        post.world.clock.advance(Duration::from_secs(60));
        let session = post.world.engine.accounts().sign_in("ada@example.com", PASSWORD, &client).await.unwrap();
        post.world.visitor(&session.secret).await
    };
    let (home, cafe) = ([203, 0, 113, 9], [198, 51, 100, 7]);
    let ada = sign_in(from(home, FIREFOX)).await;
    sign_in(from(home, FIREFOX)).await;
    assert!(post.written_to().await.is_empty(), "neither the first one nor the same one again");
    sign_in(from(home, SAFARI)).await;
    let letter = post.letter("ada@example.com", "A new sign-in", 1).await;
    assert!(letter.contains("Safari on iPhone") && letter.contains("203.0.113.9") && letter.contains("UTC"), "{letter}");
    assert!(letter.contains(&format!("{PUBLIC}/settings/security")), "{letter}");
    sign_in(from(cafe, FIREFOX)).await;
    // Signed out and in again it is still the same browser.
    post.world.engine.accounts().sign_out(&sign_in(from(cafe, FIREFOX)).await).await.unwrap();
    sign_in(from(cafe, FIREFOX)).await;
    sign_in(from(home, SAFARI)).await;
    assert_eq!(post.written_to().await.len(), 2);
    let said = log(&post.world, &ada).await;
    assert!(said.len() == 7 && said.iter().all(|entry| entry.starts_with("ada signed in with ")), "{said:?}");
    assert_eq!(said.first().map(String::as_str), Some("ada signed in with Firefox on Linux"), "{said:?}");
    post.world.stop().await;
}
