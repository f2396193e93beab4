//! Why a check failed, for a person: the thing, the cause, the way out. Classification into [`Reason`] happens here too,
//! beside the words, so that the two cannot disagree.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::time::Duration;

use domain::check::{Failure, Reason};
use domain::http::StatusRanges;
use http::{HeaderValue, StatusCode};
use rustls::{CertificateError, Error as TlsError};

use super::exchange::ExchangeError;
use super::leg::Leg;
use crate::net::{DialError, Dialling, Phase, ResolveError};

const MESSAGE_BYTES: usize = 500;

fn failure(reason: Reason, mut message: String) -> Failure {
    if message.len() > MESSAGE_BYTES {
        let end = message.floor_char_boundary(MESSAGE_BYTES - "…".len());
        message.truncate(end);
        message.push('…');
    }
    Failure { reason, message }
}

/// `10 s`, but `1500 ms` where seconds alone would lie.
fn said(span: Duration) -> String {
    if span.subsec_millis() == 0 { domain::words::duration(span) } else { format!("{} ms", span.as_millis()) }
}

/// The timeout ended the check.
pub(super) fn timed_out(leg: &Leg, dialling: &Dialling, status: Option<u16>, timeout: Duration) -> Failure {
    let (name, span) = (leg.name(), said(timeout));
    let message = match (dialling.phase, status) {
        (Phase::Resolving, _) => format!("No name server told the address of {name} within {span}. Check the DNS of this machine."),
        (Phase::Connecting, _) => {
            format!("{name} did not take the connection within {span}. Raise the timeout or check the host and its firewall.")
        }
        (Phase::Securing, _) => format!("{name} did not finish the TLS handshake within {span}. Raise the timeout or check the host."),
        (Phase::Connected, None) => {
            format!("{name} did not answer within {span}. Raise the timeout or check the host.")
        }
        (Phase::Connected, Some(status)) => {
            format!("{name} answered {status}, but its body did not end within {span}. Raise the timeout or check the host.")
        }
    };
    failure(Reason::Timeout, message)
}

/// No connection came about.
pub(super) fn not_connected(leg: &Leg, error: &DialError) -> Failure {
    let name = leg.name();
    match error {
        DialError::Resolve(error) => failure(Reason::Dns, unresolved(name, *error)),
        DialError::Policy(_) => failure(
            Reason::Policy,
            format!("{name} is refused by this instance's network policy. An administrator can allow it with LOOPR_ALLOW_TARGETS."),
        ),
        DialError::Connect(error) => unconnected(name, error),
        DialError::Tls(error) => unsecured(name, error),
    }
}

fn unresolved(name: &str, error: ResolveError) -> String {
    match error {
        ResolveError::NotFound => {
            format!("The name {name} does not exist. Check its spelling and its DNS records.")
        }
        ResolveError::NoAddress => {
            format!("The name {name} has no address. Add an A or AAAA record.")
        }
        ResolveError::NoAnswer => {
            format!("No name server told the address of {name}. Check the DNS of this machine.")
        }
        ResolveError::Failed => {
            format!("The name server could not look up {name}. Check the domain's DNS.")
        }
    }
}

fn unconnected(name: &str, error: &io::Error) -> Failure {
    // Not the target's fault: errno 24 (EMFILE) and 23 (ENFILE) have no kind of their own.
    if matches!(error.raw_os_error(), Some(23 | 24)) {
        return failure(
            Reason::Unreachable,
            "This instance has no file descriptors left to connect with. Raise its limit of open files.".to_owned(),
        );
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            failure(Reason::Refused, format!("{name} refused the connection. Check that the service runs and listens on this port."))
        }
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => failure(
            Reason::Refused,
            format!("{name} dropped the connection while it was made. Check the service and the firewall before it."),
        ),
        ErrorKind::TimedOut => failure(Reason::Timeout, format!("{name} did not take the connection. Check the host and its firewall.")),
        _ => {
            failure(Reason::Unreachable, format!("There is no way to {name} ({error}). Check the network of this machine and of the host."))
        }
    }
}

fn unsecured(name: &str, error: &io::Error) -> Failure {
    let message = match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        Some(TlsError::InvalidCertificate(error)) => certificate(name, error),
        Some(TlsError::InvalidMessage(_)) => {
            format!("{name} does not speak TLS on this port. Check the port, or use http://.")
        }
        Some(TlsError::AlertReceived(alert)) => {
            format!("{name} ended the TLS handshake ({}). Check the TLS set-up of the server.", alert.as_str().unwrap_or("unknown alert"))
        }
        Some(TlsError::PeerIncompatible(_)) => {
            format!("{name} offers no TLS version or cipher that is safe to use. Turn on TLS 1.2 or 1.3 on the server.")
        }
        Some(error) => format!("The TLS handshake with {name} failed: {error}."),
        None => format!("{name} closed the connection during the TLS handshake. Check that the port speaks TLS."),
    };
    failure(Reason::Tls, message)
}

fn certificate(name: &str, error: &CertificateError) -> String {
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            let instant = i64::try_from(not_after.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000);
            let date = domain::time::Timestamp::from_millis(instant).to_rfc3339();
            let date = date.split('T').next().unwrap_or_default();
            format!("The certificate of {name} expired on {date}. Renew it on the server.")
        }
        CertificateError::Expired => {
            format!("The certificate of {name} has expired. Renew it on the server.")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("The certificate of {name} is not valid yet. Check the clocks of both machines.")
        }
        CertificateError::NotValidForNameContext { presented, .. } if !presented.is_empty() => {
            let others = presented.iter().take(3).map(|name| plain_name(name)).collect::<Vec<_>>().join(", ");
            let more = if presented.len() > 3 { " and others" } else { "" };
            format!("The certificate of {name} is made out to {others}{more}. Install one for this name.")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("The certificate of {name} is made out to another name. Install one for this name.")
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => format!(
            "The certificate of {name} is signed by nobody this machine trusts; it may be self-signed, or an intermediate certificate is missing. \
             Install one from a public authority, or add yours to the trust store of this machine."
        ),
        CertificateError::Revoked => {
            format!("The certificate of {name} was revoked. Replace it on the server.")
        }
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            format!(
                "The certificate of {name} is self-signed. Install one from a public authority, or add yours to the trust store of this machine."
            )
        }
        other => format!("The certificate of {name} is not valid: {other}."),
    }
}

/// rustls writes presented names like `DnsName("example.com")`.
fn plain_name(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

/// The connection was there, and no whole answer came over it.
pub(super) fn broken(leg: &Leg, error: &ExchangeError) -> Failure {
    let name = leg.name();
    let error = match error {
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
pub(super) fn too_many_redirects(first: &Leg, most: usize) -> Failure {
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
