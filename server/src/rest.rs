//! The REST interface, `/api/v1`: the same use cases as the pages, for programs. Bearer tokens only; cookies mean nothing
//! here, so no page of another site can make a browser use it.

mod activity;
mod auth;
mod channels;
mod cursor;
mod docs;
mod export;
mod incidents;
mod input;
mod kinds;
mod latency;
mod maintenance;
mod messages;
mod monitors;
mod occurrences;
pub mod openapi;
mod output;
mod parameters;
mod problem;
mod replay;
mod results;
mod rules;
mod schedules;
mod secrets;
mod summary;
mod transitions;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};

pub(crate) use problem::too_large;
pub use replay::Running;

use crate::web::AppState;

/// Everything below `/api`.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let v1 = Router::new()
        .route("/monitors", get(monitors::list).post(monitors::create))
        .route("/monitors/{id}", get(monitors::get).patch(monitors::update).delete(monitors::delete))
        .route("/monitors/{id}/pause", post(monitors::pause))
        .route("/monitors/{id}/resume", post(monitors::resume))
        .route("/monitors/{id}/check", post(monitors::check))
        .route("/monitors/{id}/results", get(results::results))
        .route("/monitors/{id}/uptime", get(results::uptime))
        .route("/monitors/{id}/latency", get(latency::latency))
        .route("/monitors/{id}/export", get(export::export))
        .route("/monitors/{id}/transitions", get(transitions::transitions))
        .route("/maintenance", get(maintenance::list).post(maintenance::create))
        .route("/maintenance/{id}", get(maintenance::get).patch(maintenance::update).delete(maintenance::delete))
        .route("/maintenance/{id}/start", post(maintenance::start))
        .route("/maintenance/{id}/end", post(maintenance::end))
        .route("/incidents", get(incidents::list).post(incidents::open))
        .route("/incidents/{id}", get(incidents::get).patch(incidents::update))
        .route("/incidents/{id}/acknowledge", post(incidents::acknowledge))
        .route("/incidents/{id}/comment", post(incidents::comment))
        .route("/incidents/{id}/resolve", post(incidents::resolve))
        .route("/incidents/{id}/reopen", post(incidents::reopen))
        .route("/channels", get(channels::list).post(channels::create))
        .route("/channels/{id}", get(channels::get).patch(channels::update).delete(channels::delete))
        .route("/channels/{id}/test", post(channels::test))
        .route("/channels/{id}/secret", get(channels::secret).post(channels::rotate))
        .route("/rules", get(rules::list).post(rules::create))
        .route("/rules/{id}", get(rules::get).patch(rules::update).delete(rules::delete))
        .route("/messages", get(messages::list))
        .route("/messages/{id}", get(messages::get))
        .route("/messages/{id}/retry", post(messages::retry))
        .route("/schedules", get(schedules::list).post(schedules::create))
        .route("/schedules/preview", post(schedules::preview_draft))
        .route("/schedules/test", post(schedules::test_draft))
        .route("/schedules/command", post(schedules::many::command))
        .route("/schedules/import", post(schedules::many::import))
        .route("/schedules/{id}", get(schedules::get).patch(schedules::update).delete(schedules::delete))
        .route("/schedules/{id}/pause", post(schedules::pause))
        .route("/schedules/{id}/resume", post(schedules::resume))
        .route("/schedules/{id}/run", post(schedules::run))
        .route("/schedules/{id}/test", post(schedules::test))
        .route("/schedules/{id}/preview", get(schedules::preview))
        .route("/schedules/{id}/backfill", post(schedules::backfill))
        .route("/schedules/{id}/redeliver", post(schedules::many::redeliver_span))
        .route("/schedules/{id}/secret", get(schedules::signing::reveal).post(schedules::signing::rotate))
        .route("/schedules/{id}/statistics", get(schedules::statistics::statistics))
        .route("/schedules/{id}/occurrences", get(occurrences::list))
        .route("/occurrences/redeliver", post(schedules::many::redeliver))
        .route("/dead-letters", get(occurrences::dead))
        .route("/secrets", get(secrets::list))
        .route("/secrets/{name}", put(secrets::put).delete(secrets::delete))
        .route("/occurrences/{id}", get(occurrences::get))
        .route("/occurrences/{id}/redeliver", post(occurrences::redeliver))
        .route("/occurrences/{id}/cancel", post(occurrences::cancel))
        .route("/activity", get(activity::list))
        .route("/summary", get(summary::summary))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(from_fn_with_state(state.clone(), replay::replay))
        .layer(from_fn(parameters::known))
        .layer(from_fn_with_state(state.clone(), auth::authenticate));
    Router::new()
        .nest("/v1", v1)
        .route("/openapi.json", get(openapi::document))
        .route("/docs", get(docs::page))
        .fallback(problem::no_such_path)
}
