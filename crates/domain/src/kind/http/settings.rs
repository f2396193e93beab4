//! The settings of an HTTP check.

use url::Url;

use super::{REDIRECTS_DEFAULT, REDIRECTS_MAX};
use crate::assertion::{Assertion, MOST};
use crate::http::{Header, StatusRanges, is_token};
use crate::kind::Reader;
use crate::kind::address::{Family, check_certificates, check_key, parse_url};
use crate::monitor::BODY_MAX;
use crate::secret::Secret;

/// Who signs in, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Auth {
    /// Nobody.
    #[default]
    None,
    /// RFC 7617.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// RFC 6750.
    Bearer(Secret),
    /// RFC 6749, 4.4: a token is asked for with the client's own credentials.
    OAuth2 {
        /// Where tokens are given out.
        token_url: String,
        /// The client's id.
        client_id: String,
        /// The client's secret.
        client_secret: Secret,
        /// What is asked for; may be empty.
        scope: String,
    },
}

/// Which HTTP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2; without TLS with prior knowledge.
    Http2,
    /// What the server prefers.
    Auto,
}

/// Who makes the connection in our place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// SOCKS 5 instead of HTTP.
    pub socks: bool,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Name and password.
    pub credentials: Option<(String, Secret)>,
}

/// Everything that one HTTP check sends and judges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HttpSettings {
    /// An absolute `http` or `https` URL, normalised.
    pub url: String,
    /// Upper case.
    pub method: String,
    /// Sent in this order.
    pub headers: Vec<Header>,
    /// Sent as it is.
    pub body: Option<String>,
    /// Who signs in.
    pub auth: Auth,
    /// Which final statuses are a success.
    pub accepted_status: StatusRanges,
    /// What the answer has to be beside that.
    pub assertions: Vec<Assertion>,
    /// How many redirects are followed; none: a redirect is the answer.
    pub redirects: u32,
    /// Which addresses are dialled.
    pub family: Family,
    /// Which HTTP is spoken.
    pub version: Version,
    /// With any certificate.
    pub insecure: bool,
    /// Authorities in PEM, beside the system's.
    pub ca: Option<String>,
    /// Certificate and key of our own, in PEM.
    pub identity: Option<(String, Secret)>,
    /// Who makes the connection in our place.
    pub proxy: Option<Proxy>,
    /// How much of a response is read, when it is not the instance's default, in bytes.
    pub response_cap_bytes: Option<u64>,
}

impl HttpSettings {
    /// A plain request, for tests and tools.
    pub fn get(url: impl Into<String>) -> Self {
        Self { url: url.into(), method: "GET".into(), redirects: REDIRECTS_DEFAULT, ..Self::default() }
    }

    pub(crate) fn read(r: &mut Reader) -> Option<Self> {
        let url = r.normal("url", |text| parse_url(text, &["https", "http"]).map(String::from));
        let method = if r.text("method").is_empty() { "GET".to_owned() } else { r.normal("method", parse_method).unwrap_or_default() };
        let mut headers = r.headers("headers");
        if let Some(cookies) = r.optional("cookies", parse_cookies) {
            headers.push(Header { name: "Cookie".into(), value: cookies });
        }
        let body = body(r, &mut headers);
        let accepted_status = r.or("accepted_status", StatusRanges::default(), str::parse);
        if !r.text("accepted_status").is_empty() {
            r.keep("accepted_status", accepted_status.to_string());
        }
        let lines = r.lines("assertions", MOST);
        let assertions = lines.iter().filter_map(|line| r.optional("assertions", |_| Assertion::parse(line))).collect();
        let version = match r.choice("http_version") {
            "2" => Version::Http2,
            "auto" => Version::Auto,
            _ => Version::Http1,
        };
        Some(Self {
            method,
            headers,
            body,
            auth: auth(r),
            accepted_status,
            assertions,
            redirects: r.number("redirects", REDIRECTS_DEFAULT, 0..=REDIRECTS_MAX),
            family: r.family(),
            version,
            insecure: r.flag("insecure"),
            ca: r.optional("ca", check_certificates),
            identity: identity(r),
            proxy: r.optional("proxy", parse_proxy),
            response_cap_bytes: r.optional("response_cap_kib", parse_cap),
            url: url?,
        })
    }
}

fn parse_method(text: &str) -> Result<String, String> {
    let method = text.trim().to_uppercase();
    match method.as_str() {
        "CONNECT" => Err("CONNECT opens a tunnel, which is nothing to check.".into()),
        _ if is_token(&method) && method.len() <= 20 => Ok(method),
        _ => Err("This is not an HTTP method. GET, HEAD and POST are.".into()),
    }
}

fn parse_cookies(text: &str) -> Result<String, String> {
    let fine = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    if fine && text.contains('=') && text.len() <= 8_192 {
        Ok(text.to_owned())
    } else {
        Err("Cookies look like name=value; other=value.".into())
    }
}

fn body(r: &mut Reader, headers: &mut Vec<Header>) -> Option<String> {
    let kind = r.choice("body_type");
    let fits = |text: &str| {
        if text.len() > BODY_MAX {
            Err(format!("Use at most 64 KiB; this is {} KiB.", text.len().div_ceil(1024)))
        } else {
            Ok(text.to_owned())
        }
    };
    let text = r.optional("body", fits)?;
    let (text, content_type) = match kind {
        "json" => {
            if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(&text) {
                r.refuse("body", format!("This is not JSON: {error}."));
            }
            (text, Some("application/json"))
        }
        "form" => {
            let pairs = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| line.split_once('=').unwrap_or((line, "")));
            let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            (encoded, Some("application/x-www-form-urlencoded"))
        }
        _ => (text, None),
    };
    if let Some(value) = content_type
        && !headers.iter().any(|header| header.name.eq_ignore_ascii_case("content-type"))
    {
        headers.push(Header { name: "Content-Type".into(), value: value.into() });
    }
    Some(text)
}

fn auth(r: &mut Reader) -> Auth {
    let username = r.text("username").to_owned();
    let required = |r: &mut Reader, name: &str, message: &str| {
        if r.text(name).is_empty() {
            r.refuse(name, message);
        }
    };
    match r.choice("auth") {
        "basic" => {
            if username.is_empty() || username.contains(':') {
                r.refuse("username", "Enter a user name without a colon.");
            }
            Auth::Basic { username, password: r.secret("password") }
        }
        "bearer" => {
            required(r, "token", "Enter the token.");
            if r.text("token").bytes().any(|b| !(0x21..0x7f).contains(&b)) {
                r.refuse("token", "A token has no spaces and no special characters.");
            }
            Auth::Bearer(r.secret("token"))
        }
        "oauth2" => {
            required(r, "username", "Enter the client’s id.");
            required(r, "password", "Enter the client’s secret.");
            let token_url = r.normal("token_url", |text| parse_url(text, &["https", "http"]).map(String::from));
            Auth::OAuth2 {
                token_url: token_url.unwrap_or_default(),
                client_id: username,
                client_secret: r.secret("password"),
                scope: r.text("scope").to_owned(),
            }
        }
        _ => Auth::None,
    }
}

fn identity(r: &mut Reader) -> Option<(String, Secret)> {
    let certificate = r.optional("client_certificate", check_certificates);
    let key = r.optional("client_key", check_key).map(Secret::new);
    match (r.text("client_certificate").is_empty(), r.text("client_key").is_empty()) {
        (false, true) => r.refuse("client_key", "Enter the key of the client certificate."),
        (true, false) => r.refuse("client_certificate", "Enter the certificate of the client key."),
        _ => {}
    }
    certificate.zip(key)
}

fn parse_proxy(text: &str) -> Result<Proxy, String> {
    let like = "A proxy looks like http://proxy.example.com:3128 or socks5://user:secret@proxy.example.com:1080.";
    let url = Url::parse(text).map_err(|_| like.to_owned())?;
    let (socks, usual) = match url.scheme() {
        "http" => (false, 80),
        "socks5" | "socks5h" => (true, 1080),
        _ => return Err(like.to_owned()),
    };
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| like.to_owned())?.to_owned();
    let plain = |text: &str| percent_decoded(text);
    let credentials = (!url.username().is_empty()).then(|| (plain(url.username()), Secret::new(plain(url.password().unwrap_or_default()))));
    if credentials.as_ref().is_some_and(|(name, password)| name.len() > 255 || password.reveal().len() > 255) {
        return Err("A name or password for a proxy has at most 255 bytes.".into());
    }
    Ok(Proxy { socks, host, port: url.port().unwrap_or(usual), credentials })
}

/// Undoes percent encoding. A form's decoder would also take a plus sign for a space.
fn percent_decoded(text: &str) -> String {
    let plus = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={plus}").as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn parse_cap(text: &str) -> Result<u64, String> {
    text.parse::<u64>()
        .ok()
        .filter(|kib| (1..=10_240).contains(kib))
        .map(|kib| kib * 1024)
        .ok_or("Choose a whole number from 1 to 10240.".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldErrors;
    use crate::kind::{Kind, Target, Values};

    fn read(pairs: &[(&str, &str)]) -> Result<HttpSettings, Vec<String>> {
        let mut errors = FieldErrors::new();
        let values: Values = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match Target::read(Kind::Http, values, &mut errors).0 {
            Some(Target::Http(http)) if errors.is_empty() => Ok(*http),
            _ => Err(errors.into_error().fields.into_iter().map(|field| field.field).collect()),
        }
    }

    #[test]
    fn bodies_bring_their_type() {
        let json = read(&[("url", "x.example"), ("body_type", "json"), ("body", "{\"a\":1}")]).expect("valid");
        assert_eq!((json.headers[0].value.as_str(), json.body.as_deref()), ("application/json", Some("{\"a\":1}")));
        let form =
            read(&[("url", "x.example"), ("body_type", "form"), ("body", "a=1 2\nb=é"), ("headers", "content-type: mine")]).expect("valid");
        assert_eq!((form.headers.len(), form.body.as_deref()), (1, Some("a=1+2&b=%C3%A9")));
        assert_eq!(read(&[("url", "x.example"), ("body_type", "json"), ("body", "{")]), Err(vec!["body".into()]));
    }

    #[test]
    fn sign_ins_need_what_they_need() {
        assert_eq!(read(&[("url", "x.example"), ("auth", "basic")]), Err(vec!["username".into()]));
        assert_eq!(read(&[("url", "x.example"), ("auth", "bearer")]), Err(vec!["token".into()]));
        assert_eq!(read(&[("url", "x.example"), ("auth", "oauth2")]), Err(vec!["username".into(), "password".into(), "token_url".into()]));
        let bearer = read(&[("url", "x.example"), ("auth", "bearer"), ("token", "hunter2")]).expect("valid");
        assert!(!format!("{bearer:?}").contains("hunter2"));
    }

    #[test]
    fn proxies() {
        let proxy = parse_proxy("socks5://ann:p%40s+s@proxy.example").expect("valid");
        assert_eq!((proxy.socks, proxy.host.as_str(), proxy.port), (true, "proxy.example", 1080));
        assert_eq!(proxy.credentials, Some(("ann".into(), Secret::new("p@s+s"))));
        assert!(parse_proxy("proxy.example:3128").is_err() && parse_proxy("ftp://x").is_err());
    }
}
