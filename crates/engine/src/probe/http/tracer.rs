//! What a person sees after "Test now": the hops of a check as they happen. A check that nobody watches has no tracer.

use domain::check::{Hop, Observation, Phases, Trace};
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Version, header};

use super::exchange::Body;
use super::leg::Leg;
use crate::net::{Dialling, Stream};

const HEADERS: usize = 50;
const VALUE_BYTES: usize = 200;

/// Collects hops.
#[derive(Default)]
pub(super) struct Tracer {
    hops: Vec<Hop>,
}

impl Tracer {
    pub fn begin_hop(&mut self, method: &Method, leg: &Leg) {
        self.hops.push(Hop {
            method: method.to_string(),
            url: leg.url.to_string(),
            address: None,
            dns_cached: false,
            version: None,
            tls: None,
            certificate: None,
            status: None,
            phases: Phases::default(),
            headers: Vec::new(),
            facts: Vec::new(),
        });
    }

    pub fn connected(&mut self, stream: &Stream) {
        if let (Some(hop), Some(session)) = (self.hops.last_mut(), stream.tls_session()) {
            hop.tls = Some(session.summary);
            hop.certificate = session.certificate;
        }
    }

    pub fn head(&mut self, head: &Parts) {
        let Some(hop) = self.hops.last_mut() else {
            return;
        };
        hop.status = Some(head.status.as_u16());
        let version = match head.version {
            Version::HTTP_10 => "HTTP/1.0",
            Version::HTTP_2 => "HTTP/2",
            _ => "HTTP/1.1",
        };
        hop.version = Some(version.to_owned());
        hop.headers = head.headers.iter().take(HEADERS).map(shown).collect();
    }

    /// Notes where the hop went and how long that took. `dialling.address` is only ever set to a permitted address.
    pub fn end_hop(&mut self, dialling: &Dialling, phases: Phases) {
        if let Some(hop) = self.hops.last_mut() {
            hop.address = dialling.address.map(|address| address.to_string());
            hop.dns_cached = dialling.dns_cached;
            hop.phases = phases;
        }
    }

    /// Notes something that is not of HTTP.
    pub fn fact(&mut self, name: &str, value: String) {
        if let Some(hop) = self.hops.last_mut() {
            hop.facts.push((name.to_owned(), value));
        }
    }

    pub fn finish(self, observation: Observation, body: Body) -> Trace {
        Trace {
            observation,
            hops: self.hops,
            body_bytes: body.bytes,
            body_capped: body.capped,
            excerpt: String::from_utf8_lossy(&body.excerpt).into_owned(),
        }
    }
}

fn shown((name, value): (&HeaderName, &HeaderValue)) -> (String, String) {
    let value = if name == header::SET_COOKIE {
        "[redacted]".to_owned()
    } else {
        let bytes = value.as_bytes();
        let text = String::from_utf8_lossy(bytes.get(..VALUE_BYTES).unwrap_or(bytes)).into_owned();
        if bytes.len() > VALUE_BYTES { format!("{text}…") } else { text }
    };
    (name.to_string(), value)
}
