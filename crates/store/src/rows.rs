//! Record ids and variables, said shortly.

use std::fmt::Display;
use std::str::FromStr;
use surrealdb::types::{Array, RecordId, RecordIdKey, Value, Variables};

use crate::error::StoreError;

/// Variables of a query: `vars! { name: value, … }`.
macro_rules! vars {
    ($($name:ident: $value:expr),* $(,)?) => {{
        let mut variables = surrealdb::types::Variables::new();
        $(variables.insert(stringify!($name), $value);)*
        variables
    }};
}
pub(crate) use vars;

/// No variables.
pub(crate) fn none() -> Variables {
    Variables::new()
}

/// The record of an id.
pub(crate) fn record(table: &'static str, id: impl Display) -> RecordId {
    RecordId::new(table, id.to_string())
}

/// A record with a compound key.
pub(crate) fn compound(table: &'static str, parts: Vec<Value>) -> RecordId {
    RecordId::new(table, RecordIdKey::Array(Array::from(parts)))
}

/// A part of a compound key.
pub(crate) fn text(part: impl Display) -> Value {
    Value::String(part.to_string())
}

/// A part of a compound key.
pub(crate) fn number(part: i64) -> Value {
    Value::Number(part.into())
}

/// The n-th part of a compound key, as a number.
pub(crate) fn key_number(id: &RecordId, part: usize) -> Option<i64> {
    match &id.key {
        RecordIdKey::Array(parts) => match parts.get(part) {
            Some(Value::Number(n)) => n.to_int(),
            _ => None,
        },
        _ => None,
    }
}

/// The n-th part of a compound key, as text.
pub(crate) fn key_text(id: &RecordId, part: usize) -> Option<&str> {
    match &id.key {
        RecordIdKey::Array(parts) => match parts.get(part) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        RecordIdKey::String(text) if part == 0 => Some(text),
        _ => None,
    }
}

/// Reads an id from the key of a record.
pub(crate) fn id_of<T: FromStr>(table: &'static str, id: &RecordId) -> Result<T, StoreError> {
    parse(table, key_text(id, 0).unwrap_or_default())
}

/// Reads a column that holds an id or another value with a text form.
pub(crate) fn parse<T: FromStr>(table: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| damaged(table, format!("“{text}” is not what it should be")))
}

/// A row that this version did not write.
pub(crate) fn damaged(table: &'static str, cause: impl Into<String>) -> StoreError {
    StoreError::Damaged { table, cause: cause.into() }
}

/// A value as JSON, for a column that is never searched.
pub(crate) fn to_json<T: serde::Serialize>(table: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Query(format!("a row of {table} cannot be written: {e}")))
}

/// Reads what [`to_json`] wrote.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| damaged(table, format!("it is not what was written: {e}")))
}

/// A short text that stands for another one in a key.
pub(crate) fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}
