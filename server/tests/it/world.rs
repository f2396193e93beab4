//! A server of its own for each test: the whole stack on a free port, and a client that shows everything it gets.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::body::Bytes;
use domain::account::Scope;
use engine::{Clock, Engine};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use server::config::Config;
use server::web::{AppState, Parts, Site, router};
use store::{Store, StoreConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "correct horse battery";

/// A running server.
pub struct World {
    pub address: SocketAddr,
    pub engine: Engine,
    pub store: Store,
    pub build: String,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The value of a cookie that was set.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let set = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        set.filter_map(|cookie| cookie.split(';').next()?.strip_prefix(name)?.strip_prefix('=')).next_back()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With some variables set.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let variables: BTreeMap<_, _> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let config = Config::from_variables(variables).unwrap();
        let store = Store::open(&StoreConfig::memory()).await.unwrap();
        let stop = CancellationToken::new();
        let engine = Engine::start(store.clone(), config.engine(), Clock::system(), stop.clone()).await.unwrap();
        let site = Site::of(files());
        let build = site.assets().build.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = config.listen.connections.get();
        let parts = Parts { engine: engine.clone(), site, listen: config.listen, shutdown: stop.clone() };
        tokio::spawn(server::serve::accept(listener, router(&AppState::new(parts)), connections, stop.clone()));
        Self { address, engine, store, build, stop }
    }

    /// With an administrator, whose session cookie is the second value.
    pub async fn with_session(variables: &[(&str, &str)]) -> (Self, String) {
        let world = Self::with(variables).await;
        world.engine.accounts().create_by_operator(EMAIL, PASSWORD, "Ada", true).await.unwrap();
        let form = [("email", EMAIL), ("password", PASSWORD)];
        let answer = world.form("/fn/sign_in", &form, "/sign-in", "").await;
        let cookie = format!("loopr_session={}", answer.cookie("loopr_session").unwrap());
        (world, cookie)
    }

    /// With a token for REST.
    pub async fn with_token(scope: Scope) -> (Self, String) {
        let world = Self::new().await;
        world.engine.accounts().create_by_operator(EMAIL, PASSWORD, "Ada", true).await.unwrap();
        let token = world.engine.tokens().create_by_operator(EMAIL, None, scope, "t").await.unwrap().secret;
        (world, token)
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sends a request; `Host` is set unless it is given.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.address.to_string());
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = sender.send_request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, "").await
    }

    /// Posts a form as a browser without scripts does, from the page `referer`.
    pub async fn form(&self, path: &str, values: &[(&str, &str)], referer: &str, cookie: &str) -> Answer {
        let (origin, referer) = (self.origin(), format!("{}{referer}", self.origin()));
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
        let headers = [
            ("accept", "text/html,application/xhtml+xml"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", &origin),
            ("referer", &referer),
            ("cookie", cookie),
        ];
        self.send("POST", path, &headers, body).await
    }

    /// Asks REST with a token.
    pub async fn rest(&self, method: &str, path: &str, token: &str, body: &str) -> Answer {
        self.send(method, path, &[("authorization", &format!("Bearer {token}"))], body.to_owned()).await
    }
}

fn files() -> Vec<(String, Bytes)> {
    let file = |path: &str, text: &'static str| (path.to_owned(), Bytes::from_static(text.as_bytes()));
    vec![
        file("pkg/loopr.wasm", "wasm"),
        file("pkg/loopr.wasm.br", "brotli"),
        file("pkg/loopr.js", "export {}"),
        file("sw.js", "self"),
        file("offline.html", "<!DOCTYPE html>"),
        file("icons/192.png", "png"),
    ]
}
