//! What is sent: method, headers and body, built once, and rebuilt only where a redirect changes them (RFC 9110, 15.4).

use bytes::Bytes;
use domain::kind::http::{Auth, HttpSettings};
use http::header::{self, HeaderMap, HeaderName};
use http::{HeaderValue, Method, Request};
use http_body_util::Full;

use super::InvalidHttp;
use super::leg::Leg;

/// Everything of a request but its target.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

/// Headers that may follow a redirect to another origin. Any other header that a person typed may be a key to their own
/// service, so all others stay behind, not just `Authorization` and `Cookie`.
const HARMLESS: [HeaderName; 9] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::PRAGMA,
    header::USER_AGENT,
];

/// How the target of a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Path and query, for the server itself.
    Origin,
    /// The whole URL, for a proxy (RFC 9112, 3.2.2).
    Absolute,
    /// The whole URL, for HTTP/2.
    Http2,
}

/// The header of credentials that do not change; a token of OAuth 2 does.
fn authorization(auth: &Auth) -> Result<Option<HeaderValue>, InvalidHttp> {
    let text = match auth {
        Auth::None | Auth::OAuth2 { .. } => return Ok(None),
        Auth::Basic { username, password } => basic(username, password.reveal()),
        Auth::Bearer(token) => format!("Bearer {}", token.reveal()),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| InvalidHttp("The credentials cannot be sent.".into()))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// RFC 7617.
pub(super) fn basic(username: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}")))
}

impl Outgoing {
    /// Builds what the first leg sends.
    pub fn new(settings: &HttpSettings, first: &Leg, user_agent: &HeaderValue) -> Result<Self, InvalidHttp> {
        let method =
            Method::from_bytes(settings.method.as_bytes()).map_err(|_| InvalidHttp(format!("“{}” is not a method.", settings.method)))?;
        let body = settings.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.clone().into_bytes()));
        let mut headers = HeaderMap::with_capacity(settings.headers.len() + 6);
        headers.insert(header::HOST, first.authority.clone());
        for typed in &settings.headers {
            let name = HeaderName::from_bytes(typed.name.as_bytes())
                .map_err(|_| InvalidHttp(format!("“{}” is not a header name.", typed.name)))?;
            let mut value = HeaderValue::from_bytes(typed.value.as_bytes())
                .map_err(|_| InvalidHttp(format!("The value of the header {} cannot be sent.", typed.name)))?;
            value.set_sensitive(true);
            if name == header::HOST {
                headers.insert(name, value);
            } else {
                headers.append(name, value);
            }
        }
        if let Some(credentials) = authorization(&settings.auth)? {
            headers.insert(header::AUTHORIZATION, credentials);
        }
        if let Some(credentials) = &first.credentials {
            headers.entry(header::AUTHORIZATION).or_insert_with(|| credentials.clone());
        }
        headers.entry(header::USER_AGENT).or_insert_with(|| user_agent.clone());
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        // The body is measured and thrown away: unpacking it would cost time and open the door to bombs.
        headers.entry(header::ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        // Some servers insist on a length with these methods, even on a length of nothing.
        if !body.is_empty() || matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Ok(Self { method, headers, body })
    }

    /// The method in use.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// A request for a leg.
    pub fn request(&self, leg: &Leg, form: Form) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.headers_mut() = self.headers.clone();
        *request.uri_mut() = match form {
            Form::Origin => leg.target.clone(),
            // A URL that was taken apart is one that can be put together.
            Form::Absolute | Form::Http2 => leg.url.as_str().parse().unwrap_or_else(|_| leg.target.clone()),
        };
        if form == Form::Http2 {
            // The authority is in the URI, and a connection's headers do not exist (RFC 9113, 8.2.2).
            request.headers_mut().remove(header::HOST);
            request.headers_mut().remove(header::CONNECTION);
        }
        request
    }

    /// The same with a token.
    pub fn authorized(&self, credentials: HeaderValue) -> Self {
        let mut next = self.clone();
        next.headers.insert(header::AUTHORIZATION, credentials);
        next
    }

    /// The same for a proxy that is asked to pass it on.
    pub fn through(&self, credentials: Option<&HeaderValue>) -> Self {
        let mut next = self.clone();
        if let Some(credentials) = credentials {
            next.headers.insert(header::PROXY_AUTHORIZATION, credentials.clone());
        }
        next
    }

    /// What is sent after a redirect with `status` from one leg to the next.
    pub fn redirected(&self, status: Option<u16>, from: &Leg, to: &Leg) -> Self {
        let mut next = self.clone();
        let becomes_get = match status {
            Some(303) => self.method != Method::HEAD,
            Some(301 | 302) => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            next.method = Method::GET;
            next.body = Bytes::new();
            let described = [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE];
            for name in described {
                next.headers.remove(name);
            }
        }
        if !from.same_origin(to) {
            let strange: Vec<HeaderName> = next.headers.keys().filter(|name| !HARMLESS.contains(name)).cloned().collect();
            for name in strange {
                next.headers.remove(name);
            }
            next.headers.insert(header::HOST, to.authority.clone());
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::http::Header;

    fn leg(url: &str) -> Leg {
        Leg::parse(url, &Default::default()).expect(url)
    }

    fn outgoing(method: &str, headers: &[(&str, &str)], body: Option<&str>) -> Outgoing {
        let settings = HttpSettings {
            url: "https://a.example/".into(),
            method: method.into(),
            headers: headers.iter().map(|(name, value)| Header { name: (*name).into(), value: (*value).into() }).collect(),
            body: body.map(Into::into),
            ..HttpSettings::default()
        };
        Outgoing::new(&settings, &leg(&settings.url), &HeaderValue::from_static("Loopr")).expect("valid")
    }

    #[test]
    fn typed_headers_win_over_defaults() {
        let sent = outgoing("GET", &[("user-agent", "mine"), ("Host", "other.example"), ("X-A", "1"), ("x-a", "2")], None);
        assert_eq!(sent.headers.get("user-agent").map(HeaderValue::as_bytes), Some(&b"mine"[..]));
        assert_eq!(sent.headers.get("host").map(HeaderValue::as_bytes), Some(&b"other.example"[..]));
        assert_eq!(sent.headers.get_all("x-a").iter().count(), 2);
        assert!(!sent.headers.contains_key("content-length"));
        assert!(!format!("{sent:?}").contains("other.example"), "values are sensitive");
    }

    #[test]
    fn methods_change_as_the_rfc_says() {
        let (from, to) = (leg("https://a.example/"), leg("https://a.example/next"));
        for (method, status, after) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("PUT", 302, "PUT"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
        ] {
            let next = outgoing(method, &[("content-type", "text/plain")], Some("x")).redirected(Some(status), &from, &to);
            assert_eq!(next.method.as_str(), after, "{method} {status}");
            assert_eq!(next.body.is_empty(), after != method || method == "HEAD" && next.body.is_empty(), "{method} {status}");
            assert_eq!(next.headers.contains_key("content-type"), !next.body.is_empty(), "{method} {status}");
        }
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        let typed = [("Authorization", "a"), ("Cookie", "b"), ("X-Api-Key", "c"), ("Host", "d"), ("Accept", "e")];
        let sent = outgoing("GET", &typed, None);
        let from = leg("https://a.example/");
        let same = sent.redirected(Some(302), &from, &leg("https://a.example:443/x"));
        assert!(["authorization", "cookie", "x-api-key"].iter().all(|name| same.headers.contains_key(*name)));
        for url in ["https://b.example/", "http://a.example/", "https://a.example:8443/"] {
            let next = sent.redirected(Some(302), &from, &leg(url));
            assert!(["authorization", "cookie", "x-api-key"].iter().all(|name| !next.headers.contains_key(*name)), "{url}");
            assert_eq!(next.headers.get("host"), Some(&leg(url).authority));
            assert!(next.headers.contains_key("accept"));
        }
    }
}
