//! The standard health service of gRPC (grpc.health.v1).

use super::Field;
use super::field::{self, CA, CONNECTION, EXPIRY, FAMILY, INSECURE, Input, LATENCY, REQUEST};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("grpc.example.com:443").hinted("A host and a port."),
        Field::line("service", "Service")
            .within(REQUEST)
            .like("the server as a whole")
            .hinted("As the health service knows it: package.Service."),
        Field::line("metadata", "Metadata")
            .typed(Input::Headers)
            .within(REQUEST)
            .like("authorization: Bearer …")
            .hinted("One a line, as name: value. Values are encrypted, and what may be a secret is never shown again."),
        Field::line("plaintext", "Without TLS").typed(Input::Flag).within(CONNECTION),
        INSECURE,
        CA,
        FAMILY,
    ],
    EXPIRY,
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::GrpcSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::http::Header;
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family, check_certificates};

    /// Whose health is asked for.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GrpcSettings {
        /// Where.
        pub address: Address,
        /// The service; empty: the server as a whole.
        pub service: String,
        /// Sent along.
        pub metadata: Vec<Header>,
        /// Without TLS.
        pub plaintext: bool,
        /// With any certificate.
        pub insecure: bool,
        /// Authorities in PEM, beside the system's.
        pub ca: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl GrpcSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let plaintext = r.flag("plaintext");
            let address = r.address(if plaintext { None } else { Some(443) });
            Some(Self {
                service: r.text_or_none("service", 200).unwrap_or_default(),
                metadata: r.headers("metadata"),
                plaintext,
                insecure: r.flag("insecure"),
                ca: r.optional("ca", check_certificates),
                family: r.family(),
                address: address?,
            })
        }
    }
}
