//! Which server takes mail, as the operator writes it.

use std::fmt;

use domain::secret::Secret;
use lettre::message::Mailbox;
use url::Url;

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// From the first byte: `smtps://`.
    Tls,
    /// After STARTTLS, without which nothing is sent: `smtp://…?tls=required`.
    StartTls,
    /// Not at all: `smtp://`.
    Plain,
}

/// The mail server, and who writes.
#[derive(Clone, PartialEq, Eq)]
pub struct MailConfig {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<(String, Secret)>,
    pub(super) from: Mailbox,
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} to {} as {}", self.security, self.server(), self.from)
    }
}

impl MailConfig {
    /// Reads `smtps://user:password@host:465` or `smtp://host:587?tls=required`, and `Loopr <loopr@example.com>`.
    ///
    /// # Errors
    /// A sentence for the operator, without the password.
    pub fn parse(url: &str, from: &str) -> Result<Self, String> {
        let mut config = Self::parse_url(url)?;
        config.from = Self::parse_from(from)?;
        Ok(config)
    }

    /// Judges the address of a server alone.
    ///
    /// # Errors
    /// A sentence for the operator, without the password.
    pub fn check_url(url: &str) -> Result<(), String> {
        Self::parse_url(url).map(drop)
    }

    /// Judges a sender alone.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn check_from(from: &str) -> Result<(), String> {
        Self::parse_from(from).map(drop)
    }

    fn parse_from(from: &str) -> Result<Mailbox, String> {
        from.parse().map_err(|_| format!("“{from}” is not a sender like Loopr <loopr@example.com>."))
    }

    fn parse_url(url: &str) -> Result<Self, String> {
        let like = "A mail server is smtps://user:password@host:465, smtp://user:password@host:587?tls=required, or smtp://host:25.";
        let url = Url::parse(url).map_err(|_| like.to_owned())?;
        let options: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (security, usual) = match (url.scheme(), options.as_slice()) {
            ("smtps", []) => (Security::Tls, 465),
            ("smtp", [(name, value)]) if name == "tls" && value == "required" => (Security::StartTls, 587),
            ("smtp", []) => (Security::Plain, 25),
            ("smtp" | "smtps", _) => return Err("The only option of a mail server is tls=required, for smtp://.".into()),
            _ => return Err(like.into()),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(like)?.trim_matches(['[', ']']).to_owned();
        if !matches!(url.path(), "" | "/") {
            return Err(like.into());
        }
        let decoded = |text: &str| {
            let pair = format!("x={}", text.replace('+', "%2B"));
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (_, None) => return Err("The user of the mail server has no password. Write user:password@host.".into()),
            (name, Some(password)) => Some((decoded(name), Secret::new(decoded(password)))),
        };
        let nobody = Mailbox::new(None, lettre::Address::new("loopr", "localhost").map_err(|error| error.to_string())?);
        Ok(Self { host, port: url.port().unwrap_or(usual), security, credentials, from: nobody })
    }

    /// How the connection is encrypted.
    pub fn security(&self) -> Security {
        self.security
    }

    /// Host and port.
    pub fn server(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_as_operators_write_them() {
        for (url, security, server, user) in [
            ("smtps://ann%40acme.dev:p%2Fw+1@mail.acme.dev", Security::Tls, "mail.acme.dev:465", Some(("ann@acme.dev", "p/w+1"))),
            ("smtp://mail.acme.dev?tls=required", Security::StartTls, "mail.acme.dev:587", None),
            ("smtp://10.0.0.1:1025", Security::Plain, "10.0.0.1:1025", None),
            ("smtp://[::1]", Security::Plain, "::1:25", None),
        ] {
            let config = MailConfig::parse(url, "Loopr <loopr@acme.dev>").expect(url);
            assert_eq!((config.security, config.server().as_str()), (security, server), "{url}");
            assert_eq!(config.credentials.as_ref().map(|(name, password)| (name.as_str(), password.reveal())), user);
            assert!(!format!("{config:?}").contains("p/w"));
        }
        for url in ["", "mail.acme.dev", "http://x", "smtp://x?tls=maybe", "smtps://x?tls=required", "smtp://ann@x", "smtp://x/y"] {
            assert!(MailConfig::parse(url, "a@b.c").is_err(), "{url}");
        }
        for from in ["", "Loopr", "a@b.c\r\nBcc: x@y.z", "a@b.c, d@e.f"] {
            assert!(MailConfig::check_from(from).is_err(), "{from}");
        }
    }
}
