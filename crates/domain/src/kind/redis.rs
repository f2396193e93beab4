//! A Redis or Valkey server: connect, sign in, PING.

use super::Field;
use super::field::{self, CA, CONNECTION, FAMILY, INSECURE, Input, LATENCY, PASSWORD, REQUEST, UP, USERNAME};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("cache.example.com").hinted("A host, and a port when it is not 6379."),
        USERNAME.like("default"),
        PASSWORD,
        Field::line("command", "Command").within(REQUEST).by_default("PING").hinted("Words separated by spaces: LLEN jobs."),
        Field::line("expect", "Expected answer")
            .within(UP)
            .like("any")
            .hinted("A text, or a bound such as < 100. An error is always a failure."),
        Field::line("tls", "Speak TLS").typed(Input::Flag).within(CONNECTION),
        INSECURE,
        CA,
        FAMILY,
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::RedisSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family, check_certificates};
    use crate::kind::mysql::Expected;
    use crate::secret::Secret;

    /// Where and as whom, and what is asked.
    #[derive(Debug, Clone, PartialEq)]
    pub struct RedisSettings {
        /// Where.
        pub address: Address,
        /// As whom.
        pub username: String,
        /// With what; empty: nobody signs in.
        pub password: Secret,
        /// The words of the command.
        pub command: Vec<String>,
        /// What the answer should be.
        pub expected: Option<Expected>,
        /// Behind TLS.
        pub tls: bool,
        /// With any certificate.
        pub insecure: bool,
        /// Authorities in PEM, beside the system's.
        pub ca: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    /// Commands that do not end with one answer, or that end the server.
    const REFUSED: [&str; 8] = ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SHUTDOWN", "FLUSHALL", "FLUSHDB", "REPLICAOF"];

    impl RedisSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let address = r.address(Some(6379));
            let command: Vec<String> = r.text("command").split_whitespace().map(str::to_owned).collect();
            if let Some(word) = command.first().map(|word| word.to_uppercase()).filter(|word| REFUSED.contains(&word.as_str())) {
                r.refuse("command", format!("{word} is nothing to check with. PING, LLEN and GET are."));
            }
            Some(Self {
                username: r.text_or_none("username", 128).unwrap_or_default(),
                password: r.secret("password"),
                command: if command.is_empty() { vec!["PING".into()] } else { command },
                expected: r.optional("expect", Expected::parse),
                tls: r.flag("tls"),
                insecure: r.flag("insecure"),
                ca: r.optional("ca", check_certificates),
                family: r.family(),
                address: address?,
            })
        }
    }
}
