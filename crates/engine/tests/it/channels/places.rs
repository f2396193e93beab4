//! Where messages may go: the network policy holds for channels as it does for checks, and no secret is told on the way.

use engine::net::{TlsClient, WebError, WebLimits, WebRequest};
use rustls::RootCertStore;

use super::*;

const LIMITS: WebLimits = WebLimits { timeout: std::time::Duration::from_secs(15), answer_bytes: 4_096 };

fn closed() -> Sender {
    let dialer = Arc::new(Dialer::new(Policy { private: Access::Closed, ..Policy::default() }));
    Sender::new(Web::new(dialer, "Loopr/test").unwrap(), None, None)
}

#[tokio::test]
async fn a_closed_network_is_closed_to_channels_however_it_is_written() {
    let (base, requests) = answering(200, "", "ok").await;
    let port = base.rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost", "app.localhost", "169.254.169.254"] {
        let slack = spec(ChannelKind::Slack, &[("webhook_url", &format!("http://{host}:{port}/secret-0123456789"))]);
        let attempt = closed().send(&slack, &sample(Event::Down), &context()).await;
        let error = attempt.error().unwrap_or_default();
        assert!(error.contains("is refused by this instance's network policy") && error.contains("LOOPR_ALLOW_TARGETS"), "{host}: {error}");
        assert_eq!(again(&attempt), Some(Again::Hardly), "{host}");
        assert!(!format!("{attempt:?}").contains("secret-0123456789"), "{attempt:?}");
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn metadata_stays_closed_where_private_networks_are_open() {
    let slack = spec(ChannelKind::Slack, &[("webhook_url", "http://169.254.169.254/latest/meta-data/")]);
    let attempt = sender(None, None).send(&slack, &sample(Event::Down), &context()).await;
    assert!(attempt.error().unwrap_or_default().contains("network policy"), "{attempt:?}");
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let (elsewhere, seen) = answering(200, "", "ok").await;
    let location: &'static str = format!("Location: {elsewhere}/\r\n").leak();
    let (base, _) = answering(307, location, "").await;
    let slack = spec(ChannelKind::Slack, &[("webhook_url", &base)]);
    let attempt = sender(None, None).send(&slack, &sample(Event::Down), &context()).await;
    assert_eq!(attempt.status, Some(307));
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_does_not_answer_is_told_without_its_address() {
    let (address, _) = serve(|_, stream| async move { drop(stream) }).await;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = gone.local_addr().unwrap();
    drop(gone);
    for (base, words) in [
        (address.to_string(), "ended the connection without an answer"),
        (refusing.to_string(), "refused the connection"),
        ("nowhere.invalid".to_owned(), "nowhere.invalid"),
    ] {
        let slack = spec(ChannelKind::Slack, &[("webhook_url", &format!("http://{base}/secret-0123456789"))]);
        let attempt = sender(None, None).send(&slack, &sample(Event::Down), &context()).await;
        assert!(attempt.error().unwrap_or_default().contains(words), "{attempt:?}");
        assert_eq!((again(&attempt), attempt.status), (Some(Again::Later), None));
        assert!(!format!("{attempt:?}").contains("secret-0123456789"), "{attempt:?}");
    }
}

#[tokio::test]
async fn a_silent_server_ends_by_the_timeout() {
    let (address, _) = serve(|_, stream| async move {
        tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        drop(stream);
    })
    .await;
    let web = Web::new(open(), "Loopr/test").unwrap();
    let request = WebRequest::new("POST", format!("http://{address}/x"), [], "").unwrap();
    let limits = WebLimits { timeout: std::time::Duration::from_millis(300), ..LIMITS };
    let Err(WebError::Broken(sentence)) = web.ask(request, limits).await else { panic!("there was an answer") };
    assert!(sentence.contains("did not answer within 300 ms"), "{sentence}");
}

#[tokio::test]
async fn an_answer_is_read_up_to_a_limit() {
    let long: &'static str = "x".repeat(1 << 20).leak();
    let (base, _) = answering(500, "", long).await;
    let web = Web::new(open(), "Loopr/test").unwrap();
    let answer = web.ask(WebRequest::new("GET", base.clone(), [], "").unwrap(), LIMITS).await.unwrap();
    assert_eq!((answer.status, answer.body.len(), answer.is_cut), (500, 4_096, true));
    let slack = spec(ChannelKind::Slack, &[("webhook_url", &base)]);
    let attempt = sender(None, None).send(&slack, &sample(Event::Down), &context()).await;
    assert_eq!(attempt.answer.len(), 4_096);
    assert!(attempt.error().unwrap_or_default().len() < 600);
}

#[tokio::test]
async fn certificates_are_verified_against_what_the_instance_trusts() {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                crate::probe::server::read_request(&mut stream).await;
                crate::probe::server::send(stream, crate::probe::server::ok("ok")).await;
            }
        }
    });
    let mut roots = RootCertStore::empty();
    roots.add(signed.cert.der().clone()).unwrap();
    let policy = Policy { private: Access::Open, ..Policy::default() };
    let trusting = Web::new(Arc::new(Dialer::with_tls(policy, TlsClient::with_roots(roots))), "Loopr/test").unwrap();
    let url = format!("https://localhost:{port}/secret-0123456789");
    let ask = || WebRequest::new("POST", url.clone(), [], "{}").unwrap();
    assert_eq!(trusting.ask(ask(), LIMITS).await.unwrap().status, 200);
    let Err(WebError::Broken(sentence)) = Web::new(open(), "Loopr/test").unwrap().ask(ask(), LIMITS).await else { panic!("trusted") };
    assert!(sentence.contains("certificate of localhost") && !sentence.contains("secret"), "{sentence}");
}
