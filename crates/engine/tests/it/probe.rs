//! The HTTP probe against servers that behave, misbehave, and lie.

mod basics;
mod bodies;
mod redirects;
pub mod server;
mod tls;

use std::time::Duration;

use domain::check::{Observation, Reason, Trace};
use domain::http::Header;
use domain::kind::http::HttpSettings;
use domain::time::Timestamp;
use engine::net::{Access, Dialer, Policy};
use engine::probe::{HttpDefaults, PreparedHttp};

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// Long enough never to end a test that is right.
const PATIENCE: Duration = Duration::from_secs(30);

fn get(url: impl Into<String>) -> HttpSettings {
    HttpSettings::get(url)
}

fn header(name: &str, value: &str) -> Header {
    Header { name: name.into(), value: value.into() }
}

fn open() -> Dialer {
    Dialer::new(Policy { private: Access::Open, ..Policy::default() })
}

fn prepared(settings: &HttpSettings) -> PreparedHttp {
    PreparedHttp::new(settings, &HttpDefaults::default()).expect("valid settings")
}

async fn check(settings: &HttpSettings) -> Observation {
    prepared(settings).check(&open(), PATIENCE, AT).await
}

async fn trace(settings: &HttpSettings) -> Trace {
    prepared(settings).trace(&open(), PATIENCE, AT).await
}

/// The reason and words of a failure; a check that succeeded fails the test.
fn failed(observation: &Observation) -> (Reason, &str) {
    let failure = observation.failure.as_ref().expect("the check should have failed");
    assert!(failure.message.len() <= 500 && failure.message.ends_with('.'), "{}", failure.message);
    (failure.reason, &failure.message)
}
