//! Who is at the other end: the peer, or, behind trusted proxies, who they say it is.

use std::net::{IpAddr, SocketAddr};

use engine::Client;
use http::HeaderMap;
use http::header::{HOST, USER_AGENT};
use ipnet::IpNet;

/// The socket address at the other end of the connection; the listener puts it into every request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Any of these says that somebody stands between the browser and us.
const FORWARDING: [&str; 6] = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Reads the client off a request.
pub(super) fn client(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let agent = headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).chars().take(300).collect());
    Client {
        address: address(peer.0.ip().to_canonical(), headers, trusted),
        user_agent: agent.unwrap_or_default(),
        trusted_local: is_trusted_local(peer, headers),
    }
}

/// Whether the browser speaks TLS to a trusted proxy.
pub(super) fn is_behind_tls(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> bool {
    let peer = peer.0.ip().to_canonical();
    trusted.iter().any(|block| block.contains(&peer)) && headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https")
}

/// The last address in `X-Forwarded-For` that is not a trusted proxy's. What stands before it, anybody may have written.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|block| block.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut last = peer;
    for hop in hops.into_iter().rev() {
        let Some(address) = parse_hop(hop) else { break };
        last = address;
        if !is_trusted(&address) {
            break;
        }
    }
    last
}

fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()));
    bare.ok().map(|address| address.to_canonical())
}

/// Whether the request comes from this machine for sure. The name matters too: a page of another site can make a browser
/// on this machine ask us under that site's name, by pointing the name at 127.0.0.1 (DNS rebinding).
fn is_trusted_local(peer: Peer, headers: &HeaderMap) -> bool {
    peer.0.ip().to_canonical().is_loopback()
        && !FORWARDING.iter().any(|name| headers.contains_key(*name))
        && headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_local_name)
}

fn is_local_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_str(value).expect("valid"))).collect()
    }

    fn seen(peer: &str, forwarded: &str) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("valid")];
        let peer = Peer(SocketAddr::new(peer.parse().expect("address"), 1));
        client(peer, &headers(&[("x-forwarded-for", forwarded)]), &trusted).address.to_string()
    }

    #[test]
    fn forwarded_addresses_count_from_trusted_proxies_only() {
        assert_eq!(seen("192.0.2.1", "1.1.1.1"), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", "1.1.1.1"), "1.1.1.1");
        assert_eq!(seen("::ffff:10.0.0.1", "1.1.1.1:4711"), "1.1.1.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2"), "1.1.1.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, nonsense, 10.0.0.2"), "10.0.0.2");
        assert_eq!(seen("10.0.0.1", ""), "10.0.0.1");
    }

    #[test]
    fn only_trusted_proxies_speak_of_tls() {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("valid")];
        let tls = |peer: &str, proto| {
            let peer = Peer(SocketAddr::new(peer.parse().expect("address"), 1));
            is_behind_tls(peer, &headers(&[("x-forwarded-proto", proto)]), &trusted)
        };
        assert!(tls("10.0.0.1", "https") && !tls("10.0.0.1", "http") && !tls("192.0.2.1", "https"));
    }

    #[test]
    fn only_this_machine_itself_is_trusted() {
        let local = |peer: &str, pairs: &[(&'static str, &str)]| {
            is_trusted_local(Peer(SocketAddr::new(peer.parse().expect("address"), 1)), &headers(pairs))
        };
        assert!(local("127.0.0.1", &[("host", "localhost:3000")]));
        assert!(local("::1", &[("host", "[::1]:3000")]));
        assert!(!local("127.0.0.1", &[("host", "localhost"), ("x-forwarded-for", "1.1.1.1")]), "a proxy on this machine");
        assert!(!local("127.0.0.1", &[("host", "rebound.example")]), "DNS rebinding");
        assert!(!local("192.0.2.1", &[("host", "localhost")]));
        assert!(!local("127.0.0.1", &[]));
    }
}
