//! Schedules of webhooks over REST: made, changed, looked ahead, run, and kept apart; and cron on the command line.

use std::process::Command;
use std::time::Duration;

use domain::account::Scope;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const SCHEDULES: &str = "/api/v1/schedules";

fn nightly(url: &str) -> Value {
    json!({
        "name": "Nightly", "trigger": { "cron": "30 2 * * *", "timezone": "Europe/Berlin" },
        "request": { "method": "POST", "url": url, "headers": { "X-Key": "hunter2" }, "body": "{}" }, "tags": ["reports"],
    })
}

async fn made(world: &World, token: &str, body: &Value) -> (String, Value) {
    let answer = world.rest("POST", SCHEDULES, token, &body.to_string()).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    let path = format!("{SCHEDULES}/{}", answer.json()["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), path);
    (path, answer.json())
}

fn named(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status.as_u16(), 422, "{answer:?}");
    let mut names: Vec<String> =
        answer.json()["errors"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_schedule_lives_and_dies_and_keeps_its_secrets() {
    let (world, token) = World::with_token(Scope::Write).await;
    let (path, one) = made(&world, &token, &nightly("https://example.com/{{ run.id }}")).await;
    assert_eq!(
        (&one["enabled"], &one["overlap"], &one["catch_up"], &one["priority"]),
        (&json!(true), &json!("skip"), &json!("last"), &json!("normal"))
    );
    assert_eq!((&one["trigger"], &one["when"]), (&json!({ "cron": "30 2 * * *", "timezone": "Europe/Berlin" }), &json!("At 02:30")));
    assert_eq!(
        (one["next_runs"].as_array().unwrap().len(), &one["timeout_ms"], &one["retry"]["max_attempts"]),
        (10, &json!(30_000), &json!(3))
    );
    assert!(!one.to_string().contains("hunter2"), "{one}");

    let changed = world.rest("PATCH", &path, &token, r#"{"name":"Hourly","trigger":{"every_seconds":3600},"enabled":false}"#).await.json();
    assert_eq!(
        (&changed["name"], &changed["trigger"]["every_seconds"], &changed["standing"]),
        (&json!("Hourly"), &json!(3_600), &json!("paused"))
    );
    assert_eq!(changed["request"], one["request"]);
    let same = world.rest("PATCH", &path, &token, &changed.to_string()).await;
    assert_eq!(same.status.as_u16(), 200, "an answer can be sent back: {same:?}");
    let wrong =
        r#"{"trigger":{"cron":"61 * * * *"},"request":{"url":"https://example.com/{{ nobody }}"},"nobody":1,"retry":{"max_attempts":0}}"#;
    assert_eq!(named(&world.rest("PATCH", &path, &token, wrong).await), ["nobody", "request.url", "retry.max_attempts", "trigger.cron"]);
    assert_eq!(named(&world.rest("POST", SCHEDULES, &token, "{}").await), ["request.url", "trigger.every_seconds"]);

    let page = world.rest("GET", &format!("{SCHEDULES}?tag=reports&standing=paused"), &token, "").await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    assert_eq!(named(&world.rest("GET", &format!("{SCHEDULES}?standing=great"), &token, "").await), ["standing"]);
    let resumed = world.rest("POST", &format!("{path}/resume"), &token, "").await.json();
    assert_eq!(resumed["enabled"], true);
    let paused = world.rest("POST", &format!("{path}/pause"), &token, r#"{"note":"Moving","until":"2099-01-01 00:00"}"#).await.json();
    assert_eq!((&paused["pause"]["note"], &paused["pause"]["until"]), (&json!("Moving"), &json!("2099-01-01T00:00:00.000Z")));

    let ahead = world.rest("GET", &format!("{path}/preview?count=3&after=2026-11-25T00:10:00Z"), &token, "").await.json();
    let times: Vec<_> = ahead["next_runs"].as_array().unwrap().iter().map(|next| next["at"].as_str().unwrap()).collect();
    assert_eq!(times, ["2026-11-25T01:00:00.000Z", "2026-11-25T02:00:00.000Z", "2026-11-25T03:00:00.000Z"]);
    let draft = json!({ "trigger": { "cron": "30 2 * * *", "timezone": "Europe/Berlin" } });
    let seen =
        world.rest("POST", &format!("{SCHEDULES}/preview?count=1&after=2026-03-29T00:00:00Z"), &token, &draft.to_string()).await.json();
    assert_eq!(seen["next_runs"][0]["at"], "2026-03-29T01:00:00.000Z");
    assert!(seen["next_runs"][0]["note"].as_str().unwrap().contains("goes forward"), "{seen}");

    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("GET", &path, &token, "").await.status.as_u16(), 404);
    let (read, token) = World::with_token(Scope::Read).await;
    assert_eq!(read.rest("POST", SCHEDULES, &token, &nightly("https://example.com/").to_string()).await.status.as_u16(), 403);
}

#[tokio::test]
async fn many_are_taken_over_stopped_and_deleted_at_once() {
    let (world, token) = World::with_token(Scope::Write).await;
    let post = |path: &str, body: Value| {
        let (world, token, path) = (&world, &token, format!("{SCHEDULES}/{path}"));
        async move { world.rest("POST", &path, token, &body.to_string()).await }
    };
    let text =
        "# Nightly\n0 2 * * * curl -fsS https://example.com/a\n5 * * * * rm -rf /tmp/x\n*/10 * * * * wget -q https://example.com/b\n";
    let looked = post("import", json!({ "text": text, "timezone": "Europe/Riga", "dry_run": true })).await.json();
    assert_eq!((&looked["added"], looked["lines"].as_array().unwrap().len()), (&json!(0), 3));
    assert_eq!((&looked["lines"][0]["name"], &looked["lines"][0]["error"]), (&json!("Nightly"), &Value::Null));
    assert!(looked["lines"][1]["error"].is_string(), "{looked}");
    assert_eq!(post("import", json!({ "text": text })).await.json()["added"], 2);
    let all = world.rest("GET", SCHEDULES, &token, "").await.json();
    let ids: Vec<&str> = all["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(all["items"][0]["standing"], "new");
    assert_eq!(post("command", json!({ "command": "pause", "ids": ids, "note": "Moving" })).await.json()["count"], 2);
    let summary = world.rest("GET", "/api/v1/summary", &token, "").await.json();
    assert_eq!((&summary["webhooks"]["all"], &summary["webhooks"]["standings"]["paused"]), (&json!(2), &json!(2)));
    assert_eq!(named(&post("command", json!({ "command": "fly", "ids": ids })).await), ["command"]);
    assert_eq!(named(&post("command", json!({ "command": "run", "ids": [] })).await), ["ids"]);
    assert_eq!(named(&post("command", json!({ "command": "run", "ids": ["x"] })).await), ["ids"]);
    assert_eq!(post("command", json!({ "command": "delete", "ids": ids })).await.json()["count"], 2);
}

#[tokio::test]
async fn secrets_are_written_and_told_by_name_alone() {
    let (world, token) = World::with_token(Scope::Write).await;
    let put = world.rest("PUT", "/api/v1/secrets/API_KEY", &token, r#"{"value":"hunter2"}"#).await;
    assert_eq!(put.status.as_u16(), 204, "{put:?}");
    let listed = world.rest("GET", "/api/v1/secrets", &token, "").await.json();
    assert!(listed["items"][0]["name"] == "API_KEY" && !listed.to_string().contains("hunter2"), "{listed}");
    let mut body = nightly("https://example.com/");
    body["request"]["body"] = json!("{{ secret.API_KEY }} {{ secret.OTHER }}");
    assert_eq!(named(&world.rest("POST", SCHEDULES, &token, &body.to_string()).await), ["request.body"]);
    body["request"]["body"] = json!("{{ secret.API_KEY }}");
    body["request"]["sign"] = json!(true);
    let (path, _) = made(&world, &token, &body).await;
    let told = world.rest("GET", &format!("{path}/secret"), &token, "").await.json()["signing_secret"].clone();
    let new = world.rest("POST", &format!("{path}/secret"), &token, "").await.json()["signing_secret"].clone();
    assert!(told != new && new.as_str().unwrap().starts_with("whsec_"));
    assert_eq!(named(&world.rest("PUT", "/api/v1/secrets/API_KEY", &token, r#"{"value":""}"#).await), ["value"]);
    assert_eq!(world.rest("DELETE", "/api/v1/secrets/API_KEY", &token, "").await.status.as_u16(), 409, "a webhook names it");
    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("DELETE", "/api/v1/secrets/API_KEY", &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("DELETE", "/api/v1/secrets/API_KEY", &token, "").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_draft_is_tried_and_its_runs_are_bounded() {
    let (world, token) = World::with_token(Scope::Write).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let tried =
        world.rest("POST", &format!("{SCHEDULES}/test"), &token, &nightly(&format!("http://127.0.0.1:{closed}/")).to_string()).await;
    assert_eq!((tried.status.as_u16(), &tried.json()["outcome"]), (200, &json!("failed")), "{tried:?}");
    assert!(world.rest("GET", SCHEDULES, &token, "").await.json()["items"].as_array().unwrap().is_empty(), "nothing is kept");
    assert_eq!(named(&world.rest("POST", &format!("{SCHEDULES}/test"), &token, "{}").await), ["request.url", "trigger.every_seconds"]);
    let draft = json!({ "trigger": { "every_seconds": 60 }, "max_runs": 3 });
    let seen = world.rest("POST", &format!("{SCHEDULES}/preview"), &token, &draft.to_string()).await.json();
    assert_eq!(seen["next_runs"].as_array().unwrap().len(), 3, "{seen}");
    let once = json!({ "trigger": { "at": "2027-03-28T02:30:00", "timezone": "Europe/Berlin" } });
    let seen = world.rest("POST", &format!("{SCHEDULES}/preview"), &token, &once.to_string()).await.json();
    assert_eq!(seen["next_runs"][0]["at"], "2027-03-28T01:00:00.000Z");
    assert!(seen["next_runs"][0]["note"].as_str().unwrap().contains("right after the gap"), "{seen}");
}

#[tokio::test]
async fn runs_are_made_read_sent_again_and_cancelled() {
    let (world, token) = World::with_token(Scope::Write).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut body = nightly(&format!("http://127.0.0.1:{closed}/in"));
    body["retry"] = json!({ "max_attempts": 1 });
    let (path, _) = made(&world, &token, &body).await;
    let answer = world.rest("POST", &format!("{path}/run"), &token, "").await;
    assert_eq!(answer.status.as_u16(), 202, "{answer:?}");
    let run = format!("/api/v1/occurrences/{}", answer.json()["id"].as_str().unwrap());
    let ended = |wanted: u64| {
        let (world, token, run) = (&world, &token, &run);
        async move {
            let reached = async {
                loop {
                    let json = world.rest("GET", run, token, "").await.json();
                    if json["state"] == "failed" && json["attempts"] == wanted {
                        return json;
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap()
        }
    };
    let first = ended(1).await;
    assert_eq!((&first["origin"], first["tries"].as_array().unwrap().len()), (&json!("manual"), 1));
    let attempt = &first["tries"][0];
    assert_eq!((&attempt["outcome"], &attempt["request"]["method"]), (&json!("failed"), &json!("POST")));
    assert!(!first.to_string().contains("hunter2") && !first["note"].as_str().unwrap().is_empty(), "{first}");
    assert_eq!(world.rest("POST", &format!("{run}/redeliver"), &token, "").await.status.as_u16(), 202);
    ended(2).await;
    assert_eq!(world.rest("POST", &format!("{run}/cancel"), &token, "").await.json()["state"], "failed", "what has ended stays so");
    let id = run.rsplit('/').next().unwrap();
    let dead = world.rest("GET", "/api/v1/dead-letters", &token, "").await.json();
    assert_eq!(dead["items"][0]["id"], id, "{dead}");
    let again = world.rest("POST", "/api/v1/occurrences/redeliver", &token, &json!({ "ids": [id] }).to_string()).await;
    assert_eq!((again.status.as_u16(), &again.json()["count"]), (202, &json!(1)), "{again:?}");
    ended(3).await;
    let span = json!({ "from": "2020-01-01 00:00", "to": "2099-01-01 00:00" });
    let again = world.rest("POST", &format!("{path}/redeliver"), &token, &span.to_string()).await;
    assert_eq!((again.status.as_u16(), &again.json()["count"]), (202, &json!(1)), "{again:?}");
    ended(4).await;
    let figures = world.rest("GET", &format!("{path}/statistics"), &token, "").await.json();
    assert_eq!((&figures["failed"], figures["days"].as_array().unwrap().len()), (&json!(1), 1), "{figures}");
    let list = world.rest("GET", &format!("{path}/occurrences?state=failed"), &token, "").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let tried = world.rest("POST", &format!("{path}/test"), &token, r#"{"timeout_ms":500}"#).await.json();
    assert_eq!((&tried["outcome"], &tried["n"]), (&json!("failed"), &json!(1)));
    let past = r#"{"from":"2026-01-01 00:00","to":"2026-01-05 00:00","limit":2,"dry_run":true}"#;
    let filled = world.rest("POST", &format!("{path}/backfill"), &token, past).await.json();
    assert_eq!((filled["times"].as_array().unwrap().len(), &filled["more"]), (2, &json!(true)));
    assert_eq!(world.rest("GET", "/api/v1/occurrences/occ_nonsense", &token, "").await.status.as_u16(), 404);
}

#[test]
fn cron_is_told_on_the_command_line() {
    let run = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_loopr")).args(["cron", "next"]).args(arguments).output().unwrap();
    let told = run(&["30 2 * * *", "--timezone", "Europe/Berlin", "--after", "2026-03-28T12:00:00Z", "--count", "2"]);
    assert_eq!(String::from_utf8(told.stdout).unwrap(), "2026-03-29T03:00:00+02:00\n2026-03-30T02:30:00+02:00\n");
    let refused = run(&["60 * * * *"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("Minute, at character 1"));
}
