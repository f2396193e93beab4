//! An SSH server that says hello (RFC 4253, 4.2).

use super::Field;
use super::field::{self, FAMILY, LATENCY, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("host.example.com").hinted("A host, and a port when it is not 22."),
        Field::line("expect", "Expect")
            .within(UP)
            .like("OpenSSH_")
            .hinted("Text that the greeting has to contain. Empty: any SSH 2 server."),
        FAMILY,
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::SshSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family};

    /// Where, and what the greeting should be.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SshSettings {
        /// Where.
        pub address: Address,
        /// A part of the greeting.
        pub expect: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl SshSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let address = r.address(Some(22));
            Some(Self { expect: r.text_or_none("expect", 255), family: r.family(), address: address? })
        }
    }
}
