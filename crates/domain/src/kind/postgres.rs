//! A PostgreSQL server: connect, sign in, and perhaps a query.

use super::Field;
use super::field::{self, CA, FAMILY, LATENCY, PASSWORD, SECURITY, SIGN_IN, USERNAME};
use super::mysql::QUERY;

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("db.example.com").hinted("A host, and a port when it is not 5432."),
        USERNAME.like("postgres"),
        PASSWORD,
        Field::line("database", "Database").within(SIGN_IN).like("the name of the user"),
    ],
    QUERY,
    &[SECURITY, CA, FAMILY],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use super::mysql::DatabaseSettings as PostgresSettings;
