//! Why an answer over HTTP is none, for a person: the thing, the cause, the way out.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::time::Duration;

use domain::assertion::Assertion;
use domain::check::{Failure, Reason};
use domain::http::StatusRanges;
use http::{HeaderValue, StatusCode};

use super::exchange::ExchangeError;
use super::leg::Leg;
use crate::net::{Dialling, Phase};
use crate::probe::words::{failure, said};

/// The timeout ended the check.
pub(super) fn timed_out(leg: &Leg, dialling: &Dialling, status: Option<u16>, timeout: Duration) -> Failure {
    match (dialling.phase, status) {
        (Phase::Connected, Some(status)) => {
            let (name, span) = (leg.name(), said(timeout));
            let message = format!("{name} answered {status}, but its body did not end within {span}. Raise the timeout or check the host.");
            failure(Reason::Timeout, message)
        }
        (phase, _) => crate::probe::words::timed_out(leg.name(), phase, timeout),
    }
}

/// The connection was there, and no whole answer came over it.
pub(super) fn broken(leg: &Leg, error: &ExchangeError) -> Failure {
    let name = leg.name();
    let error = match error {
        ExchangeError::Proxy(error) => {
            let message = format!(
                "{name} did not answer through the proxy: {error}. Check the proxy’s address and credentials, and whether it may connect there."
            );
            return failure(Reason::Protocol, message);
        }
        ExchangeError::Body => {
            return failure(Reason::Body, format!("{name} ended the connection in the middle of its answer. Check the service's log."));
        }
        ExchangeError::Head(error) => error,
    };
    let message = if error.is_parse_too_large() {
        format!("{name} sent more than 100 headers or 64 KiB of them. Check what adds headers to its answer.")
    } else if error.is_parse_version_h2() {
        format!("{name} only speaks HTTP/2 without TLS on this port, which is not supported. Use its https address.")
    } else if error.is_parse() {
        format!("{name} answered with something that is not HTTP. Check the port.")
    } else if error.is_incomplete_message() || closed(error) {
        format!("{name} closed the connection without an answer. Check the service's log, and whether this port wants https.")
    } else {
        format!("{name} broke the rules of HTTP: {error}.")
    };
    failure(Reason::Protocol, message)
}

fn closed(error: &hyper::Error) -> bool {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            return matches!(
                io.kind(),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
            );
        }
        source = inner.source();
    }
    error.is_closed() || error.is_canceled()
}

/// The final status is not one of those that the monitor accepts.
pub(super) fn wrong_status(leg: &Leg, status: u16, accepted: &StatusRanges) -> Failure {
    let name = leg.name();
    let phrase = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let phrase = phrase.map(|phrase| format!(" {phrase}")).unwrap_or_default();
    failure(
        Reason::Status,
        format!("{name} answered {status}{phrase}, where {accepted} is accepted. Check the service, or accept this status."),
    )
}

/// Redirects do not end.
pub(super) fn too_many_redirects(first: &Leg, most: u32) -> Failure {
    failure(
        Reason::Protocol,
        format!("{} redirected more than {most} times. Check its redirects for a loop, or watch where they should lead.", first.name()),
    )
}

/// A redirect leads to nothing that can be asked.
pub(super) fn strange_redirect(leg: &Leg, location: &HeaderValue) -> Failure {
    let location = String::from_utf8_lossy(location.as_bytes());
    let shown: String = location.chars().filter(|c| !c.is_control()).take(200).collect();
    failure(
        Reason::Protocol,
        format!("{} redirects to “{shown}”, which is not an http or https address. Correct the redirect.", leg.name()),
    )
}

/// An assertion about the answer does not hold.
pub(super) fn not_as_asserted(leg: &Leg, assertion: &Assertion, actual: &str) -> Failure {
    failure(Reason::Content, format!("{} answered, but of “{assertion}”: {actual}.", leg.name()))
}

/// No token could be had.
pub(super) fn no_token(cause: &str) -> Failure {
    failure(Reason::Auth, format!("No token was given out: {cause} Check the token address, the client’s id and its secret."))
}
