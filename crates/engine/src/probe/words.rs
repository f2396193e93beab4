//! Why no connection came about, for a person: the thing, the cause, the way out. Classification into [`Reason`] happens
//! here too, beside the words, so that the two cannot disagree. Every kind of check uses these; what only one kind has to say
//! stands beside it.

use std::io::{self, ErrorKind};
use std::time::Duration;

use domain::check::{Failure, Reason};
use rustls::{CertificateError, Error as TlsError};

use crate::net::{DialError, Phase, ResolveError};

const MESSAGE_BYTES: usize = 500;

/// A failure, its message cut to what is kept.
pub(crate) fn failure(reason: Reason, message: impl Into<String>) -> Failure {
    let mut message = message.into();
    if message.len() > MESSAGE_BYTES {
        let end = message.floor_char_boundary(MESSAGE_BYTES - "…".len());
        message.truncate(end);
        message.push('…');
    }
    Failure { reason, message }
}

/// `10 s`, but `1500 ms` where seconds alone would lie.
pub(crate) fn said(span: Duration) -> String {
    if span.subsec_millis() == 0 { domain::words::duration(span) } else { format!("{} ms", span.as_millis()) }
}

/// The timeout ended the check before there was an answer.
pub(super) fn timed_out(name: &str, phase: Phase, timeout: Duration) -> Failure {
    let span = said(timeout);
    let message = match phase {
        Phase::Resolving => format!("No name server told the address of {name} within {span}. Check the DNS of this machine."),
        Phase::Connecting => {
            format!("{name} did not take the connection within {span}. Raise the timeout or check the host and its firewall.")
        }
        Phase::Securing => format!("{name} did not finish the TLS handshake within {span}. Raise the timeout or check the host."),
        Phase::Connected => format!("{name} did not answer within {span}. Raise the timeout or check the host."),
    };
    failure(Reason::Timeout, message)
}

/// No connection came about.
pub(crate) fn not_connected(name: &str, error: &DialError) -> Failure {
    match error {
        DialError::Resolve(error) => failure(Reason::Dns, unresolved(name, *error)),
        DialError::Policy(_) => failure(
            Reason::Policy,
            format!("{name} is refused by this instance's network policy. An administrator can allow it with LOOPR_ALLOW_TARGETS."),
        ),
        DialError::Family => {
            failure(Reason::Dns, format!("{name} has no address of the wanted family. Allow the other one, or add a record."))
        }
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

pub(crate) fn unconnected(name: &str, error: &io::Error) -> Failure {
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

pub(crate) fn unsecured(name: &str, error: &io::Error) -> Failure {
    let message = match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        Some(TlsError::InvalidCertificate(error)) => certificate(name, error),
        Some(TlsError::InvalidMessage(_)) => {
            format!("{name} does not speak TLS on this port. Check the port, and whether it wants a plain connection.")
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

/// What is wrong with a certificate.
pub(super) fn certificate(name: &str, error: &CertificateError) -> String {
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
