//! A TCP connection, and perhaps some text over it.

use super::Field;
use super::field::{self, CONNECTION, FAMILY, INSECURE, Input, LATENCY, REQUEST};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        field::address("db.example.com:5432").hinted("A host and a port."),
        Field::line("send", "Send")
            .typed(Input::Text)
            .within(REQUEST)
            .like("PING\\r\\n")
            .hinted("\\r, \\n, \\t and \\x1b stand for bytes. Empty: nothing is sent."),
        Field::line("expect", "Expect")
            .within(REQUEST)
            .like("+PONG")
            .hinted("Text that the answer has to contain. Empty: a connection is enough."),
        Field::line("tls", "Speak TLS").typed(Input::Flag).within(CONNECTION),
        INSECURE,
        FAMILY,
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::TcpSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::{Address, Family};

    /// What a TCP check does.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TcpSettings {
        /// Where.
        pub address: Address,
        /// Sent once connected.
        pub send: Vec<u8>,
        /// Waited for.
        pub expect: Vec<u8>,
        /// Behind TLS.
        pub tls: bool,
        /// With any certificate.
        pub insecure: bool,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl TcpSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let address = r.address(None);
            let send = r.or("send", Vec::new(), unescape);
            let expect = r.or("expect", Vec::new(), unescape);
            let (tls, insecure, family) = (r.flag("tls"), r.flag("insecure"), r.family());
            Some(Self { address: address?, send, expect, tls, insecure, family })
        }
    }

    /// Bytes that cannot be typed are written with a backslash.
    fn unescape(text: &str) -> Result<Vec<u8>, String> {
        if text.len() > 4_096 {
            return Err("Use at most 4096 characters.".into());
        }
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                out.extend(c.encode_utf8(&mut [0; 4]).bytes());
                continue;
            }
            match rest.next() {
                Some('r') => out.push(b'\r'),
                Some('n') => out.push(b'\n'),
                Some('t') => out.push(b'\t'),
                Some('0') => out.push(0),
                Some('\\') => out.push(b'\\'),
                Some('x') => {
                    let digits: String = rest.by_ref().take(2).collect();
                    let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 2);
                    out.push(byte.ok_or_else(|| format!("“\\x{digits}” is not a byte. It looks like \\x1b."))?);
                }
                other => {
                    return Err(format!(
                        "“\\{}” means nothing. Use \\r, \\n, \\t, \\0, \\x1b or \\\\.",
                        other.map_or(String::new(), String::from)
                    ));
                }
            }
        }
        Ok(out)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn bytes_that_cannot_be_typed() {
            assert_eq!(unescape("PING\\r\\n\\x1b\\\\é"), Ok("PING\r\n\x1b\\é".as_bytes().to_vec()));
            for wrong in ["\\q", "\\x1", "\\", "\\xzz"] {
                assert!(unescape(wrong).is_err(), "{wrong}");
            }
        }
    }
}
