//! The description of the interface, OpenAPI 3.1, made from the code that answers.

use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::kinds::KindFields;
use super::{
    activity, channels, export, incidents, latency, maintenance, messages, monitors, occurrences, results, rules, schedules, secrets,
    summary, transitions,
};

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
        results::results, results::uptime, latency::latency, export::export, transitions::transitions, maintenance::list, maintenance::create, maintenance::get,
        maintenance::update, maintenance::delete, maintenance::start, maintenance::end, summary::summary,
        incidents::list, incidents::open, incidents::get, incidents::update, incidents::acknowledge, incidents::comment, incidents::resolve, incidents::reopen,
        channels::list, channels::create, channels::get, channels::update, channels::delete, channels::test, channels::secret, channels::rotate,
        rules::list, rules::create, rules::get, rules::update, rules::delete,
        messages::list, messages::get, messages::retry, activity::list,
        schedules::list, schedules::create, schedules::get, schedules::update, schedules::delete, schedules::pause, schedules::resume, schedules::run,
        schedules::test, schedules::preview, schedules::preview_draft, schedules::backfill, schedules::test_draft, schedules::signing::reveal, schedules::signing::rotate, schedules::statistics::statistics,
        schedules::many::command, schedules::many::import, schedules::many::redeliver_span, schedules::many::redeliver,
        secrets::list, secrets::put, secrets::delete,
        occurrences::list, occurrences::dead, occurrences::get, occurrences::redeliver, occurrences::cancel
    ),
    modifiers(&Token, &KindFields, &Refusals)
)]
struct Api;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// What every operation may answer besides.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut Document) {
        for (path, item) in &mut document.paths.paths {
            let of_one = path.contains('{');
            for operation in [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten() {
                let mut may = |status: &str, why: &str| {
                    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
                    let answer = ResponseBuilder::new().description(why).content("application/problem+json", problem).build();
                    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| answer.into());
                };
                may("401", "The token is missing, unknown or revoked.");
                may("403", "The token, or who made it, may not do this.");
                if of_one {
                    may("404", "There is no such thing in this space.");
                }
                may("429", "Too many requests. Wait a moment.");
                may("503", "The database did not answer. Nothing was changed.");
            }
        }
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
        assert_eq!(paths.len(), 54);
        for (path, operations) in paths {
            for (method, operation) in operations.as_object().expect("operations") {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["responses"]["401"].is_object() && operation["responses"]["429"].is_object(), "{method} {path}");
                assert!(operation["security"].is_array(), "{method} {path} needs a token");
            }
        }
    }
}
