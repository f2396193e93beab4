//! Pages and forms: who sees what, what is refused and what is kept, with and without scripts.

use crate::world::{EMAIL, PASSWORD, World};

/// The nonce of a page's policy.
fn nonce(policy: &str) -> &str {
    policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap_or_else(|| panic!("{policy}"))
}

#[tokio::test]
async fn a_page_has_a_policy_of_its_own() {
    let world = World::new().await;
    let (first, second) = (world.get("/sign-in", &[]).await, world.get("/sign-in", &[]).await);
    assert_eq!(first.status.as_u16(), 200, "{first:?}");
    let policy = first.header("content-security-policy");
    assert!(policy.contains("'strict-dynamic'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains(" 'unsafe-eval'"), "{policy}");
    assert!(first.body.contains(&format!("nonce=\"{}\"", nonce(policy))), "scripts carry the nonce");
    assert_ne!(nonce(policy), nonce(second.header("content-security-policy")));
    assert_eq!(first.header("cache-control"), "no-store");
    assert!(first.body.contains(&format!("/assets/{}/pkg/loopr.js", world.build)));
    let inline: Vec<_> = first.body.split("<script").skip(1).filter(|script| !script.contains("nonce=")).collect();
    assert!(inline.is_empty() && !first.body.contains(" style=\""), "{inline:?}");
}

#[tokio::test]
async fn an_unknown_address_has_a_page_too() {
    let world = World::new().await;
    let answer = world.get("/no/such/page", &[]).await;
    assert_eq!(answer.status.as_u16(), 404);
    assert!(answer.body.contains("<html") && answer.header("content-security-policy").contains("nonce"), "{answer:?}");
    assert_eq!(world.send("POST", "/no/such/page", &[], "").await.status.as_u16(), 405);
}

#[tokio::test]
async fn a_page_that_leads_elsewhere_says_so_to_everybody() {
    let world = World::new().await;
    for accept in ["text/html", "*/*"] {
        let answer = world.get("/", &[("accept", accept)]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (302, "/setup"), "{accept}");
    }
}

#[tokio::test]
async fn the_first_account_is_made_by_a_plain_form() {
    let world = World::new().await;
    let typed = [("name", "Ada"), ("email", EMAIL), ("password", PASSWORD)];
    let answer = world.form("/fn/set_up", &typed, "/setup", "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"), "{answer:?}");
    let set = answer.header("set-cookie");
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && !set.contains("Secure"), "{set}");
    let cookie = format!("loopr_session={}", answer.cookie("loopr_session").unwrap());
    let page = world.get("/", &[("cookie", &cookie)]).await;
    assert!(page.status.is_success() && page.body.contains("Ada"), "{}", page.status);
}

#[tokio::test]
async fn a_public_https_address_makes_cookies_secure() {
    let world = World::with(&[("LOOPR_PUBLIC_URL", "https://loopr.example")]).await;
    let code = world.engine.setup_code().unwrap();
    let body = format!("name=Ada&email=ada%40example.com&password=correct+horse+battery&code={code}");
    let headers = |origin| {
        [("accept", "text/html"), ("content-type", "application/x-www-form-urlencoded"), ("origin", origin), ("host", "loopr.example")]
    };
    let own = world.send("POST", "/fn/set_up", &headers("https://loopr.example"), body.clone()).await;
    assert!(own.status.as_u16() == 303 && own.header("set-cookie").contains("; Secure"), "{own:?}");
    assert_eq!(world.get("/sign-in", &[]).await.header("strict-transport-security"), "max-age=31536000");
    let other = world.send("POST", "/fn/set_up", &headers("http://loopr.example"), body).await;
    assert_eq!(other.status.as_u16(), 403);
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_for_whoever_typed_it() {
    let (world, _) = World::with_session(&[]).await;
    let typed = [("email", EMAIL), ("password", "not the password"), ("next", "/monitors/new")];
    let answer = world.form("/fn/sign_in", &typed, "/sign-in?next=%2Fmonitors%2Fnew&form=old", "").await;
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let back = answer.header("location");
    assert!(back.starts_with("/sign-in?next=%2Fmonitors%2Fnew&form=") && !back.contains("old"), "{back}");
    let visitor = format!("loopr_form={}", answer.cookie("loopr_form").unwrap());
    let page = world.get(back, &[("cookie", &visitor)]).await;
    assert!(page.body.contains(EMAIL), "the address is kept");
    assert!(!page.body.contains("not the password"), "the password is not");
    let stranger = world.get(back, &[("cookie", "loopr_form=guess")]).await;
    assert!(!stranger.body.contains(EMAIL), "the address of the page alone opens nothing");
}

#[tokio::test]
async fn an_owner_keeps_less_history_and_sees_what_it_takes() {
    let (world, cookie) = World::with_session(&[("LOOPR_RAW_DAYS", "90")]).await;
    let page = world.get("/settings/space", &[("cookie", &cookie)]).await;
    assert!(page.body.contains("At most 90") && page.body.contains("Takes about"), "{}", page.status);
    let form = |days: &'static str| [("raw_days", days), ("hour_days", ""), ("day_days", "")];
    let answer = world.form("/fn/set_retention", &form("14"), "/settings/space", &cookie).await;
    assert_eq!(answer.status.as_u16(), 303, "{answer:?}");
    let page = world.get("/settings/space", &[("cookie", &cookie)]).await;
    assert!(page.body.contains("value=\"14\""), "what was chosen is in the form");
    let refused = world.form("/fn/set_retention", &form("91"), "/settings/space", &cookie).await;
    let visitor = format!("{cookie}; loopr_form={}", refused.cookie("loopr_form").unwrap());
    let page = world.get(refused.header("location"), &[("cookie", &visitor)]).await;
    assert!(page.body.contains("Choose 1 to 90 days"), "{}", page.status);
}

#[tokio::test]
async fn scripts_get_json() {
    let (world, _) = World::with_session(&[]).await;
    let origin = world.origin();
    let headers = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
    let answer = world.send("POST", "/fn/sign_in", &headers, format!("email={EMAIL}&password=wrong").replace('@', "%40")).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    assert!(answer.json()["code"].is_string() && answer.json()["message"].is_string(), "{answer:?}");
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let (world, cookie) = World::with_session(&[]).await;
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", origin), ("cookie", cookie.as_str())];
        let answer = world.send("POST", "/fn/create_monitor", &headers, "url=example.com").await;
        assert_eq!(answer.status.as_u16(), 403, "{origin}");
    }
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", cookie.as_str())];
    assert_eq!(world.send("POST", "/fn/create_monitor", &headers, "url=example.com").await.status.as_u16(), 403, "without Origin");
}

#[tokio::test]
async fn forms_lead_nowhere_else() {
    let (world, _) = World::with_session(&[]).await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example"] {
        let typed = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
        let answer = world.form("/fn/sign_in", &typed, "/sign-in", "").await;
        assert!(answer.status.as_u16() == 303 && !answer.header("location").contains("evil"), "{next}: {}", answer.header("location"));
    }
}

#[tokio::test]
async fn a_monitor_is_made_without_scripts() {
    let (world, cookie) = World::with_session(&[]).await;
    let refused = world.form("/fn/create_monitor", &[("url", "ftp://x"), ("name", "Kept name")], "/monitors/new", &cookie).await;
    let visitor = refused.cookie("loopr_form").unwrap();
    let page = world.get(refused.header("location"), &[("cookie", &format!("{cookie}; loopr_form={visitor}"))]).await;
    assert!(page.body.contains("Kept name") && page.body.contains("ftp"), "typed values and the message are there");
    let made = world.form("/fn/create_monitor", &[("url", "http://127.0.0.1:9/"), ("name", "Mine")], "/monitors/new", &cookie).await;
    assert!(made.header("location").starts_with("/monitors/mon_"), "{made:?}");
    let shown = world.get(made.header("location"), &[("cookie", &cookie)]).await;
    assert!(shown.status.is_success() && shown.body.contains("Mine"), "{}", shown.status);
}

#[tokio::test]
async fn a_link_to_a_monitor_opens_its_space() {
    let (world, cookie) = World::with_session(&[]).await;
    let made = world.form("/fn/create_monitor", &[("url", "http://127.0.0.1:9/"), ("name", "Shared")], "/monitors/new", &cookie).await;
    let link = made.header("location").to_owned();
    world.form("/fn/create_space", &[("name", "Second")], "/settings/space", &cookie).await;
    let signed_in = [("cookie", cookie.as_str())];
    assert!(!world.get("/", &signed_in).await.body.contains("Shared"), "another space is open");
    let page = world.get(&link, &signed_in).await;
    assert!(page.status.is_success() && page.body.contains("Shared"), "{}", page.status);
    assert!(world.get("/", &signed_in).await.body.contains("Shared"), "and stays open");
}

#[tokio::test]
async fn an_address_that_may_never_be_checked_is_refused_beside_its_field() {
    let (world, cookie) = World::with_session(&[]).await;
    let refused =
        world.form("/fn/create_monitor", &[("url", "http://169.254.169.254/"), ("headers", "X-Key: s3cret")], "/monitors/new", &cookie);
    let refused = refused.await;
    let visitor = refused.header("set-cookie").split(';').next().and_then(|pair| pair.split_once('=')).map(|(_, v)| v.to_owned()).unwrap();
    let page = world.get(refused.header("location"), &[("cookie", &format!("{cookie}; loopr_form={visitor}"))]).await;
    assert!(page.body.contains("network policy refuses") && page.body.contains("Type this again"), "{}", page.body);
    assert!(!page.body.contains("s3cret"));
}
