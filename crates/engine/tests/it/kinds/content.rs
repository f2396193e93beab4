//! What an HTTP answer has to be, and how it is asked for: assertions, sign-ins, redirects, limits.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::probe::server::{always, ok, redirect, send, serve};

async fn http(url: &str, fields: &[(&str, &str)]) -> Observation {
    observe(Kind::Http, &[&[("url", url)], fields].concat()).await
}

#[tokio::test]
async fn assertions_show_what_was_there_instead() {
    let body = r#"{"status":"degraded","queue":[1,2,3]}"#;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let (address, _) = always(answer).await;
    let url = format!("http://{address}/x");
    let all =
        format!("body contains queue\nbody not matches (?i)error\nheader content-type contains json\njson $.queue[1] == 2\nurl == {url}");
    fine(&http(&url, &[("assertions", &all)]).await);
    for (line, instead) in [
        ("body contains ok", "it is “{\"status\""),
        ("header content-type == text/html", "it is “application/json”"),
        ("header x-cache exists", "it is missing"),
        ("json $.status == \"up\"", "it is \"degraded\""),
        ("json $.queue[*] < 3", "it is “3”"),
        ("url matches ^https:", "it is “http://"),
    ] {
        let seen = http(&url, &[("assertions", line)]).await;
        let (reason, message) = failed(&seen);
        assert!(reason == Reason::Content && message.contains(line) && message.contains(instead), "{message}");
        assert!(seen.excerpt.is_some_and(|text| text.starts_with("{\"status\"")), "{line}");
    }
}

#[tokio::test]
async fn json_that_is_none_or_too_long() {
    let (address, _) = always(ok("<html>")).await;
    let seen = http(&format!("http://{address}/"), &[("assertions", "json $.a exists")]).await;
    assert!(failed(&seen).1.contains("not JSON"));
    let (address, _) = always(ok(&format!("[{}1]", "1,".repeat(2_000)))).await;
    let seen = http(&format!("http://{address}/"), &[("assertions", "json $[0] == 1"), ("response_cap_kib", "1")]).await;
    assert!(failed(&seen).1.contains("longer than what is read"));
    fine(&http(&format!("http://{address}/"), &[("assertions", "json $[0] == 1"), ("response_cap_kib", "10")]).await);
}

#[tokio::test]
async fn an_excerpt_is_kept_of_failures_only() {
    let (address, _) = always("HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nsorry").await;
    let seen = http(&format!("http://{address}/"), &[]).await;
    assert_eq!((failed(&seen).0, seen.excerpt.as_deref()), (Reason::Status, Some("sorry")));
    let accepted = http(&format!("http://{address}/"), &[("accepted_status", "503")]).await;
    assert_eq!((accepted.failure, accepted.excerpt), (None, None));
}

#[tokio::test]
async fn redirects_as_many_as_wanted() {
    let (address, requests) = serve(|request, stream| async move {
        let next = if request.starts_with("GET /2 ") {
            ok("here")
        } else {
            redirect(302, if request.starts_with("GET /1 ") { "/2" } else { "/1" })
        };
        send(stream, next).await;
    })
    .await;
    let url = format!("http://{address}/");
    fine(&http(&url, &[("redirects", "2"), ("assertions", "url contains /2")]).await);
    assert!(failed(&http(&url, &[("redirects", "1")]).await).1.contains("more than 1 times"));
    let before = requests.lock().unwrap().len();
    fine(&http(&url, &[("redirects", "0"), ("accepted_status", "302")]).await);
    assert_eq!(requests.lock().unwrap().len(), before + 1, "a redirect is the answer");
}

#[tokio::test]
async fn sign_ins_and_bodies_as_they_are_sent() {
    let (address, requests) = always(ok("")).await;
    let url = format!("http://{address}/");
    let last = || requests.lock().unwrap().last().cloned().unwrap().to_lowercase();
    fine(&http(&url, &[("auth", "basic"), ("username", "ann"), ("password", "p:w")]).await);
    assert!(requests.lock().unwrap().concat().contains("Basic YW5uOnA6dw=="));
    fine(&http(&url, &[("auth", "bearer"), ("token", "t0k"), ("cookies", "a=1; b=2")]).await);
    assert!(last().contains("authorization: bearer t0k\r\n") && last().contains("cookie: a=1; b=2\r\n"), "{}", last());
    fine(&http(&url, &[("method", "post"), ("body_type", "form"), ("body", "a=1 2\nb=é")]).await);
    assert!(last().starts_with("post / ") && last().ends_with("a=1+2&b=%c3%a9"), "{}", last());
    assert!(last().contains("content-type: application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn tokens_are_kept_and_asked_for_again_when_refused() {
    let (tokens, refused) = (std::sync::Arc::new(AtomicUsize::new(0)), std::sync::Arc::new(AtomicUsize::new(0)));
    let given = tokens.clone();
    let (endpoint, asked) = serve(move |_, stream| {
        let n = given.fetch_add(1, Ordering::SeqCst);
        let body = format!(r#"{{"access_token":"t{n}","token_type":"Bearer","expires_in":3600}}"#);
        async move { send(stream, ok(&body)).await }
    })
    .await;
    let no = refused.clone();
    let (address, requests) = serve(move |request, stream| {
        let answer = if request.contains("Bearer t0") && no.load(Ordering::SeqCst) > 0 {
            "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n".to_owned()
        } else {
            ok("in")
        };
        async move { send(stream, answer).await }
    })
    .await;
    let (url, token_url) = (format!("http://{address}/"), format!("http://{endpoint}/token"));
    let fields = [
        ("url", url.as_str()),
        ("auth", "oauth2"),
        ("username", "client"),
        ("password", "s3cret"),
        ("token_url", token_url.as_str()),
        ("scope", "read all"),
    ];
    let ready = Ready::new(Kind::Http, &fields);
    fine(&ready.check().await);
    fine(&ready.check().await);
    assert_eq!(tokens.load(Ordering::SeqCst), 1, "one token for two checks");
    let question = asked.lock().unwrap()[0].clone();
    assert!(
        question.ends_with("grant_type=client_credentials&scope=read+all") && question.contains("Basic Y2xpZW50OnMzY3JldA=="),
        "{question}"
    );
    refused.store(1, Ordering::SeqCst);
    assert_eq!(failed(&ready.check().await).0, Reason::Status, "a refused token is a failure");
    fine(&ready.check().await);
    assert_eq!(tokens.load(Ordering::SeqCst), 2, "and the next check asks for another one");
    assert!(requests.lock().unwrap().last().unwrap().contains("Bearer t1"));
}

#[tokio::test]
async fn a_token_that_is_not_given_out() {
    let (endpoint, _) = always("HTTP/1.1 400 Bad\r\nContent-Length: 26\r\n\r\n{\"error\":\"invalid_client\"}").await;
    let token_url = format!("http://{endpoint}/");
    let fields = [("auth", "oauth2"), ("username", "c"), ("password", "s"), ("token_url", token_url.as_str())];
    let seen = http("http://127.0.0.1:9/", &fields).await;
    assert!(matches!(failed(&seen), (Reason::Auth, message) if message.contains("invalid_client")), "{seen:?}");
}

#[tokio::test]
async fn late_answers_are_degraded_or_down() {
    let (address, _) = serve(|_, stream| async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        send(stream, ok("")).await;
    })
    .await;
    let url = format!("http://{address}/");
    let degraded = http(&url, &[("degraded_above_ms", "20 ms"), ("down_above_ms", "25 s")]).await;
    assert_eq!((degraded.failure.is_none(), degraded.warning.map(|w| w.reason)), (true, Some(Reason::Slow)));
    assert_eq!(failed(&http(&url, &[("down_above_ms", "20 ms")]).await).0, Reason::Slow);
}
