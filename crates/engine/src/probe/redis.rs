//! A Redis or Valkey server: AUTH where there is a password, one command, one answer (RESP 2).

use domain::check::{Failure, Reason};
use domain::kind::redis::RedisSettings;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::run::{Check, Seen, Ways, connect};
use super::talk::Talk;
use super::words::failure;
use super::{InvalidSettings, destination, profile};
use crate::net::{Alpn, Destination};

/// A Redis check, ready to run.
#[derive(Debug)]
pub(super) struct Redis {
    key: String,
    to: Destination,
    settings: RedisSettings,
}

impl Redis {
    pub fn new(settings: &RedisSettings) -> Result<Self, InvalidSettings> {
        let tls = settings.tls.then(|| profile(Alpn::None, settings.insecure, settings.ca.as_deref())).transpose()?;
        let to = destination(&settings.address, tls, settings.family)?;
        Ok(Self { key: settings.address.to_string(), to, settings: settings.clone() })
    }

    async fn ask(&self, talk: &mut Talk<'_>, words: &[&str], seen: &mut Seen) -> Result<Answer, Failure> {
        talk.send(&encoded(words)).await?;
        let line = talk.line(seen).await?;
        let (kind, rest) = line.split_at_checked(1).unwrap_or(("", ""));
        match kind {
            "+" | ":" => Ok(Answer::Value(rest.to_owned())),
            "-" => Ok(Answer::Error(rest.to_owned())),
            "$" => match rest.parse::<usize>() {
                Ok(length) => {
                    let bytes = talk.exact(length.saturating_add(2), seen).await?;
                    let text = bytes.get(..length).unwrap_or_default();
                    Ok(Answer::Value(String::from_utf8_lossy(text).into_owned()))
                }
                Err(_) => Ok(Answer::Value("nil".into())),
            },
            // Of a list, its length is the answer: what is in it is not read.
            "*" => Ok(Answer::Value(rest.to_owned())),
            _ => Err(talk.strange("Redis", line.as_bytes())),
        }
    }
}

enum Answer {
    Value(String),
    Error(String),
}

/// A command as the server reads it.
fn encoded(words: &[&str]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        out.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    out
}

impl Check for Redis {
    fn key(&self) -> &str {
        &self.key
    }

    fn line(&self) -> (&'static str, String) {
        ("Redis", format!("{} {}", self.key, self.settings.command.join(" ")))
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let (name, settings) = (&self.key, &self.settings);
            let mut talk = Talk::new(name, connect(name, &self.to, ways, seen).await?);
            if !settings.password.is_empty() {
                let password = settings.password.reveal();
                let words = if settings.username.is_empty() { vec!["AUTH", password] } else { vec!["AUTH", &settings.username, password] };
                if let Answer::Error(error) = self.ask(&mut talk, &words, seen).await? {
                    return Err(failure(Reason::Auth, format!("{name} refused the password: {error}. Check user name and password.")));
                }
            }
            let words: Vec<&str> = settings.command.iter().map(String::as_str).collect();
            match self.ask(&mut talk, &words, seen).await? {
                Answer::Error(error) if error.starts_with("NOAUTH") || error.starts_with("WRONGPASS") => {
                    Err(failure(Reason::Auth, format!("{name} asks for a password: {error}. Enter one under Sign-in.")))
                }
                Answer::Error(error) if error.starts_with("LOADING") || error.starts_with("MASTERDOWN") => {
                    Err(failure(Reason::NotServing, format!("{name} does not serve: {error}.")))
                }
                Answer::Error(error) => Err(failure(Reason::Content, format!("{name} answered with an error: {error}."))),
                Answer::Value(value) => {
                    seen.fact("Answer", || value.clone());
                    match settings.expected.as_ref().filter(|expected| !expected.accepts(&value)) {
                        None => Ok(()),
                        Some(_) => {
                            let shown: String = value.chars().take(80).collect();
                            Err(failure(Reason::Content, format!("{name} answered “{shown}”, which is not what is expected.")))
                        }
                    }
                }
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_length_in_bytes() {
        assert_eq!(encoded(&["GET", "é"]), "*2\r\n$3\r\nGET\r\n$2\r\né\r\n".as_bytes());
    }
}
