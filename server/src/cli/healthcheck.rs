//! `loopr healthcheck`: asks `/healthz` of the server on this machine, without a client library or a runtime.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

const TIMEOUT: Duration = Duration::from_secs(3);

/// Succeeds when the server answers 200.
pub(super) fn ask(listen: SocketAddr) -> anyhow::Result<()> {
    let address = reachable(listen);
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT).with_context(|| format!("nobody answers on {address}"))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // In one piece: a server that answers after the first one would reset the connection over the rest.
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).with_context(|| format!("{address} did not answer"))?;
    if &head == b"HTTP/1.1 200" { Ok(()) } else { bail!("{address} answered “{}”", String::from_utf8_lossy(&head)) }
}

/// A server that listens on all addresses is asked on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn answer(with: &'static str) -> anyhow::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept()?;
            let _request = stream.read(&mut [0; 1024])?;
            stream.write_all(with.as_bytes())
        });
        let asked = ask(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port()));
        server.join().expect("no panic")?;
        asked
    }

    #[test]
    fn only_a_200_is_healthy() {
        assert!(answer("HTTP/1.1 200 OK\r\n\r\n").is_ok());
        assert!(answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").is_err());
        assert!(answer("nonsense").is_err());
    }
}
