//! Which events are told where, how soon, and how often.

use domain::State;
use domain::alert::view::RuleTried;
use domain::alert::{MessageState, Way};
use engine::Clock;

use super::*;
use crate::world::START;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_before_the_delay_is_not_told() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    world.engine.rules().create(&actor, &RuleDraft { delay: "5 min".into(), ..rule(to) }).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    clock.advance(Duration::from_secs(60));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    until_messages(&world, &actor, MessageState::Cancelled, 2).await;
    target.answer(503);
    clock.advance(Duration::from_secs(60));
    world.check_until(&actor, id, State::Down).await;
    clock.advance(Duration::from_secs(300));
    sink.until(1).await;
    assert_eq!(sink.told(), [["monitor.down"]]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_and_escalation_stop_when_somebody_acknowledges() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let (target, first, boss) = (Target::start().await, Sink::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (to, later) = (channel(&world, &actor, &first).await, channel(&world, &actor, &boss).await);
    let draft = RuleDraft { reminder: "30 min".into(), after1: "45 min".into(), to1: vec![later.to_string()], ..rule(to) };
    world.engine.rules().create(&actor, &draft).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    first.until(1).await;
    until_messages(&world, &actor, MessageState::Delivered, 1).await;
    clock.advance(Duration::from_secs(30 * 60));
    first.until(2).await;
    until_messages(&world, &actor, MessageState::Delivered, 2).await;
    assert_eq!(first.documents()[1]["data"]["events"][0]["reminder"], 1);
    clock.advance(Duration::from_secs(15 * 60));
    boss.until(1).await;
    assert_eq!(boss.documents()[0]["data"]["events"][0]["step"], 1);
    until_messages(&world, &actor, MessageState::Delivered, 3).await;
    let open = world.engine.incidents().page(&actor, &[], None, None, None).await.unwrap();
    world.engine.incidents().acknowledge(&actor, open.incidents[0].id).await.unwrap();
    // The second reminder comes an hour after the first one, unless somebody acknowledges.
    clock.advance(Duration::from_secs(2 * 3_600));
    until_messages(&world, &actor, MessageState::Cancelled, 1).await;
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    first.until(3).await;
    boss.until(2).await;
    assert_eq!((first.told()[2].clone(), boss.told()[1].clone()), (vec!["monitor.up".to_owned()], vec!["monitor.up".to_owned()]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_never_escalated_to_is_not_told_the_end() {
    let clock = Clock::manual(START);
    let world = World::new(clock.clone()).await;
    let (target, first, boss) = (Target::start().await, Sink::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let (to, later) = (channel(&world, &actor, &first).await, channel(&world, &actor, &boss).await);
    let draft = RuleDraft { after1: "45 min".into(), to1: vec![later.to_string()], ..rule(to) };
    world.engine.rules().create(&actor, &draft).await.unwrap();
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    world.check_until(&actor, id, State::Down).await;
    first.until(1).await;
    clock.advance(Duration::from_secs(60));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    first.until(2).await;
    until_messages(&world, &actor, MessageState::Cancelled, 2).await;
    assert!(boss.documents().is_empty());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_for_its_monitors_and_says_what_it_would_have_told() {
    let clock = Clock::manual(START);
    let (world, target, sink) = (World::new(clock.clone()).await, Target::start().await, Sink::start().await);
    let actor = world.admin().await.actor().unwrap();
    let to = channel(&world, &actor, &sink).await;
    let only = RuleDraft { tags: "db".into(), ..rule(to) };
    world.engine.rules().create(&actor, &only).await.unwrap();
    let (tagged, other) = (watched(&world, &actor, &target).await, watched(&world, &actor, &target).await);
    world.engine.monitors().retag(&actor, &[tagged], "db", "").await.unwrap();
    target.answer(503);
    for id in [other, tagged] {
        world.check_until(&actor, id, State::Down).await;
    }
    sink.until(1).await;
    world.engine.flush().await;
    assert_eq!(sink.documents()[0]["data"]["events"][0]["subject"]["monitor"], tagged.to_string());
    let past = async |draft: &RuleDraft| match world.engine.rules().preview(&actor, draft).await.unwrap() {
        RuleTried::Past(past) => past,
        RuleTried::Wrong(error) => panic!("{error}"),
    };
    let one = past(&only).await;
    assert_eq!((one.notices, one.newest.len(), one.by_channel[0].1), (1, 1, 1));
    assert!(one.newest[0].incident.is_some(), "it leads to its incident");
    assert_eq!(past(&rule(to)).await.notices, 2);
    // What is over before the delay is not told.
    let patient = RuleDraft { delay: "1 h".into(), ..only.clone() };
    assert_eq!(past(&patient).await.notices, 0, "it lasts no hour yet");
    target.answer(200);
    world.check_until(&actor, tagged, State::Up).await;
    world.engine.flush().await;
    assert_eq!((past(&only).await.notices, past(&patient).await.notices, past(&patient).await.too_short), (2, 0, 1));
    // START is at night: what happens in quiet hours waits for their end, beginning and end in one message.
    let quiet = RuleDraft { quiet_from: "00:00".into(), quiet_to: "23:59".into(), ..only.clone() };
    let held = past(&quiet).await;
    assert_eq!((held.notices, held.held, held.by_channel[0].1), (2, 2, 1));
    let nobody = world.engine.rules().preview(&actor, &RuleDraft { to: Vec::new(), ..only.clone() }).await.unwrap();
    assert!(matches!(nobody, RuleTried::Wrong(error) if error.of("to").is_some()));
    // What is named has to be there.
    let foreign = RuleDraft { groups: tagged.to_string(), ..rule(to) };
    assert!(world.engine.rules().create(&actor, &foreign).await.unwrap_err().of("groups").is_some());
    assert!(world.engine.channels().delete(&actor, to).await.is_err(), "a rule sends to it alone");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_space_has_a_rule_and_the_bell_shows_what_happened() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    assert_eq!(world.engine.rules().list(&actor).len(), 1);
    let id = watched(&world, &actor, &target).await;
    target.answer(503);
    clock.advance(Duration::from_secs(5));
    world.check_until(&actor, id, State::Down).await;
    let bell = world.engine.bell();
    let page = bell.page(&actor, None).await.unwrap();
    assert_eq!((page.unread, page.rows.len()), (1, 1));
    assert!(page.rows[0].headline.ends_with("is down") && page.rows[0].incident.is_some());
    bell.mark(&actor, Some(&page.rows[0].key)).await.unwrap();
    assert_eq!(bell.unread(&actor).await.unwrap(), 0);
    clock.advance(Duration::from_secs(5));
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    assert_eq!(bell.unread(&actor).await.unwrap(), 1);
    bell.mark(&actor, None).await.unwrap();
    assert_eq!(bell.unread(&actor).await.unwrap(), 0);
    // Without a mail server and a device there is nothing else to tell them by.
    assert!(world.engine.messages().page(&actor, &[], None, None, None).await.unwrap().messages.is_empty());
    bell.set_preferences(&actor, &[(Way::App, Vec::new())]).await.unwrap();
    assert!(bell.page(&actor, None).await.unwrap().rows.is_empty());
    world.stop().await;
}
