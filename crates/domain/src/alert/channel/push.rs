//! Web push: one browser of one person (RFC 8030, RFC 8291). The browser fills the fields; nobody types them.

use super::{Facts, Format, Limits};
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "push",
    label: "Push notification",
    line: "A notification of this browser, also while Loopr is closed.",
    fields: &[&[
        Field::line("endpoint", "Address of the push service").typed(Input::Secret).required(),
        Field::line("p256dh", "Key of the browser").required(),
        Field::line("auth_secret", "Secret of the browser").typed(Input::Secret).required(),
    ]],
    format: Format::Plain,
    limits: Limits { title: 120, body: 400 },
    rate: (30, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use crate::alert::channel::read::address;
    use crate::alert::channel::{Carrier, Way};
    use crate::kind::Reader;

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Push };

    fn check(r: &mut Reader) {
        address(r, "endpoint");
        // A point of P-256 that is not compressed, and 16 bytes of authentication secret (RFC 8291, 3.1 and 3.2).
        bytes(r, "p256dh", 65);
        bytes(r, "auth_secret", 16);
    }

    fn bytes(r: &mut Reader, name: &str, length: usize) {
        if !r.text(name).is_empty() {
            r.normal(name, |text| {
                let text = text.trim_end_matches('=');
                match BASE64_URL_SAFE_NO_PAD.decode(text) {
                    Ok(bytes) if bytes.len() == length => Ok(text.to_owned()),
                    _ => Err("The browser gave something that is not a key. Allow notifications again."),
                }
            });
        }
    }
}
