//! The error of every server function: [`AppError`] as JSON, with the HTTP status that its code stands for.

use domain::{AppError, Code};
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// [`AppError`] as server functions need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(transparent)]
#[error("{0}")]
pub struct ApiError(pub AppError);

impl From<AppError> for ApiError {
    /// On the server, the response gets the status of the code as well: of a page as of a server function.
    fn from(error: AppError) -> Self {
        #[cfg(feature = "ssr")]
        crate::context::set_status(error.code);
        Self(error)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        let error = match value {
            ServerFnErrorErr::Request(_) => AppError::new(Code::Unavailable, "Loopr does not answer. Check the connection and try again."),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                AppError::new(Code::Invalid, "The request could not be read. Reload the page and try again.")
            }
            _ => AppError::internal(),
        };
        error.into()
    }
}
