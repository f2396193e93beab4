//! A plain HTTP/1.1 client over one kept connection.

use anyhow::Context;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One connection to one server.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    authority: String,
}

impl Client {
    pub async fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, authority: format!("127.0.0.1:{port}") })
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> anyhow::Result<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.authority);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(Bytes::from(body.to_owned())))?).await?;
        let (head, body) = response.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }

    /// Signs in by the form; answers the session's cookie.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> anyhow::Result<String> {
        let origin = self.origin();
        let form = format!("email={}&password={}&next=%2F", email.replace('@', "%40"), password.replace(' ', "+"));
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html"), ("origin", origin.as_str())];
        let answer = self.send("POST", "/fn/sign_in", &headers, &form).await?;
        let cookies = answer.headers().get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
        let session = cookies.filter_map(|c| c.split(';').next()).find(|c| c.starts_with("loopr_session="));
        Ok(session.with_context(|| format!("sign-in answered {}", answer.status()))?.to_owned())
    }

    /// The origin of pages of this server.
    pub fn origin(&self) -> String {
        format!("http://{}", self.authority)
    }
}
