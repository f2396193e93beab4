//! TLS as a client: roots loaded once, one configuration per profile, and what a handshake and a certificate say.
//! Called by the dialer (handshake) and by traces (certificates).

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use domain::check::Certificate;
use domain::time::Timestamp;
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

/// Everything that makes one TLS configuration differ from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TlsProfile {
    /// Verified against the roots, offering HTTP/1.1.
    #[default]
    Http1,
    /// Verified against the roots, offering nothing.
    Plain,
}

impl TlsProfile {
    fn alpn(self) -> Vec<Vec<u8>> {
        match self {
            Self::Http1 => vec![b"http/1.1".to_vec()],
            Self::Plain => Vec::new(),
        }
    }
}

/// The client side of TLS: shared by everything that dials.
pub struct TlsClient {
    roots: Arc<RootCertStore>,
    configs: RwLock<HashMap<TlsProfile, Arc<ClientConfig>>>,
}

impl TlsClient {
    /// Trusts the system's certificates; where it has none, those of Mozilla that came with the build.
    pub fn system() -> Self {
        let native = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (known, strange) = roots.add_parsable_certificates(native.certs);
        if known == 0 {
            tracing::warn!(errors = native.errors.len(), strange, "tls.roots: the system has no certificates, using the built-in ones");
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self::with_roots(roots)
    }

    /// Trusts exactly these.
    pub fn with_roots(roots: RootCertStore) -> Self {
        Self { roots: Arc::new(roots), configs: RwLock::default() }
    }

    /// The configuration of a profile, made at its first use.
    fn config(&self, profile: TlsProfile) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(config) = self.configs.read().unwrap_or_else(PoisonError::into_inner).get(&profile) {
            return Ok(config.clone());
        }
        // Two providers are compiled in (the database brings `ring`): the default one would be a guess.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        config.alpn_protocols = profile.alpn();
        // A resumed session skips the certificate, and looking at the certificate is the point of a check.
        config.resumption = Resumption::disabled();
        let config = Arc::new(config);
        self.configs.write().unwrap_or_else(PoisonError::into_inner).insert(profile, config.clone());
        Ok(config)
    }

    /// Shakes hands over a connected socket.
    ///
    /// # Errors
    /// What rustls says, inside an [`io::Error`]; see [`super::DialError::Tls`].
    pub async fn handshake(&self, profile: TlsProfile, name: ServerName<'static>, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config(profile).map_err(io::Error::other)?;
        TlsConnector::from(config).connect(name, stream).await
    }
}

/// What a finished handshake agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSession {
    /// `TLS 1.3, AES_256_GCM_SHA384`.
    pub summary: String,
    /// The certificate of the server itself.
    pub certificate: Option<Certificate>,
}

impl TlsSession {
    /// Reads what a stream agreed on. Costs some microseconds: for traces, not for every check.
    pub fn of(stream: &TlsStream<TcpStream>) -> Self {
        let (_, connection) = stream.get_ref();
        let version = connection.protocol_version().and_then(|version| version.as_str()).unwrap_or("TLS");
        let suite = connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str()).unwrap_or_default();
        Self { summary: summary(version, suite), certificate: connection.peer_certificates().and_then(<[_]>::first).and_then(describe) }
    }
}

/// `TLSv1_3` and `TLS13_AES_256_GCM_SHA384` as people write them.
fn summary(version: &str, suite: &str) -> String {
    let version = version.replace("TLSv", "TLS ").replace('_', ".");
    let suite = suite.trim_start_matches("TLS13_").trim_start_matches("TLS_");
    if suite.is_empty() { version } else { format!("{version}, {suite}") }
}

/// What a certificate says of itself; `None` when it cannot be read.
pub(super) fn describe(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let subject = common_name(certificate.subject()).or_else(|| first_alternative(&certificate)).unwrap_or_default();
    let issuer = common_name(certificate.issuer()).unwrap_or_else(|| certificate.issuer().to_string());
    let seconds = certificate.validity().not_after.timestamp();
    Some(Certificate { subject: cut(&subject), issuer: cut(&issuer), not_after: Timestamp::from_millis(seconds.saturating_mul(1000)) })
}

fn common_name(name: &x509_parser::x509::X509Name<'_>) -> Option<String> {
    name.iter_common_name().next().and_then(|value| value.as_str().ok()).map(str::to_owned)
}

fn first_alternative(certificate: &X509Certificate<'_>) -> Option<String> {
    let names = certificate.subject_alternative_name().ok()??;
    names.value.general_names.iter().find_map(|name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
            Ok(v4) => Some(std::net::IpAddr::from(v4).to_string()),
            Err(_) => <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::IpAddr::from(v6).to_string()),
        },
        _ => None,
    })
}

/// A certificate is somebody else's text: what is shown of it is bounded.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_read_well() {
        assert_eq!(summary("TLSv1_3", "TLS13_AES_256_GCM_SHA384"), "TLS 1.3, AES_256_GCM_SHA384");
        assert_eq!(summary("TLSv1_2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "TLS 1.2, ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    }

    #[test]
    fn a_configuration_is_made_once() {
        let client = TlsClient::with_roots(RootCertStore::empty());
        let (first, second) = (client.config(TlsProfile::Http1), client.config(TlsProfile::Http1));
        assert!(Arc::ptr_eq(&first.expect("valid"), &second.expect("valid")));
    }
}
