//! Each kind asks what its provider documents.

use std::time::Duration;

use domain::kind::Values;
use domain::signing::{SigningSecret, verify};
use serde_json::json;

use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const TOKEN: &str = "tok-0123456789abcdef";

/// The settings of a kind that lead to a server of ours.
pub fn settings(kind: ChannelKind, base: &str) -> ChannelSpec {
    let hook = format!("{base}/hook/T0/0123456789abcdef?key=0123456789");
    let fields: Vec<(&str, &str)> = match kind {
        ChannelKind::Webhook => vec![("url", &hook), ("signing_secret", SECRET), ("headers", "X-Key: 0123456789abcdef")],
        ChannelKind::Slack | ChannelKind::Discord | ChannelKind::Teams | ChannelKind::Mattermost | ChannelKind::GoogleChat => {
            vec![("webhook_url", &hook)]
        }
        ChannelKind::Telegram => vec![("token", TOKEN), ("chat_id", "-100"), ("thread_id", "5"), ("base_url", base)],
        ChannelKind::Matrix => vec![("token", TOKEN), ("room", "!a/b:example.com"), ("base_url", base)],
        ChannelKind::Ntfy => vec![("topic", "loopr-x"), ("token", TOKEN), ("base_url", base)],
        ChannelKind::Gotify => vec![("token", TOKEN), ("base_url", base)],
        ChannelKind::Pushover => vec![("token", TOKEN), ("user_key", "user-0123456789"), ("base_url", base)],
        ChannelKind::Pagerduty => vec![("routing_key", TOKEN), ("base_url", base)],
        ChannelKind::Opsgenie => vec![("token", TOKEN), ("base_url", base)],
        ChannelKind::Twilio => {
            vec![("account_sid", "AC1"), ("token", TOKEN), ("sender", "MG1"), ("phone", "+37120000000"), ("base_url", base)]
        }
        ChannelKind::Zulip => vec![("bot", "bot@z.example"), ("token", TOKEN), ("room", "ops"), ("base_url", base)],
        ChannelKind::Email | ChannelKind::Push => unreachable!("tested elsewhere"),
    };
    spec(kind, &fields)
}

pub fn over_http() -> impl Iterator<Item = ChannelKind> {
    ChannelKind::ALL.into_iter().filter(|kind| !matches!(kind, ChannelKind::Email | ChannelKind::Push))
}

/// Sends once and answers what was asked.
async fn asked(kind: ChannelKind, content: &Content, context: &Context) -> (String, Vec<(String, String)>, String) {
    let (base, requests) = answering(200, "", "{}").await;
    let attempt = sender(None, None).send(&settings(kind, &base), content, context).await;
    assert!(attempt.is_delivered(), "{kind:?}: {attempt:?}");
    assert!(attempt.target.contains(&format!("{base}/")) && !attempt.target.contains("0123456789"), "{}", attempt.target);
    only(&requests)
}

async fn asked_json(kind: ChannelKind, first: &str) -> (Vec<(String, String)>, Value) {
    let (line, headers, body) = asked(kind, &sample(Event::Down), &context()).await;
    assert_eq!(line, format!("{first} HTTP/1.1"), "{kind:?}");
    assert_eq!(header(&headers, "content-type"), "application/json", "{kind:?}");
    assert_eq!(header(&headers, "user-agent"), "Loopr/test");
    (headers, document(&body))
}

const HOOK: &str = "POST /hook/T0/0123456789abcdef?key=0123456789";
const LINK: &str = "https://loopr.example.com/incidents/inc_1";

#[tokio::test]
async fn slack() {
    let (_, body) = asked_json(ChannelKind::Slack, HOOK).await;
    assert_eq!(body["text"], "Checkout API is down");
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["color"], "#d92d20");
    let section = attachment["blocks"][0]["text"]["text"].as_str().unwrap();
    assert!(section.starts_with("*Checkout API is down*\napi.acme.example answered 503"), "{section}");
    assert_eq!(attachment["blocks"][1]["elements"][0]["url"], LINK);
    let (base, requests) = answering(200, "", r#"{"ok":true}"#).await;
    let bot = spec(ChannelKind::Slack, &[("token", "xoxb-1"), ("room", "C1"), ("base_url", &base)]);
    assert!(sender(None, None).send(&bot, &sample(Event::Up), &context()).await.is_delivered());
    let (line, headers, body) = only(&requests);
    assert_eq!((line.as_str(), header(&headers, "authorization")), ("POST /api/chat.postMessage HTTP/1.1", "Bearer xoxb-1"));
    assert_eq!((&document(&body)["channel"], &document(&body)["attachments"][0]["color"]), (&json!("C1"), &json!("#179a5b")));
}

#[tokio::test]
async fn discord() {
    let (_, body) = asked_json(ChannelKind::Discord, &format!("{HOOK}&wait=true")).await;
    assert_eq!(body["allowed_mentions"], json!({"parse": []}));
    let embed = &body["embeds"][0];
    assert_eq!((&embed["title"], &embed["color"], &embed["url"]), (&json!("Checkout API is down"), &json!(0x00D9_2D20), &json!(LINK)));
    assert!(embed["description"].as_str().unwrap().ends_with("[Acknowledge](<https://loopr.example.com/ack/secret>)"));
}

#[tokio::test]
async fn teams() {
    let (_, body) = asked_json(ChannelKind::Teams, HOOK).await;
    let attachment = &body["attachments"][0];
    assert_eq!((&body["type"], &attachment["contentType"]), (&json!("message"), &json!("application/vnd.microsoft.card.adaptive")));
    let card = &attachment["content"];
    assert_eq!((&card["type"], &card["body"][0]["inlines"][0]["color"]), (&json!("AdaptiveCard"), &json!("attention")));
    assert_eq!(
        card["actions"][1],
        json!({"type": "Action.OpenUrl", "title": "Acknowledge", "url": "https://loopr.example.com/ack/secret"})
    );
}

#[tokio::test]
async fn telegram() {
    let (_, body) = asked_json(ChannelKind::Telegram, &format!("POST /bot{TOKEN}/sendMessage")).await;
    assert_eq!((&body["chat_id"], &body["message_thread_id"], &body["parse_mode"]), (&json!("-100"), &json!(5), &json!("HTML")));
    let text = body["text"].as_str().unwrap();
    assert!(text.starts_with("<b>Checkout API is down</b>\n") && text.contains(&format!("<a href=\"{LINK}\">")), "{text}");
}

#[tokio::test]
async fn mattermost() {
    let (_, body) = asked_json(ChannelKind::Mattermost, HOOK).await;
    let attachment = &body["attachments"][0];
    assert_eq!((&attachment["title"], &attachment["title_link"]), (&json!("Checkout API is down"), &json!(LINK)));
    assert_eq!((&attachment["fallback"], &body["channel"]), (&json!("Checkout API is down"), &Value::Null));
}

#[tokio::test]
async fn matrix() {
    let message = context().message;
    let path = format!("PUT /_matrix/client/v3/rooms/%21a%2Fb:example.com/send/m.room.message/{message}");
    let (headers, body) = asked_json(ChannelKind::Matrix, &path).await;
    assert_eq!(header(&headers, "authorization"), format!("Bearer {TOKEN}"));
    assert_eq!((&body["msgtype"], &body["format"]), (&json!("m.text"), &json!("org.matrix.custom.html")));
    assert!(body["formatted_body"].as_str().unwrap().starts_with("<strong>Checkout API is down</strong><br>"), "{body}");
    assert!(body["body"].as_str().unwrap().contains(LINK) && body["m.mentions"] == json!({}), "{body}");
}

#[tokio::test]
async fn ntfy() {
    let (headers, body) = asked_json(ChannelKind::Ntfy, "POST /").await;
    assert_eq!(header(&headers, "authorization"), format!("Bearer {TOKEN}"));
    assert_eq!((&body["topic"], &body["priority"], &body["click"]), (&json!("loopr-x"), &json!(5), &json!(LINK)));
    assert_eq!(body["actions"][0]["action"], "view");
}

#[tokio::test]
async fn gotify() {
    let (headers, body) = asked_json(ChannelKind::Gotify, "POST /message").await;
    assert_eq!((header(&headers, "x-gotify-key"), &body["priority"]), (TOKEN, &json!(8)));
    assert_eq!(body["extras"]["client::notification"]["click"]["url"], LINK);
}

#[tokio::test]
async fn pushover() {
    let (_, body) = asked_json(ChannelKind::Pushover, "POST /1/messages.json").await;
    assert_eq!((&body["token"], &body["user"], &body["priority"]), (&json!(TOKEN), &json!("user-0123456789"), &json!(1)));
    assert_eq!((&body["url_title"], &body["timestamp"]), (&json!("Acknowledge"), &json!(1_790_000_000)));
}

#[tokio::test]
async fn pagerduty_follows_the_incident() {
    let (_, body) = asked_json(ChannelKind::Pagerduty, "POST /v2/enqueue").await;
    assert_eq!((&body["event_action"], &body["dedup_key"], &body["routing_key"]), (&json!("trigger"), &json!("inc_1"), &json!(TOKEN)));
    assert_eq!((&body["payload"]["summary"], &body["payload"]["severity"]), (&json!("Checkout API is down"), &json!("critical")));
    assert_eq!(body["links"][0], json!({"href": LINK, "text": "Open in Loopr"}));
    let (_, _, body) = asked(ChannelKind::Pagerduty, &sample(Event::Up), &context()).await;
    assert_eq!(document(&body), json!({"routing_key": TOKEN, "event_action": "resolve", "dedup_key": "inc_1"}));
    let taken = Context { act: Some(domain::alert::channel::Act::Acknowledge), ..context() };
    let (_, _, body) = asked(ChannelKind::Pagerduty, &sample(Event::Down), &taken).await;
    assert_eq!(document(&body)["event_action"], "acknowledge");
}

#[tokio::test]
async fn opsgenie_follows_the_incident() {
    let (headers, body) = asked_json(ChannelKind::Opsgenie, "POST /v2/alerts").await;
    assert_eq!((header(&headers, "authorization"), &body["alias"]), (&*format!("GenieKey {TOKEN}"), &json!("inc_1")));
    assert_eq!((&body["message"], &body["priority"]), (&json!("Checkout API is down"), &json!("P1")));
    let (line, _, _) = asked(ChannelKind::Opsgenie, &sample(Event::Up), &context()).await;
    assert_eq!(line, "POST /v2/alerts/inc_1/close?identifierType=alias HTTP/1.1");
}

#[tokio::test]
async fn twilio() {
    let (line, headers, body) = asked(ChannelKind::Twilio, &sample(Event::Down), &context()).await;
    assert_eq!(line, "POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1");
    assert_eq!(header(&headers, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(header(&headers, "authorization"), "Basic QUMxOnRvay0wMTIzNDU2Nzg5YWJjZGVm");
    let fields: Values = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!((fields["To"].as_str(), fields["MessagingServiceSid"].as_str()), ("+37120000000", "MG1"));
    assert!(fields["Body"].starts_with("Checkout API is down\n") && fields["Body"].ends_with(LINK), "{fields:?}");
}

#[tokio::test]
async fn google_chat() {
    let (_, body) = asked_json(ChannelKind::GoogleChat, &format!("{HOOK}&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")).await;
    assert_eq!((&body["thread"]["threadKey"], &body["fallbackText"]), (&json!("inc_1"), &json!("Checkout API is down")));
    let widgets = &body["cardsV2"][0]["card"]["sections"][0]["widgets"];
    assert!(widgets[0]["textParagraph"]["text"].as_str().unwrap().starts_with("<b>Checkout API is down</b><br>"), "{widgets}");
    assert_eq!(widgets[1]["buttonList"]["buttons"][0]["onClick"]["openLink"]["url"], LINK);
}

#[tokio::test]
async fn zulip() {
    let (line, _, body) = asked(ChannelKind::Zulip, &sample(Event::Down), &context()).await;
    assert_eq!(line, "POST /api/v1/messages HTTP/1.1");
    let fields: Values = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!((fields["type"].as_str(), fields["to"].as_str(), fields["topic"].as_str()), ("stream", "ops", "Loopr"));
    assert!(fields["content"].starts_with("**Checkout API is down**\n"), "{fields:?}");
}

#[tokio::test]
async fn a_webhook_is_signed_over_what_arrives() {
    let (line, headers, body) = asked(ChannelKind::Webhook, &sample(Event::Down), &context()).await;
    assert_eq!(line, format!("{HOOK} HTTP/1.1"));
    assert_eq!(header(&headers, "x-key"), "0123456789abcdef");
    let (id, at, signature) =
        (header(&headers, "webhook-id"), header(&headers, "webhook-timestamp"), header(&headers, "webhook-signature"));
    assert_eq!((id, at), (&*context().message.to_string(), "1790000000"));
    let secret = SigningSecret::parse(SECRET).unwrap();
    assert!(verify(&secret, id, at, signature, body.as_bytes(), AT), "{signature}");
    let theirs = standardwebhooks::Webhook::new(SECRET).unwrap().sign(id, 1_790_000_000, body.as_bytes()).unwrap();
    assert_eq!(signature, theirs);
    let document = document(&body);
    assert_eq!((&document["type"], &document["timestamp"]), (&json!("monitor.down"), &json!("2026-09-21T14:13:20.000Z")));
    let event = &document["data"]["events"][0];
    assert_eq!((&event["type"], &event["subject"]["name"]), (&json!("monitor.down"), &json!("Checkout API")));
    assert_eq!((&event["at"], &event["cause"]), (&json!("2026-11-22T14:08:32.000Z"), &json!("status")));
    let mut two = sample(Event::Down);
    two.absorb(sample(Event::Up));
    let (_, _, body) = asked(ChannelKind::Webhook, &two, &context()).await;
    assert_eq!(super::document(&body)["type"], "alert.group");
}

#[tokio::test]
async fn a_secret_that_is_changed_signs_until_its_end() {
    let old = SigningSecret::from_bytes([9; 32]);
    for (now, signatures) in [(AT, 2), (AT.plus(Duration::from_secs(3_600)), 1)] {
        let (base, requests) = answering(200, "", "").await;
        let fields = [
            ("url", base.as_str()),
            ("signing_secret", SECRET),
            ("previous_secret", &old.reveal()),
            ("previous_until", "2026-09-21T15:00:00Z"),
        ];
        let attempt =
            sender(None, None).send(&spec(ChannelKind::Webhook, &fields), &sample(Event::Down), &Context { now, ..context() }).await;
        assert!(attempt.is_delivered(), "{attempt:?}");
        let (_, headers, body) = only(&requests);
        let signature = header(&headers, "webhook-signature");
        assert_eq!(signature.split(' ').count(), signatures);
        let (id, at) = (header(&headers, "webhook-id"), header(&headers, "webhook-timestamp"));
        assert_eq!(verify(&old, id, at, signature, body.as_bytes(), now), signatures == 2);
    }
}

#[tokio::test]
async fn foreign_text_is_inert_in_what_arrives() {
    for (kind, places) in [
        (ChannelKind::Slack, &["/text", "/attachments/0/blocks/0/text/text"][..]),
        (ChannelKind::Discord, &["/embeds/0/title", "/embeds/0/description"]),
        (ChannelKind::Mattermost, &["/attachments/0/title", "/attachments/0/text"]),
        (ChannelKind::Telegram, &["/text"]),
        (ChannelKind::Matrix, &["/formatted_body"]),
        (ChannelKind::GoogleChat, &["/cardsV2/0/card/sections/0/widgets/0/textParagraph/text"]),
        (ChannelKind::Zulip, &["content"]),
    ] {
        let (_, _, body) = asked(kind, &hostile(), &context()).await;
        for place in places {
            let text = match kind {
                ChannelKind::Zulip => url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == place).unwrap().1.into_owned(),
                _ => document(&body).pointer(place).unwrap().as_str().unwrap().to_owned(),
            };
            let live: &[&str] = match kind {
                ChannelKind::Slack => &["<b>", "<!channel>", "*B*", "`C`", "@everyone"],
                ChannelKind::Discord | ChannelKind::Mattermost => &[" *B* ", " `C` ", "[d](", "@everyone", " <script>"],
                ChannelKind::Zulip => &["*B*", "`C`", "](https://evil", "@everyone"],
                _ => &["<b>A", "<script", "<!channel>", "@everyone"],
            };
            assert!(live.iter().all(|live| !text.contains(live)) && !text.contains("\nBcc"), "{kind:?}: {text}");
            assert!(text.contains("evil.example") || text.contains("alert"), "{kind:?}: {text}");
        }
    }
}
