//! What may be dialled. Pure: the caller brings the name and the addresses it resolved to.
//!
//! Invariant: deny beats allow, and nothing but an exact address in the allow list opens a forbidden address.

use std::net::IpAddr;

use url::Host;

use super::target::Target;
use super::tier::{Tier, embedded, tier_of};

/// Whether private networks may be dialled without being named in the allow list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// They may: a team's own instance watches its own networks.
    Open,
    /// They may not: strangers can sign up here.
    #[default]
    Closed,
}

/// The network policy of this instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Loopback, RFC 1918, carrier-grade NAT and unique local addresses.
    pub private: Access,
    /// Opens private addresses by block or by name, and forbidden ones by exact address.
    pub allow: Vec<Target>,
    /// Refuses whatever it names, public or not.
    pub deny: Vec<Target>,
}

/// The policy refuses a target. It says no more, so that the answer does not tell what a name resolved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused by the network policy")]
pub struct Refused;

impl Policy {
    /// Judges a host before anything is resolved: literal addresses in full, names by the entries that name them.
    ///
    /// # Errors
    /// [`Refused`], when no address behind this host may ever be dialled.
    pub fn judge_host(&self, host: &Host<String>) -> Result<(), Refused> {
        match host {
            Host::Domain(name) if self.deny.iter().any(|target| target.matches_name(name)) => Err(Refused),
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.judge_address(None, IpAddr::V4(*address)),
            Host::Ipv6(address) => self.judge_address(None, IpAddr::V6(*address)),
        }
    }

    /// Judges one address, reached under a name or, without one, as a literal. Every address of an answer is judged.
    ///
    /// # Errors
    /// [`Refused`], when this address must not be dialled.
    pub fn judge_address(&self, name: Option<&str>, address: IpAddr) -> Result<(), Refused> {
        let inner = embedded(address);
        if self.deny.iter().any(|target| target.contains(address) || target.contains(inner)) {
            return Err(Refused);
        }
        let permitted = match tier_of(address) {
            Tier::Public => true,
            Tier::Private => {
                self.private == Access::Open
                    || self.allow.iter().any(|target| {
                        target.contains(address) || target.contains(inner) || name.is_some_and(|name| target.matches_name(name))
                    })
            }
            Tier::Forbidden => self.allow.iter().any(|target| target.is_exactly(address) || target.is_exactly(inner)),
        };
        if permitted { Ok(()) } else { Err(Refused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The minimum set of `docs/reference`: all are refused with both tiers closed. The flag says: forbidden.
    const REFUSED: [(&str, bool); 36] = [
        ("10.254.0.0", false),
        ("192.168.10.65", false),
        ("172.16.10.65", false),
        ("0.1.2.3", true),
        ("0.0.0.0", true),
        ("127.0.0.1", false),
        ("127.254.254.254", false),
        ("169.254.45.1", true),
        ("169.254.169.254", true),
        ("255.255.255.255", true),
        ("224.1.2.3", true),
        ("192.0.0.0", true),
        ("192.0.2.255", true),
        ("198.51.100.65", true),
        ("203.0.113.6", true),
        ("100.100.0.0", false),
        ("192.88.99.3", true),
        ("198.18.0.0", true),
        ("240.240.240.240", true),
        ("::", true),
        ("::1", false),
        ("::ffff:127.0.0.1", false),
        ("::7f00:1", true),
        ("::ffff:0:7f00:1", true),
        ("2001:db8::1", true),
        ("3fff::dead:beef", true),
        ("fe80::1", true),
        ("febf:ffff::1", true),
        ("fec0::1", true),
        ("fdee:3a45:9057::1", false),
        ("fd7a:115c:a1e0::1", false),
        ("2002:c0a8:1::1", false),
        ("64:ff9b::c0a8:0", false),
        ("64:ff9b:1::1", true),
        ("100::1:2:3:4", true),
        ("5f00::1", true),
    ];
    const MORE_REFUSED: [(&str, bool); 3] = [("ff02::1", true), ("fd00:ec2::254", true), ("100.100.100.200", true)];
    const ALLOWED: [&str; 5] = ["1.1.1.1", "8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "::ffff:8.8.8.8"];

    fn policy(private: Access, allow: &str, deny: &str) -> Policy {
        Policy { private, allow: Target::parse_list(allow).expect(allow), deny: Target::parse_list(deny).expect(deny) }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn closed_refuses_the_whole_list_and_open_its_forbidden_part() {
        let (closed, open) = (policy(Access::Closed, "", ""), policy(Access::Open, "", ""));
        for (text, forbidden) in REFUSED.into_iter().chain(MORE_REFUSED) {
            assert_eq!(closed.judge_address(None, address(text)), Err(Refused), "{text}");
            assert_eq!(open.judge_address(None, address(text)).is_err(), forbidden, "{text}");
        }
        for text in ALLOWED {
            assert_eq!(closed.judge_address(None, address(text)), Ok(()), "{text}");
        }
    }

    #[test]
    fn literals_are_judged_however_they_are_written() {
        let closed = policy(Access::Closed, "", "");
        for url in ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:7f00:1]/", "http://0/"] {
            let host = url::Url::parse(url).expect(url).host().expect(url).to_owned();
            assert_eq!(closed.judge_host(&host), Err(Refused), "{url}");
        }
    }

    #[test]
    fn deny_beats_allow() {
        let both = policy(Access::Open, "10.0.0.0/8, api.example.com", "10.1.0.0/16, *.example.com, 8.8.8.8");
        assert_eq!(both.judge_address(None, address("10.1.2.3")), Err(Refused));
        assert_eq!(both.judge_address(None, address("::ffff:10.1.2.3")), Err(Refused));
        assert_eq!(both.judge_address(None, address("64:ff9b::808:808")), Err(Refused));
        assert_eq!(both.judge_address(None, address("10.2.0.1")), Ok(()));
        assert_eq!(both.judge_host(&Host::Domain("api.example.com".into())), Err(Refused));
    }

    #[test]
    fn private_opens_by_block_or_name() {
        let some = policy(Access::Closed, "10.0.0.0/8, intranet.example", "");
        assert_eq!(some.judge_address(None, address("10.2.0.1")), Ok(()));
        assert_eq!(some.judge_address(None, address("192.168.0.1")), Err(Refused));
        assert_eq!(some.judge_address(Some("intranet.example"), address("192.168.0.1")), Ok(()));
        assert_eq!(some.judge_address(Some("other.example"), address("192.168.0.1")), Err(Refused));
    }

    #[test]
    fn forbidden_opens_by_exact_address_only() {
        let metadata = address("169.254.169.254");
        for (allow, opens) in [
            ("169.254.0.0/16", false),
            ("0.0.0.0/0", false),
            ("metadata.example", false),
            ("169.254.169.254", true),
            ("169.254.169.254/32", true),
        ] {
            let policy = policy(Access::Open, allow, "");
            assert_eq!(policy.judge_address(Some("metadata.example"), metadata).is_ok(), opens, "{allow}");
        }
        assert_eq!(policy(Access::Closed, "fe80::1/128", "").judge_address(None, address("fe80::1")), Ok(()));
    }
}
