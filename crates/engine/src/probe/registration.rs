//! The registration of a domain, asked of its registry by RDAP (RFC 9082, 9083). Which registry, the bootstrap registry of IANA
//! says (RFC 9224), a copy of which comes with the build.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Instant;

use domain::Timestamp;
use domain::check::{Failure, Reason};
use domain::http::Header;
use domain::kind::http::HttpSettings;
use domain::kind::registration::RegistrationSettings;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Deserialize;

use super::InvalidSettings;
use super::http::{HttpDefaults, PreparedHttp};
use super::run::{Check, Seen, Ways};
use super::words::failure;
use crate::net::Phase;

/// The longest answer.
const ANSWER_BYTES: u64 = 512 * 1024;

/// Servers by top-level domain.
static SERVERS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../data/rdap.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(server, domains)| domains.split(' ').map(move |domain| (domain, server)))
        .collect()
});

/// A look at a registration, ready to run.
#[derive(Debug)]
pub(super) struct Registration {
    settings: RegistrationSettings,
    server: String,
    request: PreparedHttp,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    status: Vec<String>,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_action: String,
    event_date: String,
}

impl Registration {
    pub fn new(settings: &RegistrationSettings, defaults: &HttpDefaults) -> Result<Self, InvalidSettings> {
        let top = settings.domain.rsplit('.').next().unwrap_or_default();
        let known = || SERVERS.get(top).map(|server| (*server).to_owned());
        let server = settings.server.clone().or_else(known).ok_or_else(|| {
            InvalidSettings(format!("The registry of .{top} tells nothing by RDAP. If it has a server, enter it under Connection."))
        })?;
        let request = HttpSettings {
            headers: vec![Header { name: "Accept".into(), value: "application/rdap+json, application/json".into() }],
            accepted_status: "200, 404".parse().map_err(InvalidSettings)?,
            response_cap_bytes: Some(ANSWER_BYTES),
            ..HttpSettings::get(format!("{}/domain/{}", server.trim_end_matches('/'), settings.domain))
        };
        Ok(Self { settings: settings.clone(), server, request: PreparedHttp::new(&request, defaults)? })
    }

    fn judge(&self, answer: &Answer, seen: &mut Seen) -> Result<(), Failure> {
        let domain = &self.settings.domain;
        let when = |action: &str| {
            let event = answer.events.iter().find(|event| event.event_action.eq_ignore_ascii_case(action))?;
            Timestamp::parse_rfc3339(&event.event_date)
        };
        seen.fact("Status", || answer.status.join(", "));
        for action in ["registration", "last changed", "expiration"] {
            if let Some(at) = when(action) {
                seen.fact(action, || at.to_rfc3339());
            }
        }
        seen.expires_at = when("expiration").or_else(|| when("registrar expiration"));
        let refused = answer.status.iter().find(|status| self.settings.refuse_status.contains(&status.to_lowercase()));
        match (refused, seen.expires_at) {
            (Some(status), _) => Err(failure(Reason::Expiring, format!("{domain} has the status “{status}”. Renew it at its registrar."))),
            (None, None) => Err(failure(Reason::Content, format!("The registry of {domain} does not tell when the registration ends."))),
            (None, Some(_)) => Ok(()),
        }
    }
}

impl Check for Registration {
    fn key(&self) -> &str {
        &self.server
    }

    fn line(&self) -> (&'static str, String) {
        ("RDAP", format!("{} @{}", self.settings.domain, self.server))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            seen.dialling.phase = Phase::Connected;
            let timeout = ways.deadline.saturating_duration_since(Instant::now());
            let limit = usize::try_from(ANSWER_BYTES).unwrap_or(usize::MAX);
            let (asked, body) = self.request.fetch(ways.dialer, timeout, limit).await;
            seen.dialling.phases = asked.phases;
            seen.answered_us = asked.phases.first_byte_us;
            seen.status = asked.status;
            seen.answer(&body);
            if let Some(failed) = asked.failure {
                return Err(failed);
            }
            if asked.status == Some(404) {
                return Err(failure(Reason::NotServing, format!("{} is not registered, says its registry.", self.settings.domain)));
            }
            let answer: Answer = serde_json::from_slice(&body).map_err(|error| {
                failure(
                    Reason::Protocol,
                    format!("The registry of {} answered with something else than RDAP: {error}.", self.settings.domain),
                )
            })?;
            self.judge(&answer, seen)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_known() {
        for (domain, host) in [("com", "verisign"), ("org", "publicinterestregistry"), ("dev", "google")] {
            assert!(SERVERS.get(domain).is_some_and(|server| server.contains(host)), "{domain}");
        }
        assert!(SERVERS.len() > 1_000 && SERVERS.values().all(|server| server.starts_with("http")));
    }
}
