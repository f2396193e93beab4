//! Web push: a message that only one browser can read (RFC 8291), signed by this instance (RFC 8292), as a request for the push service
//! that the browser chose (RFC 8030).
//!
//! Invariant: each message has a salt and a key pair of its own. The cryptography is that of the TLS provider. Called by the sender.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use domain::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

/// One record holds the whole message (RFC 8291, 4).
const RECORD: u32 = 4_096;
/// The longest message: a record less its padding mark, its tag and the header before it.
pub const MESSAGE_BYTES: usize = 3_993;
/// For so long a signature is good; services refuse more than a day.
const SIGNED_FOR_SECONDS: i64 = 12 * 3_600;
/// For so long a service keeps a message for a browser that is away: an alert of yesterday helps nobody.
const KEPT_FOR_SECONDS: u32 = 12 * 3_600;

/// The pair of keys by which push services know this instance. It is made once: a browser takes messages of one pair only.
pub struct Vapid {
    pair: EcdsaKeyPair,
    document: Vec<u8>,
}

/// A key that is none, or a browser's key that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be used")]
pub struct InvalidKey;

impl From<Unspecified> for InvalidKey {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl Vapid {
    /// A new pair.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> Result<Self, InvalidKey> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        Self::from_bytes(document.as_ref())
    }

    /// The pair that [`Self::to_bytes`] gave.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidKey> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| InvalidKey)?;
        Ok(Self { pair, document: bytes.to_vec() })
    }

    /// The pair, to be kept as a secret (PKCS #8).
    pub fn to_bytes(&self) -> &[u8] {
        &self.document
    }

    /// What a browser is given when it subscribes: `applicationServerKey`.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.pair.public_key().as_ref())
    }

    /// The header `Authorization` of a request to a push service. `contact` is an address under which its operator reaches ours.
    ///
    /// # Errors
    /// When the address of the service is none, or the system gives no random numbers.
    pub fn authorization(&self, endpoint: &Url, contact: &str, now: Timestamp) -> Result<String, InvalidKey> {
        let claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": now.as_millis() / 1_000 + SIGNED_FOR_SECONDS,
            "sub": contact,
        });
        let head = BASE64.encode(json!({"typ": "JWT", "alg": "ES256"}).to_string());
        let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", BASE64.encode(signature.as_ref()), self.public_key()))
    }
}

/// The headers that tell a push service what to do with a message.
pub(super) fn headers(key: &str, is_urgent: bool) -> [(&'static str, String); 4] {
    // A topic replaces what is still waiting: at most 32 letters (RFC 8030, 5.4).
    let mut topic = BASE64.encode(Sha256::digest(key));
    topic.truncate(32);
    [
        ("content-encoding", "aes128gcm".to_owned()),
        ("ttl", KEPT_FOR_SECONDS.to_string()),
        ("urgency", if is_urgent { "high" } else { "normal" }.to_owned()),
        ("topic", topic),
    ]
}

/// Encrypts for a browser: its public key and its secret, as it gave them.
///
/// # Errors
/// When they are none, or the message is longer than [`MESSAGE_BYTES`].
pub fn encrypt(message: &[u8], p256dh: &str, auth: &str) -> Result<Vec<u8>, InvalidKey> {
    let salt: [u8; 16] = rand::random();
    let own = PrivateKey::generate(&ECDH_P256)?;
    let key = BASE64.decode(p256dh).map_err(|_| InvalidKey)?;
    let secret = BASE64.decode(auth).map_err(|_| InvalidKey)?;
    sealed(message, &key, &secret, &own, salt)
}

fn sealed(message: &[u8], their_key: &[u8], secret: &[u8], own: &PrivateKey, salt: [u8; 16]) -> Result<Vec<u8>, InvalidKey> {
    if message.len() > MESSAGE_BYTES {
        return Err(InvalidKey);
    }
    let own_key = own.compute_public_key()?;
    let own_key = own_key.as_ref();
    let input: [u8; 32] = agree(own, UnparsedPublicKey::new(&ECDH_P256, their_key), InvalidKey, |shared| {
        derive(secret, shared, &[b"WebPush: info\0", their_key, own_key])
    })?;
    let key: [u8; 16] = derive(&salt, &input, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derive(&salt, &input, &[b"Content-Encoding: nonce\0"])?;
    let mut text = message.to_vec();
    // The mark of the last record; no padding follows.
    text.push(2);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text)?;
    let mut out = salt.to_vec();
    out.extend(RECORD.to_be_bytes());
    out.push(u8::try_from(own_key.len()).map_err(|_| InvalidKey)?);
    out.extend_from_slice(own_key);
    out.extend(text);
    Ok(out)
}

/// HKDF: so many bytes from an input, a salt and what they are for (RFC 5869).
fn derive<const N: usize>(salt: &[u8], input: &[u8], info: &[&[u8]]) -> Result<[u8; N], InvalidKey> {
    let mut out = [0; N];
    Salt::new(HKDF_SHA256, salt).extract(input).expand(info, Length(N))?.fill(&mut out)?;
    Ok(out)
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};

    use super::*;

    // RFC 8291, 5 and appendix A.
    const MESSAGE: &[u8] = b"When I grow up, I want to be a watermelon";
    const OWN_PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    const THEIR_KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const SECRET: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
    const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).expect(text)
    }

    #[test]
    fn the_example_of_the_standard_comes_out_to_the_byte() {
        let own = PrivateKey::from_private_key(&ECDH_P256, &bytes(OWN_PRIVATE)).expect("a key");
        let salt = bytes(SALT).try_into().expect("16 bytes");
        let body = sealed(MESSAGE, &bytes(THEIR_KEY), &bytes(SECRET), &own, salt).expect("encrypted");
        assert_eq!(BASE64.encode(&body), BODY);
    }

    #[test]
    fn each_message_is_encrypted_anew_and_fits_a_record() {
        let [one, two] = [(); 2].map(|()| encrypt(MESSAGE, THEIR_KEY, SECRET).expect("encrypted"));
        assert_ne!(one, two);
        assert_eq!(encrypt(&[b'x'; MESSAGE_BYTES], THEIR_KEY, SECRET).expect("fits").len(), 4_096);
        assert!(encrypt(&[b'x'; MESSAGE_BYTES + 1], THEIR_KEY, SECRET).is_err() && encrypt(MESSAGE, "BCVx", SECRET).is_err());
    }

    #[test]
    fn a_service_can_check_who_sends() {
        let vapid = Vapid::generate().expect("random");
        let again = Vapid::from_bytes(vapid.to_bytes()).expect("the same");
        assert_eq!(again.public_key(), vapid.public_key());
        assert_eq!(bytes(&vapid.public_key()).len(), 65);
        let endpoint = Url::parse("https://push.example.com:8443/x/secret").expect("a URL");
        let header = vapid.authorization(&endpoint, "https://loopr.example.com", Timestamp::from_millis(1_000_000)).expect("signed");
        let (token, key) = header.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("two parts");
        assert_eq!(key, vapid.public_key());
        let (signed, signature) = token.rsplit_once('.').expect("a signature");
        Verifier::new(&ECDSA_P256_SHA256_FIXED, bytes(key)).verify(signed.as_bytes(), &bytes(signature)).expect("genuine");
        let claims: serde_json::Value = serde_json::from_slice(&bytes(signed.split('.').nth(1).expect("claims"))).expect("JSON");
        assert_eq!(claims, json!({"aud": "https://push.example.com:8443", "exp": 44_200, "sub": "https://loopr.example.com"}));
        assert!(Vapid::from_bytes(b"nonsense").is_err());
    }
}
