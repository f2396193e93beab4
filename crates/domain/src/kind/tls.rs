//! A certificate: its days left, its chain, its name.

use super::Field;
use super::field::{self, CA, CONNECTION, EXPIRY, FAMILY, Input, LATENCY};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("example.com").hinted("A host, and a port when it is not 443."),
        Field::line("starttls", "Before TLS")
            .typed(Input::Choice(&[("none", "TLS from the first byte"), ("smtp", "STARTTLS of SMTP"), ("imap", "STARTTLS of IMAP")]))
            .within(CONNECTION),
        Field::line("server_name", "Name in the certificate").within(CONNECTION).like("the host of the address"),
        CA,
        FAMILY,
    ],
    EXPIRY,
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::{Starttls, TlsSettings};

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family, check_certificates};

    /// What is said before TLS.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Starttls {
        /// Nothing.
        None,
        /// RFC 3207.
        Smtp,
        /// RFC 9051, 6.2.1.
        Imap,
    }

    /// Whose certificate is looked at, and how.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TlsSettings {
        /// Where.
        pub address: Address,
        /// What comes first.
        pub starttls: Starttls,
        /// Whom the certificate should be for, when it is not the host.
        pub server_name: Option<String>,
        /// Authorities in PEM, beside the system's.
        pub ca: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl TlsSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let starttls = match r.choice("starttls") {
                "smtp" => Starttls::Smtp,
                "imap" => Starttls::Imap,
                _ => Starttls::None,
            };
            let port = match starttls {
                Starttls::None => 443,
                Starttls::Smtp => 587,
                Starttls::Imap => 143,
            };
            let address = r.address(Some(port));
            let ca = r.optional("ca", check_certificates);
            Some(Self { starttls, server_name: r.host_or_none("server_name"), ca, family: r.family(), address: address? })
        }
    }
}
