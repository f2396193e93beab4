//! What may stand behind the question mark: the parameters that the description of the interface has for an operation, each once. What
//! is misspelt is refused, or it would be passed over in silence and the answer would be another one than was asked for.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use domain::error::FieldErrors;
use http::Method;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};

use super::problem::{Problem, request_id};

type Names = HashMap<(Method, String), Vec<String>>;

/// The names of each operation, from its description.
static KNOWN: LazyLock<Names> = LazyLock::new(|| {
    let operations = super::openapi::describe().paths.paths.into_iter().flat_map(|(path, item)| {
        let PathItem { get, post, put, patch, delete, .. } = item;
        let all = [(Method::GET, get), (Method::POST, post), (Method::PUT, put), (Method::PATCH, patch), (Method::DELETE, delete)];
        all.into_iter().filter_map(move |(method, operation)| Some(((method, path.clone()), names(&operation?))))
    });
    operations.collect()
});

fn names(operation: &Operation) -> Vec<String> {
    let written_out = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    written_out.filter(|parameter| parameter.parameter_in == ParameterIn::Query).map(|parameter| parameter.name.clone()).collect()
}

/// Refuses parameters that the operation does not have.
pub(super) async fn known(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    // What asks for the head of an answer asks for the same.
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let known = path.and_then(|path| KNOWN.get(&(method, path)));
    let wrong = known.zip(request.uri().query()).map(|(known, query)| judge(known, query));
    match wrong.filter(|wrong| !wrong.is_empty()) {
        Some(wrong) => Problem::new(wrong.into_error(), request_id(request.extensions())).bad_request().into_response(),
        None => next.run(request).await,
    }
}

fn judge(known: &[String], query: &str) -> FieldErrors {
    let mut wrong = FieldErrors::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        let shown: String = name.chars().take(80).collect();
        if wrong.has(&shown) {
            continue;
        }
        if !known.iter().any(|known| *known == name) {
            let there_are = match known {
                [] => "This takes none.".to_owned(),
                known => format!("There are {}.", known.join(", ")),
            };
            wrong.add(shown.clone(), format!("There is no parameter “{shown}” here. {there_are}"));
        } else if seen.contains(&shown) {
            wrong.add(shown.clone(), format!("“{shown}” stands there twice."));
        }
        seen.push(shown);
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: Method, path: &str) -> Vec<String> {
        KNOWN.get(&(method, format!("/api/v1{path}"))).cloned().expect("an operation")
    }

    #[test]
    fn the_description_says_which_parameters_there_are() {
        assert_eq!(of(Method::GET, "/monitors"), ["limit", "cursor"]);
        assert_eq!(of(Method::GET, "/monitors/{id}/export"), ["format", "from", "to"]);
        assert!(of(Method::POST, "/monitors").is_empty() && of(Method::GET, "/monitors/{id}").is_empty());
    }

    #[test]
    fn what_is_misspelt_is_named_once_with_what_there_is() {
        let known = of(Method::GET, "/monitors");
        assert!(judge(&known, "limit=1&cursor=x").is_empty());
        let wrong = judge(&known, "limits=1&limit=2&limit=3&limits=4").into_error();
        let named: Vec<_> = wrong.fields.iter().map(|wrong| wrong.field.as_str()).collect();
        assert_eq!(named, ["limits", "limit"]);
        assert!(wrong.of("limits").is_some_and(|message| message.contains("There are limit, cursor.")));
        assert!(judge(&[], "%62ogus").has("bogus"));
    }
}
