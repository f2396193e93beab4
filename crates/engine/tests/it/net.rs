//! The dialer against real sockets: what is refused is never connected to, and what is tried is tried in turn.

use std::time::{Duration, Instant};

use engine::net::{Access, Destination, DialError, Dialer, Dialling, Phase, Policy, Target};
use tokio::net::TcpListener;
use url::Host;

fn policy(private: Access, allow: &str, deny: &str) -> Policy {
    Policy { private, allow: Target::parse_list(allow).expect(allow), deny: Target::parse_list(deny).expect(deny) }
}

async fn dial(dialer: &Dialer, host: &str, port: u16) -> (Result<(), DialError>, Dialling) {
    let to = Destination::plain(Host::parse(host).expect(host), port);
    let mut progress = Dialling::default();
    let result = dialer.dial(&to, Instant::now() + Duration::from_secs(10), &mut progress).await;
    (result.map(drop), progress)
}

#[tokio::test]
async fn a_permitted_address_is_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    let dialer = Dialer::new(policy(Access::Open, "", ""));
    for host in ["127.0.0.1", "localhost", "app.localhost"] {
        let (result, progress) = dial(&dialer, host, address.port()).await;
        assert!(result.is_ok(), "{host}: {result:?}");
        assert_eq!((progress.phase, progress.address), (Phase::Connected, Some(address)), "{host}");
        assert!(progress.phases.connect_us.is_some());
        assert_eq!(progress.phases.dns_us.is_some(), host != "127.0.0.1");
    }
}

#[tokio::test]
async fn a_refused_address_is_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let port = listener.local_addr().expect("bound").port();
    for (private, allow, deny) in [(Access::Closed, "", ""), (Access::Open, "", "127.0.0.0/8, ::1, localhost")] {
        let dialer = Dialer::new(policy(private, allow, deny));
        for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "2130706433"] {
            let (result, progress) = dial(&dialer, host, port).await;
            assert!(matches!(result, Err(DialError::Policy(_))), "{host}: {result:?}");
            assert_eq!(progress.address, None, "{host}");
        }
    }
    let came = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(came.is_err(), "nothing may have connected");
}

#[tokio::test]
async fn only_permitted_addresses_of_a_name_are_dialled() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("bound");
    let dialer = Dialer::new(policy(Access::Closed, "127.0.0.1", ""));
    let (result, progress) = dial(&dialer, "localhost", address.port()).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(progress.address, Some(address));
    dialer.set_policy(policy(Access::Closed, "", ""));
    let (result, _) = dial(&dialer, "localhost", address.port()).await;
    assert!(matches!(result, Err(DialError::Policy(_))), "a new policy holds at once: {result:?}");
}

#[tokio::test]
async fn the_next_address_is_tried() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return;
    };
    let address = listener.local_addr().expect("bound");
    let dialer = Dialer::new(policy(Access::Open, "", ""));
    let (result, progress) = dial(&dialer, "localhost", address.port()).await;
    assert!(result.is_ok(), "127.0.0.1 refuses, ::1 takes it: {result:?}");
    assert_eq!(progress.address, Some(address));
}
