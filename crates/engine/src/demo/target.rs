//! The web server of a filled directory: it answers for every invented service, as fast and as broken as the model
//! says, so that the checks of the demo are real checks. It is the registry of the invented domains too.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use domain::Timestamp;
use domain::time::DAY_MS;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::model::{Chance, MONITORS, Service};
use crate::engine::Engine;

pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}

/// Listens on the loopback interface while `shutdown` is not cancelled, if the directory was filled by the demo.
pub async fn serve_target(engine: &Engine, store: &Store, shutdown: CancellationToken) -> Result<(), std::io::Error> {
    if !matches!(store.fact(super::FACT).await, Ok(Some(_))) {
        return Ok(());
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, super::PORT)).await?;
    let certificate = store.fact(super::CERTIFICATE).await.ok().flatten();
    super::servers::listen(certificate.and_then(|fact| serde_json::from_str(&fact).ok()), &shutdown).await;
    super::jobs::run(engine, &shutdown);
    let start = now();
    let services: HashMap<String, Service> = (0..MONITORS).map(|n| Service::web(n, start)).map(|s| (s.host.clone(), s)).collect();
    let services = Arc::new(services);
    tracing::info!(port = super::PORT, "the demo's own targets listen on the loopback interface");
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else { continue };
            let services = Arc::clone(&services);
            tokio::spawn(async move {
                let service = service_fn(|request: Request<Incoming>| answer(Arc::clone(&services), request));
                let mut server = hyper::server::conn::http1::Builder::new();
                server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5)).keep_alive(false);
                // A client that hangs up is none of the demo's business.
                let _hung_up = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(())
}

async fn answer(services: Arc<HashMap<String, Service>>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let at = now();
    if let Some(domain) = request.uri().path().strip_prefix("/rdap/domain/") {
        return Ok(Response::new(Full::new(Bytes::from(registration(domain, at)))));
    }
    if request.uri().path() == "/hook" {
        return Ok(Response::new(Full::new(Bytes::from_static(b"The operations room has read it.\n"))));
    }
    if let Some((went_well, took)) = request.uri().path().strip_prefix("/jobs/").and_then(|path| super::hooks::call(path, at)) {
        tokio::time::sleep(took).await;
        let mut response = Response::new(Full::new(Bytes::from(format!("{{\"ok\":{went_well}}}\n"))));
        response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        if !went_well {
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        }
        return Ok(response);
    }
    let (status, body) = match services.get(host) {
        None => (StatusCode::NOT_FOUND, "There is no such service in the demo.\n".to_owned()),
        Some(service) => {
            let mut chance = Chance::new(u64::try_from(at.as_millis()).unwrap_or(0) ^ u64::from(service.number));
            tokio::time::sleep(Duration::from_micros(u64::from(service.latency_us(at, &mut chance)))).await;
            if service.down(at).is_some() {
                (StatusCode::SERVICE_UNAVAILABLE, format!("{} is down, as the demo wants it.\n", service.name))
            } else {
                (StatusCode::OK, format!("{} is fine.\n", service.name))
            }
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    Ok(response)
}

/// What a registry tells of a domain (RFC 9083): it ends within a year, each at a time of its own.
fn registration(domain: &str, at: Timestamp) -> String {
    let days = 40 + i64::try_from(domain.len()).unwrap_or(0) * 23 % 300;
    let ends = Timestamp::from_millis(at.floor(DAY_MS).as_millis() + days * DAY_MS).to_rfc3339();
    serde_json::json!({
        "objectClassName": "domain",
        "ldhName": domain,
        "status": ["active"],
        "events": [{"eventAction": "expiration", "eventDate": ends}],
    })
    .to_string()
}
