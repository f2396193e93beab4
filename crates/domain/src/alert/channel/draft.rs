//! From what somebody typed to a valid channel, and back to what a form may show.

use serde::{Deserialize, Serialize};

use super::ChannelKind;
use crate::kind::Values;

/// A channel as a form or an API client wrote it: everything is text, nothing is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelDraft {
    /// Empty: what the kind is called.
    pub name: String,
    /// The stable name of a kind.
    pub kind: String,
    /// A template of the title. Empty: the default one.
    pub title: String,
    /// A template of the body. Empty: the default one.
    pub body: String,
    /// The fields of the kind. A secret of [`crate::monitor::KEPT`] keeps the saved one. What the kind does not know is passed over.
    #[serde(flatten)]
    pub settings: Values,
}

impl ChannelDraft {
    /// A draft of some kind with some of its fields.
    pub fn of<const N: usize>(kind: ChannelKind, fields: [(&str, &str); N]) -> Self {
        let settings = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { kind: kind.name().into(), settings, ..Self::default() }
    }

    /// The kind that is named; none when nobody knows it.
    pub fn kind(&self) -> Option<ChannelKind> {
        ChannelKind::from_name(&self.kind)
    }

    /// What stands in a field of the kind.
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
}

#[cfg(feature = "ssr")]
pub use valid::{Channel, ChannelHealth, ChannelSpec};

#[cfg(feature = "ssr")]
mod valid {
    use super::ChannelDraft;
    use crate::account::{NAME_MAX, check_name};
    use crate::alert::ChannelKind;
    use crate::error::{AppError, FieldErrors};
    use crate::id::{ChannelId, SpaceId};
    use crate::kind::address::cut;
    use crate::kind::{Reader, Values, resolve};
    use crate::monitor::{KEPT, Secrets};
    use crate::time::Timestamp;

    /// The longest template of a title, in characters.
    const TITLE_MAX: usize = 500;
    /// The longest template of a body, in characters.
    const BODY_MAX: usize = 8_000;

    /// Valid settings of a channel.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ChannelSpec {
        /// What people call it.
        pub name: String,
        /// Its kind.
        pub kind: ChannelKind,
        /// The fields of its kind: secrets are in here.
        pub settings: Secrets,
        /// A template of the title; empty: the default one.
        pub title: String,
        /// A template of the body; empty: the default one.
        pub body: String,
    }

    /// A channel of a space.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Channel {
        /// Its id; the id's instant is its creation.
        pub id: ChannelId,
        /// Who owns it.
        pub space: SpaceId,
        /// Its settings.
        pub spec: ChannelSpec,
        /// False: a person switched it off, or it did so itself.
        pub enabled: bool,
        /// How it fares.
        pub health: ChannelHealth,
        /// The last change of its settings.
        pub updated_at: Timestamp,
    }

    /// How a channel fares.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct ChannelHealth {
        /// Since when every message to it was given up.
        pub failing_since: Option<Timestamp>,
        /// Why it switched itself off.
        pub switched_off: Option<String>,
    }

    impl ChannelSpec {
        /// Whether messages to it are never told together.
        pub fn is_one_by_one(&self) -> bool {
            let single = self.settings.0.get("single").is_some_and(|flag| flag == "on");
            self.kind.is_by_incident() || (self.kind == ChannelKind::Webhook && single)
        }
    }

    impl ChannelDraft {
        /// Judges the draft of a new channel.
        ///
        /// # Errors
        /// All that is wrong, field by field.
        pub fn validate(&self) -> Result<ChannelSpec, AppError> {
            self.validate_over(&Values::new())
        }

        /// Judges the draft of a channel that is edited: `saved` are its settings, whose secrets [`KEPT`] stands for.
        ///
        /// # Errors
        /// All that is wrong, field by field.
        pub fn validate_over(&self, saved: &Values) -> Result<ChannelSpec, AppError> {
            let Some(kind) = self.kind() else {
                let names = ChannelKind::ALL.map(ChannelKind::name).join(", ");
                return Err(AppError::field("kind", format!("“{}” is not a kind of channel. There are {names}.", cut(&self.kind))));
            };
            let mut errors = FieldErrors::new();
            let values = resolve(kind.form(), &self.settings, saved, &mut errors);
            let mut reader = Reader::new(kind.form(), values, &mut errors);
            for field in kind.fields().filter(|field| field.required) {
                if reader.text(field.name).is_empty() {
                    reader.refuse(field.name, format!("This cannot be empty: {}.", field.label.to_lowercase()));
                }
            }
            (kind.way().check)(&mut reader);
            let values = reader.into_values();
            self.refuse_to_move(kind, saved, &values, &mut errors);
            let name = match self.name.trim() {
                "" => Some(kind.label().to_owned()),
                name => errors.take("name", check_name(name, NAME_MAX)),
            };
            let title = errors.take("title", template(&self.title, TITLE_MAX));
            let body = errors.take("body", template(&self.body, BODY_MAX));
            match (name, title, body) {
                (Some(name), Some(title), Some(body)) if errors.is_empty() => {
                    Ok(ChannelSpec { name, kind, settings: Secrets(values), title, body })
                }
                _ => Err(errors.into_error()),
            }
        }

        /// A saved secret is not sent to another server than the one it was typed for: whoever may edit a channel could read it there.
        /// Secrets that sign are never sent.
        fn refuse_to_move(&self, kind: ChannelKind, saved: &Values, values: &Values, errors: &mut FieldErrors) {
            if ["base_url", "url"].into_iter().all(|name| saved.get(name) == values.get(name)) {
                return;
            }
            for field in kind.fields().filter(|field| field.input.is_secret() && !field.name.ends_with("_secret")) {
                if self.setting(field.name).contains(KEPT) && !errors.has(field.name) {
                    errors.add(field.name, "The address has changed, and saved secrets stay with the old one. Type it again.");
                }
            }
        }
    }

    impl Channel {
        /// The channel as a form may show it: secrets are replaced by [`KEPT`].
        pub fn draft(&self) -> ChannelDraft {
            self.spec.draft()
        }
    }

    impl ChannelSpec {
        /// The settings as a form may show them: secrets are replaced by [`KEPT`].
        pub fn draft(&self) -> ChannelDraft {
            ChannelDraft {
                name: self.name.clone(),
                kind: self.kind.name().into(),
                title: self.title.clone(),
                body: self.body.clone(),
                settings: self.kind.form().shown(&self.settings.0),
            }
        }
    }

    fn template(text: &str, most: usize) -> Result<String, String> {
        let text = text.replace("\r\n", "\n");
        if text.chars().count() > most { Err(format!("Use at most {most} characters.")) } else { Ok(text.trim().to_owned()) }
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::monitor::KEPT;

    const BOT: [(&str, &str); 2] = [("token", "123:AAbb"), ("chat_id", "-100200")];

    #[test]
    fn every_kind_says_which_field_is_missing() {
        for kind in ChannelKind::ALL {
            let error = ChannelDraft::of(kind, []).validate().expect_err(kind.name());
            let first = kind.fields().find(|field| field.required).or(kind.fields().next()).map(|field| field.name);
            assert_eq!(error.fields.first().map(|field| field.field.as_str()), first, "{kind:?}");
        }
        let unknown = ChannelDraft { kind: "pigeon".into(), ..ChannelDraft::default() }.validate().expect_err("unknown");
        assert_eq!(unknown.fields[0].field, "kind");
    }

    #[test]
    fn what_was_accepted_reads_back_the_same() {
        let drafts = [
            ChannelDraft::of(ChannelKind::Email, [("recipients", "Ops@Example.com\nops@example.com, ann@example.com")]),
            ChannelDraft::of(ChannelKind::Matrix, [("base_url", "matrix.example.com/"), ("token", "t"), ("room", "!a:b.c")]),
            ChannelDraft::of(
                ChannelKind::Twilio,
                [("account_sid", "AC1"), ("token", "t"), ("sender", "+15017122661"), ("phone", "+371 2000-0000")],
            ),
            ChannelDraft::of(
                ChannelKind::Webhook,
                [("url", "example.com/x?y"), ("headers", "A: b"), ("signing_secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
            ),
        ];
        let specs: Vec<_> = drafts.iter().map(|draft| draft.validate().expect("valid")).collect();
        let kept = |n: usize, name: &str| specs[n].settings.0.get(name).map(String::as_str);
        assert_eq!(kept(0, "recipients"), Some("ops@example.com, ann@example.com"));
        assert_eq!(kept(1, "base_url"), Some("https://matrix.example.com"));
        assert_eq!(kept(2, "phone"), Some("+37120000000"));
        assert_eq!((kept(3, "url"), specs[3].name.as_str()), (Some("https://example.com/x?y"), "Webhook"));
        for spec in specs {
            assert_eq!(spec.draft().validate_over(&spec.settings.0).expect("valid again"), spec);
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        let hook = [("url", "ftp://x"), ("previous_secret", "short"), ("headers", "Webhook-Id: 1")];
        for (draft, field) in [
            (ChannelDraft::of(ChannelKind::Email, [("recipients", "ops@example.com\r\nBcc: x")]), "recipients"),
            (ChannelDraft::of(ChannelKind::Slack, [("webhook_url", "https://user:pw@x.example")]), "webhook_url"),
            (ChannelDraft::of(ChannelKind::Slack, [("token", "xoxb-1")]), "room"),
            (ChannelDraft::of(ChannelKind::Telegram, [("token", "1:A\r\nX: y"), ("chat_id", "1")]), "token"),
            (ChannelDraft::of(ChannelKind::Ntfy, [("topic", "a/b")]), "topic"),
            (ChannelDraft::of(ChannelKind::Webhook, hook), "previous_secret"),
            (ChannelDraft::of(ChannelKind::Webhook, hook), "headers"),
        ] {
            let error = draft.validate().expect_err(field);
            assert!(error.of(field).is_some(), "{field}: {error:?}");
        }
    }

    #[test]
    fn a_saved_secret_stays_with_its_server() {
        let saved = ChannelDraft::of(ChannelKind::Telegram, BOT).validate().expect("valid");
        assert_eq!((saved.draft().setting("token"), saved.draft().setting("chat_id")), (KEPT, "-100200"));
        assert!(!format!("{saved:?}").contains("AAbb"));
        let mut edited = saved.draft();
        edited.settings.insert("chat_id".into(), "7".into());
        assert_eq!(edited.validate_over(&saved.settings.0).expect("valid").settings.0["token"], "123:AAbb");
        edited.settings.insert("base_url".into(), "https://elsewhere.example".into());
        let error = edited.validate_over(&saved.settings.0).expect_err("moved");
        assert!(error.of("token").is_some(), "{error:?}");
        edited.settings.insert("token".into(), "456:CC".into());
        assert!(edited.validate_over(&saved.settings.0).is_ok());
    }
}
