//! One leg of a check's way: a URL taken apart into what is dialled and what is asked for.

use http::{HeaderValue, Uri};
use url::{Host, Position, Url};

use domain::kind::address::Family;

use super::InvalidHttp;
use crate::net::{Destination, TlsProfile};

/// How every leg of a monitor is dialled.
#[derive(Debug, Clone, Default)]
pub(super) struct Transport {
    /// How TLS is spoken, where it is.
    pub tls: TlsProfile,
    /// Which addresses are dialled.
    pub family: Family,
}

/// A URL, ready to be requested.
#[derive(Debug)]
pub(super) struct Leg {
    /// Without credentials and fragment.
    pub url: Url,
    /// What is dialled.
    pub destination: Destination,
    /// Path and query.
    pub target: Uri,
    /// The `Host` header; also how messages name the server.
    pub authority: HeaderValue,
    /// `host:port`, the port always there.
    pub key: String,
    /// `Authorization` for credentials that stood in the URL.
    pub credentials: Option<HeaderValue>,
    transport: Transport,
}

impl Leg {
    /// Takes a monitor's URL apart.
    pub fn parse(text: &str, transport: &Transport) -> Result<Self, InvalidHttp> {
        let url = Url::parse(text).map_err(|error| InvalidHttp(format!("“{text}” is not a URL: {error}.")))?;
        Self::new(url, transport.clone()).map_err(|()| InvalidHttp(format!("“{text}” is not an http or https URL with a host.")))
    }

    /// Where a `Location` leads to from here. Credentials in it are not used: they are somebody else's idea.
    pub fn follow(&self, location: &HeaderValue) -> Result<Self, ()> {
        let text = std::str::from_utf8(location.as_bytes()).map_err(|_| ())?;
        let mut next = Self::new(self.url.join(text).map_err(|_| ())?, self.transport.clone())?;
        next.credentials = None;
        Ok(next)
    }

    /// Whether both have the same scheme, host and port.
    pub fn same_origin(&self, other: &Self) -> bool {
        self.url.scheme() == other.url.scheme() && self.key == other.key
    }

    fn new(mut url: Url, transport: Transport) -> Result<Self, ()> {
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            _ => return Err(()),
        };
        let credentials = credentials(&url)?;
        url.set_username("")?;
        url.set_password(None)?;
        url.set_fragment(None);
        let host: Host<String> = url.host().ok_or(())?.to_owned();
        let port = url.port_or_known_default().ok_or(())?;
        let target = url[Position::BeforePath..].parse().map_err(|_| ())?;
        let authority = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]).map_err(|_| ())?;
        let key = format!("{host}:{port}");
        let destination =
            if secure { Destination::tls(host, port, transport.tls.clone()).map_err(|_| ())? } else { Destination::plain(host, port) };
        let destination = destination.over(transport.family);
        Ok(Self { url, destination, target, authority, key, credentials, transport })
    }

    /// How messages name the server: `api.example.com`, or `localhost:8080`.
    pub fn name(&self) -> &str {
        self.authority.to_str().unwrap_or(&self.key)
    }
}

fn credentials(url: &Url) -> Result<Option<HeaderValue>, ()> {
    use base64::Engine as _;
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let plain: Vec<u8> = decode(url.username()).chain(Some(b':')).chain(decode(url.password().unwrap_or_default())).collect();
    let mut value = HeaderValue::from_str(&format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain))).map_err(|_| ())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

/// Undoes percent encoding: credentials are bytes, the URL only carries them.
fn decode(text: &str) -> impl Iterator<Item = u8> + '_ {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        let (first, tail) = rest.split_first()?;
        rest = tail;
        if *first == b'%'
            && let Some((digits, after)) = tail.split_at_checked(2)
            && let Some(byte) = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
        {
            rest = after;
            return Some(byte);
        }
        Some(*first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Leg, InvalidHttp> {
        Leg::parse(text, &Transport::default())
    }

    #[test]
    fn a_url_is_taken_apart() {
        let leg = parse("https://Ann:p%40ss@Example.com:8443/a b?q=1|2#part").expect("valid");
        assert_eq!(leg.url.as_str(), "https://example.com:8443/a%20b?q=1|2");
        assert_eq!((leg.name(), leg.key.as_str()), ("example.com:8443", "example.com:8443"));
        assert_eq!(leg.target.to_string(), "/a%20b?q=1|2");
        assert_eq!(leg.credentials.expect("some").to_str().expect("ascii"), "Basic QW5uOnBAc3M=");
    }

    #[test]
    fn default_ports_are_in_the_key_only() {
        let leg = parse("http://[::1]").expect("valid");
        assert_eq!((leg.name(), leg.key.as_str(), leg.target.to_string().as_str()), ("[::1]", "[::1]:80", "/"));
    }

    #[test]
    fn locations_are_relative_to_where_they_stand() {
        let leg = parse("http://example.com/a/b?c").expect("valid");
        let follow = |text: &'static str| leg.follow(&HeaderValue::from_static(text)).map(|leg| leg.url.to_string());
        assert_eq!(follow("../d").as_deref(), Ok("http://example.com/d"));
        assert_eq!(follow("//other.example/").as_deref(), Ok("http://other.example/"));
        assert_eq!(follow("https://u:p@example.com/").as_deref(), Ok("https://example.com/"));
        assert_eq!(follow("ftp://example.com/"), Err(()));
        assert_eq!(follow("http://"), Err(()));
    }
}
