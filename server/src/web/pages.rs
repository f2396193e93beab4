//! The pages of the app and its server functions, mounted under their middleware; and whatever nothing else answers.

use app::context::PageContext;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::LOCATION;
use http::{Method, StatusCode};
use leptos::nonce::Nonce;
use leptos::prelude::{LeptosOptions, provide_context, use_context};
use leptos_axum::{LeptosRoutes as _, generate_route_list, render_app_async_with_context};
use tower::ServiceExt as _;

use super::headers::PageNonce;
use super::state::AppState;
use super::{assets, download, forms, visit};

/// Pages and server functions.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let options = <LeptosOptions as axum::extract::FromRef<AppState>>::from_ref(state);
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(app::App), provide, move || app::shell(options.clone()))
        .route("/monitors/{id}/export", get(download::download))
        .route("/activity/export", get(download::activity))
        .layer(from_fn(moved))
        .layer(from_fn_with_state(state.clone(), forms::guard))
        .layer(from_fn_with_state(state.clone(), visit::enter))
}

/// A page that leads elsewhere says so by its status to whoever asks: Leptos does so to browsers alone.
async fn moved(request: Request, next: Next) -> Response {
    let page = matches!(*request.method(), Method::GET | Method::HEAD) && !request.uri().path().starts_with("/fn/");
    let mut response = next.run(request).await;
    if page && response.status() == StatusCode::OK && response.headers().contains_key(LOCATION) {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

/// Hands the context of the request, which the middleware made, to Leptos.
fn provide() {
    let Some(parts) = use_context::<http::request::Parts>() else { return };
    if let Some(page) = parts.extensions.get::<PageContext>() {
        provide_context(page.clone());
    }
    if let Some(nonce) = parts.extensions.get::<PageNonce>() {
        provide_context(Nonce::from_value(nonce.0.clone()));
    }
}

/// A file of the site's root, or the page that says there is none.
pub(super) async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    if let Some(response) = assets::root(&state, path, request.headers()) {
        return response;
    }
    if path.starts_with("fn/") || path.starts_with("assets/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let options = <LeptosOptions as axum::extract::FromRef<AppState>>::from_ref(&state);
    let render = render_app_async_with_context(provide, move || app::shell(options.clone()));
    let page = tower::service_fn(move |request: Request<Body>| {
        let render = render.clone();
        async move { Ok::<_, std::convert::Infallible>(render(request).await) }
    });
    let service = tower::ServiceBuilder::new().layer(from_fn_with_state(state, visit::enter)).service(page);
    let mut response = match service.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
