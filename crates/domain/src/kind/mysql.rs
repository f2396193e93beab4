//! A MySQL or MariaDB server: connect, sign in, and perhaps a query. What it has in common with PostgreSQL is here too.

use super::Field;
use super::field::{self, CA, FAMILY, Input, LATENCY, PASSWORD, REQUEST, SECURITY, SIGN_IN, UP, USERNAME};

/// A query and what it should answer.
pub const QUERY: &[Field] = &[
    Field::line("query", "Query")
        .typed(Input::Text)
        .within(REQUEST)
        .like("SELECT count(*) FROM jobs WHERE failed")
        .hinted("Read-only where the server can enforce it. Empty: signing in is enough."),
    Field::line("expect", "Expected value")
        .within(UP)
        .like("any")
        .hinted("Of the first column of the first row: a text, or a bound such as < 100."),
];

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("db.example.com").hinted("A host, and a port when it is not 3306."),
        USERNAME.like("root"),
        PASSWORD,
        Field::line("database", "Database").within(SIGN_IN),
    ],
    QUERY,
    &[SECURITY, CA, FAMILY],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::{DatabaseSettings, Expected, Security};

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family, check_certificates};
    use crate::secret::Secret;

    /// How a connection is encrypted.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Security {
        /// TLS where it is offered, with any certificate.
        Prefer,
        /// TLS with a certificate that is verified.
        Require,
        /// None.
        None,
    }

    impl Security {
        pub(crate) fn read(r: &mut Reader) -> Self {
            match r.choice("security") {
                "require" => Self::Require,
                "none" => Self::None,
                _ => Self::Prefer,
            }
        }
    }

    /// What a query should answer.
    #[derive(Debug, Clone, PartialEq)]
    pub enum Expected {
        /// This text.
        Text(String),
        /// Below, and whether the bound itself is.
        Below(f64, bool),
        /// Above, and whether the bound itself is.
        Above(f64, bool),
    }

    impl Expected {
        pub(crate) fn parse(text: &str) -> Result<Self, String> {
            let bound =
                |rest: &str| rest.trim().parse::<f64>().ok().filter(|n| n.is_finite()).ok_or("A bound is a number: < 100.".to_owned());
            if let Some(rest) = text.strip_prefix("<=") {
                Ok(Self::Below(bound(rest)?, true))
            } else if let Some(rest) = text.strip_prefix(">=") {
                Ok(Self::Above(bound(rest)?, true))
            } else if let Some(rest) = text.strip_prefix('<') {
                Ok(Self::Below(bound(rest)?, false))
            } else if let Some(rest) = text.strip_prefix('>') {
                Ok(Self::Above(bound(rest)?, false))
            } else {
                Ok(Self::Text(text.strip_prefix('=').unwrap_or(text).trim().to_owned()))
            }
        }

        /// Whether a value is as expected.
        pub fn accepts(&self, value: &str) -> bool {
            let number = || value.trim().parse::<f64>().ok();
            match self {
                Self::Text(text) => value == text,
                Self::Below(bound, equal) => number().is_some_and(|n| n < *bound || (*equal && n <= *bound)),
                Self::Above(bound, equal) => number().is_some_and(|n| n > *bound || (*equal && n >= *bound)),
            }
        }
    }

    /// Where and as whom, and what is asked.
    #[derive(Debug, Clone, PartialEq)]
    pub struct DatabaseSettings {
        /// Where.
        pub address: Address,
        /// As whom.
        pub username: String,
        /// With what.
        pub password: Secret,
        /// Which database; empty: the server's choice.
        pub database: String,
        /// What is asked.
        pub query: Option<String>,
        /// What the answer should be.
        pub expected: Option<Expected>,
        /// How the connection is encrypted.
        pub security: Security,
        /// Authorities in PEM, beside the system's.
        pub ca: Option<String>,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl DatabaseSettings {
        pub(crate) fn read(r: &mut Reader, port: u16, user: &str) -> Option<Self> {
            let address = r.address(Some(port));
            let query = r.text_or_none("query", 10_000);
            let expected = r.optional("expect", Expected::parse);
            if expected.is_some() && query.is_none() {
                r.refuse("expect", "There is no query whose value could be expected.");
            }
            Some(Self {
                username: r.text_or_none("username", 128).unwrap_or_else(|| user.to_owned()),
                password: r.secret("password"),
                database: r.text_or_none("database", 128).unwrap_or_default(),
                query,
                expected,
                security: Security::read(r),
                ca: r.optional("ca", check_certificates),
                family: r.family(),
                address: address?,
            })
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn expected_values() {
            for (text, value, accepted) in [
                ("up", "up", true),
                ("= 5", "5", true),
                ("5", "5.0", false),
                ("< 100", "99", true),
                ("< 100", "100", false),
                ("<= 100", "100", true),
                ("> 0", "many", false),
                (">= -1.5", "-1.5", true),
            ] {
                assert_eq!(Expected::parse(text).expect(text).accepts(value), accepted, "{value} {text}");
            }
            assert!(Expected::parse("< many").is_err());
        }
    }
}
