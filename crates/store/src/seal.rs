//! Secrets at rest: XChaCha20-Poly1305 under a key that is not in the database. The row's id is authenticated with
//! the text, so that a sealed value cannot be moved to another row.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand::RngExt;
use std::io::Write;

use crate::error::{OpenError, StoreError};
use crate::lock::restrict;
use crate::rows::damaged;

/// Version of the sealed form: this byte, 24 bytes of nonce, ciphertext and tag.
const VERSION: u8 = 1;
const NONCE: usize = 24;
/// Where the key is when nobody set one.
pub(crate) const KEY_FILE: &str = "secret.key";

/// Seals and opens secrets.
#[derive(Clone)]
pub(crate) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// From the operator's key, else from the key file of the data directory, which is made when it is missing.
    pub(crate) fn open(key: Option<&str>, directory: Option<&Path>) -> Result<Self, OpenError> {
        let text = match (key, directory) {
            (Some(key), _) => key.to_owned(),
            (None, Some(directory)) => key_file(directory)?,
            (None, None) => STANDARD.encode(rand::rng().random::<[u8; 32]>()),
        };
        let bytes = STANDARD.decode(text.trim()).map_err(|e| OpenError::SecretKey(e.to_string()))?;
        let key: [u8; 32] = bytes.try_into().map_err(|b: Vec<u8>| OpenError::SecretKey(format!("it has {} bytes", b.len())))?;
        Ok(Self(XChaCha20Poly1305::new(&Key::from(key))))
    }

    /// Seals a text for a row.
    pub(crate) fn seal(&self, row: &str, text: &str) -> Result<Vec<u8>, StoreError> {
        let nonce = rand::rng().random::<[u8; NONCE]>();
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), Payload { msg: text.as_bytes(), aad: row.as_bytes() })
            .map_err(|_| StoreError::Query("a secret could not be sealed".into()))?;
        Ok([&[VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Sealer::seal`] made for the same row.
    pub(crate) fn unseal(&self, table: &'static str, row: &str, sealed: &[u8]) -> Result<String, StoreError> {
        let wrong =
            || damaged(table, format!("the secrets of {row} do not open with this key. Is LOOPR_SECRET_KEY the one they were saved with?"));
        let (version, rest) = sealed.split_first().ok_or_else(wrong)?;
        let (nonce, cipher) = rest.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        if *version != VERSION {
            return Err(wrong());
        }
        let text = self.0.decrypt(&XNonce::from(*nonce), Payload { msg: cipher, aad: row.as_bytes() }).map_err(|_| wrong())?;
        String::from_utf8(text).map_err(|_| wrong())
    }
}

fn key_file(directory: &Path) -> Result<String, OpenError> {
    let path = directory.join(KEY_FILE);
    let denied = |cause| OpenError::Directory { path: path.clone(), cause };
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let text = STANDARD.encode(rand::rng().random::<[u8; 32]>());
            let fresh = directory.join("secret.key.new");
            let mut file = std::fs::File::create(&fresh).map_err(denied)?;
            restrict(&fresh, 0o600).map_err(denied)?;
            file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(denied)?;
            std::fs::rename(&fresh, &path).map_err(denied)?;
            Ok(text)
        }
        Err(cause) => Err(denied(cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_for_its_row_only() {
        let sealer = Sealer::open(None, None).expect("fresh key");
        let sealed = sealer.seal("mon_1", "Bearer hunter2").expect("sealed");
        assert!(!sealed.windows(7).any(|w| w == b"hunter2"));
        assert_eq!(sealer.unseal("monitor", "mon_1", &sealed).expect("opens"), "Bearer hunter2");
        assert!(sealer.unseal("monitor", "mon_2", &sealed).is_err());
        assert!(Sealer::open(None, None).expect("other key").unseal("monitor", "mon_1", &sealed).is_err());
        assert!(sealer.unseal("monitor", "mon_1", &sealed[..10]).is_err());
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("directory");
        let sealed = Sealer::open(None, Some(directory.path())).expect("made").seal("r", "x").expect("sealed");
        assert_eq!(Sealer::open(None, Some(directory.path())).expect("read").unseal("monitor", "r", &sealed).expect("opens"), "x");
        let mode = std::fs::metadata(directory.path().join("secret.key")).expect("file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(Sealer::open(Some("short"), None), Err(OpenError::SecretKey(_))));
    }
}
