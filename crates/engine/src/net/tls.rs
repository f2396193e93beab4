//! TLS as a client: roots loaded once, one configuration per profile, and what a handshake and a certificate say.
//! Called by the dialer (handshake) and by traces (certificates).

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use domain::check::Certificate;
use domain::time::Timestamp;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;

pub use trust::Trust;
use unverified::AnyCertificate;

mod trust;
mod unverified;

/// What is offered beside TLS itself (RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Alpn {
    /// HTTP/1.1.
    #[default]
    Http1,
    /// HTTP/2.
    Http2,
    /// HTTP/2, and HTTP/1.1 for who does not have it.
    Http,
    /// Nothing.
    None,
}

impl Alpn {
    fn protocols(self) -> Vec<Vec<u8>> {
        let names: &[&str] = match self {
            Self::Http1 => &["http/1.1"],
            Self::Http2 => &["h2"],
            Self::Http => &["h2", "http/1.1"],
            Self::None => &[],
        };
        names.iter().map(|name| name.as_bytes().to_vec()).collect()
    }
}

/// Everything that makes one TLS configuration differ from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct TlsProfile {
    /// What is offered.
    pub alpn: Alpn,
    /// Any certificate will do.
    pub unverified: bool,
    /// Authorities and an identity of a monitor's own.
    pub trust: Option<Arc<Trust>>,
}

impl TlsProfile {
    /// Verified against the roots.
    pub fn verified(alpn: Alpn) -> Self {
        Self { alpn, ..Self::default() }
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

    fn roots(&self, profile: &TlsProfile) -> Arc<RootCertStore> {
        match &profile.trust {
            Some(trust) if !trust.authorities.is_empty() => {
                let mut roots = RootCertStore::clone(&self.roots);
                roots.add_parsable_certificates(trust.authorities.iter().cloned());
                Arc::new(roots)
            }
            _ => Arc::clone(&self.roots),
        }
    }

    /// The configuration of a profile, made at its first use.
    pub(super) fn config(&self, profile: &TlsProfile) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(config) = self.configs.read().unwrap_or_else(PoisonError::into_inner).get(profile) {
            return Ok(config.clone());
        }
        // Two providers are compiled in (the database brings `ring`): the default one would be a guess.
        let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
        let builder = if profile.unverified {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyCertificate(provider())))
        } else {
            builder.with_root_certificates(self.roots(profile))
        };
        let identity = profile.trust.as_ref().and_then(|trust| trust.identity.as_ref());
        let mut config = match identity {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key())?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = profile.alpn.protocols();
        // A resumed session skips the certificate, and looking at the certificate is the point of a check.
        config.resumption = Resumption::disabled();
        let config = Arc::new(config);
        let mut configs = self.configs.write().unwrap_or_else(PoisonError::into_inner);
        // Profiles with a trust of their own come and go with edits of monitors; those in use are made again.
        if configs.len() >= CONFIGS {
            configs.retain(|profile, _| profile.trust.is_none());
        }
        configs.insert(profile.clone(), config.clone());
        Ok(config)
    }

    /// Shakes hands over a connected socket.
    ///
    /// # Errors
    /// What rustls says, inside an [`io::Error`]; see [`super::DialError::Tls`].
    pub async fn handshake(&self, profile: &TlsProfile, name: ServerName<'static>, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = self.config(profile).map_err(io::Error::other)?;
        TlsConnector::from(config).connect(name, stream).await
    }

    /// Judges a chain as a handshake would have.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn judge(
        &self,
        profile: &TlsProfile,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), rustls::Error> {
        let (leaf, intermediates) = chain.split_first().ok_or(rustls::Error::NoCertificatesPresented)?;
        let verifier = WebPkiServerVerifier::builder_with_provider(self.roots(profile), provider())
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        verifier.verify_server_cert(leaf, intermediates, name, &[], now).map(drop)
    }
}

/// Configurations that are kept.
const CONFIGS: usize = 1_000;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
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
pub(crate) fn describe(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let subject = common_name(certificate.subject()).or_else(|| first_alternative(&certificate)).unwrap_or_default();
    let issuer = common_name(certificate.issuer()).unwrap_or_else(|| certificate.issuer().to_string());
    let seconds = certificate.validity().not_after.timestamp();
    Some(Certificate { subject: cut(&subject), issuer: cut(&issuer), not_after: Timestamp::from_millis(seconds.saturating_mul(1000)) })
}

/// When a certificate ends; `None` when it cannot be read.
pub(super) fn not_after(der: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(Timestamp::from_millis(certificate.validity().not_after.timestamp().saturating_mul(1000)))
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
        let (first, second) = (client.config(&TlsProfile::default()), client.config(&TlsProfile::default()));
        assert!(Arc::ptr_eq(&first.expect("valid"), &second.expect("valid")));
    }
}
