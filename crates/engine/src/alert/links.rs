//! Links in messages that do something without a sign-in: signed, so that nobody makes one up, and for one thing only. What they do takes
//! a press of a button on the page that they open: mail scanners follow links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{IncidentId, MessageId, SpaceId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::time::Duration;

/// How long a link works.
const VALID: Duration = Duration::from_secs(14 * 86_400);
/// Bytes of the signature that a link carries.
const SIGNATURE: usize = 16;

/// What a link is for: to acknowledge an incident, or all that one message tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgeable {
    /// Where.
    #[serde(rename = "s")]
    pub space: SpaceId,
    /// What.
    #[serde(rename = "i")]
    pub incident: IncidentId,
    /// The message that tells of several.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// Who was sent the link, as people call them.
    #[serde(rename = "w")]
    pub who: String,
    #[serde(rename = "x")]
    expires_at: Timestamp,
}

/// Makes and reads signed links.
#[derive(Clone)]
pub(crate) struct Links {
    key: Vec<u8>,
}

impl Links {
    /// With the key of this instance.
    pub fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// The path of a link that acknowledges an incident, and, when there are more, all that a message tells of.
    pub fn acknowledge(&self, about: (SpaceId, IncidentId, Option<MessageId>), who: &str, now: Timestamp) -> Option<String> {
        let (space, incident, message) = about;
        let about = Acknowledgeable { space, incident, message, who: who.chars().take(100).collect(), expires_at: now.plus(VALID) };
        let text = serde_json::to_vec(&about).ok()?;
        let signature = self.sign(&text)?;
        Some(format!("/acknowledge/{}.{}", URL_SAFE_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(signature)))
    }

    /// What a token of such a link is for, unless it is made up or has ended.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<Acknowledgeable> {
        let (text, signature) = token.split_once('.')?;
        let (text, signature) = (URL_SAFE_NO_PAD.decode(text).ok()?, URL_SAFE_NO_PAD.decode(signature).ok()?);
        let right = self.sign(&text)?;
        let same: bool = subtle::ConstantTimeEq::ct_eq(right.as_slice(), signature.as_slice()).into();
        let about: Acknowledgeable = same.then(|| serde_json::from_slice(&text).ok()).flatten()?;
        (now < about.expires_at).then_some(about)
    }

    fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(b"acknowledge\n");
        mac.update(text);
        Some(mac.finalize().into_bytes().iter().take(SIGNATURE).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_incident_and_ends() {
        let (links, now) = (Links::new(vec![7; 32]), Timestamp::from_millis(1_790_000_000_000));
        let (space, incident) = (SpaceId::new(now, 1), IncidentId::new(now, 2));
        let path = links.acknowledge((space, incident, None), "Ada", now).expect("a link");
        let token = path.strip_prefix("/acknowledge/").expect("its path");
        let about = links.read(token, now).expect("valid");
        assert_eq!((about.space, about.incident, about.who.as_str()), (space, incident, "Ada"));
        assert!(links.read(token, now.plus(VALID)).is_none() && Links::new(vec![8; 32]).read(token, now).is_none());
        let (text, signature) = token.split_once('.').expect("two parts");
        let other = URL_SAFE_NO_PAD.encode(String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(text).expect("base64")).replace("Ada", "Eve"));
        assert!(links.read(&format!("{other}.{signature}"), now).is_none() && links.read("", now).is_none());
    }
}
