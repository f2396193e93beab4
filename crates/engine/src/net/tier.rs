//! Which kind of place an address is: a pure table over the special-purpose registries of IANA (RFC 6890 and its
//! updates) and the addresses at which clouds hand out credentials. Used by the policy alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How an address is treated by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// The open internet.
    Public,
    /// This machine and its own networks: loopback, RFC 1918, carrier-grade NAT, unique local addresses.
    Private,
    /// Nothing a monitor has business with: cloud metadata, link-local, multicast, unspecified, reserved, documentation.
    Forbidden,
}

/// The tier of an address. Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) have the tier of that one,
/// because that is where the packets end up.
pub fn tier_of(address: IpAddr) -> Tier {
    match embedded(address) {
        IpAddr::V4(v4) => tier_of_v4(v4),
        IpAddr::V6(v6) => tier_of_v6(v6),
    }
}

/// The IPv4 address that an IPv6 address stands for, or the address itself.
pub(super) fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = match (a, b, c, d, e, f) {
        // ::ffff:0:0/96, IPv4-mapped (RFC 4291).
        (0, 0, 0, 0, 0, 0xffff)
        // 64:ff9b::/96, the well-known NAT64 prefix (RFC 6052). Refusing it whole would break hosts that only have IPv6.
        | (0x64, 0xff9b, 0, 0, 0, 0) => from_halves(g, h),
        // 2002::/16, 6to4 (RFC 3056).
        (0x2002, ..) => from_halves(b, c),
        _ => return address,
    };
    IpAddr::V4(v4)
}

fn from_halves(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}

fn tier_of_v4(address: Ipv4Addr) -> Tier {
    match address.octets() {
        // Metadata services that hide among other ranges: Alibaba Cloud (inside CGNAT) and Azure's wire server.
        [100, 100, 100, 200] | [168, 63, 129, 16] => Tier::Forbidden,
        [10, ..] | [127, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Tier::Private,
        // "This network", link-local (with the metadata service of most clouds), protocol assignments, documentation,
        // the former 6to4 relays, benchmarking, multicast, reserved and broadcast.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [224..=255, ..] => Tier::Forbidden,
        _ => Tier::Public,
    }
}

fn tier_of_v6(address: Ipv6Addr) -> Tier {
    if address == Ipv6Addr::LOCALHOST {
        return Tier::Private;
    }
    match address.segments() {
        // Metadata services inside unique local space: AWS (fd00:ec2::254 and its siblings), Google Cloud, Oracle, Scaleway.
        [0xfd00, 0xec2, ..]
        | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254]
        | [0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe]
        | [0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42] => Tier::Forbidden,
        [0xfc00..=0xfdff, ..] => Tier::Private,
        // Inside global unicast: protocol assignments (with Teredo and ORCHID), and both documentation blocks.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Tier::Forbidden,
        [0x2000..=0x3fff, ..] => Tier::Public,
        // All else is not global unicast: ::/8 with the IPv4-compatible and translated forms, discard-only, SRv6,
        // link-local, site-local, multicast, and what nobody has been given yet.
        _ => Tier::Forbidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(text: &str) -> Tier {
        tier_of(text.parse().expect(text))
    }

    #[test]
    fn private_addresses() {
        for text in [
            "10.254.0.0",
            "192.168.10.65",
            "172.16.10.65",
            "172.31.255.255",
            "127.0.0.1",
            "127.254.254.254",
            "100.100.0.0",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "::ffff:127.0.0.1",
            "fdee:3a45:9057::1",
            "fd7a:115c:a1e0::1",
            "fc00::1",
            "2002:c0a8:1::1",
            "64:ff9b::c0a8:0",
            "::ffff:10.0.0.1",
        ] {
            assert_eq!(tier(text), Tier::Private, "{text}");
        }
    }

    #[test]
    fn forbidden_addresses() {
        for text in [
            "0.1.2.3",
            "0.0.0.0",
            "169.254.45.1",
            "169.254.169.254",
            "255.255.255.255",
            "224.1.2.3",
            "239.255.255.255",
            "192.0.0.0",
            "192.0.0.192",
            "192.0.2.255",
            "198.51.100.65",
            "203.0.113.6",
            "192.88.99.3",
            "198.18.0.0",
            "198.19.255.255",
            "240.240.240.240",
            "100.100.100.200",
            "168.63.129.16",
            "::",
            "::7f00:1",
            "::ffff:0:7f00:1",
            "2001:db8::1",
            "3fff::dead:beef",
            "fe80::1",
            "febf:ffff::1",
            "fec0::1",
            "64:ff9b:1::1",
            "100::1:2:3:4",
            "5f00::1",
            "ff02::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "2001::1",
            "2001:1ff:ffff::1",
            "4000::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert_eq!(tier(text), Tier::Forbidden, "{text}");
        }
    }

    #[test]
    fn public_addresses() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2001:200::1",
            "2606:4700::1111",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
            "2002:808:808::1",
            "3fff:1000::1",
        ] {
            assert_eq!(tier(text), Tier::Public, "{text}");
        }
    }
}
