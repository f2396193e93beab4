//! Mails about accounts: whether this instance can send any, and what a browser is shown of them.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Whether mails about accounts can be sent. They carry links, so that a mail server alone does not do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mailing {
    /// They are sent.
    Ready,
    /// There is no mail server.
    #[default]
    NoServer,
    /// Nobody has said under which address people reach this instance.
    NoAddress,
}

impl Mailing {
    /// Whether mails are sent.
    pub fn is_ready(self) -> bool {
        self == Self::Ready
    }

    /// Why none is sent, and what the operator does about it; nothing when they are.
    pub fn why_not(self) -> Option<&'static str> {
        match self {
            Self::Ready => None,
            Self::NoServer => Some("This instance sends no mail: its operator has to set LOOPR_SMTP_URL and LOOPR_MAIL_FROM."),
            Self::NoAddress => Some("This instance sends no mails with links: its operator has to set LOOPR_PUBLIC_URL."),
        }
    }
}

/// The address of somebody's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressView {
    /// What they sign in with.
    pub email: String,
    /// A link that was sent there was used.
    pub verified: bool,
    /// The address that is to take its place, once a link that was sent there is used.
    pub pending: Option<String>,
    /// Whether mails are sent.
    pub mailing: Mailing,
}

/// What a link that proves an address does, for whoever opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    /// What people call the owner of the account.
    pub name: String,
    /// The address.
    pub email: String,
    /// It takes the place of another one.
    pub changes: bool,
    /// There is no account yet: the link makes it.
    pub makes: bool,
}

/// An invitation that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invited {
    /// The path of the link, shown once.
    pub secret: String,
    /// The address that it was mailed to; empty when it was not.
    pub mailed_to: String,
}

/// A mail about an account that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostMail {
    /// Whom it was for.
    pub to: String,
    /// What it was about. Its text has links in it that let people in: it is shown to nobody.
    pub subject: String,
    /// Why it did not get there.
    pub why: String,
    /// When it was given up.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(Mailing::Ready.why_not(), None);
        for (mailing, variable) in [(Mailing::NoServer, "LOOPR_SMTP_URL"), (Mailing::NoAddress, "LOOPR_PUBLIC_URL")] {
            assert!(!mailing.is_ready() && mailing.why_not().is_some_and(|why| why.contains(variable)));
        }
    }
}
