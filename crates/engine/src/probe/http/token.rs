//! Tokens of OAuth 2 by client credentials (RFC 6749, 4.4): asked for with the same code that checks, kept until shortly before
//! they end, and asked for again after a 401.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use domain::http::Header;
use domain::kind::http::{Auth, HttpSettings};
use http::HeaderValue;
use serde::Deserialize;
use tokio::sync::Mutex as AsyncMutex;

use super::request::basic;
use super::{HttpDefaults, InvalidHttp, PreparedHttp};
use crate::net::Dialer;

/// A token is not used any more so long before it ends.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a token is used that does not say when it ends.
const UNSAID: Duration = Duration::from_secs(300);
/// The longest answer.
const ANSWER_BYTES: u64 = 64 * 1024;

/// Where tokens come from.
#[derive(Debug)]
pub(super) struct Tokens {
    endpoint: Box<PreparedHttp>,
    kept: Mutex<Option<(HeaderValue, Instant)>>,
    /// One request for a token at a time.
    asking: AsyncMutex<()>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Option<u64>,
    error: Option<String>,
}

impl Tokens {
    /// For monitors that sign in by tokens.
    pub fn new(settings: &HttpSettings, defaults: &HttpDefaults) -> Result<Option<Self>, InvalidHttp> {
        let Auth::OAuth2 { token_url, client_id, client_secret, scope } = &settings.auth else {
            return Ok(None);
        };
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !scope.is_empty() {
            form.append_pair("scope", scope);
        }
        // The id and secret are form-encoded before they become Basic credentials (RFC 6749, 2.3.1).
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = HttpSettings {
            method: "POST".into(),
            body: Some(form.finish()),
            headers: vec![
                Header { name: "Content-Type".into(), value: "application/x-www-form-urlencoded".into() },
                Header { name: "Accept".into(), value: "application/json".into() },
                Header { name: "Authorization".into(), value: basic(&encoded(client_id), &encoded(client_secret.reveal())) },
            ],
            // What it answers is read here, whatever its status.
            accepted_status: "100-599".parse().map_err(InvalidHttp)?,
            redirects: 0,
            family: settings.family,
            insecure: settings.insecure,
            ca: settings.ca.clone(),
            proxy: settings.proxy.clone(),
            response_cap_bytes: Some(ANSWER_BYTES),
            ..HttpSettings::get(token_url.clone())
        };
        let endpoint = Box::new(PreparedHttp::new(&request, defaults)?);
        Ok(Some(Self { endpoint, kept: Mutex::default(), asking: AsyncMutex::default() }))
    }

    fn current(&self) -> Option<HeaderValue> {
        let kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.as_ref().filter(|(_, until)| *until > Instant::now()).map(|(value, _)| value.clone())
    }

    /// The token was refused: the next check asks for another one.
    pub fn forget(&self) {
        *self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }

    /// The `Authorization` of now. An error is a sentence.
    pub async fn authorization(&self, dialer: &Dialer, deadline: Instant) -> Result<HeaderValue, String> {
        let _turn = self.asking.lock().await;
        if let Some(value) = self.current() {
            return Ok(value);
        }
        let limit = usize::try_from(ANSWER_BYTES).unwrap_or(usize::MAX);
        let timeout = deadline.saturating_duration_since(Instant::now());
        let (seen, body) = self.endpoint.fetch(dialer, timeout, limit).await;
        if let Some(failure) = seen.failure {
            return Err(failure.message);
        }
        let status = seen.status.unwrap_or_default();
        let answer: Answer =
            serde_json::from_slice(&body).map_err(|_| format!("The token address answered {status} with something that is not JSON."))?;
        let token = match (answer.access_token, answer.error) {
            (Some(token), _) if (200..300).contains(&status) => token,
            (_, Some(error)) => {
                return Err(format!("The token address answered {status}, “{}”.", error.chars().take(80).collect::<String>()));
            }
            _ => return Err(format!("The token address answered {status} without a token.")),
        };
        if answer.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err("The token address gives out another type of token than Bearer.".into());
        }
        let mut value =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| "The token cannot be sent in a header.".to_owned())?;
        value.set_sensitive(true);
        let lasts = answer.expires_in.map_or(UNSAID, Duration::from_secs).saturating_sub(MARGIN);
        *self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((value.clone(), Instant::now() + lasts));
        Ok(value)
    }
}
