//! Plain forms: a POST that the browser sends itself, without scripts or before they have arrived.
//!
//! The handler inside is asked as a script would ask it, for JSON. Success becomes a redirect to where the handler wants the
//! browser, or back with the answer kept on the server; refusal becomes a redirect back, with what was typed kept. Nothing
//! typed and no message enters an address.

use app::session::KeptForm;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use domain::AppError;
use domain::error::FieldError;
use domain::kind::{Input, secret_input};
use domain::monitor::KEPT;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use rand::RngExt as _;
use url::{Url, form_urlencoded};

use super::bounds::most;
use super::kept::keepable;
use super::origin::{self, referer_path};
use super::scope::Scope;
use super::state::AppState;
use super::visit::cookie;

/// Binds kept forms to a browser.
pub(super) const FORM_COOKIE: &str = "loopr_form";

/// Lets only our own pages change anything, and translates for plain forms.
pub(super) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let public = state.listen().public_url.as_ref();
    if !origin::is_own(request.headers(), public) {
        let text = "This request does not come from a page of this Loopr. Open Loopr under its own address and try again. \
                    Behind a proxy, set LOOPR_PUBLIC_URL.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let plain = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    if plain { translate(&state, request, next).await } else { next.run(request).await }
}

async fn translate(state: &AppState, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let most = most(parts.uri.path());
    let Ok(body) = to_bytes(body, most).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "That is more than a form of Loopr can hold.\n").into_response();
    };
    let back = referer_path(&parts.headers, state.listen().public_url.as_ref());
    let action = parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let secure = parts.extensions.get::<Scope>().is_some_and(|scope| scope.secure);
    let visitor = cookie(&parts.headers, FORM_COOKIE).map(str::to_owned);
    let typed = is_form(&parts.headers).then(|| body.clone());
    parts.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (answer, answer_body) = response.into_parts();
    let mut headers = HeaderMap::new();
    for value in answer.headers.get_all(SET_COOKIE) {
        headers.append(SET_COOKIE, value.clone());
    }
    let worked = answer.status.is_success() || answer.status.is_redirection();
    if let Some(wanted) = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok()).and_then(local).filter(|_| worked) {
        return see(headers, &wanted);
    }
    let answered = to_bytes(answer_body, most).await.ok();
    let outcome = if worked {
        answered.and_then(|bytes| String::from_utf8(bytes.into()).ok()).ok_or_else(AppError::internal)
    } else {
        Err(answered.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_else(AppError::internal))
    };
    let has_secrets = ["_monitor", "_channel", "_webhook"].iter().any(|what| action.ends_with(what));
    let outcome =
        outcome.map_err(|error| secrets_again(error, &typed.as_ref().filter(|_| has_secrets).map(typed_secrets).unwrap_or_default()));
    let values = if worked { Vec::new() } else { keepable(typed.as_ref().map(values).unwrap_or_default()) };
    let visitor = visitor.unwrap_or_else(random);
    let id = random();
    let secure = if secure { "; Secure" } else { "" };
    let set = format!("{FORM_COOKIE}={visitor}; Path=/; SameSite=Lax; Max-Age=600; HttpOnly{secure}");
    if let Ok(set) = HeaderValue::from_str(&set) {
        headers.append(SET_COOKIE, set);
    }
    let mut back = without_form(back);
    back.query_pairs_mut().append_pair("form", &id);
    state.forms().keep(id, visitor, KeptForm { action, values, outcome });
    see(headers, &back)
}

fn see(mut headers: HeaderMap, to: &Url) -> Response {
    let query = to.query().map(|query| format!("?{query}")).unwrap_or_default();
    let path = format!("{}{query}", to.path());
    headers.insert(LOCATION, HeaderValue::from_str(&path).unwrap_or(HeaderValue::from_static("/")));
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// A path of this site. A `Location` that leads elsewhere is not followed, however it came about.
fn local(location: &str) -> Option<Url> {
    if !location.starts_with('/') {
        return None;
    }
    let root = origin::root();
    root.join(location).ok().filter(|url| url.origin() == root.origin())
}

/// Where the browser came from, less the trace of an earlier refusal.
fn without_form(mut url: Url) -> Url {
    let rest: Vec<(String, String)> = url.query_pairs().filter(|(name, _)| name != "form").map(|(n, v)| (n.into(), v.into())).collect();
    url.set_query(None);
    if !rest.is_empty() {
        url.query_pairs_mut().extend_pairs(rest);
    }
    url
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/x-www-form-urlencoded") && headers.contains_key(CONTENT_LENGTH)
}

fn values(body: &Bytes) -> Vec<(String, String)> {
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The secrets of a monitor that were typed anew.
fn typed_secrets(body: &Bytes) -> Vec<String> {
    let new = |name: &str, value: &str| match secret_input(name) {
        Some(Input::Headers) => {
            value.lines().any(|line| !line.trim().is_empty() && line.split_once(':').is_none_or(|(_, value)| value.trim() != KEPT))
        }
        Some(_) => !value.trim().is_empty() && value != KEPT,
        None => false,
    };
    values(body).into_iter().filter(|(name, value)| new(name, value)).map(|(name, _)| name).collect()
}

/// Secrets are not kept: somebody who does not see that would save empty ones.
fn secrets_again(mut error: AppError, names: &[String]) -> AppError {
    if !error.fields.is_empty() {
        for name in names.iter().filter(|name| error.of(name).is_none()).cloned().collect::<Vec<_>>() {
            let message = "Type this again: what you typed is not kept here, as it may be secret.".to_owned();
            error.fields.push(FieldError { field: name, message });
        }
    }
    error
}

fn random() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 16]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local("/monitors/mon_1?x=2").map(|url| url.path().to_owned()), Some("/monitors/mon_1".into()));
        for elsewhere in ["https://evil.example/", "//evil.example/", "/\\evil.example/", "monitors", ""] {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn only_typed_secrets_have_to_be_typed_again() {
        let typed = |name: &str, value: &str| {
            let body = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            typed_secrets(&Bytes::from(body)).len()
        };
        for value in ["X-Key: secret", "no colon", &format!("A: {KEPT}\nB: new")] {
            assert_eq!(typed("headers", value), 1, "{value}");
        }
        for value in ["", " \n", &format!("A: {KEPT}\n")] {
            assert_eq!(typed("headers", value), 0, "{value}");
        }
        assert_eq!((typed("token", "t"), typed("token", KEPT), typed("url", "u")), (1, 0, 0));
    }

    #[test]
    fn an_earlier_refusal_is_forgotten() {
        let without = |text: &str| without_form(Url::parse(text).expect("valid")).to_string();
        assert_eq!(without("http://a/b?form=1"), "http://a/b");
        assert_eq!(without("http://a/b?x=1&form=1&y=2"), "http://a/b?x=1&y=2");
    }
}
