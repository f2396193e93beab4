//! Channels against servers that answer as their providers do: what is asked, and what comes of each answer.

mod answers;
mod letters;
mod places;
mod providers;
mod pushes;
pub mod smtp;

use std::sync::Arc;

use domain::alert::channel::{ChannelKind, ChannelSpec};
use domain::alert::{Again, Attempt, ChannelDraft, Content, Event, Outcome};
use domain::id::MessageId;
use domain::time::Timestamp;
use engine::alert::render::sample;
use engine::alert::{Context, Sender, Vapid};
use engine::mail::Mailer;
use engine::net::{Access, Dialer, Policy, Web};
use serde_json::Value;

use crate::probe::server::{Requests, serve};

const AT: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn open() -> Arc<Dialer> {
    Arc::new(Dialer::new(Policy { private: Access::Open, ..Policy::default() }))
}

fn sender(mailer: Option<Mailer>, vapid: Option<Vapid>) -> Sender {
    Sender::new(Web::new(open(), "Loopr/test").unwrap(), mailer, vapid)
}

fn context() -> Context {
    Context {
        message: MessageId::new(AT, 7),
        now: AT,
        public_url: Some("https://loopr.example.com".into()),
        link: Some("https://loopr.example.com/incidents/inc_1".into()),
        ack_link: Some("https://loopr.example.com/ack/secret".into()),
        zone: "Europe/Riga".into(),
        key: "inc_1".into(),
        act: None,
    }
}

fn spec(kind: ChannelKind, fields: &[(&str, &str)]) -> ChannelSpec {
    let settings = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let draft = ChannelDraft { kind: kind.name().into(), settings, ..ChannelDraft::default() };
    draft.validate().unwrap_or_else(|error| panic!("{kind:?}: {:?}", error.fields))
}

/// A name and a cause that try to be more than that.
fn hostile() -> Content {
    let mut content = sample(Event::Down);
    for notice in &mut content.notices {
        notice.subject.name = "<b>A</b> *B* `C` @everyone [d](https://evil.example)\r\nBcc: x@evil.example".into();
        notice.detail = "<!channel> <script>alert(1)</script>".into();
    }
    content
}

/// Answers every request with a status, headers and a body.
async fn answering(status: u16, headers: &'static str, body: &'static str) -> (String, Requests) {
    let (address, requests) = serve(move |_, stream| {
        let answer = format!("HTTP/1.1 {status} Said\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        crate::probe::server::send(stream, answer)
    })
    .await;
    (format!("http://{address}"), requests)
}

/// The only request that came: its first line, its headers in lower case, its body.
fn only(requests: &Requests) -> (String, Vec<(String, String)>, String) {
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let first = lines.next().unwrap().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    (first, headers.collect(), body.to_owned())
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
}

fn again(attempt: &Attempt) -> Option<Again> {
    match attempt.outcome {
        Outcome::Delivered => None,
        Outcome::Failed { again, .. } => Some(again),
    }
}

fn document(body: &str) -> Value {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}
