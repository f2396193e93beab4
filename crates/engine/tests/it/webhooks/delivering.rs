//! What is sent, what is tried again, what is given up, and what is kept of it.

use std::time::Duration;

use domain::alert::{ChannelDraft, ChannelKind, RuleDraft};
use domain::signing::{SigningSecret, verify};
use domain::webhook::{Outcome, RunState, Standing};
use engine::Clock;

use super::{Receiver, add, every_minute, runs, to_the_next_minute, until, until_all, until_stands};
use crate::world::{START, World};

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request.lines().find(|line| line.split_once(':').is_some_and(|(n, _)| n.eq_ignore_ascii_case(name)));
    line.and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_sent_with_what_templates_say_and_kept_without_secrets() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::answering("X-Key: hunter2-echoed\r\nServer: test\r\n").await);
    let actor = world.admin().await.actor().unwrap();
    world.engine.schedules().put_secret(&actor, "KEY", "hunter2-echoed").await.unwrap();
    let url = format!("{}/{{{{ run.id }}}}?n={{{{ run.attempt }}}}", receiver.url);
    let draft = every_minute(
        &url,
        &[
            ("headers", "X-Key: {{ secret.KEY }}\nX-Plain: fine"),
            ("body_type", "json"),
            ("body", "{\"due\": {{ run.nominal | json }}, \"key\": {{ secret.KEY | json }}, \"by\": \"{{ schedule.name }}\"}"),
        ],
    );
    let id = add(&world, &actor, &draft).await;
    to_the_next_minute(&clock);
    let run = until(&world, &actor, id, RunState::Succeeded).await;
    let request = receiver.last();
    assert!(request.starts_with(&format!("POST /hook/{}?n=1 HTTP/1.1", run.id)), "{request}");
    assert_eq!((header(&request, "x-key"), header(&request, "idempotency-key")), ("hunter2-echoed", run.id.to_string().as_str()));
    assert!(request.contains("\"key\": \"hunter2-echoed\", \"by\": \"POST 127.0.0.1/hook\""), "{request}");
    let view = world.engine.schedules().run(&actor, run.id).await.unwrap();
    assert_eq!((view.attempts.len(), run.status, run.attempts), (1, Some(200), 1));
    let kept = serde_json::to_string(&view).unwrap();
    assert!(!kept.contains("hunter2"), "{kept}");
    let trace = view.attempts[0].attempt.trace.as_ref().unwrap();
    assert_eq!(trace.excerpt, "[redacted]\n");
    assert!(trace.observation.phases.first_byte_us.is_some());
    assert!(trace.hops[0].headers.contains(&("server".into(), "test".into())));
    // What is in use is not forgotten.
    assert!(world.engine.schedules().delete_secret(&actor, "KEY").await.is_err());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_then_given_up_told_and_sent_again_by_hand() {
    let clock = Clock::manual(START);
    let (world, receiver, told) = (World::new(clock.clone()).await, Receiver::start().await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let channel = ChannelDraft::of(ChannelKind::Webhook, [("url", told.url.as_str())]);
    let channel = world.engine.channels().create(&actor, &channel, true).await.unwrap().id;
    let events = ["webhook_failing", "webhook_recovered"].map(str::to_owned).into();
    let rule = RuleDraft { enabled: "on".into(), events, to: vec![channel.to_string()], ..RuleDraft::default() };
    world.engine.rules().create(&actor, &rule).await.unwrap();
    receiver.answer(503);
    let id = add(&world, &actor, &every_minute(&receiver.url, &[("max_attempts", "3"), ("overlap", "skip")])).await;
    // The failing and its end belong together.
    let key = format!("\"key\":\"{id}\"");
    to_the_next_minute(&clock);
    for tries in 1..=3 {
        receiver.until(tries).await;
        if tries < 3 {
            until(&world, &actor, id, RunState::Retrying).await;
            clock.advance(Duration::from_secs(2));
        }
    }
    let run = until(&world, &actor, id, RunState::Failed).await;
    assert_eq!((run.attempts, run.status, receiver.count()), (3, Some(503), 3));
    assert!(run.note.contains("503"), "{}", run.note);
    assert_eq!(until_stands(&world, &actor, id, Standing::Failing).await.progress.streak, 1);
    told.until(1).await;
    assert!(told.last().contains("webhook.failed") && told.last().contains(&key), "{}", told.last());
    let dead = world.engine.schedules().dead(&actor, None, None, 10).await.unwrap();
    assert_eq!(dead.iter().map(|dead| dead.row.id).collect::<Vec<_>>(), [run.id]);
    // Again by hand, still refused: one attempt, and the schedule's streak is as it was.
    assert_eq!(world.engine.schedules().redeliver(&actor, &[run.id]).await.unwrap(), 1);
    receiver.until(4).await;
    let run = until(&world, &actor, id, RunState::Failed).await;
    assert_eq!((run.attempts, until_stands(&world, &actor, id, Standing::Failing).await.progress.streak), (4, 1));
    receiver.answer(204);
    world.engine.schedules().redeliver(&actor, &[run.id]).await.unwrap();
    until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!(world.engine.schedules().dead(&actor, None, None, 10).await.unwrap().len(), 0);
    to_the_next_minute(&clock);
    until_all(&world, &actor, id, &[RunState::Succeeded, RunState::Succeeded]).await;
    told.until(2).await;
    assert!(told.last().contains("webhook.recovered") && told.last().contains(&key), "{}", told.last());
    let attempts = world.engine.schedules().run(&actor, run.id).await.unwrap().attempts;
    let failed = attempts.iter().filter(|tried| matches!(tried.attempt.outcome, Outcome::Failed { .. })).count();
    assert_eq!((attempts.len(), failed), (5, 4));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_receiver_asks_for_is_waited_for() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::answering("Retry-After: 30\r\n").await);
    let actor = world.admin().await.actor().unwrap();
    receiver.answer(429);
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    to_the_next_minute(&clock);
    let run = until(&world, &actor, id, RunState::Retrying).await;
    let pause = run.due_at.since(run.started_at.unwrap());
    assert!((Duration::from_secs(30)..Duration::from_secs(31)).contains(&pause), "{pause:?}");
    // Unless a person does not want to wait; the clock stands still.
    receiver.answer(200);
    assert_eq!(world.engine.schedules().redeliver(&actor, &[run.id]).await.unwrap(), 1);
    let run = until(&world, &actor, id, RunState::Succeeded).await;
    assert_eq!((run.attempts, receiver.count()), (2, 2));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_switches_it_off_and_other_refusals_are_not_repeated() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.answer(404);
    let id = add(&world, &actor, &every_minute(&receiver.url, &[])).await;
    to_the_next_minute(&clock);
    assert_eq!(until(&world, &actor, id, RunState::Failed).await.attempts, 1);
    receiver.answer(410);
    to_the_next_minute(&clock);
    until_all(&world, &actor, id, &[RunState::Failed, RunState::Failed]).await;
    assert_eq!(until_stands(&world, &actor, id, Standing::Disabled).await.next.len(), 0);
    to_the_next_minute(&clock);
    assert_eq!(receiver.count(), 2);
    assert_eq!(world.engine.schedules().resume(&actor, &[id], false).await.unwrap(), 1);
    assert_eq!(world.engine.schedules().get(&actor, id).unwrap().next.len(), 10);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_switches_itself_off_after_failures_over_a_time() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    receiver.answer(500);
    let fields = [("max_attempts", "1"), ("disable_after", "3"), ("disable_hours", "0")];
    let id = add(&world, &actor, &every_minute(&receiver.url, &fields)).await;
    for count in 1..=3 {
        to_the_next_minute(&clock);
        until_all(&world, &actor, id, &vec![RunState::Failed; count]).await;
    }
    until_stands(&world, &actor, id, Standing::Disabled).await;
    let detail = world.engine.schedules().detail(&actor, id).await.unwrap();
    assert_eq!((detail.row.standing, detail.totals), (Standing::Disabled, (0, 3, 0)));
    assert!(detail.pause.unwrap().note.contains("3 runs in a row"));
    assert_eq!(detail.days.iter().map(|day| day.failed).sum::<u32>(), 3);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_signed_by_both_secrets_while_one_replaces_the_other() {
    let clock = Clock::manual(START);
    let (world, receiver) = (World::new(clock.clone()).await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id =
        add(&world, &actor, &every_minute(&receiver.url, &[("sign", "on"), ("body", "hello"), ("auth", "hmac"), ("hmac_secret", "k")]))
            .await;
    let old = SigningSecret::parse(&world.engine.schedules().reveal(&actor, id).await.unwrap()).unwrap();
    let new = SigningSecret::parse(&world.engine.schedules().rotate(&actor, id, "2 h").await.unwrap()).unwrap();
    let verified = |secret: &SigningSecret, request: &str, now| {
        let (body, get) = (request.split_once("\r\n\r\n").unwrap().1, |name| header(request, name));
        verify(secret, get("webhook-id"), get("webhook-timestamp"), get("webhook-signature"), body.as_bytes(), now)
    };
    to_the_next_minute(&clock);
    until(&world, &actor, id, RunState::Succeeded).await;
    let request = receiver.last();
    assert!(verified(&old, &request, clock.now()) && verified(&new, &request, clock.now()), "{request}");
    assert!(header(&request, "x-hub-signature-256").starts_with("sha256="));
    clock.advance(Duration::from_secs(3 * 3_600));
    receiver.until(2).await;
    let request = receiver.last();
    assert!(!verified(&old, &request, clock.now()) && verified(&new, &request, clock.now()), "{request}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_hangs_delays_no_other_and_retries_leave_room() {
    let clock = Clock::manual(START);
    let (world, slow, quick) = (World::new(clock.clone()).await, Receiver::start().await, Receiver::start().await);
    let actor = world.admin().await.actor().unwrap();
    slow.take(Duration::from_secs(20));
    for _ in 0..100 {
        add(&world, &actor, &every_minute(&slow.url, &[])).await;
    }
    let other = add(&world, &actor, &every_minute(&quick.url, &[])).await;
    to_the_next_minute(&clock);
    until(&world, &actor, other, RunState::Succeeded).await;
    // As many as one host may have at once.
    slow.until(64).await;
    assert_eq!((slow.count(), runs(&world, &actor, other).await.len()), (64, 1));
    world.shutdown.cancel();
}
