//! TLS: good, self-signed, expired, made out to somebody else, and not TLS at all.

use std::net::SocketAddr;
use std::sync::Arc;

use domain::check::Reason;
use engine::net::{Access, Dialer, Policy, TlsClient};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::server::{ok, read_request, send};
use super::{AT, PATIENCE, check, failed, get, prepared};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("valid");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("signed")
}

fn issued(authority: &Authority, names: &[&str], expired: bool) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().expect("key");
    let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("valid");
    params.distinguished_name = rcgen::DistinguishedName::new();
    if expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
    }
    let certificate = params.signed_by(&key, authority).expect("signed");
    (certificate.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).expect("key"))
}

async fn serve((certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>)) -> SocketAddr {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("certificate");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                read_request(&mut stream).await;
                send(stream, ok("secret")).await;
            }
        }
    });
    address
}

fn trusting(authority: &Authority) -> Dialer {
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).expect("authority");
    Dialer::with_tls(Policy { private: Access::Open, ..Policy::default() }, TlsClient::with_roots(roots))
}

#[tokio::test]
async fn a_good_certificate() {
    let authority = authority("Loopr test authority");
    let address = serve(issued(&authority, &["localhost"], false)).await;
    let http = prepared(&get(format!("https://localhost:{}/", address.port())));
    let trace = http.trace(&trusting(&authority), PATIENCE, AT).await;
    assert!(trace.observation.is_success(), "{trace:?}");
    assert!(trace.observation.phases.tls_us.is_some());
    let hop = trace.hops.first().expect("one hop");
    assert!(hop.tls.as_deref().is_some_and(|tls| tls.starts_with("TLS 1.3, ")), "{hop:?}");
    let certificate = hop.certificate.as_ref().expect("a certificate");
    assert_eq!((certificate.subject.as_str(), certificate.issuer.as_str()), ("localhost", "Loopr test authority"));
    assert!(certificate.not_after > AT);
}

#[tokio::test]
async fn a_certificate_for_an_address() {
    let authority = authority("Loopr test authority");
    let address = serve(issued(&authority, &["127.0.0.1"], false)).await;
    let seen = prepared(&get(format!("https://{address}/"))).check(&trusting(&authority), PATIENCE, AT).await;
    assert!(seen.is_success(), "{seen:?}");
}

#[tokio::test]
async fn bad_certificates_say_what_is_bad() {
    let (ours, theirs) = (authority("Ours"), authority("Theirs"));
    for (certificate, words) in [
        (issued(&theirs, &["localhost"], false), "nobody this machine trusts"),
        (issued(&ours, &["localhost"], true), "expired on 2020-02-01"),
        (issued(&ours, &["other.example", "more.example"], false), "made out to other.example, more.example"),
    ] {
        let address = serve(certificate).await;
        let http = prepared(&get(format!("https://localhost:{}/", address.port())));
        let seen = http.check(&trusting(&ours), PATIENCE, AT).await;
        let (reason, message) = failed(&seen);
        assert_eq!((reason, seen.status), (Reason::Tls, None));
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate() {
    let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("signed");
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).expect("key");
    let address = serve((own.cert.der().clone(), key)).await;
    let seen = prepared(&get(format!("https://localhost:{}/", address.port()))).check(&trusting(&authority("Ours")), PATIENCE, AT).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Tls);
    assert!(message.contains("self-signed"), "{message}");
}

#[tokio::test]
async fn a_port_without_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            send(stream, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let seen = check(&get(format!("https://{address}/"))).await;
    let (reason, message) = failed(&seen);
    assert_eq!(reason, Reason::Tls);
    assert!(message.contains("does not speak TLS"), "{message}");
}
