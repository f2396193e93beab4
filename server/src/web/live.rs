//! `/live`: one websocket a tab. The session cookie and the `Origin` are checked before the upgrade, and the session again
//! with every ping and whenever somebody may have lost a right: who is signed out hears nothing any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::RequestExt as _;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use domain::live::{ClientMessage, ServerMessage, WATCH_MAX};
use domain::{AccountId, SpaceId};
use engine::live::Feed;
use engine::{Actor, Visitor};
use http::{HeaderMap, StatusCode};

use super::state::AppState;
use super::{health, origin, visit};

const PING: Duration = Duration::from_secs(25);
/// Two pings without an answer.
const SILENCE: Duration = Duration::from_secs(60);
/// A tab says what it watches; that is 500 ids at most.
const MESSAGE_BYTES: usize = 64 * 1024;
/// A person cannot scroll faster than this.
const MESSAGES_A_PING: u32 = 250;
/// What a slow browser may leave unread before the connection is given up.
const WRITE_BUFFER_BYTES: usize = 4 << 20;

/// How many sockets each account has open.
pub(super) struct Sockets {
    most: usize,
    open: Mutex<HashMap<AccountId, usize>>,
}

impl Sockets {
    pub fn new(most: usize) -> Self {
        Self { most, open: Mutex::default() }
    }

    pub fn open(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    fn take(self: &Arc<Self>, account: AccountId) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(account).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { sockets: self.clone(), account })
    }
}

/// One of an account's sockets; dropping it makes room.
struct Place {
    sockets: Arc<Sockets>,
    account: AccountId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.sockets.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.account);
            }
        }
    }
}

pub(super) async fn upgrade(State(state): State<AppState>, mut request: Request) -> Response {
    let headers = request.headers().clone();
    if !origin::is_own(&headers, state.listen().public_url.as_ref()) {
        return (StatusCode::FORBIDDEN, "The live connection is for pages of this Loopr only.\n").into_response();
    }
    let visitor = match visit::visitor(&state, &headers).await {
        Ok(visitor) => visitor,
        Err(error) => return (health::status(&error), format!("{error}\n")).into_response(),
    };
    let Some(visitor) = visitor else {
        // A browser does not tell its page why an upgrade was refused, but why a socket was closed.
        return match request.extract_parts::<WebSocketUpgrade>().await {
            Ok(upgrade) => upgrade.on_upgrade(|mut socket| async move { close(&mut socket, SIGNED_OUT).await }),
            Err(refusal) => refusal.into_response(),
        };
    };
    let Some(place) = state.sockets().take(visitor.account) else {
        return (StatusCode::TOO_MANY_REQUESTS, "Too many tabs of this account are open.\n").into_response();
    };
    match request.extract_parts::<WebSocketUpgrade>().await {
        Ok(upgrade) => upgrade
            .max_message_size(MESSAGE_BYTES)
            .max_frame_size(MESSAGE_BYTES)
            .max_write_buffer_size(WRITE_BUFFER_BYTES)
            .on_upgrade(move |socket| talk(Tab { state, headers, visitor, socket }, place)),
        Err(refusal) => refusal.into_response(),
    }
}

struct Tab {
    state: AppState,
    headers: HeaderMap,
    visitor: Visitor,
    socket: WebSocket,
}

/// Why a conversation ends.
struct End {
    code: u16,
    reason: &'static str,
}

const GONE: End = End { code: close_code::NORMAL, reason: "" };

/// The page is to be made anew: its reader is somebody else now, or nobody.
const SIGNED_OUT: End = End { code: domain::live::CLOSED_FOR_READER, reason: "signed out" };
const NOT_YOUR_SPACE: End = End { code: domain::live::CLOSED_FOR_READER, reason: "not your space" };

async fn talk(mut tab: Tab, place: Place) {
    let end = tab.run().await;
    close(&mut tab.socket, end).await;
    drop(place);
}

async fn close(socket: &mut WebSocket, end: End) {
    let frame = CloseFrame { code: end.code, reason: Utf8Bytes::from_static(end.reason) };
    // The browser may be gone already.
    let _ = tokio::time::timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

impl Tab {
    async fn run(&mut self) -> End {
        let shutdown = self.state.shutdown().clone();
        let mut pings = tokio::time::interval_at(tokio::time::Instant::now() + PING, PING);
        let mut feed: Option<(SpaceId, Feed)> = None;
        let mut people = self.state.engine().people_changes();
        let mut heard = Instant::now();
        let mut messages = 0;
        loop {
            let step = tokio::select! {
                () = shutdown.cancelled() => Err(End { code: close_code::RESTART, reason: "Loopr restarts" }),
                message = self.socket.recv() => {
                    heard = Instant::now();
                    messages += 1;
                    match message {
                        _ if messages > MESSAGES_A_PING => Err(End { code: close_code::POLICY, reason: "too many messages" }),
                        Some(Ok(Message::Text(text))) => self.watch(&text, &mut feed).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Binary(_))) => Err(End { code: close_code::UNSUPPORTED, reason: "text only" }),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(GONE),
                    }
                }
                news = next(&mut feed) => self.send(&news).await,
                Ok(()) = people.changed() => self.check(&feed).await,
                _ = pings.tick() => {
                    messages = 0;
                    if heard.elapsed() > SILENCE { Err(GONE) } else { self.ping(&feed).await }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn watch(&mut self, text: &str, feed: &mut Option<(SpaceId, Feed)>) -> Result<(), End> {
        let wrong = End { code: close_code::POLICY, reason: "not a message of this version" };
        let Ok(ClientMessage::Watch { space, monitors }) = serde_json::from_str(text) else { return Err(wrong) };
        if monitors.len() > WATCH_MAX {
            return Err(wrong);
        }
        if feed.as_ref().is_none_or(|(current, _)| *current != space) {
            // The space may be one that was joined after this tab was opened.
            self.renew().await?;
            let actor = self.actor(space)?;
            let build = self.state.site().assets().build.clone();
            *feed = Some((space, self.state.engine().subscribe(&actor).with_build(&build)));
        }
        match feed {
            Some((_, feed)) => {
                let snapshot = feed.watch(monitors);
                self.send(&snapshot).await
            }
            None => Ok(()),
        }
    }

    /// Whether who opened the tab may still see what it shows.
    async fn check(&mut self, feed: &Option<(SpaceId, Feed)>) -> Result<(), End> {
        self.renew().await?;
        feed.as_ref().map_or(Ok(()), |(space, _)| self.actor(*space).map(drop))
    }

    async fn ping(&mut self, feed: &Option<(SpaceId, Feed)>) -> Result<(), End> {
        self.check(feed).await?;
        self.socket.send(Message::Ping(axum::body::Bytes::new())).await.map_err(|_| GONE)
    }

    /// Asks again who this is.
    async fn renew(&mut self) -> Result<(), End> {
        match visit::visitor(&self.state, &self.headers).await {
            Ok(Some(visitor)) if visitor.account == self.visitor.account => {
                self.visitor = visitor;
                Ok(())
            }
            Ok(_) => Err(SIGNED_OUT),
            Err(_) => Err(End { code: close_code::AGAIN, reason: "try again" }),
        }
    }

    fn actor(&self, space: SpaceId) -> Result<Actor, End> {
        self.visitor.actor_in(space).map_err(|_| NOT_YOUR_SPACE)
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        let Ok(text) = serde_json::to_string(message) else {
            tracing::error!("a live message could not be written as JSON");
            return Err(End { code: close_code::ERROR, reason: "" });
        };
        self.socket.send(Message::Text(text.into())).await.map_err(|_| GONE)
    }
}

/// The next message of a feed; waits for ever while there is none.
async fn next(feed: &mut Option<(SpaceId, Feed)>) -> ServerMessage {
    match feed {
        Some((_, feed)) => feed.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn sockets_are_capped_per_account() {
        let sockets = Arc::new(Sockets::new(2));
        let (ann, bob) = (AccountId::new(Timestamp::from_millis(0), 1), AccountId::new(Timestamp::from_millis(0), 2));
        let (first, _second) = (sockets.take(ann), sockets.take(ann));
        assert!(first.is_some() && sockets.take(ann).is_none() && sockets.take(bob).is_some());
        drop(first);
        assert!(sockets.take(ann).is_some());
        assert_eq!(sockets.open(), 1, "only the second is left");
    }
}
