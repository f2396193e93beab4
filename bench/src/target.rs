//! The web server that is checked: answers 200 and closes, as cheaply as it can. Beside it, on addresses of their own, ports that
//! take connections and stay silent, and ports that never take one.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;

/// Where it answers: a connection takes a port of one of these until the system forgets it.
pub const ADDRESSES: u8 = 8;
/// Addresses of the silent ports, 127.0.1.1 and so on: Loopr bounds what is under way to one host.
pub const SILENT: u8 = 20;
/// Addresses of the ports that never take a connection, 127.0.2.1 and so on.
pub const DEAF: u8 = 4;

/// Serves until the process is ended.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let mut held = Vec::new();
    for n in 1..=DEAF {
        held.push(deaf((Ipv4Addr::new(127, 0, 2, n), port).into()).await?);
    }
    for n in 1..=SILENT {
        let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 1, n), port)).await?;
        tokio::spawn(stay_silent(listener));
    }
    let mut listeners = Vec::new();
    for n in 1..=ADDRESSES {
        listeners.push(tokio::spawn(answer(TcpListener::bind((Ipv4Addr::new(127, 0, 0, n), port)).await?)));
    }
    for listener in listeners {
        listener.await??;
    }
    drop(held);
    Ok(())
}

async fn answer(listener: TcpListener) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let service = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"ok\n")))) });
            // A client that hangs up is not of interest.
            let _hung_up = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn stay_silent(listener: TcpListener) {
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut sink = [0; 1024];
            // Reads until the client has had enough, so that its end of the connection is seen.
            while stream.read(&mut sink).await.is_ok_and(|read| read > 0) {}
        });
    }
}

/// A port whose queue is full: the system drops whatever asks for more.
async fn deaf(address: SocketAddr) -> anyhow::Result<(TcpListener, Vec<TcpStream>)> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(address)?;
    let listener = socket.listen(1)?;
    let mut queued = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queued.push(stream?);
    }
    Ok((listener, queued))
}
