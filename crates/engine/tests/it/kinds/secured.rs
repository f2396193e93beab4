//! TLS in every kind that speaks it: authorities and identities of a monitor's own, certificates near their end, STARTTLS.

use std::sync::Arc;

use domain::time::DAY_MS;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncReadExt as _;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::probe::server::{ok, read_request, send};

struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Issued {
    certificate: String,
    key: KeyPair,
    der: rustls::pki_types::CertificateDer<'static>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Loopr test authority");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// For a name, ending so many days after now.
    fn issue(&self, name: &str, days: i64) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let day = |days: i64| {
            let civil = Timestamp::from_millis(i64::try_from(now).unwrap() * 1_000 + days * DAY_MS).civil(0);
            rcgen::date_time_ymd(i32::try_from(civil.year).unwrap(), civil.month, civil.day)
        };
        params.not_before = day(-30);
        params.not_after = day(days + 1);
        let signed = params.signed_by(&key, &self.0).unwrap();
        Issued { certificate: signed.pem(), key, der: signed.der().clone() }
    }

    fn acceptor(&self, issued: &Issued, ask: bool) -> TlsAcceptor {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = if ask {
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap())
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::try_from(issued.key.serialize_der()).unwrap();
        TlsAcceptor::from(Arc::new(builder.with_single_cert(vec![issued.der.clone()], key).unwrap()))
    }
}

async fn web(acceptor: TlsAcceptor) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                read_request(&mut stream).await;
                send(stream, ok("secret")).await;
            }
        }
    });
    port
}

/// Lines in the clear until the one after which TLS begins, then others.
async fn upgrading(
    acceptor: TlsAcceptor,
    greeting: &'static str,
    clear: &'static [(&'static str, &'static str)],
    word: &'static str,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let _gone = stream.write_all(greeting.as_bytes()).await;
                loop {
                    let mut line = Vec::new();
                    while !line.ends_with(b"\n") {
                        match stream.read_u8().await {
                            Ok(byte) => line.push(byte),
                            Err(_) => return,
                        }
                    }
                    let line = String::from_utf8(line).unwrap();
                    let answer = clear.iter().find(|(begins, _)| line.starts_with(begins)).map_or("500 what\r\n", |(_, answer)| answer);
                    let _gone = stream.write_all(answer.as_bytes()).await;
                    if line.contains(word) {
                        break;
                    }
                }
                if let Ok(stream) = acceptor.accept(stream).await {
                    talk(stream, "", &[("EHLO", "250-x\r\n250 HELP\r\n"), ("NOOP", "250 OK\r\n"), ("QUIT", "221 bye\r\n")]).await;
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn an_authority_of_a_monitors_own() {
    let authority = Authority::new();
    let url = format!("https://localhost:{}/", web(authority.acceptor(&authority.issue("localhost", 90), false)).await);
    assert_eq!(failed(&observe(Kind::Http, &[("url", &url)]).await).0, Reason::Tls, "nobody knows this authority");
    let seen = observe(Kind::Http, &[("url", &url), ("ca", &authority.pem())]).await;
    fine(&seen);
    assert!(seen.expires_at.is_some());
    fine(&observe(Kind::Http, &[("url", &url), ("insecure", "on")]).await);
    let near = format!("https://localhost:{}/", web(authority.acceptor(&authority.issue("localhost", 90), false)).await);
    let mut seen = Ready::new(Kind::Http, &[("url", &near), ("ca", &authority.pem()), ("degraded_below_days", "1000")]).check().await;
    seen.at = Timestamp::default();
    assert_eq!(seen.failure, None);
}

#[tokio::test]
async fn an_identity_of_a_monitors_own() {
    let authority = Authority::new();
    let client = authority.issue("client.example", 90);
    let url = format!("https://localhost:{}/", web(authority.acceptor(&authority.issue("localhost", 90), true)).await);
    let (ca, key) = (authority.pem(), client.key.serialize_pem());
    assert!(observe(Kind::Http, &[("url", &url), ("ca", &ca)]).await.failure.is_some(), "nobody without a certificate gets in");
    let fields = [("url", url.as_str()), ("ca", &ca), ("client_certificate", &client.certificate), ("client_key", &key)];
    fine(&observe(Kind::Http, &fields).await);
    let other = KeyPair::generate().unwrap().serialize_pem();
    let spec = draft(Kind::Http, &[("url", &url), ("client_certificate", &client.certificate), ("client_key", &other)]).validate().unwrap();
    let error = Probe::prepare(&spec.target, &HttpDefaults::default()).unwrap_err().to_string();
    assert!(error.contains("does not belong"), "{error}");
}

#[tokio::test]
async fn certificates_are_shown_also_when_they_are_no_good() {
    let authority = Authority::new();
    let port = web(authority.acceptor(&authority.issue("localhost", 9), false)).await;
    let (address, ca) = (format!("localhost:{port}"), authority.pem());
    let ready = Ready::new(Kind::Tls, &[("address", &address), ("ca", &ca)]);
    let seen = ready.check().await;
    assert_eq!(seen.failure, None, "{seen:?}");
    let unknown = Ready::new(Kind::Tls, &[("address", &address)]).trace().await;
    assert_eq!(failed(&unknown.observation).0, Reason::Tls);
    assert!(
        unknown.hops[0].facts.iter().any(|(name, value)| name == "Certificate" && value.contains("Loopr test authority")),
        "{unknown:?}"
    );
    let elsewhere = Ready::new(Kind::Tls, &[("address", &address), ("ca", &ca), ("server_name", "other.example")]).check().await;
    assert!(failed(&elsewhere).1.contains("made out to"), "{elsewhere:?}");
    assert!(seen.expires_at.is_some(), "its end is known");
}

const MAIL: &[(&str, &str)] = &[("EHLO", "250-x\r\n250 STARTTLS\r\n"), ("STARTTLS", "220 go\r\n")];

#[tokio::test]
async fn tls_after_a_few_words() {
    let authority = Authority::new();
    let ca = authority.pem();
    let acceptor = || authority.acceptor(&authority.issue("localhost", 90), false);
    let mail = format!("localhost:{}", upgrading(acceptor(), "220 x\r\n", MAIL, "STARTTLS").await);
    fine(&observe(Kind::Smtp, &[("address", &mail), ("ca", &ca)]).await);
    fine(&observe(Kind::Tls, &[("address", &mail), ("ca", &ca), ("starttls", "smtp")]).await);
    assert_eq!(failed(&observe(Kind::Smtp, &[("address", &mail)]).await).0, Reason::Tls);
    let imap = format!("localhost:{}", upgrading(acceptor(), "* OK hi\r\n", &[("a STARTTLS", "a OK go\r\n")], "STARTTLS").await);
    fine(&observe(Kind::Tls, &[("address", &imap), ("ca", &ca), ("starttls", "imap")]).await);
    let injected = &[("EHLO", "250-x\r\n250 STARTTLS\r\n"), ("STARTTLS", "220 go\r\n250 evil\r\n")];
    let evil = format!("localhost:{}", upgrading(acceptor(), "220 x\r\n", injected, "STARTTLS").await);
    let seen = observe(Kind::Smtp, &[("address", &evil), ("ca", &ca)]).await;
    assert!(failed(&seen).1.contains("plain text after"), "{seen:?}");
}
