//! A websocket: the upgrade, and perhaps one message each way (RFC 6455).

use domain::check::{Failure, Reason};
use domain::kind::websocket::WebsocketSettings;
use futures::future::BoxFuture;
use futures::{FutureExt as _, SinkExt as _, StreamExt as _};
use http::{HeaderName, HeaderValue, header};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::error::Error;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use url::Url;

use super::run::{Check, Seen, Ways, connect};
use super::words::failure;
use super::{InvalidSettings, destination};
use crate::net::{Alpn, Destination, TlsProfile};
use domain::kind::address::Address;

/// The largest message.
const MESSAGE_BYTES: usize = 64 * 1024;

/// A websocket check, ready to run.
#[derive(Debug)]
pub(super) struct Websocket {
    key: String,
    url: String,
    to: Destination,
    request: Request,
    send: Option<String>,
    expect: Option<String>,
}

impl Websocket {
    pub fn new(settings: &WebsocketSettings) -> Result<Self, InvalidSettings> {
        let wrong = || InvalidSettings("The address cannot be asked for.".into());
        let url = Url::parse(&settings.url).map_err(|_| wrong())?;
        let host = url.host().ok_or_else(wrong)?.to_owned();
        let address = Address { host, port: url.port_or_known_default().ok_or_else(wrong)? };
        let tls = (url.scheme() == "wss").then_some(TlsProfile { alpn: Alpn::Http1, unverified: settings.insecure, trust: None });
        let mut request = settings.url.as_str().into_client_request().map_err(|_| wrong())?;
        for typed in &settings.headers {
            let name = HeaderName::from_bytes(typed.name.as_bytes()).map_err(|_| wrong())?;
            let mut value = HeaderValue::from_bytes(typed.value.as_bytes()).map_err(|_| wrong())?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        if let Some(protocol) = &settings.subprotocol {
            request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_str(protocol).map_err(|_| wrong())?);
        }
        Ok(Self {
            key: address.to_string(),
            url: settings.url.clone(),
            to: destination(&address, tls, settings.family)?,
            request,
            send: settings.send.clone(),
            expect: settings.expect.clone(),
        })
    }

    fn broken(&self, error: &Error, seen: &mut Seen) -> Failure {
        let name = &self.key;
        match error {
            Error::Http(response) => {
                seen.status = Some(response.status().as_u16());
                if let Some(body) = response.body() {
                    seen.answer(body);
                }
                let message =
                    format!("{name} answered {} instead of opening a websocket. Check the path and the headers.", response.status());
                failure(Reason::Status, message)
            }
            Error::ConnectionClosed | Error::AlreadyClosed => {
                failure(Reason::Protocol, format!("{name} closed the websocket before it had answered. Check the service’s log."))
            }
            other => failure(Reason::Protocol, format!("{name} does not speak websocket as it should: {other}.")),
        }
    }
}

impl Check for Websocket {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("WebSocket", self.url.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let stream = connect(&self.key, &self.to, ways, seen).await?;
            let limits = WebSocketConfig::default().max_message_size(Some(MESSAGE_BYTES)).max_frame_size(Some(MESSAGE_BYTES));
            let opened = tokio_tungstenite::client_async_with_config(self.request.clone(), stream, Some(limits)).await;
            let (mut socket, response) = opened.map_err(|error| self.broken(&error, seen))?;
            seen.status = Some(response.status().as_u16());
            seen.fact("Status", || response.status().to_string());
            if let Some(text) = &self.send {
                socket.send(Message::text(text.clone())).await.map_err(|error| self.broken(&error, seen))?;
            }
            if let Some(wanted) = &self.expect {
                loop {
                    let message = match socket.next().await {
                        Some(message) => message.map_err(|error| self.broken(&error, seen))?,
                        None => return Err(self.broken(&Error::ConnectionClosed, seen)),
                    };
                    let Ok(text) = message.to_text() else { continue };
                    if message.is_text() || message.is_binary() {
                        seen.answer(text.as_bytes());
                        seen.fact("Message", || text.to_owned());
                        if text.contains(wanted.as_str()) {
                            break;
                        }
                    }
                }
            }
            // Whether it says goodbye does not matter.
            let _goodbye = socket.close(None).await;
            Ok(())
        }
        .boxed()
    }
}
