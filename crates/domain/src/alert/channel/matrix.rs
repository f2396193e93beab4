//! Matrix: an account that writes to a room. https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid

use super::field::{own_server, token};
use super::{Facts, Format, Limits};
use crate::kind::Field;

/// What is known of it.
pub(super) const FACTS: Facts = Facts {
    name: "matrix",
    label: "Matrix",
    line: "A room of Matrix, without encryption, by an account of its own.",
    fields: &[&[
        own_server("https://matrix.example.com").hinted("The homeserver of the account."),
        token("Access token")
            .hinted("In Element: Settings, Help & About, Advanced. Use an account that only Loopr signs in to.")
            .required(),
        Field::line("room", "Room")
            .like("!abcdef:example.com")
            .hinted("The internal id: in Element, room settings, Advanced. The account has to be in the room.")
            .required(),
    ]],
    format: Format::Html,
    limits: Limits { title: 250, body: 6_000 },
    rate: (30, 60),
};

#[cfg(feature = "ssr")]
pub(super) use speak::WAY;

#[cfg(feature = "ssr")]
mod speak {
    use std::time::Duration;

    use serde_json::json;

    use crate::alert::channel::answer::Answer;
    use crate::alert::channel::read::{base_url, part, server, text, word};
    use crate::alert::channel::{Body, Carrier, Format, Outgoing, Told, Way};
    use crate::alert::{Again, Outcome};
    use crate::http::Header;
    use crate::kind::{Reader, Values};

    pub(in crate::alert::channel) const WAY: Way = Way { check, carrier: Carrier::Http { request, judge } };

    fn check(r: &mut Reader) {
        base_url(r);
        word(r, "token");
        word(r, "room");
        if !r.text("room").is_empty() && !r.text("room").starts_with('!') {
            r.refuse("room", "Enter the internal id of the room. It begins with an exclamation mark: !abcdef:example.com.");
        }
    }

    fn request(settings: &Values, told: &Told) -> Outgoing {
        let mut html = format!("<strong>{}</strong><br>{}", told.title, told.body);
        let mut plain = format!("{}\n{}", told.plain_title, told.plain_body);
        for (words, link) in told.links() {
            html.push_str(&format!("<br><a href=\"{}\">{words}</a>", Format::Html.escape(link)));
            plain.push_str(&format!("\n{words}: {link}"));
        }
        let document = json!({
            "msgtype": "m.text",
            "body": plain,
            "format": "org.matrix.custom.html",
            "formatted_body": html,
            // Said to be empty, it keeps clients from looking for mentions in the text.
            "m.mentions": {},
        });
        // The same transaction again is the same message: a repeated try does not tell twice.
        let url = format!(
            "{}/_matrix/client/v3/rooms/{}/send/m.room.message/{}",
            server(settings, ""),
            part(text(settings, "room")),
            told.message
        );
        let authorization = Header { name: "Authorization".into(), value: format!("Bearer {}", text(settings, "token")) };
        Outgoing { method: "PUT", url, headers: vec![authorization], body: Body::Json(document) }
    }

    fn judge(answer: &Answer) -> Option<Outcome> {
        let document = answer.json();
        match document["errcode"].as_str()? {
            "M_LIMIT_EXCEEDED" => {
                let pause = document["retry_after_ms"]
                    .as_u64()
                    .map_or(answer.pause(), |ms| Again::After(Duration::from_millis(ms.min(86_400_000))));
                Some(answer.failed(pause, "The server takes no more for a while."))
            }
            "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" => {
                Some(answer.failed(Again::Hardly, "Sign the account in again and save its new token."))
            }
            "M_FORBIDDEN" => Some(answer.failed(Again::Hardly, "Invite the account to the room, and let it join.")),
            _ => None,
        }
    }
}
