//! The description of the interface, OpenAPI 3.1, made from the code that answers.

use axum::Json;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{monitors, results, summary};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Loopr",
        description = "Monitors and their history, for programs. Make a token in the settings of a space and send it as `Authorization: Bearer <token>`. \
                       Errors are `application/problem+json`. Lists are paged: send `next_cursor` as `cursor` until it is null. \
                       A POST with an `Idempotency-Key` can be repeated for 24 hours without doing anything twice."
    ),
    paths(
        monitors::list, monitors::create, monitors::get, monitors::update, monitors::delete, monitors::pause, monitors::resume, monitors::check,
        results::results, results::uptime, summary::summary
    ),
    modifiers(&Token)
)]
struct Api;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The document as a value.
pub fn describe() -> Document {
    Api::openapi()
}

pub(super) async fn document() -> Json<Document> {
    Json(describe())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let document = serde_json::to_value(describe()).expect("JSON");
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")));
        let paths = document["paths"].as_object().expect("paths");
        assert_eq!(paths.len(), 8);
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().expect("operations") {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["security"].is_array(), "{method} {path} needs a token");
            }
        }
    }
}
