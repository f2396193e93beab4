//! Fields: what a form shows, what JSON calls it, and what is shared between kinds.

use super::Values;
use crate::http::is_harmless;
use crate::monitor::KEPT;

/// How a value is typed, and of which type it is in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// One line of text.
    Line,
    /// The IANA name of a time zone.
    Zone,
    /// Several lines of text.
    Text,
    /// Several lines, each an item; a list in JSON.
    Lines,
    /// Items separated by commas; a list in JSON.
    List,
    /// A whole number.
    Number,
    /// A span of time; milliseconds in JSON.
    Millis,
    /// So or not.
    Flag,
    /// One of some values, each with its words; the first is the default.
    Choice(&'static [(&'static str, &'static str)]),
    /// One line that is not told again.
    Secret,
    /// Several lines that are not told again.
    SecretText,
    /// `Name: value` lines, whose values are not told again; an object in JSON.
    Headers,
    /// Other monitors of the space; a list of ids in JSON.
    Monitors,
}

impl Input {
    /// Whether what is typed must not be told again.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretText | Self::Headers)
    }
}

/// A field of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// In the form and in JSON.
    pub name: &'static str,
    /// Beside the control.
    pub label: &'static str,
    /// How it is typed.
    pub input: Input,
    /// The section of the form; empty: above all sections.
    pub section: &'static str,
    /// An example, or what holds when nothing is typed.
    pub placeholder: &'static str,
    /// What holds when nothing is typed, where that is a value; empty where it is none.
    pub default: &'static str,
    /// One sentence below the control.
    pub hint: &'static str,
    /// It cannot be left empty.
    pub required: bool,
}

impl Field {
    /// An optional line of text above all sections.
    pub const fn line(name: &'static str, label: &'static str) -> Self {
        Self { name, label, input: Input::Line, section: "", placeholder: "", default: "", hint: "", required: false }
    }

    /// The same, typed in another way.
    pub const fn typed(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// The same in a section.
    pub const fn within(self, section: &'static str) -> Self {
        Self { section, ..self }
    }

    /// The same with an example.
    pub const fn like(self, placeholder: &'static str) -> Self {
        Self { placeholder, ..self }
    }

    /// The same with a value that holds when nothing is typed.
    pub const fn by_default(self, default: &'static str) -> Self {
        Self { placeholder: default, default, ..self }
    }

    /// The same with a hint.
    pub const fn hinted(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// The same, never empty.
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}

/// The fields of something that has kinds, in order: what its form section shows, and what is read from it.
#[derive(Debug, Clone, Copy)]
pub struct Fields(pub &'static [&'static [Field]]);

impl Fields {
    /// All of them, in order.
    pub fn iter(self) -> impl Iterator<Item = &'static Field> {
        self.0.iter().flat_map(|part| part.iter())
    }

    /// One of them.
    pub fn get(self, name: &str) -> Option<&'static Field> {
        self.iter().find(|field| field.name == name)
    }

    /// The values as a form may show them: secrets are replaced by [`KEPT`].
    pub fn shown(self, values: &Values) -> Values {
        let shown = |field: &Field, value: &String| match field.input {
            Input::Secret | Input::SecretText => KEPT.to_owned(),
            Input::Headers => value.lines().map(redacted).collect::<Vec<_>>().join("\n"),
            _ => value.clone(),
        };
        values.iter().filter_map(|(name, value)| Some((name.clone(), shown(self.get(name)?, value)))).collect()
    }
}

/// A header's line without its value, unless there is no secret in that.
fn redacted(line: &str) -> String {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    if is_harmless(name.trim()) || is_template(value.trim()) { line.to_owned() } else { format!("{name}: {KEPT}") }
}

/// Whether a value is a template and nothing else, but for the word before a token: the secret is elsewhere.
fn is_template(value: &str) -> bool {
    let value = ["Bearer ", "Basic ", "Token "].into_iter().find_map(|word| value.strip_prefix(word)).unwrap_or(value);
    let inner = value.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    // A literal may stand between two of them, or be quoted in one.
    inner.is_some_and(|inner| !inner.contains(['{', '}', '"', '\'']))
}

/// The section of what decides between up, degraded and down.
pub const UP: &str = "What counts as up";
/// The section of what is known to the server only.
pub const SIGN_IN: &str = "Sign-in";
/// The section of how the connection is made.
pub const CONNECTION: &str = "Connection";
/// The section of what is sent.
pub const REQUEST: &str = "Request";

/// How late an answer may be.
pub const LATENCY: &[Field] = &[
    Field::line("degraded_above_ms", "Degraded above")
        .typed(Input::Millis)
        .within(UP)
        .like("never")
        .hinted("A slower answer is a fault of degree (800 ms, 2 s)."),
    Field::line("down_above_ms", "Down above").typed(Input::Millis).within(UP).like("the timeout").hinted("A slower answer is a failure."),
];

/// How soon something may expire.
pub const EXPIRY: &[Field] = &[
    Field::line("degraded_below_days", "Degraded below days left").typed(Input::Number).within(UP).by_default("14").hinted("0: never."),
    Field::line("down_below_days", "Down below days left")
        .typed(Input::Number)
        .within(UP)
        .by_default("0")
        .hinted("0: when it has expired."),
];

/// Which family of addresses is dialled.
pub const FAMILY: Field = Field::line("ip_version", "Addresses")
    .typed(Input::Choice(&[("any", "IPv4 and IPv6"), ("4", "IPv4 only"), ("6", "IPv6 only")]))
    .within(CONNECTION);

/// Whether certificates are looked at.
pub const INSECURE: Field = Field::line("insecure", "Accept any certificate")
    .typed(Input::Flag)
    .within(CONNECTION)
    .hinted("The connection is encrypted, but nobody knows to whom.");

/// Who signs certificates beside the authorities of this machine.
pub const CA: Field = Field::line("ca", "Authorities to trust")
    .typed(Input::Text)
    .within(CONNECTION)
    .like("-----BEGIN CERTIFICATE-----")
    .hinted("PEM. In addition to those of this machine.");

/// The host and port of a server.
pub const fn address(placeholder: &'static str) -> Field {
    Field::line("address", "Address").like(placeholder).required()
}

/// Who signs in.
pub const USERNAME: Field = Field::line("username", "User name").within(SIGN_IN);
/// With what.
pub const PASSWORD: Field = Field::line("password", "Password").typed(Input::Secret).within(SIGN_IN);

/// How a database server or the like is spoken to.
pub const SECURITY: Field = Field::line("security", "Encryption")
    .typed(Input::Choice(&[("prefer", "TLS where it is offered"), ("require", "TLS, verified"), ("none", "None")]))
    .within(CONNECTION);
