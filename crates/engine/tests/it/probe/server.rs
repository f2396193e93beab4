//! Servers made of a closure: it gets the head of the request and the socket, and may do to it what it likes.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a server was asked, oldest first; bodies included when they came with the head.
pub type Requests = Arc<Mutex<Vec<String>>>;

/// Listens on a free port and answers every connection with `answer`.
pub async fn serve<F, A>(answer: F) -> (SocketAddr, Requests)
where
    F: Fn(String, TcpStream) -> A + Send + Sync + 'static,
    A: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    let requests = Requests::default();
    let seen = requests.clone();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, seen) = (answer.clone(), seen.clone());
            tokio::spawn(async move {
                let request = read_request(&mut stream).await;
                seen.lock().expect("not poisoned").push(request.clone());
                answer(request, stream).await;
            });
        }
    });
    (address, requests)
}

/// Always gives the same bytes and closes.
pub async fn always(bytes: impl Into<String>) -> (SocketAddr, Requests) {
    let bytes: Arc<str> = bytes.into().into();
    serve(move |_, stream| send(stream, bytes.to_string())).await
}

/// Writes and closes. A server that closes under a client which still sends makes the kernel drop the answer, hence the
/// polite end.
pub async fn send<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, bytes: impl AsRef<[u8]>) {
    let _ = stream.write_all(bytes.as_ref()).await;
    let _ = stream.shutdown().await;
    let _ = stream.read(&mut [0; 64]).await;
}

pub async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(n) => bytes.extend(chunk.iter().take(n)),
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

pub fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}
