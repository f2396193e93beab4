//! A mail server: greeting, EHLO, perhaps STARTTLS and a sign-in, NOOP.

use super::Field;
use super::field::{self, CA, CONNECTION, EXPIRY, FAMILY, Input, LATENCY, PASSWORD, USERNAME};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("mail.example.com").hinted("A host, and a port when it is not 587 (465 with TLS from the first byte)."),
        USERNAME.hinted("Empty: nobody signs in."),
        PASSWORD,
        Field::line("security", "Encryption")
            .typed(Input::Choice(&[
                ("starttls", "STARTTLS, verified"),
                ("tls", "TLS from the first byte, verified"),
                ("prefer", "STARTTLS where it is offered, any certificate"),
                ("none", "None"),
            ]))
            .within(CONNECTION),
        CA,
        FAMILY,
    ],
    EXPIRY,
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::{MailSecurity, SmtpSettings};

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family, check_certificates};
    use crate::secret::Secret;

    /// How the connection is encrypted.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MailSecurity {
        /// After STARTTLS, verified.
        Starttls,
        /// From the first byte, verified.
        Tls,
        /// After STARTTLS where it is offered, with any certificate.
        Prefer,
        /// Not at all.
        None,
    }

    /// Where and as whom.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SmtpSettings {
        /// Where.
        pub address: Address,
        /// As whom; empty: nobody signs in.
        pub username: String,
        /// With what.
        pub password: Secret,
        /// How the connection is encrypted.
        pub security: MailSecurity,
        /// Authorities in PEM, beside the system's.
        pub ca: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl SmtpSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let security = match r.choice("security") {
                "tls" => MailSecurity::Tls,
                "prefer" => MailSecurity::Prefer,
                "none" => MailSecurity::None,
                _ => MailSecurity::Starttls,
            };
            let address = r.address(Some(if security == MailSecurity::Tls { 465 } else { 587 }));
            Some(Self {
                username: r.text_or_none("username", 320).unwrap_or_default(),
                password: r.secret("password"),
                security,
                ca: r.optional("ca", check_certificates),
                family: r.family(),
                address: address?,
            })
        }
    }
}
