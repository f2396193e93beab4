//! Channels that fail, hang or are overrun.

use domain::State;
use domain::alert::MessageState;
use engine::Clock;

use super::*;
use crate::world::START;

/// Lets time pass until something is the case; the deadline only ends a test that would hang.
async fn passing(clock: &Clock, what: impl Fn() -> bool) {
    let reached = async {
        while !what() {
            clock.advance(Duration::from_secs(2));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), reached).await.unwrap();
}

async fn switch_on(world: &World, actor: &Actor, id: ChannelId) {
    let draft = world.engine.channels().get(actor, id).unwrap().draft();
    let channel = world.engine.channels().update(actor, id, &draft, true).await.unwrap();
    assert!(channel.enabled && channel.health.switched_off.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_takes_nothing_for_days_switches_itself_off_also_over_a_restart() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let (target, dead, other) = (Target::start().await, Sink::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (first, second) = (channel(&world, &actor, &dead).await, channel(&world, &actor, &other).await);
    let mut downs = rule(first);
    downs.events = vec!["down".into()];
    world.engine.rules().create(&actor, &downs).await.unwrap();
    let failing = RuleDraft { events: vec!["channel_failing".into()], ..rule(second) };
    world.engine.rules().create(&actor, &failing).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    // Hardly worth another try: five tries, and it is given up.
    dead.answer(400);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    passing(&clock, || other.told().len() == 1).await;
    let health = world.engine.channels().get(&actor, first).unwrap().health;
    assert!(health.failing_since.is_some() && health.switched_off.is_none(), "{health:?}");
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    clock.advance(Duration::from_secs(5 * 86_400));
    let world = World::over(world.stop().await, clock.clone()).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    passing(&clock, || other.told().len() == 2).await;
    let off = world.engine.channels().get(&actor, first).unwrap();
    assert!(!off.enabled && off.health.switched_off.is_some(), "{off:?}");
    assert!(other.documents().last().unwrap().to_string().contains("It switched itself off."), "{:?}", other.documents());
    let world = World::over(world.stop().await, clock.clone()).await;
    assert_eq!(world.engine.channels().get(&actor, first).unwrap(), off, "it is in the database");
    switch_on(&world, &actor, first).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_did_not_take_is_told_with_its_end_in_one_message() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    sink.answer(503);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    until_messages(&world, &actor, MessageState::Waiting, 1).await;
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    sink.answer(200);
    let last = || sink.told().last().cloned().unwrap_or_default();
    passing(&clock, || last() == ["monitor.down", "monitor.up"]).await;
    until_messages(&world, &actor, MessageState::Merged, 1).await;
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    // In between, nothing but tries of the beginning.
    let told = sink.told();
    assert!(told[..told.len() - 1].iter().all(|one| *one == ["monitor.down"]), "{told:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_survives_a_restart() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    sink.answer(500);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    until_messages(&world, &actor, MessageState::Waiting, 1).await;
    let world = World::over(world.stop().await, clock.clone()).await;
    sink.answer(200);
    let taken = sink.documents().len();
    passing(&clock, || sink.documents().len() > taken).await;
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    let message = world.engine.messages().page(&actor, &[], None, None, None).await.unwrap().messages.remove(0);
    let view = world.engine.messages().view(&actor, message.id).await.unwrap();
    assert!(view.attempts.len() >= 2 && view.attempts.last().unwrap().is_delivered(), "{:?}", view.attempts);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_is_sent_now_when_asked_and_says_what_was_sent() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    sink.answer(503);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    // It fails until its channel rests.
    passing(&clock, || sink.documents().len() >= 5).await;
    until_messages(&world, &actor, MessageState::Waiting, 1).await;
    let waiting = world.engine.messages().page(&actor, &[], None, None, None).await.unwrap().messages.remove(0);
    assert!(waiting.due_at > clock.now(), "{waiting:?}");
    sink.answer(200);
    // The clock stands still.
    world.engine.messages().retry(&actor, waiting.id).await.unwrap();
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    let view = world.engine.messages().view(&actor, waiting.id).await.unwrap();
    let sent = &view.attempts.last().unwrap().sent;
    let document: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(Some(&document), sink.documents().last());
    let header = |name: &str| sent.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    assert_eq!((header("webhook-id"), header("webhook-signature")), (Some(waiting.id.to_string().as_str()), Some("[redacted]")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_switched_off_drops_what_waits_for_it() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    sink.answer(503);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    sink.until(1).await;
    until_messages(&world, &actor, MessageState::Waiting, 1).await;
    // The clock stands still: its next try is not due.
    let draft = world.engine.channels().get(&actor, to).unwrap().draft();
    world.engine.channels().update(&actor, to, &draft, false).await.unwrap();
    until_messages(&world, &actor, MessageState::Cancelled, 1).await;
    assert_eq!(sink.documents().len(), 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_is_gone_is_told_of_over_another_one_and_what_failed_is_sent_again_by_hand() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let (target, gone, other) = (Target::start().await, Sink::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (first, second) = (channel(&world, &actor, &gone).await, channel(&world, &actor, &other).await);
    for to in [first, second] {
        world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    }
    let id = watched(&world, &actor, &target).await;
    gone.answer(410);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    other.until(2).await;
    let mut told = other.told().concat();
    told.sort();
    assert_eq!(told, ["channel.failing", "monitor.down"]);
    until_messages(&world, &actor, MessageState::Failed, 1).await;
    let failed = world.engine.messages().page(&actor, &[MessageState::Failed], None, None, None).await.unwrap().messages.remove(0);
    assert!(failed.note.contains("410") || !failed.note.is_empty(), "{failed:?}");
    gone.answer(200);
    // What says that it is gone is asked no more, until somebody switches it on.
    let off = world.engine.channels().get(&actor, first).unwrap();
    assert!(!off.enabled && off.health.switched_off.as_ref().is_some_and(|why| why.contains("410")), "{off:?}");
    switch_on(&world, &actor, first).await;
    world.engine.messages().retry(&actor, failed.id).await.unwrap();
    until_messages(&world, &actor, MessageState::Failed, 0).await;
    gone.until(2).await;
    until_messages(&world, &actor, MessageState::Delivered, 3).await;
    // What has arrived can be sent again: the same document under the same id.
    world.engine.messages().retry(&actor, failed.id).await.unwrap();
    gone.until(3).await;
    let (ids, documents) = (gone.ids(), gone.documents());
    assert_eq!((&ids[2], &documents[2]["data"]), (&ids[1], &documents[1]["data"]));
    until_messages(&world, &actor, MessageState::Delivered, 3).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_by_hand_tells_that_it_is_over() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    sink.answer(410);
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    until_messages(&world, &actor, MessageState::Failed, 1).await;
    let failed = world.engine.messages().page(&actor, &[MessageState::Failed], None, None, None).await.unwrap().messages.remove(0);
    sink.answer(200);
    switch_on(&world, &actor, to).await;
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    let last = || sink.told().last().cloned().unwrap_or_default();
    passing(&clock, || last() == ["monitor.up"]).await;
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    world.engine.messages().retry(&actor, failed.id).await.unwrap();
    passing(&clock, || last() == ["monitor.down", "monitor.up"]).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_outages_at_once_are_a_few_messages_that_tell_all_of_them() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(watched(&world, &actor, &target).await);
    }
    target.answer(503);
    clock.advance(Duration::from_secs(5));
    world.engine.monitors().check_now(&actor, &ids).await.unwrap();
    for id in &ids {
        world.until(&actor, *id, State::Down).await;
    }
    let told = || sink.told().iter().map(Vec::len).sum::<usize>() + more(&sink);
    passing(&clock, || told() >= 60).await;
    assert_eq!(told(), 60, "each outage once");
    let windows = usize::try_from(clock.now().since(START).as_secs() / 60 + 1).unwrap();
    assert!(sink.documents().len() <= 6 * windows, "{} messages in {windows} minutes", sink.documents().len());
    assert_eq!(world.engine.incidents().open(&actor).await.unwrap(), 60);
    world.stop().await;
}

/// What documents only count.
fn more(sink: &Sink) -> usize {
    sink.documents().iter().map(|document| usize::try_from(document["data"]["more"].as_u64().unwrap()).unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_hangs_delays_neither_checks_nor_other_channels() {
    let clock = Clock::system();
    let world = World::new(clock.clone()).await;
    let (target, other) = (Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (address, asked) = serve(|_, stream| async move {
        tokio::time::sleep(Duration::from_secs(600)).await;
        drop(stream);
    })
    .await;
    let hangs = Sink { url: format!("http://{address}/"), requests: asked, status: Arc::default() };
    for sink in [&hangs, &other] {
        let to = channel(&world, &actor, sink).await;
        world.engine.rules().create(&actor, &rule(to)).await.unwrap();
    }
    let (one, two) = (watched(&world, &actor, &target).await, watched(&world, &actor, &target).await);
    target.answer(503);
    world.check_until(&actor, one, State::Down).await;
    hangs.until(1).await;
    world.check_until(&actor, two, State::Down).await;
    other.until(2).await;
    // The first one is still on its way.
    let sending = world.engine.messages().page(&actor, &[MessageState::Sending], None, None, None).await.unwrap();
    assert!(!sending.messages.is_empty());
    world.stop().await;
}
