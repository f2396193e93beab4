//! How static files are answered: those with the build in their address for ever, those in the root checked every time.

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::site::File;
use super::state::AppState;

/// `/assets/<build>/<path>`. The address of another build is gone, not silently answered with the files of this one.
pub(super) async fn versioned(State(state): State<AppState>, Path((build, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let current = state.site().current();
    if current.assets.build != build {
        return (StatusCode::NOT_FOUND, "This file belongs to another version of Loopr. Reload the page.\n").into_response();
    }
    match current.file(&path) {
        Some(file) => answer(file, &path, &headers, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Files that have to be at a fixed address: the service worker, the manifest, icons.
pub(super) fn root(state: &AppState, path: &str, headers: &HeaderMap) -> Option<Response> {
    let at_root = !path.contains('/') || path.starts_with("icons/");
    if !at_root {
        return None;
    }
    let current = state.site().current();
    let file = current.file(path)?;
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == file.tag.as_bytes()) {
        return Some(StatusCode::NOT_MODIFIED.into_response());
    }
    let mut response = answer(file, path, headers, "no-cache");
    // The service worker's own requests obey the policy that it came with.
    let policy = match path {
        "sw.js" => Some("default-src 'none'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
        "offline.html" => Some("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
        _ => None,
    };
    if let Some(policy) = policy {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Some(response)
}

fn answer(file: &File, path: &str, headers: &HeaderMap, caching: &'static str) -> Response {
    let (bytes, encoding) = negotiate(file, headers);
    let mut response = Body::from(bytes).into_response();
    let answered = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| answered.insert(name, HeaderValue::from_static(value));
    set(CONTENT_TYPE, content_type(path));
    set(CACHE_CONTROL, caching);
    set(VARY, "accept-encoding");
    if let Some(encoding) = encoding {
        set(CONTENT_ENCODING, encoding);
    }
    response
}

/// The smallest form that the browser takes.
fn negotiate(file: &File, headers: &HeaderMap) -> (Bytes, Option<&'static str>) {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes = |wanted: &str| {
        accepted.split(',').any(|part| {
            let (name, quality) = part.split_once(';').unwrap_or((part, "q=1"));
            name.trim().eq_ignore_ascii_case(wanted) && quality.trim().strip_prefix("q=").and_then(|q| q.parse().ok()) != Some(0.0_f32)
        })
    };
    match (&file.brotli, &file.gzip) {
        (Some(brotli), _) if takes("br") => (brotli.clone(), Some("br")),
        (_, Some(gzip)) if takes("gzip") => (gzip.clone(), Some("gzip")),
        _ => (file.plain.clone(), None),
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_accepted_form_is_sent() {
        let file = File {
            plain: Bytes::from_static(b"plain"),
            brotli: Some(Bytes::from_static(b"br")),
            gzip: Some(Bytes::from_static(b"gz")),
            tag: String::new(),
        };
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip;q=0.5, br;q=0", Some("gzip")),
            ("identity", None),
            ("", None),
            ("brotli", None),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(negotiate(&file, &headers).1, encoding, "{accepted}");
        }
    }
}
