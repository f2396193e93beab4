//! Mail, over the server that the operator has set up: a channel has none of its own, so that no mailbox of a stranger is signed in to.

use super::{Facts, Format, Limits};
use crate::kind::{Field, Input};

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "email",
    label: "Email",
    line: "Mail to one or more people, over this instance’s mail server.",
    fields: &[&[Field::line("recipients", "Recipients")
        .typed(Input::List)
        .like("ops@example.com, ann@example.com")
        .hinted("Separated by commas, at most 50. They see each other’s addresses.")
        .required()]],
    format: Format::Html,
    limits: Limits { title: 200, body: 30_000 },
    rate: (60, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;
#[cfg(feature = "ssr")]
pub use speak::recipients;

#[cfg(feature = "ssr")]
mod speak {
    use crate::account::Email;
    use crate::alert::channel::read::text;
    use crate::alert::channel::{Carrier, Way};
    use crate::kind::address::cut;
    use crate::kind::{Reader, Values};

    /// The most recipients.
    const MOST: usize = 50;

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Mail };

    fn check(r: &mut Reader) {
        if r.text("recipients").is_empty() {
            return;
        }
        let items = r.items("recipients", MOST);
        let mut all = Vec::new();
        for item in items {
            match Email::parse(&item).map(|address| address.to_string()) {
                Ok(address) if all.contains(&address) => {}
                Ok(address) => all.push(address),
                Err(_) => r.refuse("recipients", format!("“{}” is not an e-mail address. It looks like ops@example.com.", cut(&item))),
            }
        }
        r.keep("recipients", all.join(", "));
    }

    /// Who gets mail, from settings that were judged.
    pub fn recipients(settings: &Values) -> impl Iterator<Item = &str> {
        text(settings, "recipients").split(',').map(str::trim).filter(|address| !address.is_empty())
    }
}
