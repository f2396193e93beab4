//! A monitor that goes down and up too often is marked, and the mark settles by time.

use std::time::Duration;

use domain::state::State;
use engine::Clock;

use crate::world::{START, Target, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_is_set_kept_over_a_restart_and_settles_by_time() {
    let clock = Clock::manual(START);
    let (world, target) = (World::new(clock.clone()).await, Target::start().await);
    let actor = world.admin().await.actor().unwrap();
    let id = world.watch(&actor, &target.url(), "24 h").await.id;
    world.until(&actor, id, State::Up).await;
    let flaps = |world: &World| world.engine.monitors().live(&actor, id).unwrap().flapping;
    for (status, state) in [(503, State::Down), (200, State::Up), (503, State::Down), (200, State::Up), (503, State::Down)] {
        target.answer(status);
        world.check_until(&actor, id, state).await;
        assert!(!flaps(&world), "not yet");
    }
    target.answer(200);
    world.check_until(&actor, id, State::Up).await;
    assert!(flaps(&world), "six changes within the hour");

    let world = World::over(world.stop().await, clock.clone()).await;
    assert!(flaps(&world));
    // Twenty intervals of a day are longer than an hour.
    clock.step_wall(clock.now().plus(Duration::from_secs(21 * 86_400)));
    let settled = async {
        while flaps(&world) {
            clock.advance(Duration::from_secs(5));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.unwrap();
    world.stop().await;
}
