//! The websocket: who may open it, and what it says.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::world::World;

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn open(world: &World, origin: &str, cookie: &str) -> Result<Socket, u16> {
    let mut request = format!("ws://{}/live", world.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", origin.parse().unwrap());
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

async fn hear(socket: &mut Socket, kind: &str) -> Value {
    let listening = async {
        loop {
            let message = socket.next().await.unwrap().unwrap();
            let Message::Text(text) = message else { continue };
            let value: Value = serde_json::from_str(&text).unwrap();
            if value["type"] == kind {
                return value;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), listening).await.unwrap_or_else(|_| panic!("no {kind} came"))
}

/// The code with which the server ends it, before anything else is said.
async fn closed(socket: &mut Socket) -> u16 {
    let answer = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.unwrap();
    match answer {
        Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
        other => panic!("{other:?}"),
    }
}

async fn space(world: &World, cookie: &str) -> domain::SpaceId {
    let secret = cookie.split_once('=').unwrap().1;
    world.engine.accounts().visitor(secret).await.unwrap().unwrap().view.space.unwrap().id
}

#[tokio::test]
async fn only_own_pages_of_somebody_signed_in_may_listen() {
    let (world, cookie) = World::with_session(&[]).await;
    let own = world.origin();
    let mut nobody = open(&world, &own, "a=b").await.unwrap();
    assert_eq!(closed(&mut nobody).await, domain::live::CLOSED_FOR_READER, "told nothing but to load the page again");
    assert_eq!(open(&world, "http://evil.example", &cookie).await.err(), Some(403));
    assert!(open(&world, &own, &cookie).await.is_ok());
}

#[tokio::test]
async fn a_snapshot_comes_first_and_then_what_changes() {
    let (world, cookie) = World::with_session(&[]).await;
    let mut socket = open(&world, &world.origin(), &cookie).await.unwrap();
    let space = space(&world, &cookie).await;
    socket.send(Message::text(json!({ "type": "watch", "space": space, "monitors": [] }).to_string())).await.unwrap();
    let snapshot = hear(&mut socket, "snapshot").await;
    assert_eq!((&snapshot["build"], &snapshot["monitors"]), (&world.build.as_str().into(), &json!([])));
    let made = world.form("/fn/create_monitor", &[("url", "http://127.0.0.1:9/")], "/monitors/new", &cookie).await;
    assert_eq!(made.status.as_u16(), 303, "{made:?}");
    let changes = hear(&mut socket, "changes").await;
    assert!(changes["seq"].as_u64() > snapshot["seq"].as_u64());
}

#[tokio::test]
async fn another_space_is_not_told() {
    let (world, cookie) = World::with_session(&[]).await;
    let mut socket = open(&world, &world.origin(), &cookie).await.unwrap();
    let foreign = domain::SpaceId::new(domain::Timestamp::from_millis(1), 1);
    socket.send(Message::text(json!({ "type": "watch", "space": foreign, "monitors": [] }).to_string())).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.unwrap();
    assert!(matches!(answer, Some(Ok(Message::Close(Some(_))))), "{answer:?}");
}

#[tokio::test]
async fn who_is_signed_out_hears_nothing_any_more() {
    let (world, cookie) = World::with_session(&[]).await;
    let mut socket = open(&world, &world.origin(), &cookie).await.unwrap();
    let gone = world.form("/fn/sign_out", &[], "/", &cookie).await;
    assert_eq!(gone.status.as_u16(), 303, "{gone:?}");
    assert_eq!(closed(&mut socket).await, domain::live::CLOSED_FOR_READER);
}

#[tokio::test]
async fn tabs_are_capped_per_account() {
    let (world, cookie) = World::with_session(&[("LOOPR_SOCKETS_PER_ACCOUNT", "2")]).await;
    let own = world.origin();
    let (_first, _second) = (open(&world, &own, &cookie).await.unwrap(), open(&world, &own, &cookie).await.unwrap());
    assert_eq!(open(&world, &own, &cookie).await.err(), Some(429));
}
