//! The registration of a domain: when it ends, by RDAP (RFC 9082, 9083).

use super::Field;
use super::field::{CONNECTION, EXPIRY, Input, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("domain", "Domain").like("example.com").required().hinted("The domain that is registered, not a name below it."),
        Field::line("refuse_status", "Statuses that are a failure")
            .typed(Input::List)
            .within(UP)
            .like("redemption period, pending delete")
            .hinted("As RDAP names them, separated by commas."),
        Field::line("rdap_server", "RDAP server")
            .within(CONNECTION)
            .like("the registry’s")
            .hinted("For a domain whose registry is not in the list of IANA: https://rdap.example/."),
    ],
    EXPIRY,
];

#[cfg(feature = "ssr")]
pub use settings::RegistrationSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::parse_url;

    /// Whose registration is looked at.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RegistrationSettings {
        /// The domain, in lower case and ASCII.
        pub domain: String,
        /// Which statuses are a failure, in lower case.
        pub refuse_status: Vec<String>,
        /// Who is asked, when it is not the registry that IANA names.
        pub server: Option<String>,
    }

    impl RegistrationSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let domain = r.host("domain");
            let domain = match domain {
                Some(domain) if domain.contains('.') && domain.parse::<std::net::IpAddr>().is_err() => Some(domain),
                Some(_) => {
                    r.refuse("domain", "This is not a domain that can be registered. It looks like example.com.");
                    None
                }
                None => None,
            };
            let mut refuse_status = r.items("refuse_status", 20);
            if refuse_status.is_empty() {
                refuse_status = vec!["redemption period".into(), "pending delete".into()];
            }
            let server = r.optional("rdap_server", |text| parse_url(text, &["https", "http"]).map(String::from));
            Some(Self { domain: domain?, server, refuse_status: refuse_status.into_iter().map(|status| status.to_lowercase()).collect() })
        }
    }
}
