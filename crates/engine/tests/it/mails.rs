//! Mails about accounts, from the use case to what a mail server is handed.

mod addresses;
mod inviting;
mod lost;
mod passwords;
mod sign_ins;
mod signing_up;

use std::net::IpAddr;
use std::time::Duration;

use domain::mailing::Mailing;
use domain::{AppError, Code, SpaceId};
use engine::mail::MailConfig;
use engine::{Client, Clock, EngineConfig, Visitor};
use store::{MessageFilter, Store, StoreConfig};

use crate::activity::log;
use crate::channels::smtp::{Encryption, Rules, Server, decoded};
use crate::world::{START, World, local, person};

const PUBLIC: &str = "https://loopr.example.com";

/// An instance with a mail server.
struct Post {
    world: World,
    server: Server,
}

impl Post {
    async fn start() -> Self {
        Self::with(false).await
    }

    async fn with(signup_open: bool) -> Self {
        Self::over(Server::start(Rules::of(Encryption::None)).await, signup_open).await
    }

    async fn over(server: Server, signup_open: bool) -> Self {
        let mail = MailConfig::parse(&format!("smtp://localhost:{}", server.port), "Loopr <loopr@example.com>").unwrap();
        let config = EngineConfig { mail: Some(mail), public_url: Some(PUBLIC.into()), signup_open, ..EngineConfig::default() };
        let store = Store::open(&StoreConfig::memory()).await.unwrap();
        let world = World::with(store, Clock::manual(START), config).await;
        Self { world, server }
    }

    /// The letters to somebody with some words in them, the first one first.
    fn letters(&self, to: &str, words: &str) -> Vec<String> {
        let all: Vec<String> = self.server.letters.lock().unwrap().iter().map(|letter| decoded(letter)).collect();
        all.into_iter().filter(|letter| letter.contains(&format!("To: {to}\r\n")) && letter.contains(words)).collect()
    }

    /// Waits for the nth letter to somebody with some words in it; the deadline only ends a test that would hang.
    async fn letter(&self, to: &str, words: &str, n: usize) -> String {
        let came = async {
            while self.letters(to, words).len() < n {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(20), came).await;
        waited.unwrap_or_else(|_| panic!("no letter {n} to {to} with “{words}”: {:?}", self.server.letters.lock().unwrap()));
        self.letters(to, words).swap_remove(n - 1)
    }

    /// Somebody who came by an invitation, so that nobody knows yet whose their address is.
    async fn guest(&self, admin: &Visitor, name: &str) -> Visitor {
        let link = self.world.engine.admin().invite(admin, "").await.unwrap().secret;
        let new = person(name, link.rsplit('/').next().unwrap());
        let session = self.world.engine.accounts().sign_up(new, &local()).await.unwrap().unwrap();
        self.world.visitor(&session.secret).await
    }

    /// Everybody who is, or was, to be mailed.
    async fn written_to(&self) -> Vec<String> {
        written_to(&self.world).await
    }
}

async fn written_to(world: &World) -> Vec<String> {
    let messages = world.store.space(SpaceId::from_bits(0)).messages().list(&MessageFilter::default(), 100).await.unwrap();
    messages.iter().rev().map(|message| message.to.to_string().trim_start_matches("mail:").to_owned()).collect()
}

/// The secret of the link to a page.
fn secret(letter: &str, page: &str) -> String {
    let from = letter.split(&format!("{PUBLIC}/{page}/")).nth(1).unwrap_or_else(|| panic!("no link to {page} in {letter}"));
    from.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn from(address: [u8; 4], user_agent: &str) -> Client {
    Client { address: IpAddr::from(address), user_agent: user_agent.into(), trusted_local: false }
}

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> Code {
    result.unwrap_err().code
}

#[tokio::test]
async fn without_a_mail_server_the_instance_says_so_and_writes_nothing() {
    let world = World::new(Clock::manual(START)).await;
    let ada = world.admin().await;
    let accounts = world.engine.accounts();
    assert_eq!(accounts.mailing(), Mailing::NoServer);
    for refused in [
        accounts.forgot_password("ada@example.com", &local()).await.unwrap_err(),
        accounts.forgot_password("nobody@example.com", &local()).await.unwrap_err(),
        accounts.resend_verification(&ada).await.unwrap_err(),
        accounts.change_email(&ada, "new@example.com", crate::world::PASSWORD).await.unwrap_err(),
    ] {
        assert!(refused.code == Code::Conflict && refused.message.contains("LOOPR_SMTP_URL"), "{refused:?}");
    }
    let actor = ada.actor().unwrap();
    let refused = world.engine.spaces().invite_by_mail(&actor, domain::account::Role::Viewer, "", "vic@example.com").await.unwrap_err();
    assert!(refused.of("email").is_some_and(|why| why.contains("send the link yourself")), "{refused:?}");
    assert!(world.engine.spaces().invitations(&actor).await.unwrap().is_empty());
    accounts.sign_in("ada@example.com", crate::world::PASSWORD, &from([203, 0, 113, 9], "Firefox/140 Linux")).await.unwrap();
    assert!(written_to(&world).await.is_empty());
    let address = accounts.address(&ada).await.unwrap();
    assert!(!address.verified && address.mailing == Mailing::NoServer);
    world.stop().await;
}

#[tokio::test]
async fn links_lead_nowhere_until_somebody_says_where_the_instance_is() {
    let mail = MailConfig::parse("smtp://localhost:25", "Loopr <loopr@example.com>").unwrap();
    let config = EngineConfig { mail: Some(mail), ..EngineConfig::default() };
    let world = World::with(Store::open(&StoreConfig::memory()).await.unwrap(), Clock::manual(START), config).await;
    world.admin().await;
    let refused = world.engine.accounts().forgot_password("ada@example.com", &local()).await.unwrap_err();
    assert!(refused.message.contains("LOOPR_PUBLIC_URL"), "{refused:?}");
    assert!(written_to(&world).await.is_empty());
    world.stop().await;
}
