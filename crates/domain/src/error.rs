//! The one error that crosses a wire: a stable code, a message that is safe to show, and what is wrong field by field.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong, for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Something typed is not acceptable; see the fields.
    Invalid,
    /// Nobody is signed in, or the token is unknown.
    Unauthenticated,
    /// Signed in, but not allowed to do this.
    Forbidden,
    /// It does not exist, or belongs to somebody else.
    NotFound,
    /// It exists, and does not offer what was asked of it.
    MethodNotAllowed,
    /// It clashes with what exists, or changed meanwhile.
    Conflict,
    /// Too many tries; wait.
    RateLimited,
    /// A dependency does not answer at the moment; nothing was changed.
    Unavailable,
    /// A defect of Loopr; the log has the details under the request id.
    Internal,
}

impl Code {
    /// The HTTP status that says the same.
    pub fn status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// A short title, as in `application/problem+json`.
    pub fn title(self) -> &'static str {
        match self {
            Self::Invalid => "Some of it needs a correction",
            Self::Unauthenticated => "Sign in first",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Not offered here",
            Self::Conflict => "It clashes with what exists",
            Self::RateLimited => "Too many tries",
            Self::Unavailable => "Not available right now",
            Self::Internal => "Something broke on our side",
        }
    }
}

/// What is wrong with one field of a form or a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name, as in the form and in JSON.
    pub field: String,
    /// A sentence beside the field.
    pub message: String,
}

/// Collects what is wrong, so that one answer names everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Keeps the value of a good result and adds the message of a bad one.
    pub fn take<T, E: fmt::Display>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.add(field, error.to_string());
                None
            }
        }
    }

    /// Whether something is wrong with a field.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|error| error.field == field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Joins this with another judgement of the same fields. Of a field that is named already, the first message is the cause;
    /// a refusal without fields, such as one of whoever may not do it at all, goes before both.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn join<T>(mut self, judged: Result<T, AppError>) -> Result<T, AppError> {
        match judged {
            Ok(value) if self.is_empty() => return Ok(value),
            Ok(_) => {}
            Err(error) if error.fields.is_empty() || self.is_empty() => return Err(error),
            Err(error) => {
                for wrong in error.fields {
                    if !self.has(&wrong.field) {
                        self.0.push(wrong);
                    }
                }
            }
        }
        Err(self.into_error())
    }

    /// The refusal that names them all.
    pub fn into_error(self) -> AppError {
        let message = match self.0.as_slice() {
            [only] => only.message.clone(),
            _ => "Some fields need a correction.".into(),
        };
        AppError { code: Code::Invalid, message, fields: self.0 }
    }
}

/// A refusal or failure that may be shown to whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    /// For machines.
    pub code: Code,
    /// For people: the thing, the cause, the way out.
    pub message: String,
    /// Field by field, when the code is [`Code::Invalid`] or [`Code::Conflict`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

impl AppError {
    /// An error without fields.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new() }
    }

    /// One field is not acceptable.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::new();
        errors.add(field, message);
        errors.into_error()
    }

    /// It does not exist, or the asker must not know that it does.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what} here. It may have been deleted, or it belongs to another space."))
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "Sign in to do this.")
    }

    /// A defect; what happened is in the log.
    pub fn internal() -> Self {
        Self::new(
            Code::Internal,
            "Something broke on our side, and nothing was changed. Try again; an administrator finds the cause in the log.",
        )
    }

    /// The message for a field, if there is one.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.field == field).map(|f| f.message.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(fields: &[&str]) -> FieldErrors {
        let mut errors = FieldErrors::new();
        fields.iter().for_each(|field| errors.add(*field, "first"));
        errors
    }

    #[test]
    fn judgements_of_the_same_fields_are_one_answer() {
        assert_eq!(wrong(&[]).join(Ok(7)), Ok(7));
        let both = wrong(&["a"]).join::<()>(Err(AppError { fields: vec![], ..wrong(&["b"]).into_error() }));
        assert_eq!(both, Err(AppError::new(Code::Invalid, "first")), "without fields it goes first");
        let mut later = FieldErrors::new();
        later.add("a", "second");
        later.add("b", "second");
        let both = wrong(&["a"]).join::<()>(Err(later.into_error())).expect_err("wrong");
        assert_eq!((both.of("a"), both.of("b"), both.fields.len()), (Some("first"), Some("second"), 2));
        assert!(wrong(&["a"]).join(Ok(7)).is_err());
    }
}
