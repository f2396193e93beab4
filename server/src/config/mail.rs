//! The mail server, for alerts, invitations and forgotten passwords.

use super::table::settings;
use super::value::{MailFrom, SmtpUrl};

settings! {
    /// The mail server, for alerts, invitations and forgotten passwords.
    "Mail" Mail {
        /// The server that takes mail: `smtps://user:password@host:465` (TLS), `smtp://user:password@host:587?tls=required`
        /// (STARTTLS), or `smtp://host:25`, which is not encrypted and shown as such. Special characters of the password are
        /// percent-encoded. It is not judged by the network policy. Unset, no mail is sent.
        smtp_url: Option<SmtpUrl> = "LOOPR_SMTP_URL";
        /// Who writes: `Loopr <loopr@example.com>`. It has to be set when the server is.
        mail_from: Option<MailFrom> = "LOOPR_MAIL_FROM";
    }
}

impl Mail {
    /// What is wrong between the two.
    pub(super) fn mistake(&self) -> Option<String> {
        match (&self.smtp_url, &self.mail_from) {
            (Some(_), None) => Some("LOOPR_MAIL_FROM: has to be set when LOOPR_SMTP_URL is, like Loopr <loopr@example.com>.".into()),
            (None, Some(_)) => Some("LOOPR_SMTP_URL: has to be set when LOOPR_MAIL_FROM is, like smtps://user:password@host:465.".into()),
            _ => None,
        }
    }

    /// The mail server for the engine.
    pub(super) fn config(&self) -> Option<engine::mail::MailConfig> {
        let (url, from) = self.smtp_url.as_ref().zip(self.mail_from.as_ref())?;
        // Both were judged when they were read.
        engine::mail::MailConfig::parse(&url.0, &from.0).ok()
    }
}
