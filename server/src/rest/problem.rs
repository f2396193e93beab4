//! Errors as `application/problem+json` (RFC 9457), with what is wrong field by field.

use axum::Extension;
use axum::extract::Request;
use axum::response::Response;
use domain::error::FieldError;
use domain::{AppError, Code};
use http::header::CONTENT_TYPE;
use http::{Extensions, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;

use crate::web::scope::Scope;

/// What is wrong with a request, or with us.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// A short title.
    #[schema(example = "Some of it needs a correction")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// For people: the thing, the cause, the way out.
    detail: String,
    /// For programs: `invalid`, `unauthenticated`, `forbidden`, `not_found`, `method_not_allowed`, `conflict`, `rate_limited`, `unavailable`, `internal`.
    #[schema(value_type = String, example = "invalid")]
    code: Code,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<WrongField>,
    /// Under which id the log tells more.
    request_id: String,
}

/// What is wrong with one field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WrongField {
    /// The field.
    #[schema(example = "interval_seconds")]
    field: String,
    /// What is wrong with it.
    #[schema(example = "Choose between 1 s and 24 h.")]
    message: String,
}

impl From<FieldError> for WrongField {
    fn from(error: FieldError) -> Self {
        Self { field: error.field, message: error.message }
    }
}

impl Problem {
    pub fn new(error: AppError, request_id: String) -> Self {
        Self {
            kind: "about:blank",
            title: error.code.title(),
            status: error.code.status(),
            detail: error.message,
            code: error.code,
            errors: error.fields.into_iter().map(Into::into).collect(),
            request_id,
        }
    }

    /// The same as 400: the address itself is wrong, not what it leads to.
    pub fn bad_request(self) -> Self {
        Self { status: 400, title: "The address has something that is not offered", ..self }
    }

    /// As a response with the status of the code.
    pub fn into_response(self) -> Response {
        let status = http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = axum::response::IntoResponse::into_response((status, axum::Json(self)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}

/// The error of a handler: it needs the request's id to become a [`Problem`].
pub(super) struct Failed(pub AppError, pub String);

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> Response {
        Problem::new(self.0, self.1).into_response()
    }
}

/// Turns an [`AppError`] into the answer of this request.
pub(super) trait OrFailed<T> {
    fn or_failed(self, scope: &Scope) -> Result<T, Failed>;
}

impl<T> OrFailed<T> for Result<T, AppError> {
    fn or_failed(self, scope: &Scope) -> Result<T, Failed> {
        self.map_err(|error| Failed(error, scope.request_id.clone()))
    }
}

pub(super) fn request_id(extensions: &Extensions) -> String {
    extensions.get::<Scope>().map(|scope| scope.request_id.clone()).unwrap_or_default()
}

/// The answer to a body that is larger than any of the interface.
pub(crate) fn too_large(error: AppError, extensions: &Extensions) -> Response {
    Problem { status: 413, title: "The body is too large", ..Problem::new(error, request_id(extensions)) }.into_response()
}

pub(super) async fn no_such_path(Extension(scope): Extension<Scope>) -> Failed {
    Failed(AppError::new(Code::NotFound, "There is nothing at this address. /api/docs lists what there is."), scope.request_id)
}

pub(super) async fn no_such_method(request: Request) -> Response {
    let message = format!("{} is not offered at this address. /api/docs lists what is.", request.method());
    Problem::new(AppError::new(Code::MethodNotAllowed, message), request_id(request.extensions())).into_response()
}
