//! Who looks at a page: the cookies of a request become the [`PageContext`] that pages and server functions read.

use std::sync::Arc;

use app::context::{PageContext, SESSION_COOKIE, THEME_COOKIE, ZONE_COOKIE};
use app::environment::Theme;
use app::session::KeptForm;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::{AppError, Timestamp};
use engine::Visitor;
use http::header::{CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::forms::FORM_COOKIE;
use super::headers::{self, PageNonce};
use super::scope::Scope;
use super::state::AppState;

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// Who is signed in, by the session cookie.
pub(super) async fn visitor(state: &AppState, headers: &HeaderMap) -> Result<Option<Visitor>, AppError> {
    match cookie(headers, SESSION_COOKIE).filter(|secret| !secret.is_empty()) {
        Some(secret) => state.engine().accounts().visitor(secret).await,
        None => Ok(None),
    }
}

/// Gives pages and server functions their context.
pub(super) async fn enter(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(scope) = request.extensions().get::<Scope>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let visitor = match visitor(&state, request.headers()).await {
        Ok(visitor) => visitor.map(Arc::new),
        Err(error) => return (super::health::status(&error), format!("{error}\n")).into_response(),
    };
    let visitor = match follow(&state, request.uri().path(), visitor, request.headers()).await {
        Ok(visitor) => visitor,
        Err(error) => return (super::health::status(&error), format!("{error}\n")).into_response(),
    };
    let nonce = PageNonce::new();
    let context = PageContext {
        engine: state.engine().clone(),
        visitor,
        client: scope.client,
        assets: state.site().assets(),
        theme: cookie(request.headers(), THEME_COOKIE).and_then(Theme::from_name).unwrap_or_default(),
        zone: zone(request.headers()),
        secure_cookies: scope.secure,
        request_id: scope.request_id,
        kept_form: Arc::new(kept(&state, request.headers())),
    };
    request.extensions_mut().insert(context);
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let is_page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        headers::page(response.headers_mut(), &nonce, scope.secure);
    } else {
        response.headers_mut().entry(http::header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// A link to a monitor opens the space that the monitor belongs to, when it is one of the reader's.
async fn follow(state: &AppState, path: &str, reader: Option<Arc<Visitor>>, headers: &HeaderMap) -> Result<Option<Arc<Visitor>>, AppError> {
    let monitor = path.strip_prefix("/monitors/").and_then(|rest| rest.split('/').next()?.parse().ok());
    match (reader, monitor) {
        (Some(there), Some(monitor)) if state.engine().spaces().follow(&there, monitor).await? => {
            visitor(state, headers).await.map(|found| found.map(Arc::new))
        }
        (reader, _) => Ok(reader),
    }
}

/// The reader's time zone, when it is one.
fn zone(headers: &HeaderMap) -> String {
    let wanted = cookie(headers, ZONE_COOKIE).unwrap_or("UTC").replace("%2F", "/").replace("%2f", "/");
    let known = wanted.len() < 64 && Timestamp::from_millis(0).offset_in(&wanted).is_some();
    if known { wanted } else { "UTC".to_owned() }
}

/// Finds what was typed into a refused form, for the browser that typed it.
fn kept(state: &AppState, headers: &HeaderMap) -> impl Fn(&str) -> Option<KeptForm> + Send + Sync + 'static {
    let (state, visitor) = (state.clone(), cookie(headers, FORM_COOKIE).map(str::to_owned));
    move |id| state.forms().find(id, visitor.as_deref()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; loopr_zone=Europe%2FBerlin;xa=2"));
        headers.append(COOKIE, HeaderValue::from_static("b=3"));
        assert_eq!((cookie(&headers, "a"), cookie(&headers, "b"), cookie(&headers, "x")), (Some("1"), Some("3"), None));
        assert_eq!(zone(&headers), "Europe/Berlin");
        headers.insert(COOKIE, HeaderValue::from_static("loopr_zone=Nowhere/At<all>"));
        assert_eq!(zone(&headers), "UTC");
    }
}
