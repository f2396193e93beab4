//! Mail against a real conversation: encryption, sign-in, refusals, and what a letter looks like.

use engine::mail::MailConfig;

use super::smtp::{Encryption, Rules, Server, decoded};
use super::*;

fn mail() -> ChannelSpec {
    spec(ChannelKind::Email, &[("recipients", "ops@example.com, ann@example.com")])
}

async fn sent(server: &Server, url: &str, trust: bool, content: &Content) -> Attempt {
    let config = MailConfig::parse(&url.replace("PORT", &server.port.to_string()), "Loopr <loopr@example.com>").unwrap();
    let authorities = if trust { vec![server.authority.clone()] } else { Vec::new() };
    let mailer = Mailer::trusting(&config, &authorities).unwrap();
    sender(Some(mailer), None).send(&mail(), content, &context()).await
}

const PLAIN: &str = "smtp://localhost:PORT";
const STARTTLS: &str = "smtp://ann:hunter2-hunter2@localhost:PORT?tls=required";
const TLS: &str = "smtps://ann:hunter2-hunter2@localhost:PORT";

#[tokio::test]
async fn letters_are_handed_over_however_the_connection_is_encrypted() {
    for (encryption, url, signs_in) in
        [(Encryption::None, PLAIN, false), (Encryption::StartTls, STARTTLS, true), (Encryption::Tls, TLS, true)]
    {
        let server = Server::start(Rules::of(encryption)).await;
        let attempt = sent(&server, url, true, &sample(Event::Down)).await;
        assert!(attempt.is_delivered(), "{encryption:?}: {attempt:?}");
        assert_eq!(attempt.target, format!("ops@example.com, ann@example.com over localhost:{}", server.port));
        assert_eq!((attempt.status, attempt.answer.as_str()), (Some(250), "250 2.0.0 Queued as 7F"));
        let commands = server.commands.lock().unwrap().clone();
        assert_eq!(commands.iter().any(|line| line.starts_with("AUTH")), signs_in, "{commands:?}");
        assert!(commands.iter().any(|line| line.starts_with("RCPT TO:<ann@example.com>")), "{commands:?}");
        assert_eq!(server.letters.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn no_letter_goes_where_encryption_fails() {
    for (encryption, url) in [(Encryption::Tls, TLS), (Encryption::StartTls, STARTTLS), (Encryption::None, STARTTLS)] {
        let server = Server::start(Rules::of(encryption)).await;
        let attempt = sent(&server, url, false, &sample(Event::Down)).await;
        assert!(!attempt.is_delivered(), "{encryption:?}");
        assert!(attempt.error().unwrap_or_default().contains("LOOPR_SMTP_URL"), "{attempt:?}");
        assert!(server.letters.lock().unwrap().is_empty());
        assert!(!server.commands.lock().unwrap().iter().any(|line| line.starts_with("AUTH")));
        assert!(!format!("{attempt:?}").contains("hunter2"), "{attempt:?}");
    }
}

#[tokio::test]
async fn refusals_say_whether_another_try_may_help() {
    for (rules, words, code, expected) in [
        (
            Rules { recipient: "451 4.7.1 Greylisted, try later", ..Rules::of(Encryption::Tls) },
            "does not take the mail now",
            451,
            Again::Later,
        ),
        (Rules { recipient: "550 5.1.1 No such user", ..Rules::of(Encryption::Tls) }, "refused the mail: 550", 550, Again::Hardly),
        (Rules { login: "535 5.7.8 Bad credentials", ..Rules::of(Encryption::Tls) }, "refused the name and password", 535, Again::Hardly),
    ] {
        let server = Server::start(rules).await;
        let attempt = sent(&server, TLS, true, &sample(Event::Down)).await;
        assert!(attempt.error().unwrap_or_default().contains(words), "{attempt:?}");
        assert_eq!((attempt.status, again(&attempt)), (Some(code), Some(expected)), "{attempt:?}");
        assert!(!format!("{attempt:?}").contains("hunter2"), "{attempt:?}");
    }
    let gone = Server { port: 1, ..Server::start(Rules::of(Encryption::None)).await };
    let attempt = sent(&gone, PLAIN, true, &sample(Event::Down)).await;
    assert_eq!((attempt.status, again(&attempt)), (None, Some(Again::Later)), "{attempt:?}");
    let without = sender(None, None).send(&mail(), &sample(Event::Down), &context()).await;
    assert!(without.error().unwrap_or_default().contains("no mail server"), "{without:?}");
}

#[tokio::test]
async fn a_letter_about_an_incident_can_be_read_everywhere() {
    let server = Server::start(Rules::of(Encryption::None)).await;
    assert!(sent(&server, PLAIN, true, &sample(Event::Down)).await.is_delivered());
    let letter = server.letters.lock().unwrap()[0].clone();
    let message = context().message;
    for line in [
        "Subject: Checkout API is down",
        "From: Loopr <loopr@example.com>",
        &format!("Message-ID: <{message}@example.com>"),
        "References: <inc_1.thread@example.com>",
        "In-Reply-To: <inc_1.thread@example.com>",
        "Auto-Submitted: auto-generated",
        "Content-Type: multipart/alternative;",
    ] {
        assert!(letter.lines().any(|other| other.starts_with(line)), "{line} in {letter}");
    }
    assert!(letter.contains("List-Id: Acme <spc_") && letter.contains("Date: Mon, 21 Sep 2026 14:13:20 +0000"), "{letter}");
    let text = decoded(&letter);
    for words in [
        "Acknowledge: https://loopr.example.com/ack/secret",
        "href=\"https://loopr.example.com/incidents/inc_1\">Open in Loopr</a>",
        "href=\"https://loopr.example.com/ack/secret\">Acknowledge</a>",
        "api.acme.example answered 503",
        "2026-11-22 16:08:32 EET",
        "prefers-color-scheme: dark",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[tokio::test]
async fn names_add_nothing_to_a_letter() {
    let server = Server::start(Rules::of(Encryption::None)).await;
    let mut content = hostile();
    for notice in &mut content.notices {
        notice.space_name = "Acme\r\nBcc: x@evil.example\r\n\r\n<b>".into();
    }
    assert!(sent(&server, PLAIN, true, &content).await.is_delivered());
    let letter = server.letters.lock().unwrap()[0].clone();
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
    let recipients: Vec<String> = server.commands.lock().unwrap().iter().filter(|line| line.starts_with("RCPT")).cloned().collect();
    assert_eq!(recipients.len(), 2, "{recipients:?}");
    let html = decoded(body.split("text/html").nth(1).unwrap());
    assert!(!html.contains("<b>A") && !html.contains("<script") && html.contains("&#60;b&#62;A"), "{html}");
    let mailer =
        Mailer::new(&MailConfig::parse(&PLAIN.replace("PORT", &server.port.to_string()), "Loopr <loopr@example.com>").unwrap()).unwrap();
    let own = ChannelSpec { body: "<i>{{ name }}</i>\nhas {{ event }}".into(), ..mail() };
    assert!(sender(Some(mailer), None).send(&own, &content, &context()).await.is_delivered());
    let letter = decoded(&server.letters.lock().unwrap()[1]);
    assert!(letter.contains("<i>&lt;b&gt;A&lt;/b&gt;") && letter.contains("</i><br>has down"), "{letter}");
}
