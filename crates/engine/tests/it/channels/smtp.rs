//! A mail server as far as a sender can tell: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, over plain connections and TLS.

use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    None,
    StartTls,
    Tls,
}

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub encryption: Encryption,
    /// What is said to RCPT.
    pub recipient: &'static str,
    /// What is said to AUTH.
    pub login: &'static str,
}

impl Rules {
    pub fn of(encryption: Encryption) -> Self {
        Self { encryption, recipient: "250 2.1.5 Ok", login: "235 2.7.0 Accepted" }
    }
}

/// A running server.
pub struct Server {
    pub port: u16,
    /// The authority behind its certificate, in DER.
    pub authority: Vec<u8>,
    /// What it was told before a letter, a line each.
    pub commands: Arc<Mutex<Vec<String>>>,
    /// The letters it took.
    pub letters: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(rules: Rules) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            authority: authority.der().to_vec(),
            commands: Arc::default(),
            letters: Arc::default(),
        };
        let (commands, letters) = (server.commands.clone(), server.letters.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let talk = Talk { rules, commands: commands.clone(), letters: letters.clone() };
                tokio::spawn(talk.connection(stream, acceptor.clone()));
            }
        });
        server
    }
}

struct Talk {
    rules: Rules,
    commands: Arc<Mutex<Vec<String>>>,
    letters: Arc<Mutex<Vec<String>>>,
}

impl Talk {
    async fn connection(self, stream: TcpStream, acceptor: TlsAcceptor) {
        match self.rules.encryption {
            Encryption::None => drop(self.session(stream, true, false).await),
            Encryption::Tls => {
                if let Ok(stream) = acceptor.accept(stream).await {
                    self.session(stream, true, false).await;
                }
            }
            Encryption::StartTls => {
                if let Some(stream) = self.session(stream, true, true).await
                    && let Ok(stream) = acceptor.accept(stream).await
                {
                    self.session(stream, false, false).await;
                }
            }
        }
    }

    /// Talks until the client leaves, or wants TLS.
    async fn session<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S, greets: bool, offers: bool) -> Option<S> {
        let mut stream = BufReader::new(stream);
        if greets {
            say(&mut stream, "220 mail.test ESMTP").await?;
        }
        loop {
            let command = hear(&mut stream).await?;
            self.commands.lock().unwrap().push(command.clone());
            let verb = command.split_whitespace().next().unwrap_or_default().to_uppercase();
            let reply = match verb.as_str() {
                "EHLO" if offers => "250-mail.test\r\n250 STARTTLS",
                "EHLO" => "250-mail.test\r\n250 AUTH PLAIN LOGIN",
                "STARTTLS" => {
                    say(&mut stream, "220 Ready").await?;
                    return Some(stream.into_inner());
                }
                "AUTH" => self.rules.login,
                "RCPT" => self.rules.recipient,
                "DATA" => {
                    say(&mut stream, "354 Go on").await?;
                    let mut letter = String::new();
                    loop {
                        match hear(&mut stream).await?.as_str() {
                            "." => break,
                            // A dot at the beginning of a line comes doubled (RFC 5321, 4.5.2).
                            line => letter.push_str(&format!("{}\r\n", line.strip_prefix('.').unwrap_or(line))),
                        }
                    }
                    self.letters.lock().unwrap().push(letter);
                    "250 2.0.0 Queued as 7F"
                }
                _ => "250 Ok",
            };
            say(&mut stream, reply).await?;
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    (stream.read_line(&mut line).await.ok()? > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A body as a mail program reads it (quoted-printable).
pub fn decoded(letter: &str) -> String {
    let joined = letter.replace("=\r\n", "");
    let mut out = Vec::new();
    let mut bytes = joined.bytes();
    while let Some(byte) = bytes.next() {
        let pair = (byte == b'=').then(|| bytes.clone().take(2).map(char::from).collect::<String>());
        match pair.and_then(|pair| u8::from_str_radix(&pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                bytes.nth(1);
            }
            None => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
