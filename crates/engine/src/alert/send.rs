//! One try to deliver one message: puts it into words, hands it over, and says what came of it.
//!
//! Invariants: everything but mail goes out through [`Web`], under the network policy; a try always ends, and always with an [`Attempt`];
//! no secret of a channel is in it. Called by the dispatcher of messages and by the button "Send a test".

use std::time::{Duration, Instant, SystemTime};

use domain::Timestamp;
use domain::alert::attempt::ANSWER_MAX;
use domain::alert::channel::{Act, Answer, Carrier, Outgoing, Told, default_judgement, recipients, shown_url};
use domain::alert::event::Severity;
use domain::alert::{Again, Attempt, ChannelSpec, Content, Event, Outcome};
use domain::http::Sent;
use domain::id::MessageId;
use domain::kind::Values;
use serde_json::json;
use url::Url;

use super::mail;
use super::push::{self, Vapid};
use super::redact::Secrets;
use super::render::{Place, Text, render, sample};
use crate::mail::{Letter, Mailer};
use crate::net::{Web, WebError, WebLimits, WebRequest};

/// What one try over HTTP may cost.
const LIMITS: WebLimits = WebLimits { timeout: Duration::from_secs(15), answer_bytes: ANSWER_MAX };

/// What is known of a message beside what it tells.
#[derive(Debug, Clone)]
pub struct Context {
    /// The message: the same for every try.
    pub message: MessageId,
    /// When this try is made.
    pub now: Timestamp,
    /// Under which address people reach this instance, where the operator has said so.
    pub public_url: Option<String>,
    /// Where a browser shows what is told.
    pub link: Option<String>,
    /// Where a browser acknowledges it.
    pub ack_link: Option<String>,
    /// The IANA zone in which instants are written.
    pub zone: String,
    /// The same for all messages about one incident.
    pub key: String,
    /// What a provider that keeps incidents is to do; none: what follows from the newest of what is told.
    pub act: Option<Act>,
}

/// Delivers messages. One for the whole instance.
pub struct Sender {
    web: Web,
    mailer: Option<Mailer>,
    vapid: Option<Vapid>,
}

/// A try, before it is known how long it took.
struct Tried {
    target: String,
    sent: Sent,
    status: Option<u16>,
    answer: String,
    outcome: Outcome,
}

impl Sender {
    /// Without a mailer, no mail is sent; without keys, no web push.
    pub fn new(web: Web, mailer: Option<Mailer>, vapid: Option<Vapid>) -> Self {
        Self { web, mailer, vapid }
    }

    /// The way to the mail server, where the operator has set one up.
    pub fn mailer(&self) -> Option<&Mailer> {
        self.mailer.as_ref()
    }

    /// The key that a browser needs to subscribe.
    pub fn push_key(&self) -> Option<String> {
        self.vapid.as_ref().map(Vapid::public_key)
    }

    /// Sends an invented message, with the text of a test, to see what the provider answers. It opens no incident that nobody ends:
    /// providers that keep incidents are told of its end as well.
    pub async fn test(&self, spec: &ChannelSpec, event: Event, context: &Context) -> Attempt {
        // A key of its own: a test must not end what is really the case.
        let context = &Context { key: format!("test-{}", context.message), act: None, ..context.clone() };
        let mut content = sample(event);
        for notice in &mut content.notices {
            if event == Event::Down {
                notice.subject.name = "Test monitor".into();
                notice.subject.target.clear();
            }
            notice.detail = format!("This is a test of the channel “{}”. Nothing is wrong.", spec.name);
            (notice.at, notice.decided_at) = (context.now, context.now);
        }
        let first = self.send(spec, &content, context).await;
        if !spec.kind.is_by_incident() || !first.is_delivered() {
            return first;
        }
        for notice in &mut content.notices {
            notice.event = Event::Up;
        }
        let last = self.send(spec, &content, &Context { act: Some(Act::Resolve), ..context.clone() }).await;
        if last.is_delivered() { first } else { last }
    }

    /// Makes one try.
    pub async fn send(&self, spec: &ChannelSpec, content: &Content, context: &Context) -> Attempt {
        let begun = Instant::now();
        let place = Place { zone: &context.zone, link: context.link.as_deref(), ack_link: context.ack_link.as_deref(), note: None };
        let text = render(spec.kind, &spec.title, &spec.body, content, &place);
        let told = told(&text, content, context);
        let secrets = Secrets::of(spec, context.ack_link.as_deref());
        let tried = match spec.kind.carrier() {
            Carrier::Http { request, judge } => self.over_http(request(&spec.settings.0, &told), judge, &secrets, context.now).await,
            Carrier::Mail => self.by_mail(spec, &told, &text, &secrets, context).await,
            Carrier::Push => self.by_push(&spec.settings.0, &told, &secrets, context).await,
        };
        let outcome = match tried.outcome {
            Outcome::Failed { error, again } => Outcome::Failed { error: secrets.hidden_in(error), again },
            delivered => delivered,
        };
        Attempt {
            at: context.now,
            duration_ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
            target: tried.target,
            sent: tried.sent,
            status: tried.status,
            answer: secrets.answer(tried.answer),
            outcome,
        }
    }

    async fn over_http(&self, outgoing: Outgoing, judge: fn(&Answer) -> Option<Outcome>, secrets: &Secrets, now: Timestamp) -> Tried {
        let (content_type, body) = outgoing.encoded();
        let own = outgoing.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
        let headers: Vec<(&str, &str)> = std::iter::once(("content-type", content_type)).chain(own).collect();
        let sent = secrets.sent(outgoing.method, shown_url(&outgoing.url), headers.iter().copied(), &body);
        let request = WebRequest::new(outgoing.method, outgoing.url.clone(), headers, body);
        self.ask(request, sent, &outgoing.url, judge, now).await
    }

    async fn ask(
        &self,
        request: Result<WebRequest, WebError>,
        sent: Sent,
        url: &str,
        judge: fn(&Answer) -> Option<Outcome>,
        now: Timestamp,
    ) -> Tried {
        let target = format!("{} {}", sent.method, sent.url);
        let answered = match request {
            Ok(request) => self.web.ask(request, LIMITS).await,
            Err(error) => Err(error),
        };
        match answered {
            Ok(answer) => {
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
                let retry_after = answer.headers.get(http::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
                let read = Answer { host: &host, status: answer.status, retry_after, body: &body, now };
                let outcome = judge(&read).unwrap_or_else(|| default_judgement(&read));
                Tried { target, sent, status: Some(answer.status), answer: body, outcome }
            }
            Err(error) => {
                let again = if matches!(error, WebError::Broken(_)) { Again::Later } else { Again::Hardly };
                Tried { sent, ..failed(target, error.to_string(), again) }
            }
        }
    }

    async fn by_mail(&self, spec: &ChannelSpec, told: &Told<'_>, text: &Text, secrets: &Secrets, context: &Context) -> Tried {
        let to: Vec<String> = recipients(&spec.settings.0).map(str::to_owned).collect();
        let Some(mailer) = &self.mailer else {
            let error = "This instance has no mail server. An operator sets one up with LOOPR_SMTP_URL and LOOPR_MAIL_FROM.";
            return failed(to.join(", "), error.into(), Again::Hardly);
        };
        let target = format!("{} over {}", to.join(", "), mailer.server());
        let letter = Letter {
            to,
            text: mail::text(told, text, !spec.body.is_empty(), &context.zone),
            id: context.message.to_string(),
            thread: Some(format!("{}.thread", context.key)),
            list: told.content.last().map(|notice| (notice.space.to_string(), mail::space(told.content))),
            date: SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(context.now.as_millis()).unwrap_or(0)),
        };
        let subject = [("Subject".to_owned(), letter.text.subject.clone())].into();
        // The part that says the same without HTML.
        let sent = Sent { headers: subject, ..secrets.sent("", String::new(), std::iter::empty(), &letter.text.text) };
        match mailer.send(&letter).await {
            Ok((code, said)) => Tried { target, sent, status: Some(code), answer: format!("{code} {said}"), outcome: Outcome::Delivered },
            Err(error) => Tried {
                target,
                sent,
                status: error.code,
                answer: error.answer.clone(),
                outcome: Outcome::Failed { again: error.again, error: error.to_string() },
            },
        }
    }

    async fn by_push(&self, settings: &Values, told: &Told<'_>, secrets: &Secrets, context: &Context) -> Tried {
        let get = |name: &str| settings.get(name).map_or("", String::as_str);
        let endpoint = get("endpoint");
        let shown = || shown_url(endpoint);
        let target = format!("POST {}", shown());
        let Some(vapid) = &self.vapid else {
            return failed(target, "This instance has no keys for push notifications.".into(), Again::Hardly);
        };
        let document = json!({
            "title": told.plain_title,
            "body": told.plain_body,
            "severity": told.severity.name(),
            "tag": told.key,
            "url": told.link,
            "ack_url": told.ack_link,
            "at": told.now.as_millis(),
        })
        .to_string();
        // How the operator of a push service reaches ours, should something be wrong with what we send (RFC 8292, 2.1).
        let contact = match (&context.public_url, &self.mailer) {
            (Some(url), _) if url.starts_with("https:") => url.clone(),
            (_, Some(mailer)) => format!("mailto:{}", mailer.sender()),
            _ => "mailto:loopr@localhost".to_owned(),
        };
        let sealed = Url::parse(endpoint).map_err(|_| push::InvalidKey).and_then(|url| {
            let authorization = vapid.authorization(&url, &contact, context.now)?;
            Ok((authorization, push::encrypt(document.as_bytes(), get("p256dh"), get("auth_secret"))?))
        });
        let Ok((authorization, body)) = sealed else {
            return failed(target, "The keys of this browser cannot be used. Allow notifications there again.".into(), Again::Never);
        };
        let own = push::headers(&told.key, told.severity == Severity::Critical);
        let headers = own.iter().map(|(name, value)| (*name, value.as_str()));
        let headers = headers.chain([("content-type", "application/octet-stream"), ("authorization", authorization.as_str())]);
        let headers: Vec<(&str, &str)> = headers.collect();
        // As it was before it was encrypted for the browser.
        let sent = secrets.sent("POST", shown(), headers.iter().copied(), &document);
        let request = WebRequest::new("POST", endpoint.to_owned(), headers, body);
        let gone = |answer: &Answer| {
            let is_gone = matches!(answer.status, 404 | 410);
            is_gone.then(|| answer.failed(Again::Never, "The browser has withdrawn its permission. Allow notifications there again."))
        };
        self.ask(request, sent, endpoint, gone, context.now).await
    }
}

fn told<'a>(text: &Text, content: &'a Content, context: &Context) -> Told<'a> {
    Told {
        title: text.title.clone(),
        body: text.body.clone(),
        plain_title: text.plain_title.clone(),
        plain_body: text.plain_body.clone(),
        content,
        act: context.act.unwrap_or_else(|| Act::of(content)),
        severity: content.severity(),
        link: context.link.clone(),
        ack_link: context.ack_link.clone(),
        key: context.key.clone(),
        message: context.message,
        now: context.now,
    }
}

fn failed(target: String, error: String, again: Again) -> Tried {
    Tried { target, sent: Sent::default(), status: None, answer: String::new(), outcome: Outcome::Failed { error, again } }
}
