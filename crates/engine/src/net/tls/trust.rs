//! Authorities and an identity that belong to one monitor, read from PEM once.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

/// Authorities beside the system's, and who we are. Two of the same texts are equal.
pub struct Trust {
    fingerprint: [u8; 32],
    pub(super) authorities: Vec<CertificateDer<'static>>,
    pub(super) identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

impl Trust {
    /// Reads what a monitor brings along; nothing when it brings nothing.
    ///
    /// # Errors
    /// The name of the field and a sentence.
    pub fn read(ca: Option<&str>, identity: Option<(&str, &str)>) -> Result<Option<Arc<Self>>, (&'static str, String)> {
        if ca.is_none() && identity.is_none() {
            return Ok(None);
        }
        let mut hash = Sha256::new();
        for text in [ca, identity.map(|(chain, _)| chain), identity.map(|(_, key)| key)] {
            let text = text.unwrap_or_default();
            hash.update(text.len().to_be_bytes());
            hash.update(text.as_bytes());
        }
        let authorities = ca.map(|pem| certificates("ca", pem)).transpose()?.unwrap_or_default();
        let identity = identity
            .map(|(chain, key)| {
                let chain = certificates("client_certificate", chain)?;
                let key =
                    PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| ("client_key", "This key cannot be read.".to_owned()))?;
                // A key that does not fit is found out now, not at the first check.
                let signing = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)
                    .map_err(|_| ("client_key", "This kind of key is not supported. RSA, ECDSA and Ed25519 are.".to_owned()))?;
                let certified = rustls::sign::CertifiedKey::new(chain.clone(), signing);
                if matches!(certified.keys_match(), Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch))) {
                    return Err(("client_key", "This key does not belong to the client certificate.".to_owned()));
                }
                Ok((chain, key))
            })
            .transpose()?;
        Ok(Some(Arc::new(Self { fingerprint: hash.finalize().into(), authorities, identity })))
    }
}

fn certificates(field: &'static str, pem: &str) -> Result<Vec<CertificateDer<'static>>, (&'static str, String)> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err((
            field,
            "The certificates cannot be read. They are PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.".into(),
        )),
    }
}

impl PartialEq for Trust {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Trust {}

impl Hash for Trust {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trust").field("authorities", &self.authorities.len()).field("identity", &self.identity.is_some()).finish()
    }
}
