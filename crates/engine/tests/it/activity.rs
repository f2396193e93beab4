//! Who did what, and how long that is known.

use std::time::Duration;

use domain::account::{Role, Scope};
use domain::activity::{Activity, Area};
use domain::maintenance::WindowDraft;
use domain::monitor::MonitorDraft;
use domain::{SpaceId, Timestamp};
use engine::{Clock, Visitor};
use store::{ActivityFilter, Store, StoreConfig};

use crate::world::{PASSWORD, START, World, local, person};

const DAY: Duration = Duration::from_secs(86_400);

/// What the log of the visitor's space says, the oldest first.
pub async fn log(world: &World, visitor: &Visitor) -> Vec<String> {
    let (entries, _) = world.engine.activities().page(&visitor.actor().unwrap(), None, "", None, Some(100)).await.unwrap();
    entries.iter().rev().map(|entry| format!("{} {} {}", entry.who, entry.did, entry.what)).collect()
}

/// What was logged meanwhile. Time passes, so that entries have an order.
struct Watched<'a> {
    world: &'a World,
    visitor: &'a Visitor,
    seen: usize,
}

impl Watched<'_> {
    async fn said(&mut self, expected: &[&str]) {
        let all = log(self.world, self.visitor).await;
        assert_eq!(all.get(self.seen..).unwrap_or_default(), expected, "{all:?}");
        self.seen = all.len();
        self.world.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn changes_of_monitors_are_one_entry_however_many() {
    let world = World::new(Clock::manual(START)).await;
    let ada = world.admin().await;
    let (actor, monitors) = (ada.actor().unwrap(), world.engine.monitors());
    let mut log = Watched { world: &world, visitor: &ada, seen: 0 };
    log.said(&["ada set up this Loopr"]).await;
    let draft = MonitorDraft { name: "Shop".into(), ..MonitorDraft::http("http://127.0.0.1:9/") };
    let shop = monitors.create(&actor, &draft).await.unwrap();
    log.said(&["ada created monitor “Shop”"]).await;
    assert!(monitors.create(&actor, &MonitorDraft::http("")).await.is_err());
    log.said(&[]).await;
    monitors.update(&actor, shop.id, &MonitorDraft { name: "Store".into(), ..draft.clone() }).await.unwrap();
    log.said(&["ada changed monitor “Store”"]).await;
    let copy = monitors.duplicate(&actor, shop.id).await.unwrap();
    log.said(&["ada created monitor “Store (copy)”"]).await;
    monitors.retag(&actor, &[shop.id, copy.id], "prod", "").await.unwrap();
    log.said(&["ada changed the tags of 2 monitors"]).await;
    monitors.set_enabled(&actor, &[shop.id, copy.id], false).await.unwrap();
    log.said(&["ada paused monitor “Store”"]).await;
    monitors.set_enabled(&actor, &[shop.id, copy.id], true).await.unwrap();
    log.said(&["ada resumed 2 monitors"]).await;
    monitors.check_now(&actor, &[shop.id]).await.unwrap();
    log.said(&[]).await;
    monitors.delete(&actor, &[shop.id]).await.unwrap();
    log.said(&["ada deleted monitor “Store”"]).await;
    let (entries, _) = world.engine.activities().page(&actor, Some(Area::Monitor), "", None, None).await.unwrap();
    assert!(entries[0].link.is_empty() && entries[1].link.is_empty());
    assert_eq!(entries[2].link, format!("/monitors/{}", shop.id));
    world.stop().await;
}

#[tokio::test]
async fn maintenance_members_and_tokens_are_logged() {
    let world = World::new(Clock::manual(START)).await;
    let ada = world.admin().await;
    let (actor, spaces, tokens) = (ada.actor().unwrap(), world.engine.spaces(), world.engine.tokens());
    let mut log = Watched { world: &world, visitor: &ada, seen: 0 };
    log.said(&["ada set up this Loopr"]).await;
    let draft = WindowDraft {
        name: "Backups".into(),
        enabled: "on".into(),
        repeat: "daily".into(),
        time: "03:00".into(),
        duration: "1 h".into(),
        covers: "all".into(),
        zone: "UTC".into(),
        ..WindowDraft::default()
    };
    let window = world.engine.maintenance().create(&actor, &draft).await.unwrap();
    log.said(&["ada planned maintenance “Backups”"]).await;
    world.engine.maintenance().update(&actor, window.id, &draft).await.unwrap();
    log.said(&["ada changed maintenance “Backups”"]).await;
    world.engine.maintenance().start(&actor, window.id).await.unwrap();
    log.said(&["ada started maintenance “Backups”"]).await;
    world.engine.maintenance().end(&actor, window.id).await.unwrap();
    log.said(&["ada ended maintenance “Backups”"]).await;
    world.engine.maintenance().delete(&actor, window.id).await.unwrap();
    log.said(&["ada deleted maintenance “Backups”"]).await;

    spaces.rename(&actor, "Acme").await.unwrap();
    log.said(&["ada renamed the space to “Acme”"]).await;
    spaces.set_retention(&actor, ["14", "", ""]).await.unwrap();
    log.said(&["ada changed how long history is kept"]).await;
    let link = spaces.invite(&actor, Role::Viewer, "for Vic").await.unwrap().secret;
    log.said(&["ada invited for Vic as viewer"]).await;
    let session = world.engine.accounts().sign_up(person("vic", link.rsplit('/').next().unwrap()), &local()).await.unwrap().unwrap();
    let vic = world.visitor(&session.secret).await;
    log.said(&["vic joined as viewer"]).await;
    spaces.invite(&actor, Role::Viewer, "").await.unwrap();
    let open = spaces.invitations(&actor).await.unwrap();
    spaces.revoke_invitation(&actor, open[0].id).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    spaces.set_role(&actor, vic.account, Role::Owner).await.unwrap();
    let token = tokens.create(&actor, "CI", Scope::Write).await.unwrap().secret;
    let all = self::log(&world, &ada).await;
    for entry in ["ada took back an invitation", "ada changed the role of vic to owner", "ada created token “CI”"] {
        assert!(all.contains(&entry.to_owned()), "{entry} in {all:?}");
    }
    log.seen = all.len();
    world.clock.advance(Duration::from_secs(1));
    let ci = tokens.authenticate(&token).await.unwrap().unwrap();
    world.engine.monitors().create(&ci, &MonitorDraft { name: "Shop".into(), ..MonitorDraft::http("http://127.0.0.1:9/") }).await.unwrap();
    log.said(&["token CI created monitor “Shop”"]).await;
    tokens.revoke(&actor, tokens.list(&actor).await.unwrap()[0].id).await.unwrap();
    log.said(&["ada revoked token “CI”"]).await;
    world.engine.accounts().change_password(&vic, PASSWORD, "another long password").await.unwrap();
    log.said(&["vic changed their password"]).await;
    spaces.remove_member(&vic.actor_in(actor.space).unwrap(), vic.account).await.unwrap();
    log.said(&["vic left the space"]).await;
    world.stop().await;
}

fn entry(what: &str, at: Timestamp) -> Activity {
    Activity { at, who: "ada".into(), area: Area::Space, did: "did".into(), what: what.into(), link: String::new(), detail: String::new() }
}

async fn kept(store: &Store, space: SpaceId) -> Vec<String> {
    let all = store.space(space).activities().list(&ActivityFilter::default(), 100).await.unwrap();
    all.into_iter().map(|(_, activity)| activity.what).collect()
}

#[tokio::test]
async fn what_was_done_more_than_a_year_ago_is_forgotten_and_so_are_spaces() {
    let store = Store::open(&StoreConfig::memory()).await.unwrap();
    let world = World::over(store.clone(), Clock::manual(START)).await;
    let ada = world.admin().await;
    let first = ada.actor().unwrap().space;
    let second = world.engine.spaces().create(&ada, "Second").await.unwrap();
    store.space(first).activities().add(&entry("old", START.minus(DAY * 366))).await.unwrap();
    store.space(first).activities().add(&entry("young", START.minus(DAY * 364))).await.unwrap();
    let actor = engine::Actor { space: second, ..ada.actor().unwrap() };
    world.engine.spaces().delete(&actor, "Second").await.unwrap();
    world.stop().await;

    let world = World::over(store.clone(), Clock::manual(START)).await;
    let forgotten = async {
        while kept(&store, first).await.contains(&"old".to_owned()) || !kept(&store, second).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // The deadline only ends a test that would hang.
    tokio::time::timeout(Duration::from_secs(20), forgotten).await.unwrap();
    assert!(kept(&store, first).await.contains(&"young".to_owned()));
    world.stop().await;
}
