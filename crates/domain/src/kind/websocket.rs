//! A websocket that opens, and perhaps answers.

use super::Field;
use super::field::{EXPIRY, FAMILY, INSECURE, Input, LATENCY, REQUEST, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("url", "Address").like("wss://example.com/live").required(),
        Field::line("headers", "Headers")
            .typed(Input::Headers)
            .within(REQUEST)
            .like("Authorization: Bearer …")
            .hinted("One a line, as Name: value. Values are encrypted, and what may be a secret is never shown again."),
        Field::line("subprotocol", "Subprotocol").within(REQUEST).like("graphql-transport-ws"),
        Field::line("send", "Send").typed(Input::Text).within(REQUEST).hinted("A text message, once it is open. Empty: nothing is sent."),
        Field::line("expect", "Expect").within(UP).hinted("Text that a message has to contain. Empty: to be open is enough."),
        INSECURE,
        FAMILY,
    ],
    EXPIRY,
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::WebsocketSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::http::{Header, is_token};
    use crate::kind::Reader;
    use crate::kind::address::{Family, parse_url};

    /// What is opened, said and expected.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct WebsocketSettings {
        /// An absolute `ws` or `wss` URL.
        pub url: String,
        /// Sent with the upgrade.
        pub headers: Vec<Header>,
        /// Asked for.
        pub subprotocol: Option<String>,
        /// Sent once it is open.
        pub send: Option<String>,
        /// Waited for.
        pub expect: Option<String>,
        /// With any certificate.
        pub insecure: bool,
        /// Which addresses are dialled.
        pub family: Family,
    }

    impl WebsocketSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let url = r.normal("url", |text| parse_url(text, &["wss", "ws"]).map(String::from));
            let token = |text: &str| if is_token(text) { Ok(text.to_owned()) } else { Err("This is not the name of a subprotocol.") };
            Some(Self {
                headers: r.headers("headers"),
                subprotocol: r.optional("subprotocol", token),
                send: r.text_or_none("send", 64 * 1024),
                expect: r.text_or_none("expect", 4_096),
                insecure: r.flag("insecure"),
                family: r.family(),
                url: url?,
            })
        }
    }
}
