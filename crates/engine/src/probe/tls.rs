//! A certificate. It is taken unverified and judged here, so that one that is no good is shown all the same.

use domain::check::{Failure, Reason};
use domain::kind::tls::{Starttls, TlsSettings};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use rustls::Error as TlsError;
use rustls::pki_types::{ServerName, UnixTime};

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::words::{certificate, failure};
use super::{InvalidSettings, destination, named, profile, smtp};
use crate::net::{Alpn, Destination, TlsProfile, describe};

/// A look at a certificate, ready to run.
#[derive(Debug)]
pub(super) struct Certificates {
    key: String,
    to: Destination,
    starttls: Starttls,
    taken: TlsProfile,
    judged: TlsProfile,
    name: ServerName<'static>,
    shown_name: String,
}

impl Certificates {
    pub fn new(settings: &TlsSettings) -> Result<Self, InvalidSettings> {
        let judged = profile(Alpn::None, false, settings.ca.as_deref())?;
        let taken = TlsProfile { unverified: true, ..judged.clone() };
        let (name, shown_name) = match &settings.server_name {
            Some(name) => (
                named(&url::Host::parse(name).map_err(|_| InvalidSettings("The name in the certificate is not a host.".into()))?)?,
                name.clone(),
            ),
            None => (named(&settings.address.host)?, settings.address.host.to_string()),
        };
        let to = destination(&settings.address, None, settings.family)?;
        Ok(Self { key: settings.address.to_string(), to, starttls: settings.starttls, taken, judged, name, shown_name })
    }

    /// What comes before TLS.
    async fn prelude(&self, talk: &mut Talk<'_>, seen: &mut Seen) -> Result<(), Failure> {
        match self.starttls {
            Starttls::None => Ok(()),
            Starttls::Smtp => {
                smtp::greeting(talk, seen).await?;
                let offers = smtp::command(talk, "EHLO loopr.invalid", 2, seen).await?;
                if !offers.offers("STARTTLS") {
                    return Err(failure(Reason::Tls, format!("{} does not offer STARTTLS. Turn it on at the mail server.", self.key)));
                }
                smtp::command(talk, "STARTTLS", 2, seen).await.map(drop)
            }
            Starttls::Imap => {
                let greeting = talk.line(seen).await?;
                if !greeting.starts_with("* OK") {
                    return Err(talk.strange("IMAP", greeting.as_bytes()));
                }
                talk.send(b"a STARTTLS\r\n").await?;
                loop {
                    let line = talk.line(seen).await?;
                    if line.starts_with("a OK") {
                        return Ok(());
                    }
                    if !line.starts_with('*') {
                        let said: String = line.chars().take(80).collect();
                        return Err(failure(
                            Reason::Tls,
                            format!("{} answered STARTTLS with “{said}”. Turn it on at the mail server.", self.key),
                        ));
                    }
                }
            }
        }
    }
}

impl Check for Certificates {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("TLS", self.key.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let mut talk = Talk::new(&self.key, connect(&self.key, &self.to, ways, seen).await?);
            self.prelude(&mut talk, seen).await?;
            seen.status = None;
            let stream = talk.secure(&self.taken, &self.name, ways, seen).await?.into_stream();
            let chain = stream.certificates();
            for (index, der) in chain.iter().enumerate() {
                if let Some(shown) = describe(der) {
                    let name = if index == 0 { "Certificate".to_owned() } else { format!("Signed by, {index}") };
                    seen.fact(&name, || format!("{}, by {}, until {}", shown.subject, shown.issuer, shown.not_after.to_rfc3339()));
                    // A chain ends with the first of its certificates that ends; one that is sent along for nothing counts too.
                    seen.expires_at = Some(seen.expires_at.map_or(shown.not_after, |end| end.min(shown.not_after)));
                }
            }
            match ways.dialer.tls().judge(&self.judged, chain, &self.name, UnixTime::now()) {
                Ok(()) => Ok(()),
                Err(TlsError::InvalidCertificate(error)) => Err(failure(Reason::Tls, certificate(&self.shown_name, &error))),
                Err(error) => Err(failure(Reason::Tls, format!("The certificate of {} is not valid: {error}.", self.shown_name))),
            }
        }
        .boxed()
    }
}
