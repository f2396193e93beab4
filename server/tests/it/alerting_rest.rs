//! Channels and rules over REST: made, changed, tried, and kept apart.

use domain::account::Scope;
use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, World};

const CHANNELS: &str = "/api/v1/channels";
const RULES: &str = "/api/v1/rules";

async fn made(world: &World, token: &str, path: &str, body: &Value) -> (String, Value) {
    let answer = world.rest("POST", path, token, &body.to_string()).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    let at = format!("{path}/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), at);
    (at, answer.json())
}

fn named(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status.as_u16(), 422, "{answer:?}");
    answer.json()["errors"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap().to_owned()).collect()
}

fn hook(port: u16) -> Value {
    json!({ "kind": "webhook", "settings": { "url": format!("http://127.0.0.1:{port}/in"), "headers": { "X-Key": "hunter2" } } })
}

#[tokio::test]
async fn a_channel_lives_and_dies_and_keeps_its_secrets() {
    let (world, token) = World::with_token(Scope::Write).await;
    let (path, channel) = made(&world, &token, CHANNELS, &hook(9)).await;
    assert_eq!((&channel["kind"], &channel["name"], &channel["enabled"]), (&json!("webhook"), &json!("Webhook"), &json!(true)));
    assert!(!channel.to_string().contains("hunter2"), "{channel}");

    let changed = world.rest("PATCH", &path, &token, r#"{"name":"On call","enabled":false}"#).await.json();
    assert_eq!((&changed["name"], &changed["enabled"], &changed["settings"]), (&json!("On call"), &json!(false), &channel["settings"]));
    let same = world.rest("PATCH", &path, &token, &changed.to_string()).await;
    assert_eq!(same.status.as_u16(), 200, "an answer can be sent back: {same:?}");
    assert_eq!(named(&world.rest("PATCH", &path, &token, r#"{"settings":{"url":"nonsense://x"},"title":"{{"}"#).await)[0], "settings.url");
    assert_eq!(named(&world.rest("PATCH", &path, &token, r#"{"kind":"slack"}"#).await), ["kind"]);
    assert_eq!(named(&world.rest("POST", CHANNELS, &token, r#"{"kind":"pigeon"}"#).await), ["kind"]);

    let page = world.rest("GET", CHANNELS, &token, "").await.json();
    assert!(page["items"].as_array().unwrap().iter().any(|item| item["id"] == channel["id"]), "{page}");
    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("GET", &path, &token, "").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_test_answers_what_the_other_side_said() {
    let (world, token) = World::with_token(Scope::Write).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (path, _) = made(&world, &token, CHANNELS, &hook(closed)).await;
    let answer = world.rest("POST", &format!("{path}/test"), &token, "").await;
    assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
    let attempt = answer.json();
    assert_eq!((&attempt["delivered"], &attempt["status"]), (&json!(false), &Value::Null));
    assert!(attempt["error"].as_str().is_some_and(|error| !error.is_empty()), "{attempt}");
}

#[tokio::test]
async fn a_webhook_is_signed_by_a_secret_that_is_made_told_and_changed() {
    let (world, token) = World::with_token(Scope::Write).await;
    let (path, channel) = made(&world, &token, CHANNELS, &hook(9)).await;
    let secret = || async { world.rest("GET", &format!("{path}/secret"), &token, "").await.json()["signing_secret"].clone() };
    let first = secret().await;
    assert!(first.as_str().unwrap().starts_with("whsec_") && !channel.to_string().contains(first.as_str().unwrap()), "{channel}");
    let kept = world.rest("PATCH", &path, &token, r#"{"settings":{"signing_secret":null}}"#).await;
    assert_eq!(kept.status.as_u16(), 200, "{kept:?}");
    let made_anew = secret().await;
    assert!(made_anew != first && made_anew.as_str().unwrap().starts_with("whsec_"), "it goes on signing");
    let second = world.rest("POST", &format!("{path}/secret"), &token, r#"{"grace":"2 h"}"#).await.json()["signing_secret"].clone();
    assert_eq!(second, secret().await);
    assert_ne!(second, made_anew);
    let saved = world.rest("GET", &path, &token, "").await.json();
    assert!(saved["settings"]["previous_until"].as_str().is_some_and(|until| until.ends_with('Z')), "{saved}");
    assert_eq!(named(&world.rest("POST", &format!("{path}/secret"), &token, r#"{"grace":"8 d"}"#).await), ["grace"]);
    let (mail, _) =
        made(&world, &token, CHANNELS, &json!({ "kind": "gotify", "settings": { "base_url": "http://127.0.0.1:9", "token": "t" } })).await;
    assert_eq!(named(&world.rest("GET", &format!("{mail}/secret"), &token, "").await), ["id"]);
    for event in ["webhook_failing", "incident.opened"] {
        let tested = world.rest("POST", &format!("{path}/test?event={event}"), &token, "").await;
        assert_eq!(tested.status.as_u16(), 200, "{tested:?}");
    }
    assert_eq!(named(&world.rest("POST", &format!("{path}/test?event=rain"), &token, "").await), ["event"]);
}

#[tokio::test]
async fn a_rule_lives_and_holds_its_channel() {
    let (world, token) = World::with_token(Scope::Write).await;
    let (channel_path, channel) = made(&world, &token, CHANNELS, &hook(9)).await;
    let body = json!({
        "events": ["down", "up"], "channels": [channel["id"]], "delay_seconds": 120, "reminder_seconds": 1_800, "match": { "tags": ["Prod"] },
        "quiet_hours": { "from": "22:00", "to": "07:00" }, "timezone": "Europe/Berlin", "steps": [{ "after_seconds": 900, "members": true }],
    });
    let (path, rule) = made(&world, &token, RULES, &body).await;
    for name in ["events", "channels", "delay_seconds", "reminder_seconds", "quiet_hours", "timezone"] {
        assert_eq!(rule[name], body[name], "{name}");
    }
    assert_eq!(rule["steps"], json!([{ "after_seconds": 900, "channels": [], "members": true }]));
    assert_eq!(rule["match"]["tags"], json!(["prod"]));

    let changed = world.rest("PATCH", &path, &token, r#"{"members":true,"quiet_hours":null,"enabled":false}"#).await.json();
    assert_eq!((&changed["members"], &changed["channels"]), (&json!(true), &rule["channels"]), "members stand beside the channels");
    assert_eq!((&changed["quiet_hours"], &changed["enabled"], &changed["steps"]), (&Value::Null, &json!(false), &rule["steps"]));
    let same = world.rest("PATCH", &path, &token, &changed.to_string()).await;
    assert_eq!(same.status.as_u16(), 200, "an answer can be sent back: {same:?}");

    world.rest("PATCH", &path, &token, r#"{"members":false}"#).await;
    let held = world.rest("DELETE", &channel_path, &token, "").await;
    assert_eq!((held.status.as_u16(), held.json()["code"].as_str()), (409, Some("conflict")), "a rule needs it");
    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("DELETE", &channel_path, &token, "").await.status.as_u16(), 204);
}

#[tokio::test]
async fn every_mistake_of_a_rule_is_named_at_once() {
    let (world, token) = World::with_token(Scope::Write).await;
    let wrong = r#"{"events":["boom"],"delay_seconds":90000,"steps":[{"after_seconds":1,"members":true}],"timezone":"Mars","speed":1}"#;
    let mut fields = named(&world.rest("POST", RULES, &token, wrong).await);
    fields.sort_unstable();
    assert_eq!(fields, ["channels", "delay_seconds", "events", "speed", "steps[0].after_seconds", "timezone"]);
    let nobody = json!({ "events": ["down"], "channels": ["chn_01jd2v9x3k5m7q8r9s0t1v2w3x"] });
    assert_eq!(named(&world.rest("POST", RULES, &token, &nobody.to_string()).await), ["channels"]);
}

#[tokio::test]
async fn another_space_and_a_reading_token_change_nothing() {
    let (world, token) = World::with_token(Scope::Write).await;
    let (channel, _) = made(&world, &token, CHANNELS, &hook(9)).await;
    let (rule, _) = made(&world, &token, RULES, &json!({ "events": ["down"], "members": true })).await;
    world.engine.accounts().create_by_operator("bob@example.com", PASSWORD, "Bob", false).await.unwrap();
    let other = world.engine.tokens().create_by_operator("bob@example.com", None, Scope::Write, "t").await.unwrap().secret;
    for path in [&channel, &rule] {
        for method in ["GET", "PATCH", "DELETE"] {
            let answer = world.rest(method, path, &other, "{}").await;
            assert_eq!(answer.status.as_u16(), 404, "{method} {path}");
        }
    }
    assert_eq!(world.rest("POST", &format!("{channel}/test"), &other, "").await.status.as_u16(), 404);
    let reading = world.engine.tokens().create_by_operator("bob@example.com", None, Scope::Read, "r").await.unwrap().secret;
    for path in [CHANNELS, RULES] {
        assert_eq!(world.rest("GET", path, &reading, "").await.status.as_u16(), 200);
        assert_eq!(world.rest("POST", path, &reading, "{}").await.status.as_u16(), 403);
    }
}
