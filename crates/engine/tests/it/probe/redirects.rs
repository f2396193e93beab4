//! Redirects: followed by ourselves, each judged anew, secrets left behind.

use domain::check::Reason;
use engine::net::{Access, Dialer, Policy, Target};

use super::server::{always, ok, redirect, send, serve};
use super::{AT, PATIENCE, check, failed, get, header, prepared, trace};

#[tokio::test]
async fn a_chain_is_followed() {
    let (address, _) = serve(|request, stream| {
        let answer = match request.split(' ').nth(1) {
            Some("/1") => redirect(301, "/2"),
            Some("/2") => redirect(307, "?x=3"),
            Some("/2?x=3") => ok("there"),
            _ => redirect(302, "/1"),
        };
        send(stream, answer)
    })
    .await;
    let trace = trace(&get(format!("http://{address}/"))).await;
    assert!(trace.observation.is_success(), "{trace:?}");
    let statuses: Vec<_> = trace.hops.iter().filter_map(|hop| hop.status).collect();
    assert_eq!((statuses, trace.excerpt.as_str()), (vec![302, 301, 307, 200], "there"));
    assert_eq!(trace.hops.last().expect("hops").phases, trace.observation.phases);
}

#[tokio::test]
async fn a_loop_ends() {
    let (address, requests) = always(redirect(302, "/")).await;
    let seen = check(&get(format!("http://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Protocol);
    assert!(message.contains("more than 10 times"), "{message}");
    assert_eq!(requests.lock().expect("not poisoned").len(), 11);
}

#[tokio::test]
async fn an_accepted_redirect_is_an_answer() {
    let (address, requests) = always(redirect(301, "http://elsewhere.invalid/")).await;
    let mut settings = get(format!("http://{address}/"));
    settings.accepted_status = "301".parse().expect("valid");
    let seen = check(&settings).await;
    assert!(seen.is_success() && seen.status == Some(301), "{seen:?}");
    assert_eq!(requests.lock().expect("not poisoned").len(), 1);
}

#[tokio::test]
async fn secrets_stay_behind() {
    let (other, at_other) = always(ok("")).await;
    let (address, at_own) = serve(move |request, stream| {
        let next = if request.starts_with("POST / ") { "/again".to_owned() } else { format!("http://{other}/") };
        send(stream, redirect(302, &next))
    })
    .await;
    let mut settings = get(format!("http://{address}/"));
    settings.method = "POST".into();
    settings.body = Some("body secret".into());
    for (name, value) in [("Authorization", "secret"), ("Cookie", "secret"), ("X-Api-Key", "secret"), ("Accept", "text/html")] {
        settings.headers.push(header(name, value));
    }
    assert!(check(&settings).await.is_success());
    let own = at_own.lock().expect("not poisoned").clone();
    assert!(own.first().is_some_and(|request| request.ends_with("body secret")));
    assert!(own.last().is_some_and(|request| request.starts_with("GET /again ") && request.contains("cookie: secret")));
    let there = at_other.lock().expect("not poisoned").concat();
    assert!(there.starts_with("GET / ") && there.contains("accept: text/html"), "{there}");
    assert!(there.contains(&format!("host: {other}")) && !there.contains("secret"), "{there}");
}

#[tokio::test]
async fn every_hop_is_judged() {
    let (address, _) = always(redirect(302, "http://169.254.169.254/latest/meta-data/")).await;
    let seen = check(&get(format!("http://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Policy);
    assert!(message.starts_with("169.254.169.254 is refused"), "{message}");

    let (address, _) = always(redirect(302, "http://localhost:1/")).await;
    let policy = Policy { private: Access::Closed, allow: vec!["127.0.0.1".parse().expect("valid")], ..Policy::default() };
    let denying = Policy { deny: vec![Target::Name("localhost".into())], ..policy };
    let seen = prepared(&get(format!("http://{address}/"))).check(&Dialer::new(denying), PATIENCE, AT).await;
    assert_eq!(failed(&seen).0, Reason::Policy);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_a_failure() {
    for location in ["ftp://example.com/", "http://", "javascript:alert(1)"] {
        let (address, _) = always(redirect(302, location)).await;
        let seen = check(&get(format!("http://{address}/"))).await;
        let (reason, message) = failed(&seen);
        assert_eq!(reason, Reason::Protocol);
        assert!(message.contains(location), "{message}");
    }
    let (address, _) = always("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n").await;
    let seen = check(&get(format!("http://{address}/"))).await;
    assert_eq!((failed(&seen).0, seen.status), (Reason::Status, Some(302)));
}
