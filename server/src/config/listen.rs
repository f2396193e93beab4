//! Where Loopr listens, and under which address people reach it.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use url::Url;

use super::table::settings;
use super::value::{Networks, Secret, Value};

settings! {
    /// Where Loopr listens, and under which address people reach it.
    "Listening" Listen {
        /// Address and port of the web server. The container image sets `0.0.0.0:3000`.
        address: SocketAddr = "LOOPR_LISTEN" or "127.0.0.1:3000";
        /// The address under which browsers reach Loopr. It stands in links, is the only accepted `Origin`, and with
        /// `https` gives cookies the attribute `Secure`. Unset, `Origin` has to equal `Host`.
        public_url: Option<PublicUrl> = "LOOPR_PUBLIC_URL";
        /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        trusted_proxies: Option<Networks> = "LOOPR_TRUSTED_PROXIES";
        /// Connections from browsers and API clients at once; more have to wait.
        connections: NonZeroUsize = "LOOPR_CONNECTIONS" or "4096";
        /// Live connections (open tabs) of one account at once.
        sockets_per_account: NonZeroUsize = "LOOPR_SOCKETS_PER_ACCOUNT" or "20";
        /// A bearer token for `/metrics`. Without it, only this machine itself may read the metrics.
        metrics_token: Option<Secret> = "LOOPR_METRICS_TOKEN";
    }
}

/// The public address: a scheme, a host, perhaps a port, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// As a browser writes it in `Origin`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether browsers use TLS.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Value for PublicUrl {
    const FORM: &'static str = "an address like https://status.example.com";

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is not an address like https://status.example.com.");
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(format!("“{text}” has more than scheme, host and port. Loopr needs a host name of its own."));
        }
        Ok(Self(url))
    }
}
