//! Random secrets, their hashes, and passwords.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::AppError;
use domain::signing::SigningSecret;
use rand::RngExt;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// 256 random bits for a URL, a cookie or a bearer token.
pub(crate) fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>())
}

/// A secret that signs what is sent.
pub(crate) fn fresh_signing() -> SigningSecret {
    SigningSecret::from_bytes(rand::rng().random())
}

/// 128 random bits for an id.
pub(crate) fn bits() -> u128 {
    rand::rng().random()
}

/// Eight characters that a person can type: no 0, O, 1, I, L. About 40 bits, and tries are limited.
pub(crate) fn typable() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let mut rng = rand::rng();
    let one = |rng: &mut rand::rngs::ThreadRng| ALPHABET.get(rng.random_range(0..ALPHABET.len())).copied().map_or('A', char::from);
    (0..9).map(|i| if i == 4 { '-' } else { one(&mut rng) }).collect()
}

/// The hash that the database keeps of a random secret: no salt and no stretching are needed for 256 random bits.
pub(crate) fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// argon2id with 19 MiB, 2 passes, 1 lane: the first choice of the OWASP Password Storage Cheat Sheet.
fn argon() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashing takes memory and a core: two at once, whoever asks.
static HASHING: Semaphore = Semaphore::const_new(2);

/// A hash of no password, so that an unknown address takes as long as a wrong password.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&fresh()).unwrap_or_default());

fn hash_now(password: &str) -> Option<String> {
    argon().hash_password(password.as_bytes()).map(|hash| hash.to_string()).ok()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let _permit = HASHING.acquire().await.map_err(|_| AppError::internal())?;
    tokio::task::spawn_blocking(work).await.map_err(|_| AppError::internal())
}

/// Hashes a password, off the runtime.
pub(crate) async fn hash_password(password: &str) -> Result<String, AppError> {
    let password = password.to_owned();
    blocking(move || hash_now(&password)).await?.ok_or_else(AppError::internal)
}

/// Verifies a password, off the runtime; against nobody's hash when there is no account, in the same time.
pub(crate) async fn verify_password(password: &str, stored: Option<&str>) -> Result<bool, AppError> {
    let (password, stored) = (password.to_owned(), stored.map(str::to_owned));
    blocking(move || {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&stored).is_ok_and(|hash| argon().verify_password(password.as_bytes(), &hash).is_ok());
        matches && known
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn passwords_verify_and_nobody_never_does() {
        let stored = hash_password("correct horse battery").await.expect("hashed");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_password("correct horse battery", Some(&stored)).await.expect("verified"));
        assert!(!verify_password("wrong", Some(&stored)).await.expect("verified"));
        assert!(!verify_password("correct horse battery", None).await.expect("verified"));
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(fresh(), fresh());
        assert_eq!(fresh().len(), 43);
        assert_eq!(typable().len(), 9);
    }
}
