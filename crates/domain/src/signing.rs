//! Signatures of what Loopr sends, by Standard Webhooks v1 (symmetric): `webhook-id`, `webhook-timestamp` and `webhook-signature`, whose
//! value is `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base 64, one for each secret that is valid, separated by spaces.
//!
//! Invariant: exactly the bytes that are sent are signed. Called by the webhook channel and by scheduled and event webhooks.
//! Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::error::AppError;
use crate::http::Header;
use crate::time::Timestamp;
use crate::words::parse_duration;

/// What a secret begins with.
const PREFIX: &str = "whsec_";
/// The fewest bytes of a secret. The specification asks for 24; what others have given out may be shorter, but never a word.
const BYTES_MIN: usize = 16;
/// The most bytes of a secret.
const BYTES_MAX: usize = 64;
/// How far the clock of the sender may be off.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// How long an old secret signs beside the new one, where nobody says otherwise.
const GRACE: Duration = Duration::from_secs(86_400);
/// The longest that both sign.
const GRACE_MAX: Duration = Duration::from_secs(7 * 86_400);

/// How long an old secret signs beside the new one, as somebody typed it: `24 h`. Empty: 24 h, as the specification advises.
///
/// # Errors
/// It is no span, or longer than 7 d.
pub fn grace(text: &str) -> Result<Duration, AppError> {
    let typed = || parse_duration(text, Duration::from_secs(3_600)).filter(|span| *span <= GRACE_MAX);
    if text.trim().is_empty() { Ok(GRACE) } else { typed().ok_or_else(|| AppError::field("grace", "Choose between 0 h and 7 d.")) }
}

/// Some providers leave out the padding, and what is cut off may leave bits.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// A secret that signs.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl SigningSecret {
    /// From random bytes that the caller brings.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes.to_vec())
    }

    /// Reads `whsec_…`; the prefix may be missing.
    ///
    /// # Errors
    /// A sentence for whoever typed it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bytes = LENIENT.decode(text.strip_prefix(PREFIX).unwrap_or(text)).unwrap_or_default();
        if (BYTES_MIN..=BYTES_MAX).contains(&bytes.len()) {
            Ok(Self(bytes))
        } else {
            Err("A signing secret is whsec_ and 24 to 64 bytes in base 64.".into())
        }
    }

    /// The text that is given to the receiver.
    pub fn reveal(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    fn mac(&self, id: &str, seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        Some(mac)
    }

    /// One signature: `v1,…`.
    pub fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
        Some(format!("v1,{}", STANDARD.encode(self.mac(id, seconds, body)?.finalize().into_bytes())))
    }
}

/// The three headers of a request that is made at `now`; none without a secret. `id` stays the same when the request is repeated.
pub fn sign(secrets: &[SigningSecret], id: &str, now: Timestamp, body: &[u8]) -> Vec<Header> {
    let seconds = now.as_millis().div_euclid(1_000);
    let signatures: Vec<String> = secrets.iter().filter_map(|secret| secret.signature(id, seconds, body)).collect();
    let header = |name: &str, value: String| Header { name: name.into(), value };
    let mut headers = vec![header("webhook-id", id.into()), header("webhook-timestamp", seconds.to_string())];
    if !signatures.is_empty() {
        headers.push(header("webhook-signature", signatures.join(" ")));
    }
    headers
}

/// Whether a request that came in was signed with this secret, not long ago.
pub fn verify(secret: &SigningSecret, id: &str, timestamp: &str, signatures: &str, body: &[u8], now: Timestamp) -> bool {
    let Some(seconds) = timestamp.parse::<i64>().ok().filter(|_| timestamp.bytes().all(|byte| byte.is_ascii_digit())) else {
        return false;
    };
    let tolerance = i64::try_from(TOLERANCE.as_secs()).unwrap_or(0);
    if now.as_millis().div_euclid(1_000).abs_diff(seconds) > tolerance.unsigned_abs() {
        return false;
    }
    let ours = |text: &str| {
        let signature = text.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        let mac = secret.mac(id, seconds, body);
        signature.zip(mac).is_some_and(|(signature, mac)| mac.verify_slice(&signature).is_ok())
    };
    signatures.split(' ').any(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNED: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const AT: i64 = 1_614_265_330;

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::parse(text).expect(text)
    }

    fn verified(signatures: &str, timestamp: &str, now: i64) -> bool {
        verify(&secret(SECRET), ID, timestamp, signatures, BODY, Timestamp::from_millis(now * 1_000))
    }

    #[test]
    fn signs_like_the_reference_libraries() {
        assert_eq!(secret(SECRET).signature(ID, AT, BODY).as_deref(), Some(SIGNED));
        let other = secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").signature(
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            br#"{"email":"test@example.com","username":"test_user"}"#,
        );
        assert_eq!(other.as_deref(), Some("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="));
        let minified = secret(SECRET).signature(ID, AT, br#"{"test":2432232314}"#);
        assert_eq!(minified.as_deref(), Some("v1,Vif40peJBP7Iyl0XGmu61n4MwdrcHov5CFREBpE0svs="));
    }

    #[test]
    fn secrets_are_read_however_they_are_given_out() {
        assert_eq!(secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), secret(SECRET));
        assert_eq!(secret(SECRET).reveal(), SECRET);
        for unpadded in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"] {
            assert!(SigningSecret::parse(unpadded).is_ok(), "{unpadded}");
        }
        for wrong in ["", "whsec_", "whsec_c2hvcnQ=", "hunter2 hunter2 hunter2", &"A".repeat(200)] {
            assert!(SigningSecret::parse(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{:?}", secret(SECRET)).contains("Mf"));
    }

    #[test]
    fn two_secrets_sign_both() {
        let old = SigningSecret::from_bytes([7; 32]);
        let headers = sign(&[secret(SECRET), old.clone()], ID, Timestamp::from_millis(AT * 1_000 + 999), BODY);
        let names: Vec<_> = headers.iter().map(|header| header.name.as_str()).collect();
        assert_eq!(names, ["webhook-id", "webhook-timestamp", "webhook-signature"]);
        assert_eq!(headers[1].value, AT.to_string());
        assert!(headers[2].value.starts_with(&format!("{SIGNED} v1,")), "{}", headers[2].value);
        let now = Timestamp::from_millis(AT * 1_000);
        assert!(verify(&old, ID, &headers[1].value, &headers[2].value, BODY, now));
        assert_eq!(sign(&[], ID, now, BODY).len(), 2);
    }

    #[test]
    fn only_what_was_signed_not_long_ago_is_believed() {
        let at = AT.to_string();
        let decoy = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";
        assert!(verified(SIGNED, &at, AT) && verified(&format!("{decoy} v2,x {SIGNED} {decoy}"), &at, AT));
        assert!(verified(SIGNED, &at, AT + 299) && verified(SIGNED, &at, AT - 299));
        assert!(!verified(SIGNED, &at, AT + 301) && !verified(SIGNED, &at, AT - 301));
        for wrong in
            ["", "v1,", &SIGNED[..8], &SIGNED.replace("OE=", "OA="), &SIGNED.replace("v1", "v2"), "v1,dawfeoifkpqwoekfpqoekf", decoy]
        {
            assert!(!verified(wrong, &at, AT), "{wrong}");
        }
        for wrong in ["hello", "-1614265330", "1614265330.0", ""] {
            assert!(!verified(SIGNED, wrong, AT), "{wrong}");
        }
    }

    #[test]
    fn the_reference_library_agrees() {
        let theirs = standardwebhooks::Webhook::new(SECRET).expect("a secret");
        let body = "{\"name\":\"caf\u{e9}\"}";
        assert_eq!(theirs.sign(ID, AT, body.as_bytes()).ok(), secret(SECRET).signature(ID, AT, body.as_bytes()));
    }
}
