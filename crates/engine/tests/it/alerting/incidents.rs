//! What an incident is from its beginning to its end.

use domain::State;
use domain::alert::incident::Happened;
use domain::alert::{IncidentState, MessageState};
use engine::Clock;

use super::*;
use crate::world::START;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_one_incident_and_told_from_beginning_to_end() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;

    clock.advance(Duration::from_secs(60));
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    let began = clock.now();
    let open = world.engine.incidents().page(&actor, &[], None, None, None).await.unwrap();
    assert_eq!((open.incidents.len(), open.open), (1, 1));
    let incident = &open.incidents[0];
    assert_eq!((incident.state, incident.monitor, incident.began_at), (IncidentState::Open, Some(id), began));
    assert!(incident.detail.contains("503") && incident.title.ends_with("is down"), "{incident:?}");
    assert_eq!(sink.documents()[0]["data"]["events"][0]["incident"], incident.id.to_string());

    clock.advance(Duration::from_secs(60));
    let incidents = world.engine.incidents();
    incidents.acknowledge(&actor, incident.id).await.unwrap();
    assert!(incidents.acknowledge(&actor, incident.id).await.unwrap_err().message.contains("already"));
    incidents.comment(&actor, incident.id, "The disk is full.").await.unwrap();
    incidents.write_postmortem(&actor, incident.id, "**Watch** the disk. <script>x</script>").await.unwrap();
    // More failures are no more news.
    for _ in 0..3 {
        clock.advance(Duration::from_secs(5));
        world.engine.monitors().check_now(&actor, &[id]).await.unwrap();
        world.until_idle(&actor, id).await;
    }

    clock.advance(Duration::from_secs(240));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    sink.until(2).await;
    assert_eq!(sink.told(), [["monitor.down"], ["monitor.up"]]);
    until_messages(&world, &actor, MessageState::Delivered, 2).await;
    let view = incidents.view(&actor, incident.id).await.unwrap();
    assert_eq!((view.incident.state, view.incident.lasted_ms(clock.now())), (IncidentState::Resolved, 315_000));
    let happened: Vec<Happened> = view.timeline.iter().map(|event| event.happened).collect();
    for wanted in [
        Happened::Detected,
        Happened::Confirmed,
        Happened::Alerted,
        Happened::Acknowledged,
        Happened::Commented,
        Happened::Postmortem,
        Happened::Recovered,
    ] {
        assert!(happened.contains(&wanted), "{wanted:?} is missing in {happened:?}");
    }
    assert!(view.postmortem_html.contains("<strong>Watch</strong>") && !view.postmortem_html.contains("<script"));
    assert_eq!((view.messages.len(), incidents.open(&actor).await.unwrap()), (2, 0));
    let log = world.engine.activities().page(&actor, None, "", None, None).await.unwrap().0;
    for did in ["acknowledged", "commented on", "wrote the post-mortem of"] {
        assert!(log.iter().any(|entry| entry.did == did && entry.what == view.incident.title), "{log:?}");
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_neither_opens_it_again_nor_forgets_it() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    let world = World::over(world.stop().await, clock.clone()).await;
    clock.advance(Duration::from_secs(10));
    world.engine.monitors().check_now(&actor, &[id]).await.unwrap();
    world.until_idle(&actor, id).await;
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    sink.until(2).await;
    assert_eq!(sink.told(), [["monitor.down"], ["monitor.up"]]);
    let all = world.engine.incidents().page(&actor, &[], None, None, None).await.unwrap();
    assert_eq!((all.incidents.len(), all.open), (1, 0));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_watches_any_more_has_no_open_incident() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let (paused, deleted) = (watched(&world, &actor, &target).await, watched(&world, &actor, &target).await);
    target.answer(503);
    for id in [paused, deleted] {
        world.check_until(&actor, id, State::Down).await;
    }
    sink.until(2).await;
    assert_eq!(world.engine.incidents().open(&actor).await.unwrap(), 2);
    world.engine.monitors().set_enabled(&actor, &[paused], false).await.unwrap();
    world.engine.monitors().delete(&actor, &[deleted]).await.unwrap();
    let all = world.engine.incidents().page(&actor, &[], None, None, None).await.unwrap();
    assert!(all.incidents.iter().all(|incident| incident.state == IncidentState::Resolved), "{all:?}");
    // Nobody is told that it is up: nobody knows.
    world.engine.flush().await;
    assert_eq!(sink.documents().len(), 2);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_open_end_and_open_again_and_other_spaces_see_nothing() {
    let world = World::new(Clock::manual(START)).await;
    let actor = world.admin().await.actor().unwrap();
    let draft = engine::service::IncidentDraft { title: "Payments are slow".into(), ..Default::default() };
    let incidents = world.engine.incidents();
    let id = incidents.open_by_hand(&actor, &draft).await.unwrap();
    incidents.resolve(&actor, id, "A queue was stuck.").await.unwrap();
    assert!(incidents.resolve(&actor, id, "").await.is_err());
    incidents.reopen(&actor, id).await.unwrap();
    assert_eq!(incidents.get(&actor, id).await.unwrap().state, IncidentState::Open);
    let viewer = Actor { role: domain::account::Role::Viewer, ..actor.clone() };
    assert!(incidents.acknowledge(&viewer, id).await.is_err() && incidents.get(&viewer, id).await.is_ok());
    let stranger = Actor { space: domain::SpaceId::new(START, 9), ..actor.clone() };
    assert!(incidents.get(&stranger, id).await.is_err() && incidents.acknowledge(&stranger, id).await.is_err());
    assert!(incidents.open_by_hand(&actor, &engine::service::IncidentDraft::default()).await.unwrap_err().of("title").is_some());
    world.stop().await;
}

/// Waits until so many documents came, and gives type and cause of each event, in order.
async fn followed(sink: &Sink, count: usize) -> Vec<(String, String)> {
    sink.until(count).await;
    let events = sink.documents().iter().flat_map(|document| document["data"]["events"].as_array().unwrap().clone()).collect::<Vec<_>>();
    let text = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    events.iter().map(|event| (text(event, "type"), text(event, "cause"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_incidents_is_told_each_step_and_people_are_not_told_twice() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    let events = ["incident_opened", "incident_acknowledged", "incident_commented", "incident_resolved"].map(str::to_owned).into();
    world.engine.rules().create(&actor, &RuleDraft { events, ..rule(to) }).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    let incidents = world.engine.incidents();
    let incident = incidents.page(&actor, &[], None, None, None).await.unwrap().incidents.remove(0).id;
    clock.advance(Duration::from_secs(5));
    incidents.acknowledge(&actor, incident).await.unwrap();
    sink.until(2).await;
    clock.advance(Duration::from_secs(5));
    incidents.comment(&actor, incident, "The disk is full.").await.unwrap();
    sink.until(3).await;
    clock.advance(Duration::from_secs(60));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    let wanted = [
        ("incident.opened", "automatic"),
        ("incident.acknowledged", "person"),
        ("incident.commented", "person"),
        ("incident.resolved", "automatic"),
    ];
    assert_eq!(followed(&sink, 4).await, wanted.map(|(event, cause)| (event.to_owned(), cause.to_owned())));
    let documents = sink.documents();
    assert!(documents.iter().all(|document| document["data"]["events"][0]["incident"] == incident.to_string()), "{documents:?}");
    assert!(documents[2].to_string().contains("The disk is full."), "{documents:?}");
    // The bell tells the change of the monitor instead of what the incident did by itself, and what others did.
    let told = async |actor: &Actor| {
        let bell = world.engine.bell().page(actor, None).await.unwrap().rows;
        let mut told: Vec<_> = bell.iter().map(|row| row.event.name()).collect();
        told.sort_unstable();
        told
    };
    let other = Actor { account: Some(domain::AccountId::new(START, 7)), ..actor.clone() };
    assert_eq!(told(&actor).await, ["down", "up"]);
    assert_eq!(told(&other).await, ["down", "incident_acknowledged", "incident_commented", "up"]);
    // One by hand is told to all, again when it is opened again, and ends.
    let draft = engine::service::IncidentDraft { title: "Payments are slow".into(), ..Default::default() };
    clock.advance(Duration::from_secs(120));
    let by_hand = incidents.open_by_hand(&actor, &draft).await.unwrap();
    sink.until(5).await;
    clock.advance(Duration::from_secs(5));
    incidents.resolve(&actor, by_hand, "A queue was stuck.").await.unwrap();
    sink.until(6).await;
    clock.advance(Duration::from_secs(5));
    incidents.reopen(&actor, by_hand).await.unwrap();
    let wanted = [("incident.opened", "person"), ("incident.resolved", "person"), ("incident.opened", "reopened")];
    assert_eq!(followed(&sink, 7).await[4..], wanted.map(|(event, cause)| (event.to_owned(), cause.to_owned())));
    assert!(
        world.engine.bell().page(&other, None).await.unwrap().rows.iter().any(|row| row.headline == "Incident reopened: Payments are slow")
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_that_ends_before_the_delay_is_not_told_to_who_follows_incidents() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    let events = ["incident_opened", "incident_resolved"].map(str::to_owned).into();
    world.engine.rules().create(&actor, &RuleDraft { events, delay: "5 min".into(), ..rule(to) }).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    clock.advance(Duration::from_secs(60));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    until_messages(&world, &actor, MessageState::Cancelled, 2).await;
    assert!(sink.documents().is_empty(), "{:?}", sink.told());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_at_it_ends_its_reminders_and_escalations_at_once() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    let patient = RuleDraft { reminder: "30 min".into(), after1: "1 h".into(), to1: vec![to.to_string()], ..rule(to) };
    world.engine.rules().create(&actor, &patient).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    until_messages(&world, &actor, MessageState::Waiting, 2).await;
    let open = world.engine.incidents().page(&actor, &[], None, None, None).await.unwrap().incidents.swap_remove(0);
    world.engine.incidents().acknowledge(&actor, open.id).await.unwrap();
    until_messages(&world, &actor, MessageState::Cancelled, 2).await;
    let ended = world.engine.messages().page(&actor, &[MessageState::Cancelled], None, None, None).await.unwrap();
    assert!(ended.messages.iter().all(|message| message.note.contains("acknowledged")), "{ended:?}");
    assert_eq!(sink.told(), [["monitor.down"]]);
    world.stop().await;
}
