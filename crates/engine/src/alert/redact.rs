//! What of a try may be kept and shown: no secret of its channel, and no link that does something without a sign-in.

use domain::alert::ChannelSpec;
use domain::alert::attempt::{ANSWER_MAX, SENT_MAX};
use domain::http::{HIDDEN, Sent, shown_header};
use domain::kind::Input;
use url::Url;

/// What is short is a word that may stand anywhere.
const LEAST: usize = 8;
/// Words of addresses, `services` and `webhooks` say, are in small letters; tokens so long are tokens all the same.
const LONGEST_WORD: usize = 15;

/// What must not be told of one channel and one message.
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// The values of secret fields, the parts of a secret address that follow its host, and the token of a link that acknowledges.
    pub fn of(spec: &ChannelSpec, ack_link: Option<&str>) -> Self {
        let mut all = Vec::new();
        all.extend(ack_link.and_then(|link| link.rsplit('/').next()).map(str::to_owned));
        for field in spec.kind.fields().filter(|field| field.input.is_secret()) {
            let Some(value) = spec.settings.0.get(field.name) else { continue };
            match field.input {
                Input::Headers => {
                    all.extend(value.lines().filter_map(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()));
                }
                _ => all.push(value.clone()),
            }
            if let Ok(url) = Url::parse(value) {
                all.push(url.path().to_owned());
                all.extend(url.path_segments().into_iter().flatten().filter(|segment| !is_word(segment)).map(str::to_owned));
                all.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
            }
        }
        all.retain(|secret| secret.len() >= LEAST);
        // As they stand in forms and in documents.
        let encoded: Vec<String> = all.iter().flat_map(|secret| [in_form(secret), in_document(secret)]).collect();
        all.extend(encoded);
        all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        all.dedup();
        Self(all)
    }

    /// A text without them.
    pub fn hidden_in(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| if text.contains(secret) { text.replace(secret, HIDDEN) } else { text })
    }

    /// The beginning of what was answered: a provider may repeat what it was sent.
    pub fn answer(&self, text: String) -> String {
        bounded(self.hidden_in(text), ANSWER_MAX)
    }

    /// What was sent, without them.
    pub fn sent<'a>(&self, method: &str, url: String, headers: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Sent {
        Sent {
            method: method.to_owned(),
            url,
            headers: headers.map(|(name, value)| shown_header(name, value)).collect(),
            body: bounded(self.hidden_in(body.to_owned()), SENT_MAX),
        }
    }
}

fn is_word(segment: &str) -> bool {
    segment.len() <= LONGEST_WORD && segment.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn in_form(secret: &str) -> String {
    url::form_urlencoded::byte_serialize(secret.as_bytes()).collect()
}

fn in_document(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.trim_matches('"').to_owned()
}

fn bounded(mut text: String, most: usize) -> String {
    let end = text.floor_char_boundary(most);
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use domain::alert::ChannelKind;
    use domain::kind::Values;

    use super::*;

    fn spec(kind: ChannelKind, settings: &[(&str, &str)]) -> ChannelSpec {
        let settings: Values = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ChannelSpec { name: "Ops".into(), kind, settings: domain::monitor::Secrets(settings), title: String::new(), body: String::new() }
    }

    #[test]
    fn addresses_that_let_people_in_are_hidden_and_words_are_not() {
        let slack = spec(ChannelKind::Slack, &[("webhook_url", "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/XyZabcdefgh123")]);
        let secrets = Secrets::of(&slack, Some("https://loopr.example/acknowledge/eyJzIjoi.c2lnbmVk"));
        let text =
            r#"{"text":"3 services are down","at":"/acknowledge/eyJzIjoi.c2lnbmVk","from":"/services/T0EXAMPLE/B0EXAMPLE/XyZabcdefgh123"}"#;
        let kept = secrets.hidden_in(text.to_owned());
        assert_eq!(kept, r#"{"text":"3 services are down","at":"/acknowledge/[redacted]","from":"[redacted]"}"#);
    }

    #[test]
    fn what_a_form_or_a_document_makes_of_a_secret_is_hidden_as_well() {
        let pushover = spec(ChannelKind::Pushover, &[("token", "a b\"c+d/e=f")]);
        let secrets = Secrets::of(&pushover, None);
        assert_eq!(secrets.hidden_in("token=a+b%22c%2Bd%2Fe%3Df&x=1".into()), "token=[redacted]&x=1");
        assert_eq!(secrets.hidden_in(r#"{"token":"a b\"c+d/e=f"}"#.into()), r#"{"token":"[redacted]"}"#);
        let sent = secrets.sent(
            "POST",
            String::new(),
            [("Authorization", "x"), ("content-type", "text/plain")].into_iter(),
            &"ü".repeat(SENT_MAX),
        );
        assert_eq!(sent.headers, [("Authorization".into(), HIDDEN.into()), ("content-type".into(), "text/plain".into())]);
        assert_eq!(sent.body.len(), SENT_MAX);
    }
}
