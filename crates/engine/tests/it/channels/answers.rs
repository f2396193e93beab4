//! What providers answer is understood, in their own words where they have some.

use std::time::Duration;

use super::providers::{over_http, settings};
use super::*;

#[tokio::test]
async fn the_same_answers_mean_the_same_everywhere() {
    let sender = sender(None, None);
    for kind in over_http() {
        let busy = if kind == ChannelKind::Pushover { Again::Hardly } else { Again::After(Duration::from_secs(7)) };
        for (status, headers, expected) in [
            (429, "Retry-After: 7\r\n", busy),
            (503, "", Again::Later),
            (503, "Retry-After: 9\r\n", Again::After(Duration::from_secs(9))),
            (400, "", Again::Hardly),
            (302, "Location: http://127.0.0.1:1/\r\n", Again::Hardly),
        ] {
            let (base, requests) = answering(status, headers, "{}").await;
            let attempt = sender.send(&settings(kind, &base), &sample(Event::Down), &context()).await;
            assert_eq!((again(&attempt), attempt.status), (Some(expected), Some(status)), "{kind:?} {status}: {attempt:?}");
            assert_eq!(requests.lock().unwrap().len(), 1, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn providers_are_understood_in_their_own_words() {
    let sender = sender(None, None);
    for (kind, status, body, words, expected) in [
        (ChannelKind::Slack, 200, r#"{"ok":false,"error":"channel_not_found"}"#, "channel_not_found", Again::Hardly),
        (ChannelKind::Slack, 200, r#"{"ok":false,"error":"ratelimited"}"#, "takes no more", Again::Later),
        (ChannelKind::Slack, 404, "no_service", "no_service", Again::Hardly),
        (
            ChannelKind::Discord,
            429,
            r#"{"message":"You are being rate limited.","retry_after":0.65,"global":false}"#,
            "rate limited",
            Again::After(Duration::from_millis(650)),
        ),
        (
            ChannelKind::Telegram,
            429,
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5","parameters":{"retry_after":5}}"#,
            "Too Many Requests",
            Again::After(Duration::from_secs(5)),
        ),
        (
            ChannelKind::Telegram,
            400,
            r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
            "chat not found. Check the chat",
            Again::Hardly,
        ),
        (
            ChannelKind::Telegram,
            400,
            r#"{"ok":false,"description":"upgraded","parameters":{"migrate_to_chat_id":-1001}}"#,
            "save -1001",
            Again::Hardly,
        ),
        (
            ChannelKind::Matrix,
            429,
            r#"{"errcode":"M_LIMIT_EXCEEDED","error":"Too many requests","retry_after_ms":2000}"#,
            "Too many requests",
            Again::After(Duration::from_secs(2)),
        ),
        (ChannelKind::Matrix, 403, r#"{"errcode":"M_FORBIDDEN","error":"User not in room"}"#, "Invite the account", Again::Hardly),
        (
            ChannelKind::Pushover,
            400,
            r#"{"user":"invalid","errors":["user identifier is invalid"],"status":0,"request":"r"}"#,
            "user identifier is invalid",
            Again::Hardly,
        ),
        (
            ChannelKind::Pagerduty,
            400,
            r#"{"status":"invalid event","message":"Event object is invalid","errors":["Length of 'routing_key' is incorrect"]}"#,
            "Length of 'routing_key' is incorrect",
            Again::Hardly,
        ),
        (ChannelKind::Opsgenie, 422, r#"{"message":"Request body is not processable","took":0.1}"#, "not processable", Again::Hardly),
        (
            ChannelKind::Twilio,
            400,
            r#"{"code":21211,"message":"The 'To' number is not a valid phone number.","status":400}"#,
            "not a valid phone number",
            Again::Hardly,
        ),
        (
            ChannelKind::GoogleChat,
            400,
            r#"{"error":{"code":400,"message":"Invalid JSON payload received.","status":"INVALID_ARGUMENT"}}"#,
            "Invalid JSON payload",
            Again::Hardly,
        ),
        (
            ChannelKind::Zulip,
            429,
            r#"{"code":"RATE_LIMIT_HIT","msg":"API usage exceeded rate limit","result":"error","retry-after":28.7}"#,
            "exceeded rate limit",
            Again::After(Duration::from_millis(28_700)),
        ),
        (ChannelKind::Ntfy, 403, r#"{"code":40301,"http":403,"error":"forbidden"}"#, "forbidden", Again::Hardly),
        (ChannelKind::Mattermost, 404, r#"{"id":"x","message":"Unable to find the webhook."}"#, "Unable to find", Again::Hardly),
        (ChannelKind::Teams, 410, "", "answered 410", Again::Never),
    ] {
        let (base, _) = answering(status, "", body).await;
        let attempt = sender.send(&settings(kind, &base), &sample(Event::Down), &context()).await;
        let error = attempt.error().unwrap_or_default();
        assert!(error.contains(words), "{kind:?}: {error}");
        assert_eq!((again(&attempt), attempt.answer.as_str()), (Some(expected), body), "{kind:?}");
    }
}

#[tokio::test]
async fn a_test_says_what_the_provider_says() {
    let (base, requests) = answering(403, "", "action_prohibited 0123456789abcdef").await;
    let attempt = sender(None, None).test(&settings(ChannelKind::Slack, &base), Event::Down, &context()).await;
    assert!(attempt.error().unwrap().contains("action_prohibited"), "{attempt:?}");
    assert!(!format!("{attempt:?}").contains("0123456789abcdef"), "{attempt:?}");
    assert!(only(&requests).2.contains("This is a test of the channel"));
    let (base, requests) = answering(202, "", "{}").await;
    assert!(sender(None, None).test(&settings(ChannelKind::Pagerduty, &base), Event::Down, &context()).await.is_delivered());
    let asked = requests.lock().unwrap().clone();
    assert_eq!(asked.iter().map(|request| request.contains("\"resolve\"")).collect::<Vec<_>>(), [false, true]);
    let key = format!("\"dedup_key\":\"test-{}\"", context().message);
    assert!(asked.iter().all(|request| request.contains(&key)), "{asked:?}");
}
