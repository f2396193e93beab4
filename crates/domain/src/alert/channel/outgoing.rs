//! A request as a value: what a kind asks of its provider, before anything is sent.

use std::fmt;

use serde_json::Value;
use url::Url;

use crate::http::Header;

/// A request. Its address and headers may carry secrets, so `Debug` shows neither.
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    /// `POST`, in all cases but few.
    pub method: &'static str,
    /// In full.
    pub url: String,
    /// Beside the type of the body.
    pub headers: Vec<Header>,
    /// What is sent.
    pub body: Body,
}

/// What a request carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A document.
    Json(Value),
    /// A form.
    Form(Vec<(&'static str, String)>),
    /// A document, to the byte: a signature was made of it.
    Text(String),
}

impl Outgoing {
    /// A document that is posted.
    pub fn json(url: impl Into<String>, document: Value) -> Self {
        Self { method: "POST", url: url.into(), headers: Vec::new(), body: Body::Json(document) }
    }

    /// A form that is posted.
    pub fn form(url: impl Into<String>, fields: Vec<(&'static str, String)>) -> Self {
        Self { method: "POST", url: url.into(), headers: Vec::new(), body: Body::Form(fields) }
    }

    /// The same with another header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(Header { name: name.into(), value: value.into() });
        self
    }

    /// The method and the address without what may be secret in it.
    pub fn shown(&self) -> String {
        format!("{} {}", self.method, shown_url(&self.url))
    }

    /// The type and the bytes of the body.
    pub fn encoded(&self) -> (&'static str, String) {
        match &self.body {
            Body::Json(document) => ("application/json", document.to_string()),
            Body::Text(text) => ("application/json", text.clone()),
            Body::Form(fields) => {
                let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", form)
            }
        }
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// An address without what may be secret in it: `https://hooks.slack.com/…`.
pub fn shown_url(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "an address that cannot be read".into() };
    let (host, port) = (url.host_str().unwrap_or_default(), url.port().map_or(String::new(), |port| format!(":{port}")));
    let more = if url.path() == "/" && url.query().is_none() { "/" } else { "/…" };
    format!("{}://{host}{port}{more}", url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_does_not_show() {
        let request =
            Outgoing::json("https://ann:pw@hooks.example.com:8443/services/T0/secret?k=v", Value::Null).with("Authorization", "Bearer s");
        assert_eq!(request.shown(), "POST https://hooks.example.com:8443/…");
        assert!(!format!("{request:?}").contains("secret"));
    }
}
