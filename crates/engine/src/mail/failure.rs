//! Why a mail was not taken, for a person: the thing, the cause, the way out.

use std::error::Error as _;

use domain::alert::Again;
use domain::alert::channel::{Format, cut};
use lettre::transport::smtp::Error;

/// A mail that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct MailError {
    /// The reply code, when there was a reply.
    pub code: Option<u16>,
    /// What the server said.
    pub answer: String,
    /// A sentence.
    pub sentence: String,
    /// Whether another try may help.
    pub again: Again,
}

impl MailError {
    /// A mail that cannot be put together.
    pub(super) fn invalid(sentence: String) -> Self {
        Self { code: None, answer: String::new(), sentence, again: Again::Hardly }
    }

    /// Nothing was heard in time.
    pub(super) fn silent(server: &str) -> Self {
        let sentence = format!("{server} did not take the mail in time. Check the mail server and the way to it.");
        Self { code: None, answer: String::new(), sentence, again: Again::Later }
    }

    /// What the transport says.
    pub(super) fn of(server: &str, error: &Error) -> Self {
        let cause = error.source().map(|cause| cut(&Format::Plain.escape(&cause.to_string()), 300)).unwrap_or_default();
        let code: Option<u16> = error.status().map(Into::into);
        let again = if error.is_permanent() || error.is_client() { Again::Hardly } else { Again::Later };
        let said = code.map(|code| format!("{code} {cause}")).unwrap_or_default();
        let sentence = match code {
            Some(530 | 534 | 535 | 538) => format!("{server} refused the name and password: {said}. Check LOOPR_SMTP_URL."),
            Some(_) if again == Again::Later => format!("{server} does not take the mail now: {said}. Another try may help."),
            Some(_) => format!("{server} refused the mail: {said}. Check the recipients and the sender."),
            None if error.is_timeout() => return Self::silent(server),
            None if error.is_tls() || cause.contains("certificate") => {
                format!("TLS with {server} failed: {cause}. Check the certificate of the mail server, and LOOPR_SMTP_URL.")
            }
            None if error.is_client() => format!("{server} cannot be used: {cause}. Check LOOPR_SMTP_URL."),
            None => format!("There is no connection to {server}: {cause}. Check that the mail server runs, and LOOPR_SMTP_URL."),
        };
        Self { code, answer: said, sentence, again }
    }
}
