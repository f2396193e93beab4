//! The REST interface: tokens, monitors, history, errors, pages, repeated requests.

use domain::account::Scope;
use serde_json::Value;

use crate::world::{Answer, PASSWORD, World};

const MONITORS: &str = "/api/v1/monitors";

fn problem(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status.as_u16());
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    problem
}

/// The fields that a problem names.
fn named(answer: &Answer) -> Vec<String> {
    problem(answer)["errors"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap().to_owned()).collect()
}

async fn create(world: &World, token: &str, body: &str) -> Value {
    let answer = world.rest("POST", MONITORS, token, body).await;
    assert_eq!(answer.status.as_u16(), 201, "{answer:?}");
    assert_eq!(answer.header("location"), format!("{MONITORS}/{}", answer.json()["id"].as_str().unwrap()));
    answer.json()
}

#[tokio::test]
async fn only_tokens_open_it() {
    let (world, cookie) = World::with_session(&[]).await;
    for headers in
        [vec![], vec![("cookie", cookie.as_str())], vec![("authorization", "Bearer nonsense")], vec![("authorization", "Basic x")]]
    {
        let answer = world.get(MONITORS, &headers).await;
        assert_eq!((answer.status.as_u16(), problem(&answer)["code"].as_str()), (401, Some("unauthenticated")), "{headers:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
}

#[tokio::test]
async fn a_reading_token_reads() {
    let (world, token) = World::with_token(Scope::Read).await;
    assert_eq!(world.rest("GET", MONITORS, &token, "").await.status.as_u16(), 200);
    let answer = world.rest("POST", MONITORS, &token, r#"{"url":"http://127.0.0.1:9/"}"#).await;
    assert_eq!((answer.status.as_u16(), problem(&answer)["code"].as_str()), (403, Some("forbidden")));
}

#[tokio::test]
async fn a_monitor_lives_and_dies() {
    let (world, token) = World::with_token(Scope::Write).await;
    let made = create(&world, &token, r#"{"url":"127.0.0.1:9/x","headers":{"X-Key":"secret"},"tags":["B","a"]}"#).await;
    let path = format!("{MONITORS}/{}", made["id"].as_str().unwrap());
    assert_eq!((made["kind"].as_str(), made["url"].as_str()), (Some("http"), Some("https://127.0.0.1:9/x")));
    assert_eq!((made["interval_seconds"].as_u64(), made["timeout_ms"].as_u64()), (Some(60), Some(10_000)));
    assert_eq!((&made["accepted_status"][0], &made["tags"][0], &made["enabled"]), (&"200-299".into(), &"a".into(), &true.into()));
    assert!(!made.to_string().contains("secret"));

    let changed = world.rest("PATCH", &path, &token, r#"{"name":"Renamed","interval_seconds":30,"tags":null}"#).await.json();
    assert_eq!((changed["name"].as_str(), changed["interval_seconds"].as_u64()), (Some("Renamed"), Some(30)));
    assert_eq!((changed["tags"].as_array().unwrap().len(), &changed["headers"]), (0, &made["headers"]), "what was left out stays");
    let same = world.rest("PATCH", &path, &token, &changed.to_string()).await;
    assert_eq!(same.status.as_u16(), 200, "an answer can be sent back: {same:?}");

    assert_eq!(world.rest("POST", &format!("{path}/pause"), &token, "").await.json()["state"], "paused");
    assert_eq!(world.rest("GET", &path, &token, "").await.json()["enabled"], false);
    assert_eq!(world.rest("POST", &format!("{path}/resume"), &token, "").await.json()["enabled"], true);
    assert_eq!(world.rest("POST", &format!("{path}/check"), &token, "").await.status.as_u16(), 202);

    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    for method in ["GET", "DELETE"] {
        let answer = world.rest(method, &path, &token, "").await;
        assert_eq!((answer.status.as_u16(), problem(&answer)["code"].as_str()), (404, Some("not_found")));
    }
}

#[tokio::test]
async fn another_space_does_not_exist() {
    let (world, token) = World::with_token(Scope::Write).await;
    let made = create(&world, &token, r#"{"url":"http://127.0.0.1:9/"}"#).await;
    world.engine.accounts().create_by_operator("bob@example.com", PASSWORD, "Bob", false).await.unwrap();
    let other = world.engine.tokens().create_by_operator("bob@example.com", None, Scope::Write, "t").await.unwrap().secret;
    let path = format!("{MONITORS}/{}", made["id"].as_str().unwrap());
    for (method, path) in [
        ("GET", path.clone()),
        ("PATCH", path.clone()),
        ("DELETE", path.clone()),
        ("POST", format!("{path}/pause")),
        ("POST", format!("{path}/check")),
        ("GET", format!("{path}/results")),
        ("GET", format!("{path}/uptime")),
    ] {
        assert_eq!(world.rest(method, &path, &other, "{}").await.status.as_u16(), 404, "{method} {path}");
    }
    assert_eq!(world.rest("GET", MONITORS, &other, "").await.json()["items"].as_array().unwrap().len(), 0);
    assert_eq!(world.rest("GET", &path, &token, "").await.status.as_u16(), 200);
}

#[tokio::test]
async fn mistakes_are_named_by_their_field() {
    let (world, token) = World::with_token(Scope::Write).await;
    for (body, field) in [
        (r"{}", "url"),
        (r#"{"url":"ftp://x"}"#, "url"),
        (r#"{"url":"x.example","interval_seconds":0}"#, "interval_seconds"),
        (r#"{"url":"x.example","timeout_ms":1}"#, "timeout_ms"),
        (r#"{"url":"x.example","accepted_status":["2xx"]}"#, "accepted_status"),
        (r#"{"url":"x.example","colour":"red"}"#, "colour"),
    ] {
        let answer = world.rest("POST", MONITORS, &token, body).await;
        assert_eq!(answer.status.as_u16(), 422, "{body}: {answer:?}");
        assert_eq!(problem(&answer)["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(world.rest("POST", MONITORS, &token, "{").await.status.as_u16(), 422);
    assert_eq!(world.rest("GET", "/api/v1/nothing", &token, "").await.status.as_u16(), 404);
    let put = world.rest("PUT", MONITORS, &token, "").await;
    assert_eq!((problem(&put)["status"].as_u64(), problem(&put)["code"].as_str()), (Some(405), Some("method_not_allowed")));
    let mut allowed: Vec<&str> = put.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    let body = r#"{"url":"ftp://x","interval_seconds":0,"depends_on":["Nobody"],"tags":7,"colour":"red"}"#;
    let mut all: Vec<String> = named(&world.rest("POST", MONITORS, &token, body).await);
    all.sort_unstable();
    assert_eq!(all, ["colour", "depends_on", "interval_seconds", "tags", "url"], "what cannot be read, what is wrong and who is unknown");
    for (path, parameter) in [("?bogus=1", "bogus"), ("?limit=1&limit=2", "limit"), ("/mon_x?from=now", "from")] {
        let answer = world.rest("GET", &format!("{MONITORS}{path}"), &token, "").await;
        assert_eq!((answer.status.as_u16(), problem(&answer)["code"].as_str()), (400, Some("invalid")), "{answer:?}");
        assert_eq!(named(&answer), [parameter]);
    }
    assert_eq!(world.rest("GET", &format!("{MONITORS}?limit=5"), &token, "").await.status.as_u16(), 200);
}

#[tokio::test]
async fn lists_are_paged() {
    let (world, token) = World::with_token(Scope::Write).await;
    let mut made = Vec::new();
    for n in 0..5 {
        made.push(create(&world, &token, &format!(r#"{{"url":"http://127.0.0.1:9/{n}"}}"#)).await["id"].clone());
    }
    let (mut seen, mut path) = (Vec::new(), format!("{MONITORS}?limit=2"));
    loop {
        let page = world.rest("GET", &path, &token, "").await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{MONITORS}?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, made);
    for wrong in ["limit=0", "limit=1001", "cursor=!"] {
        assert_eq!(world.rest("GET", &format!("{MONITORS}?{wrong}"), &token, "").await.status.as_u16(), 422, "{wrong}");
    }
}

#[tokio::test]
async fn a_repeated_request_is_answered_again_and_done_once() {
    let (world, token) = World::with_token(Scope::Write).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "first")];
    let body = r#"{"url":"http://127.0.0.1:9/"}"#;
    let first = world.send("POST", MONITORS, &headers, body).await;
    let again = world.send("POST", MONITORS, &headers, body).await;
    assert_eq!((again.status, again.json(), again.header("location")), (first.status, first.json(), first.header("location")));
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
    let other = world.send("POST", MONITORS, &headers, r#"{"url":"http://127.0.0.1:9/other"}"#).await;
    assert_eq!(other.status.as_u16(), 422);
    assert_eq!(world.rest("GET", MONITORS, &token, "").await.json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn history_and_figures() {
    let (world, token) = World::with_token(Scope::Write).await;
    // Nobody listens on the discard port: the first check fails, and that is a result.
    let made = create(&world, &token, r#"{"url":"http://127.0.0.1:9/"}"#).await;
    let path = format!("{MONITORS}/{}", made["id"].as_str().unwrap());
    let mut results = Value::Null;
    for _ in 0..200 {
        results = world.rest("GET", &format!("{path}/results"), &token, "").await.json();
        if !results["items"].as_array().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let result = &results["items"][0];
    assert_eq!((&result["success"], &result["error"]["reason"]), (&false.into(), &"refused".into()), "{results}");
    let uptime = world.rest("GET", &format!("{path}/uptime?from=2020-01-01T00:00:00Z"), &token, "").await;
    assert!(uptime.status.is_success() && uptime.json()["from"].is_string(), "{uptime:?}");
    assert_eq!(world.rest("GET", &format!("{path}/uptime?from=yesterday"), &token, "").await.status.as_u16(), 422);
    assert_eq!(world.rest("GET", "/api/v1/summary", &token, "").await.json()["monitors"], 1);
}

#[tokio::test]
async fn changes_of_state_are_told_with_both_of_their_instants() {
    let (world, token) = World::with_token(Scope::Write).await;
    let body = r#"{"url":"http://127.0.0.1:9/","interval_seconds":1,"retry_interval_ms":500}"#;
    let path = format!("{MONITORS}/{}", create(&world, &token, body).await["id"].as_str().unwrap());
    let mut told = Value::Null;
    for _ in 0..200 {
        told = world.rest("GET", &format!("{path}/transitions?limit=1"), &token, "").await.json();
        if told["items"][0]["to"] == "down" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let down = &told["items"][0];
    assert_eq!((&down["from"], &down["to"], &down["reason"]), (&"unknown".into(), &"down".into(), &"refused".into()), "{told}");
    assert!(down["at"].as_str() < down["decided_at"].as_str(), "{told}");
    let shown = world.rest("GET", &path, &token, "").await.json();
    assert_eq!((&shown["state_since"], &shown["state_confirmed_at"]), (&down["at"], &down["decided_at"]));
    assert_eq!(shown["flapping"], false);
}

#[tokio::test]
async fn what_a_monitor_depends_on_is_named_and_told_by_id() {
    let (world, token) = World::with_token(Scope::Write).await;
    let router = create(&world, &token, r#"{"url":"http://127.0.0.1:9/","name":"Router"}"#).await;
    let server = create(&world, &token, r#"{"url":"http://127.0.0.1:9/x","name":"Server","depends_on":["router"]}"#).await;
    assert_eq!(server["depends_on"], serde_json::json!([router["id"]]));
    let path = |monitor: &Value| format!("{MONITORS}/{}", monitor["id"].as_str().unwrap());
    let same = world.rest("PATCH", &path(&server), &token, &server.to_string()).await;
    assert_eq!((same.status.as_u16(), &same.json()["depends_on"]), (200, &server["depends_on"]));
    let circle = world.rest("PATCH", &path(&router), &token, r#"{"depends_on":["Server"]}"#).await;
    assert_eq!((circle.status.as_u16(), problem(&circle)["errors"][0]["field"].as_str()), (422, Some("depends_on")));
    assert_eq!(world.rest("PATCH", &path(&server), &token, r#"{"depends_on":null}"#).await.json()["depends_on"], serde_json::json!([]));
}

const MAINTENANCE: &str = "/api/v1/maintenance";

#[tokio::test]
async fn a_maintenance_window_lives_and_dies() {
    let (world, token) = World::with_token(Scope::Write).await;
    let monitor = create(&world, &token, r#"{"url":"http://127.0.0.1:9/","tags":["db"]}"#).await;
    let monitor = format!("{MONITORS}/{}", monitor["id"].as_str().unwrap());
    let body = r#"{"repeat":"weekly","days":["sat","sun"],"time":"02:00","duration_minutes":90,"timezone":"Europe/Berlin","covers":"tags","tags":["db"]}"#;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "window")];
    let made = world.send("POST", MAINTENANCE, &headers, body).await;
    assert_eq!((made.status.as_u16(), made.header("location").starts_with(MAINTENANCE)), (201, true), "{made:?}");
    assert_eq!(world.send("POST", MAINTENANCE, &headers, body).await.json(), made.json(), "a repeated request plans nothing twice");
    let made = made.json();
    assert_eq!((&made["name"], &made["days"]), (&"Every Saturday and Sunday at 02:00".into(), &serde_json::json!(["sat", "sun"])));
    assert_eq!((&made["state"], &made["enabled"], &made["duration_minutes"]), (&"next".into(), &true.into(), &90.into()));
    let path = format!("{MAINTENANCE}/{}", made["id"].as_str().unwrap());

    let same = world.rest("PATCH", &path, &token, &made.to_string()).await;
    assert_eq!(same.status.as_u16(), 200, "an answer can be sent back: {same:?}");
    let changed = world.rest("PATCH", &path, &token, r#"{"repeat":"daily","note":"both nodes"}"#).await.json();
    assert_eq!((&changed["repeat"], &changed["time"], &changed["note"]), (&"daily".into(), &"02:00".into(), &"both nodes".into()));

    assert_eq!(world.rest("POST", &format!("{path}/start"), &token, "").await.json()["state"], "open");
    assert_eq!(world.rest("GET", &monitor, &token, "").await.json()["state"], "maintenance");
    assert_eq!(world.rest("POST", &format!("{path}/start"), &token, "").await.status.as_u16(), 409);
    assert_eq!(world.rest("POST", &format!("{path}/end"), &token, "").await.json()["state"], "next");
    assert_ne!(world.rest("GET", &monitor, &token, "").await.json()["state"], "maintenance");
    assert_eq!(world.rest("GET", MAINTENANCE, &token, "").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.rest("DELETE", &path, &token, "").await.status.as_u16(), 204);
    assert_eq!(world.rest("GET", &path, &token, "").await.status.as_u16(), 404);
}

#[tokio::test]
async fn mistakes_in_a_window_are_named_and_other_spaces_do_not_exist() {
    let (world, token) = World::with_token(Scope::Write).await;
    for (body, field) in [
        (r"{}", "start"),
        (r#"{"repeat":"daily","time":"02:00"}"#, "duration_minutes"),
        (r#"{"repeat":"daily","time":"02:00","duration_minutes":1500}"#, "duration_minutes"),
        (r#"{"repeat":"daily","time":"02:00","duration_minutes":60,"timezone":"Mars"}"#, "timezone"),
        (r#"{"repeat":"daily","time":"02:00","duration_minutes":60,"covers":"chosen","monitors":["mon_x"]}"#, "monitors"),
        (r#"{"start":"2001-01-01T02:00","duration_minutes":60}"#, "start"),
        (r#"{"colour":"red"}"#, "colour"),
    ] {
        let answer = world.rest("POST", MAINTENANCE, &token, body).await;
        assert_eq!((answer.status.as_u16(), problem(&answer)["errors"][0]["field"].as_str()), (422, Some(field)), "{body}: {answer:?}");
    }
    let made = world.rest("POST", MAINTENANCE, &token, r#"{"repeat":"daily","time":"02:00","duration_minutes":60}"#).await.json();
    let path = format!("{MAINTENANCE}/{}", made["id"].as_str().unwrap());
    world.engine.accounts().create_by_operator("bob@example.com", PASSWORD, "Bob", false).await.unwrap();
    let other = world.engine.tokens().create_by_operator("bob@example.com", None, Scope::Write, "t").await.unwrap().secret;
    for (method, path) in [("GET", path.clone()), ("PATCH", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/start"))] {
        assert_eq!(world.rest(method, &path, &other, "{}").await.status.as_u16(), 404, "{method} {path}");
    }
    assert_eq!(world.rest("GET", MAINTENANCE, &other, "").await.json()["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn it_describes_itself() {
    let world = World::new().await;
    let document = world.get("/api/openapi.json", &[]).await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let page = world.get("/api/docs", &[]).await;
    assert!(page.status.is_success() && page.body.contains("/api/v1/monitors/{id}"));
    assert!(page.header("content-security-policy").contains("style-src 'sha256-"), "{page:?}");
}

#[tokio::test]
async fn history_is_taken_elsewhere_line_by_line() {
    let (world, token) = World::with_token(Scope::Write).await;
    let made = create(&world, &token, r#"{"url":"http://127.0.0.1:9/","interval_seconds":1}"#).await;
    let path = format!("{MONITORS}/{}", made["id"].as_str().unwrap());
    let results = async || world.rest("GET", &format!("{path}/results?limit=1000"), &token, "").await.json()["items"].clone();
    let waited = async {
        while results().await.as_array().unwrap().len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waited).await.unwrap();
    world.rest("POST", &format!("{path}/pause"), &token, "").await;
    let expected: Vec<Value> = results().await.as_array().unwrap().iter().rev().map(|item| item["at"].clone()).collect();

    let ndjson = world.rest("GET", &format!("{path}/export?format=ndjson"), &token, "").await;
    assert_eq!((ndjson.status.as_u16(), ndjson.header("content-type")), (200, "application/x-ndjson"));
    assert!(ndjson.header("content-disposition").ends_with(".ndjson\""));
    let lines: Vec<Value> = ndjson.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let times: Vec<Value> = lines.iter().map(|line| line["at"].clone()).collect();
    assert!(expected.iter().all(|at| times.contains(at)) && times.is_sorted_by_key(|at| at.as_str().unwrap().to_owned()));
    assert_eq!((lines[0]["outcome"].as_str(), lines[0]["reason"].as_str()), (Some("failure"), Some("refused")));

    let csv = world.rest("GET", &format!("{path}/export"), &token, "").await;
    assert!(csv.header("content-type").starts_with("text/csv") && csv.body.starts_with("at,outcome,duration_us,"));
    assert_eq!(csv.body.lines().count(), lines.len() + 1);
    let none = format!("{path}/export?format=csv&from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
    assert_eq!(world.rest("GET", &none, &token, "").await.body.lines().count(), 1, "names and nothing else");
    for wrong in ["format=xml", "from=yesterday"] {
        let answer = world.rest("GET", &format!("{path}/export?{wrong}"), &token, "").await;
        assert_eq!((answer.status.as_u16(), problem(&answer)["code"].as_str()), (422, Some("invalid")), "{wrong}");
    }
    let latency = world.rest("GET", &format!("{path}/latency"), &token, "").await.json();
    assert_eq!(
        (latency["checks"].as_u64(), latency["failures"].as_u64()),
        (u64::try_from(lines.len()).ok(), u64::try_from(lines.len()).ok())
    );
    assert!(latency["p95_ms"].is_null());
    let (other, _) = World::with_token(Scope::Read).await;
    assert_eq!(other.rest("GET", &format!("{path}/export"), "nonsense", "").await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_browser_downloads_with_its_cookie() {
    let (world, cookie) = World::with_session(&[]).await;
    let form = [("url", "http://127.0.0.1:9/"), ("interval", "60"), ("name", "Nine")];
    let made = world.form("/fn/create_monitor", &form, "/monitors/new", &cookie).await;
    let monitor = made.header("location").split('?').next().unwrap().to_owned();
    assert!(monitor.starts_with("/monitors/mon_"), "{made:?}");
    let page = world.get(&monitor, &[("cookie", &cookie)]).await;
    assert!(page.body.contains(&format!("{monitor}/export?format=csv")), "the page links to it");
    let file = world.get(&format!("{monitor}/export?format=csv"), &[("cookie", &cookie)]).await;
    assert_eq!((file.status.as_u16(), file.header("cache-control")), (200, "no-store"));
    assert!(file.body.starts_with("at,outcome"));
    assert_eq!(world.get(&format!("{monitor}/export?format=csv"), &[]).await.status.as_u16(), 401);
}
