//! Mail: one server that the operator has set up, spoken to over pooled connections. It is not judged by the network policy, which is about
//! where tenants may lead this instance.
//!
//! Invariant: nothing that is written into a letter can add a header or a recipient to it. Called by the sender of alerts and by what
//! writes to people about their accounts.

use std::time::{Duration, SystemTime};

use domain::alert::channel::Format;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

pub use config::{MailConfig, Security};
pub use failure::MailError;
pub use text::MailText;

mod config;
mod failure;
pub mod text;

/// How long one command may take.
const COMMAND: Duration = Duration::from_secs(15);
/// How long a whole delivery may take.
const DELIVERY: Duration = Duration::from_secs(45);

/// One letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Addresses that were judged. At least one.
    pub to: Vec<String>,
    /// What it says.
    pub text: MailText,
    /// The part of its `Message-ID` before the host: the same for each try, so that a letter that arrives twice is shown once.
    pub id: String,
    /// The same for all letters about one thing, which mail programs then show together.
    pub thread: Option<String>,
    /// Whose letters these are, for filters: a stable name and what people call it.
    pub list: Option<(String, String)>,
    /// When it is sent.
    pub date: SystemTime,
}

/// The way to the mail server. Clones share its connections.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    server: String,
    is_plain: bool,
}

impl Mailer {
    /// With the certificates of this machine; where it has none, those of Mozilla that came with the build. To be called inside of the
    /// runtime that sends: idle connections are closed there.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn new(config: &MailConfig) -> Result<Self, String> {
        Self::trusting(config, &[])
    }

    /// With further authorities, as certificates in DER.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn trusting(config: &MailConfig, authorities: &[Vec<u8>]) -> Result<Self, String> {
        let mut parameters = TlsParameters::builder(config.host.clone());
        let system = rustls_native_certs::load_native_certs().certs;
        parameters =
            parameters.certificate_store(if system.is_empty() { CertificateStore::WebpkiRoots } else { CertificateStore::Default });
        for authority in authorities {
            let read = Certificate::from_der(authority.clone());
            parameters = parameters.add_root_certificate(read.map_err(|error| format!("An authority cannot be read: {error}."))?);
        }
        let parameters = || parameters.build_rustls().map_err(|error| format!("TLS for mail cannot be set up: {error}."));
        let tls = match config.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::Plain => Tls::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port)
            .tls(tls)
            .timeout(Some(COMMAND))
            .hello_name(ClientId::Domain(config.from.email.domain().to_owned()))
            .pool_config(PoolConfig::new().max_size(4).idle_timeout(Duration::from_secs(30)));
        if let Some((name, password)) = &config.credentials {
            transport = transport.credentials(Credentials::new(name.clone(), password.reveal().to_owned()));
        }
        Ok(Self {
            transport: transport.build(),
            from: config.from.clone(),
            server: config.server(),
            is_plain: config.security == Security::Plain,
        })
    }

    /// Host and port.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Who writes: the address alone.
    pub fn sender(&self) -> String {
        self.from.email.to_string()
    }

    /// Nothing encrypts what is sent to the mail server.
    pub fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Hands a letter over: all recipients or none. Answers what the server said, code first.
    ///
    /// # Errors
    /// [`MailError`].
    pub async fn send(&self, letter: &Letter) -> Result<(u16, String), MailError> {
        let message = self.message(letter)?;
        let sent = tokio::time::timeout(DELIVERY, self.transport.send(message)).await;
        let response = sent.map_err(|_| MailError::silent(&self.server))?.map_err(|error| MailError::of(&self.server, &error))?;
        let lines: Vec<&str> = response.message().collect();
        Ok((response.code().into(), lines.join(" ")))
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let host = self.from.email.domain();
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(on_one_line(&letter.text.subject))
            .date(letter.date)
            .message_id(Some(format!("<{}@{host}>", token(&letter.id))));
        for to in &letter.to {
            let address: Address =
                to.parse().map_err(|_| MailError::invalid(format!("“{to}” is not an address that mail can be sent to.")))?;
            message = message.to(Mailbox::new(None, address));
        }
        if let Some(thread) = &letter.thread {
            let first = format!("<{}@{host}>", token(thread));
            message = message.in_reply_to(first.clone()).references(first);
        }
        // Out-of-office replies and the like are not wanted (RFC 3834, 5).
        message = message.raw_header(raw("Auto-Submitted", "auto-generated".into()));
        if let Some((name, label)) = &letter.list {
            let label: String = on_one_line(label).chars().filter(|c| c.is_ascii() && !matches!(c, '<' | '>' | '"' | '\\')).collect();
            message = message.raw_header(raw("List-Id", format!("{} <{}.{host}>", label.trim(), token(name)).trim().to_owned()));
        }
        let part = |kind: ContentType, text: &str| SinglePart::builder().header(kind).body(text.to_owned());
        let both = MultiPart::alternative()
            .singlepart(part(ContentType::TEXT_PLAIN, &letter.text.text))
            .singlepart(part(ContentType::TEXT_HTML, &letter.text.html));
        message.multipart(both).map_err(|error| MailError::invalid(format!("The mail cannot be put together: {error}.")))
    }
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

fn on_one_line(text: &str) -> String {
    Format::Plain.escape(text)
}

/// What may stand in an id.
fn token(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str) -> Letter {
        Letter {
            to: vec!["ops@example.com".into(), "ann@example.com".into()],
            text: MailText { subject: subject.into(), text: "Grüße".into(), html: "<p>Gr&uuml;&szlig;e</p>".into() },
            id: "msg_1".into(),
            thread: Some("inc_1\r\nBcc: x@evil.example".into()),
            list: Some(("spc_1".into(), "Acme\r\nBcc: x@evil.example".into())),
            date: SystemTime::UNIX_EPOCH,
        }
    }

    fn written(subject: &str) -> String {
        let config = MailConfig::parse("smtp://mail.example.com:25", "Loopr <loopr@example.com>").expect("valid");
        let mailer = Mailer::new(&config).expect("usable");
        String::from_utf8(mailer.message(&letter(subject)).expect("a letter").formatted()).expect("ASCII")
    }

    #[tokio::test]
    async fn a_letter_has_what_programs_look_for() {
        let text = written("Checkout API is down");
        for line in [
            "From: Loopr <loopr@example.com>",
            "To: ops@example.com, ann@example.com",
            "Subject: Checkout API is down",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000",
            "Message-ID: <msg_1@example.com>",
            "Auto-Submitted: auto-generated",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
        ] {
            assert!(text.lines().any(|other| other.starts_with(line)), "{line} in {text}");
        }
    }

    #[tokio::test]
    async fn nothing_adds_a_header() {
        for subject in ["A\r\nBcc: x@evil.example\r\n\r\nbody", "A\nBcc: x@evil.example", "Ä\r\nBcc: x@evil.example"] {
            let text = written(subject);
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            let names: Vec<&str> =
                head.lines().filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| line.split(':').next()).collect();
            assert!(!names.contains(&"Bcc"), "{head}");
            assert_eq!(names.iter().filter(|name| **name == "Subject").count(), 1, "{head}");
        }
    }
}
