//! A question to a name server.

use super::Field;
use super::field::{CONNECTION, Input, LATENCY, REQUEST, UP};

/// The types of records that can be asked for.
pub const TYPES: &[(&str, &str)] = &[
    ("A", "A"),
    ("AAAA", "AAAA"),
    ("CNAME", "CNAME"),
    ("MX", "MX"),
    ("TXT", "TXT"),
    ("NS", "NS"),
    ("SOA", "SOA"),
    ("SRV", "SRV"),
    ("CAA", "CAA"),
];

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("query", "Name to look up").like("example.com").required(),
        Field::line("record", "Type").typed(Input::Choice(TYPES)).within(REQUEST),
        Field::line("resolver", "Name server")
            .within(REQUEST)
            .like("the system’s")
            .hinted("An address, with or without a port: 1.1.1.1, [2606:4700::1111]:53."),
        Field::line("expected", "Expected records")
            .typed(Input::Lines)
            .within(UP)
            .like("93.184.216.34")
            .hinted("One a line, as dig prints them; all of them, in any order. A line that begins with ~ is a part of one record."),
        Field::line("rcode", "Expected response code")
            .typed(Input::Choice(&[("NOERROR", "NOERROR"), ("NXDOMAIN", "NXDOMAIN"), ("SERVFAIL", "SERVFAIL"), ("REFUSED", "REFUSED")]))
            .within(UP),
        Field::line("transport", "Transport")
            .typed(Input::Choice(&[("udp", "UDP, and TCP for long answers"), ("tcp", "TCP"), ("tls", "TLS (RFC 7858)")]))
            .within(CONNECTION),
        Field::line("server_name", "Name in the certificate")
            .within(CONNECTION)
            .like("one.one.one.one")
            .hinted("With TLS. Empty: the certificate is for the address."),
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::{DnsSettings, Transport};

#[cfg(feature = "ssr")]
mod settings {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use crate::kind::Reader;
    use crate::kind::address::{Address, cut, parse_address};

    /// How a name server is asked.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Transport {
        /// Datagrams, and a connection when the answer did not fit.
        Udp,
        /// A connection.
        Tcp,
        /// A connection behind TLS.
        Tls,
    }

    /// What is asked, of whom, and what the answer should be.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DnsSettings {
        /// The name.
        pub query: String,
        /// The type of records, upper case.
        pub record: String,
        /// Who is asked; none: who the system asks.
        pub resolver: Option<Address>,
        /// What the records should be.
        pub expected: Vec<String>,
        /// What the response code should be.
        pub rcode: String,
        /// How.
        pub transport: Transport,
        /// What a certificate should be for.
        pub server_name: Option<String>,
    }

    impl DnsSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let query = r.parse("query", name);
            let transport = match r.choice("transport") {
                "tcp" => Transport::Tcp,
                "tls" => Transport::Tls,
                _ => Transport::Udp,
            };
            let port = if transport == Transport::Tls { 853 } else { 53 };
            let record = r.choice("record");
            let expected = r.lines("expected", 50);
            if let Some(message) = expected.iter().find_map(|line| unlike(record, line).err()) {
                r.refuse("expected", message);
            }
            Some(Self {
                record: record.to_owned(),
                resolver: r.optional("resolver", |text| parse_address(text, Some(port))),
                expected,
                rcode: r.choice("rcode").to_owned(),
                transport,
                server_name: r.host_or_none("server_name"),
                query: query?,
            })
        }
    }

    /// Whether a line can be a record of a type, as dig prints them: what can never come would only ever fail. A line that begins with
    /// `~` is a part of one, and texts are anything.
    fn unlike(record: &str, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let numbers = |words: &[&str]| words.iter().all(|word| word.parse::<u32>().is_ok());
        let (fits, like) = match (record, words.as_slice()) {
            _ if line.starts_with('~') => return Ok(()),
            ("A", [word]) => (word.parse::<Ipv4Addr>().is_ok(), "93.184.216.34"),
            ("A", _) => (false, "93.184.216.34"),
            ("AAAA", [word]) => (word.parse::<Ipv6Addr>().is_ok(), "2606:2800:220:1::1"),
            ("AAAA", _) => (false, "2606:2800:220:1::1"),
            ("CNAME" | "NS", words) => (matches!(words, [host] if name(host).is_ok()), "ns1.example.com."),
            ("MX", words) => {
                (matches!(words, [first @ .., host] if first.len() == 1 && numbers(first) && is_target(host)), "10 mail.example.com.")
            }
            ("SRV", words) => {
                (matches!(words, [first @ .., host] if first.len() == 3 && numbers(first) && is_target(host)), "10 5 5060 sip.example.com.")
            }
            ("SOA", words) => {
                (words.len() == 7 && words.get(2..).is_some_and(numbers), "ns1.example.com. admin.example.com. 1 7200 3600 1209600 300")
            }
            ("CAA", words) => (words.len() >= 3 && words.get(..1).is_some_and(numbers), "0 issue \"letsencrypt.org\""),
            _ => return Ok(()),
        };
        let shown = cut(line);
        if fits {
            Ok(())
        } else {
            Err(format!(
                "“{shown}” is not {} {record} record. One looks like {like}",
                if record.starts_with(['A', 'M', 'N', 'S']) { "an" } else { "a" }
            ))
        }
    }

    /// The host that a record leads to; `.` says that there is none (RFC 2782, 7505).
    fn is_target(host: &str) -> bool {
        host == "." || name(host).is_ok()
    }

    /// Any name that can be asked for, also `_sip._tcp.example.com`.
    fn name(text: &str) -> Result<String, String> {
        let name = text.trim_end_matches('.').to_lowercase();
        let fits = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*".contains(&b));
        if name.is_empty() {
            return Err("Enter the name to look up.".into());
        }
        if name.len() > 253 || !name.split('.').all(fits) {
            return Err("This is not a name that can be looked up. It looks like example.com or _sip._tcp.example.com.".into());
        }
        Ok(name)
    }
    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn an_expected_record_is_one_of_its_type() {
            for (record, line) in [
                ("A", "93.184.216.34"),
                ("AAAA", "2606:2800:220:1::1"),
                ("CNAME", "www.example.com."),
                ("NS", "ns1.example.com"),
                ("MX", "10 mail.example.com."),
                ("MX", "0 ."),
                ("SRV", "10 5 5060 sip.example.com."),
                ("SOA", "ns1.example.com. admin.example.com. 1 7200 3600 1209600 300"),
                ("CAA", "0 issue \"letsencrypt.org\""),
                ("TXT", "v=spf1 -all"),
                ("A", "~93.184"),
            ] {
                assert_eq!(unlike(record, line), Ok(()), "{record} {line}");
            }
            for (record, line) in [
                ("A", "not-an-ip"),
                ("A", "::1"),
                ("A", "1.2.3.4 5.6.7.8"),
                ("AAAA", "93.184.216.34"),
                ("CNAME", "two words"),
                ("MX", "mail.example.com"),
                ("SRV", "10 sip.example.com"),
                ("CAA", "letsencrypt.org"),
            ] {
                let message = unlike(record, line).expect_err(line);
                assert!(message.contains(line) && message.contains(record), "{message}");
            }
        }
    }
}
