//! A receiver inside the benchmark: takes whatever is posted, as cheaply as it can, and notes when.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// One request that came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    pub path: String,
    pub body: Bytes,
}

/// The receiver.
pub struct Sink {
    pub port: u16,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Sink {
    /// Listens on the first `addresses` addresses of 127.0.0.0.
    pub async fn start(port: u16, addresses: u8) -> anyhow::Result<Self> {
        let arrivals = Arc::new(Mutex::new(Vec::new()));
        for n in 1..=addresses {
            let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), port)).await?;
            tokio::spawn(answer(listener, Arc::clone(&arrivals)));
        }
        Ok(Self { port, arrivals })
    }

    /// What has come so far, in order.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many have come so far.
    pub fn count(&self) -> usize {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Forgets what has come.
    pub fn clear(&self) {
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

async fn answer(listener: TcpListener, arrivals: Arc<Mutex<Vec<Arrival>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let arrivals = Arc::clone(&arrivals);
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let (at_ms, path, arrivals) = (now_ms(), request.uri().path().to_owned(), Arc::clone(&arrivals));
                async move {
                    // A client that hangs up in the middle has sent nothing.
                    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
                    arrivals.lock().unwrap_or_else(PoisonError::into_inner).push(Arrival { at_ms, path, body });
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"ok\n"))))
                }
            });
            let _hung_up = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// The value that a part of them does not exceed.
pub fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let mut at = 0;
    while at < last && rank(at + 1) < part * rank(values.len()) {
        at += 1;
    }
    values.get(at).copied().unwrap_or_default()
}

fn rank(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}
