//! A target that fails when it is told to: paths below a number answer 503.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The target.
pub struct Switch {
    pub port: u16,
    below: Arc<AtomicU32>,
}

impl Switch {
    pub async fn start(port: u16) -> anyhow::Result<Self> {
        let below = Arc::new(AtomicU32::new(0));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let says = Arc::clone(&below);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let says = Arc::clone(&says);
                tokio::spawn(async move {
                    let service = service_fn(|request: Request<Incoming>| {
                        let n = request.uri().path().trim_start_matches('/').parse::<u32>().unwrap_or(u32::MAX);
                        let mut response = Response::new(Full::new(Bytes::from_static(b"ok\n")));
                        if n < says.load(Ordering::Relaxed) {
                            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
                        }
                        async { Ok::<_, Infallible>(response) }
                    });
                    let _hung_up = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { port, below })
    }

    /// Paths below this number fail.
    pub fn fail_below(&self, n: u32) {
        self.below.store(n, Ordering::Relaxed);
    }
}
