//! Static files, health, metrics, and the headers of everything.

use crate::world::World;

#[tokio::test]
async fn files_with_the_build_in_their_address_are_for_ever() {
    let world = World::new().await;
    let path = format!("/assets/{}/pkg/loopr.wasm", world.build);
    let answer = world.get(&path, &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "wasm"));
    assert_eq!(answer.header("content-type"), "application/wasm");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    let packed = world.get(&path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((packed.body.as_str(), packed.header("content-encoding"), packed.header("vary")), ("brotli", "br", "accept-encoding"));
    for gone in ["/assets/0000000000000000/pkg/loopr.wasm", &format!("/assets/{}/pkg/other.js", world.build), "/pkg/loopr.wasm"] {
        let answer = world.get(gone, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (404, "no-store"), "{gone}");
    }
}

#[tokio::test]
async fn files_of_the_root_are_checked_every_time() {
    let world = World::new().await;
    let answer = world.get("/sw.js", &[]).await;
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-cache", "text/javascript; charset=utf-8"));
    assert!(answer.header("content-security-policy").contains("connect-src 'self'"), "the worker fetches under this policy");
    let tag = answer.header("etag");
    assert_eq!(world.get("/sw.js", &[("if-none-match", tag)]).await.status.as_u16(), 304);
    assert_eq!(world.get("/icons/192.png", &[]).await.header("content-type"), "image/png");
}

#[tokio::test]
async fn everything_leaves_with_its_headers() {
    let world = World::new().await;
    for path in ["/", "/sign-in", "/no/such/page", "/healthz", "/api/openapi.json", "/sw.js", "/api/v1/monitors"] {
        let answer = world.get(path, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn health_is_for_everybody() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz", &[]).await.body, "ok\n");
    assert_eq!(world.get("/readyz", &[]).await.json()["ready"], true);
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_the_token() {
    let world = World::new().await;
    let answer = world.get("/metrics", &[]).await;
    assert_eq!(answer.status.as_u16(), 200);
    for line in ["loopr_checks_total 0", "loopr_monitors{state=\"up\"} 0", "# TYPE loopr_check_start_lag_seconds summary"] {
        assert!(answer.body.contains(line), "{line} in {}", answer.body);
    }
    assert_eq!(world.get("/metrics", &[("x-forwarded-for", "1.1.1.1")]).await.status.as_u16(), 401);
    assert_eq!(world.get("/metrics", &[("host", "rebound.example")]).await.status.as_u16(), 401);

    let world = World::with(&[("LOOPR_METRICS_TOKEN", "let me in")]).await;
    assert_eq!(world.get("/metrics", &[]).await.status.as_u16(), 401);
    assert_eq!(world.get("/metrics", &[("authorization", "Bearer let me in")]).await.status.as_u16(), 200);
}

#[tokio::test]
async fn bodies_are_bounded() {
    let (world, token) = World::with_token(domain::account::Scope::Write).await;
    let answer = world.rest("POST", "/api/v1/monitors", &token, &"x".repeat(300 * 1024)).await;
    assert_eq!(answer.status.as_u16(), 413);
    assert_eq!(answer.json()["detail"], "That is more than fits into a request: 256 KiB at most.");
    // Server functions read bodies by themselves.
    let form = format!("email=a&password={}", "x".repeat(300 * 1024));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let answer = world.send("POST", "/fn/sign_in", &headers, form).await;
    assert_eq!(answer.status.as_u16(), 413);
    // A crontab may be larger.
    let crontab = "0 2 * * * curl https://example.com/\n".repeat(9_000);
    let body = serde_json::json!({ "text": crontab, "dry_run": true }).to_string();
    let answer = world.rest("POST", "/api/v1/schedules/import", &token, &body).await;
    assert_eq!((answer.status.as_u16(), answer.json()["lines"].as_array().map(Vec::len)), (200, Some(9_000)));
}
