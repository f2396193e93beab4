//! Who may do what.

use domain::account::{Role, Scope};
use domain::kind::Kind;
use domain::monitor::MonitorDraft;
use domain::state::State;
use domain::{AppError, Code};
use engine::service::NewAccount;
use engine::{Client, Clock, Visitor};

use crate::world::{PASSWORD, START, Target, World, local, person};

fn code<T: std::fmt::Debug>(result: Result<T, AppError>) -> Code {
    result.unwrap_err().code
}

fn stranger() -> Client {
    Client { address: [203, 0, 113, 7].into(), user_agent: "test".into(), trusted_local: false }
}

async fn invited(world: &World, owner: &Visitor, name: &str, role: Role) -> Visitor {
    let link = world.engine.spaces().invite(&owner.actor().unwrap(), role, "").await.unwrap();
    let secret = link.secret.rsplit('/').next().unwrap().to_owned();
    let session = world.engine.accounts().sign_up(person(name, &secret), &stranger()).await.unwrap().unwrap();
    world.visitor(&session.secret).await
}

#[tokio::test]
async fn the_first_account_needs_the_code_unless_it_is_made_on_this_machine() {
    let world = World::new(Clock::manual(START)).await;
    assert!(world.engine.accounts().needs_setup());
    let wrong = NewAccount { code: "ABCD-1234".into(), ..person("eve", "") };
    assert!(world.engine.accounts().set_up(wrong, &stranger()).await.unwrap_err().of("code").is_some());
    assert_eq!(code(world.engine.accounts().sign_up(person("eve", ""), &local()).await), Code::Conflict);
    let right = NewAccount { code: world.engine.setup_code().unwrap().to_lowercase(), ..person("ada", "") };
    let session = world.engine.accounts().set_up(right, &stranger()).await.unwrap();
    let ada = world.visitor(&session.secret).await;
    assert!(ada.admin && ada.view.space.as_ref().unwrap().role == Role::Owner);
    assert!(!world.engine.accounts().needs_setup());
    assert_eq!(code(world.engine.accounts().set_up(person("eve", ""), &local()).await), Code::Conflict);
    world.stop().await;
}

#[tokio::test]
async fn signing_in_tells_nothing_about_who_exists() {
    let world = World::new(Clock::manual(START)).await;
    world.admin().await;
    let accounts = world.engine.accounts();
    let unknown = accounts.sign_in("nobody@example.com", PASSWORD, &stranger()).await.unwrap_err();
    let wrong = accounts.sign_in("ada@example.com", "wrong password", &stranger()).await.unwrap_err();
    assert_eq!(unknown, wrong);
    let session = accounts.sign_in(" ADA@example.com ", PASSWORD, &stranger()).await.unwrap();
    let ada = world.visitor(&session.secret).await;
    accounts.sign_out(&ada).await.unwrap();
    assert!(accounts.visitor(&session.secret).await.unwrap().is_none());
    let mut refused = 0;
    for _ in 0..40 {
        let client = Client { address: [198, 51, 100, 1].into(), ..stranger() };
        refused += usize::from(code(accounts.sign_in("ada@example.com", "guess", &client).await) == Code::RateLimited);
    }
    assert!(refused >= 20, "{refused}");
    assert!(accounts.sign_in("ada@example.com", PASSWORD, &stranger()).await.is_ok(), "the owner comes in from where they were before");
    world.stop().await;
}

#[tokio::test]
async fn roles_are_enforced_and_other_spaces_do_not_exist() {
    let (world, target) = (World::new(Clock::manual(START)).await, Target::start().await);
    let ada = world.admin().await;
    let owner = ada.actor().unwrap();
    let monitor = world.watch(&owner, &target.url(), "60 s").await;
    world.until(&owner, monitor.id, State::Up).await;
    let viewer = invited(&world, &ada, "vic", Role::Viewer).await.actor().unwrap();
    let editor = invited(&world, &ada, "edi", Role::Editor).await.actor().unwrap();
    let monitors = world.engine.monitors();
    let draft = MonitorDraft::http("example.com");
    assert!(monitors.detail(&viewer, monitor.id).await.is_ok());
    for refused in [
        code(monitors.create(&viewer, &draft).await),
        code(monitors.update(&viewer, monitor.id, &draft).await),
        code(monitors.duplicate(&viewer, monitor.id).await),
        code(monitors.delete(&viewer, &[monitor.id]).await),
        code(monitors.set_enabled(&viewer, &[monitor.id], false).await),
        code(monitors.check_now(&viewer, &[monitor.id]).await),
        code(monitors.retag(&viewer, &[monitor.id], "x", "").await),
        code(monitors.test(&viewer, &draft, None).await),
        code(world.engine.tokens().create(&viewer, "x", Scope::Write).await),
        code(world.engine.spaces().rename(&editor, "Mine").await),
        code(world.engine.spaces().invite(&editor, Role::Owner, "").await),
        code(world.engine.spaces().delete(&editor, "x").await),
    ] {
        assert_eq!(refused, Code::Forbidden);
    }
    assert_eq!(monitors.retag(&editor, &[monitor.id], "prod", "").await.unwrap(), 1);

    // Eve has an account and a space of her own, and tries ids that she has seen.
    let link = world.engine.admin().invite(&ada, "for Eve").await.unwrap();
    let secret = link.secret.rsplit('/').next().unwrap();
    let session = world.engine.accounts().sign_up(person("eve", secret), &stranger()).await.unwrap().unwrap();
    let eve = world.visitor(&session.secret).await;
    let foreign = eve.actor().unwrap();
    assert_ne!(foreign.space, owner.space);
    for refused in [
        code(monitors.detail(&foreign, monitor.id).await),
        code(monitors.get(&foreign, monitor.id).await),
        code(monitors.row(&foreign, monitor.id)),
        code(monitors.update(&foreign, monitor.id, &draft).await),
        code(monitors.duplicate(&foreign, monitor.id).await),
        code(monitors.delete(&foreign, &[monitor.id]).await),
        code(monitors.set_enabled(&foreign, &[monitor.id], false).await),
        code(monitors.check_now(&foreign, &[monitor.id]).await),
        code(world.engine.history().checks(&foreign, monitor.id, None, 5).await),
        code(world.engine.history().uptime(&foreign, monitor.id, START, world.clock.now()).await),
        code(world.engine.spaces().switch(&eve, owner.space).await),
        code(world.engine.spaces().set_role(&foreign, ada.account, Role::Viewer).await),
    ] {
        assert_eq!(refused, Code::NotFound);
    }
    assert_eq!(code(world.engine.admin().accounts(&eve).await), Code::Forbidden);
    assert!(world.engine.monitors().page(&foreign, &Default::default()).unwrap().rows.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn a_space_always_has_an_owner_and_links_work_once() {
    let world = World::new(Clock::manual(START)).await;
    let ada = world.admin().await;
    let owner = ada.actor().unwrap();
    let edi = invited(&world, &ada, "edi", Role::Editor).await;
    let spaces = world.engine.spaces();
    assert_eq!(code(spaces.remove_member(&owner, ada.account).await), Code::Conflict);
    assert_eq!(code(spaces.set_role(&owner, ada.account, Role::Viewer).await), Code::Conflict);
    assert_eq!(code(world.engine.accounts().delete(&ada, "ada@example.com").await), Code::Conflict);
    spaces.set_role(&owner, edi.account, Role::Owner).await.unwrap();
    spaces.set_role(&owner, ada.account, Role::Viewer).await.unwrap();
    spaces.remove_member(&edi.actor().unwrap(), edi.account).await.unwrap_err();

    let link = world.engine.admin().password_link(&ada, edi.account).await.unwrap();
    let secret = link.secret.rsplit('/').next().unwrap();
    let accounts = world.engine.accounts();
    assert_eq!(accounts.reset_offer(secret).await.unwrap(), "edi@example.com");
    assert!(accounts.reset_password(secret, "short", &local()).await.unwrap_err().of("new_password").is_some());
    accounts.reset_password(secret, "another long password", &local()).await.unwrap();
    assert_eq!(code(accounts.reset_password(secret, "another long password", &local()).await), Code::NotFound);
    assert!(accounts.sign_in("edi@example.com", PASSWORD, &local()).await.is_err());
    world.stop().await;
}

#[tokio::test]
async fn a_deleted_account_takes_its_own_space_along() {
    let (world, target) = (World::new(Clock::manual(START)).await, Target::start().await);
    let ada = world.admin().await;
    let monitor = world.watch(&ada.actor().unwrap(), &target.url(), "60 s").await;
    world.until(&ada.actor().unwrap(), monitor.id, State::Up).await;
    assert!(world.engine.accounts().delete(&ada, "eve@example.com").await.unwrap_err().of("email").is_some());
    world.engine.accounts().delete(&ada, "Ada@example.com").await.unwrap();
    assert!(world.engine.monitors().row(&ada.actor().unwrap(), monitor.id).is_err());
    let store = world.stop().await;
    assert!(store.all_monitors().await.unwrap().is_empty() && store.accounts().is_empty().await.unwrap());
}

#[tokio::test]
async fn a_token_is_as_strong_as_its_scope_and_its_maker() {
    let world = World::new(Clock::manual(START)).await;
    let ada = world.admin().await;
    let owner = ada.actor().unwrap();
    let tokens = world.engine.tokens();
    let read = tokens.create(&owner, "Grafana", Scope::Read).await.unwrap().secret;
    let write = tokens.create(&owner, "CI", Scope::Write).await.unwrap().secret;
    assert!(read.starts_with("loopr_"));
    let draft = MonitorDraft::http("http://127.0.0.1:9/");
    let reader = tokens.authenticate(&read).await.unwrap().unwrap();
    assert_eq!(code(world.engine.monitors().create(&reader, &draft).await), Code::Forbidden);
    let writer = tokens.authenticate(&write).await.unwrap().unwrap();
    assert!(world.engine.monitors().create(&writer, &draft).await.is_ok());
    assert_eq!(code(tokens.create(&writer, "more", Scope::Read).await), Code::Forbidden);
    assert_eq!(code(world.engine.spaces().rename(&writer, "Mine").await), Code::Forbidden);
    assert!(tokens.authenticate("loopr_nonsense").await.unwrap().is_none());
    let listed = tokens.list(&owner).await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|t| t.used_at.is_some() && t.created_by == "ada"));
    let ci = listed.iter().find(|t| t.name == "CI").unwrap();
    tokens.revoke(&owner, ci.id).await.unwrap();
    assert!(tokens.authenticate(&write).await.unwrap().is_none());
    world.stop().await;
}

#[tokio::test]
async fn saved_secrets_are_never_shown_and_survive_an_edit() {
    let (world, target) = (World::new(Clock::manual(START)).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let draft = MonitorDraft::of(Kind::Http, [("url", target.url()), ("headers", "Authorization: Bearer hunter2".into())]);
    let monitor = world.engine.monitors().create(&actor, &draft).await.unwrap();
    let shown = world.engine.monitors().detail(&actor, monitor.id).await.unwrap();
    assert!(!serde_json::to_string(&shown).unwrap().contains("hunter2"));
    let mut edited = shown.draft;
    edited.name = "Renamed".into();
    world.engine.monitors().update(&actor, monitor.id, &edited).await.unwrap();
    let copy = world.engine.monitors().duplicate(&actor, monitor.id).await.unwrap();
    for id in [monitor.id, copy.id] {
        let saved = world.engine.monitors().get(&actor, id).await.unwrap().spec.settings;
        assert_eq!(saved.0["headers"], "Authorization: Bearer hunter2");
    }
    assert_eq!((copy.spec.name.as_str(), world.state(&actor, copy.id)), ("Renamed (copy)", State::Paused));
    world.stop().await;
}
