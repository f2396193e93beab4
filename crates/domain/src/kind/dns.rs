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
    use crate::kind::Reader;
    use crate::kind::address::{Address, parse_address};

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
            Some(Self {
                record: r.choice("record").to_owned(),
                resolver: r.optional("resolver", |text| parse_address(text, Some(port))),
                expected: r.lines("expected", 50),
                rcode: r.choice("rcode").to_owned(),
                transport,
                server_name: r.host_or_none("server_name"),
                query: query?,
            })
        }
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
}
