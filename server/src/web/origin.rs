//! Which site a request was made by. A cookie says who asks, not who made them ask: whatever changes something on the
//! strength of a cookie has to come from our own pages.

use http::HeaderMap;
use http::header::{HOST, HeaderName, ORIGIN};
use url::Url;

use crate::config::PublicUrl;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request was made by one of our own pages. Without `Origin`, which browsers send with every request that is
/// not a plain GET, the browser's own word (`Sec-Fetch-Site`) has to say so.
pub(super) fn is_own(headers: &HeaderMap, public: Option<&PublicUrl>) -> bool {
    match headers.get(ORIGIN).map(|origin| origin.to_str()) {
        Some(Ok(origin)) => is_own_origin(origin, headers, public),
        Some(Err(_)) => false,
        None => headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin"),
    }
}

fn is_own_origin(origin: &str, headers: &HeaderMap, public: Option<&PublicUrl>) -> bool {
    if let Some(public) = public {
        return origin == public.origin();
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

/// The path and query of a `Referer` on our own site; `/` for everything else, so that nobody is sent elsewhere.
pub(super) fn referer_path(headers: &HeaderMap, public: Option<&PublicUrl>) -> Url {
    let own = |url: &Url| is_own_origin(&url.origin().ascii_serialization(), headers, public);
    let referer = headers.get(http::header::REFERER).and_then(|referer| referer.to_str().ok());
    let found = referer.and_then(|referer| Url::parse(referer).ok()).filter(own);
    found.unwrap_or_else(root)
}

/// Some address of which only path and query are looked at.
pub(super) fn root() -> Url {
    #[expect(clippy::expect_used, reason = "a constant that a test parses")]
    Url::parse("http://localhost/").expect("a constant")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn public() -> PublicUrl {
        let variables = [("LOOPR_PUBLIC_URL".to_owned(), "https://loopr.example/".to_owned())];
        Config::from_variables(variables.into()).expect("valid").listen.public_url.expect("set")
    }

    #[test]
    fn without_a_public_address_origin_is_host() {
        let own = |pairs: &[_]| is_own(&headers(pairs), None);
        assert!(own(&[("host", "localhost:3000"), ("origin", "http://localhost:3000")]));
        assert!(!own(&[("host", "localhost:3000"), ("origin", "http://localhost:4000")]));
        assert!(!own(&[("host", "localhost:3000"), ("origin", "http://evil.example")]));
        assert!(!own(&[("host", "localhost:3000"), ("origin", "null")]));
        assert!(!own(&[("host", "localhost:3000")]));
        assert!(own(&[("host", "localhost:3000"), ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[("host", "localhost:3000"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn a_public_address_is_the_only_origin() {
        let public = public();
        let own = |pairs: &[_]| is_own(&headers(pairs), Some(&public));
        assert!(own(&[("host", "internal:3000"), ("origin", "https://loopr.example")]));
        assert!(!own(&[("host", "internal:3000"), ("origin", "http://internal:3000")]));
        assert!(!own(&[("host", "loopr.example"), ("origin", "http://loopr.example")]));
    }

    #[test]
    fn referers_elsewhere_lead_home() {
        let path = |referer| {
            let url = referer_path(&headers(&[("host", "a.example"), ("referer", referer)]), None);
            url.path().to_owned()
        };
        assert_eq!(path("https://a.example/monitors/new?x=1"), "/monitors/new");
        assert_eq!(path("https://b.example/monitors/new"), "/");
        assert_eq!(path("nonsense"), "/");
    }
}
