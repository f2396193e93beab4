//! Who is let in, and where checks may go.

use std::num::NonZeroU32;

use engine::net;

use super::table::settings;
use super::value::{Targets, Value, Witnesses};

settings! {
    /// Who is let in, and where checks may go.
    "Access" Access {
        /// Who may create an account: `invite` lets in who has an invitation, `open` everybody.
        signup: SignUp = "LOOPR_SIGNUP" or "invite";
        /// A session ends that many days after it was last used.
        session_days: NonZeroU32 = "LOOPR_SESSION_DAYS" or "30";
        /// Whether checks may go to loopback, RFC 1918, carrier-grade NAT and unique local addresses: `open` or `closed`.
        /// Unset, they may while sign-up is by invitation.
        private_targets: Option<Private> = "LOOPR_PRIVATE_TARGETS";
        /// Opens private networks by block or host name (`10.0.0.0/8`, `intranet.example`, `*.example`), and forbidden addresses,
        /// such as link-local ones, by exact address.
        allow_targets: Option<Targets> = "LOOPR_ALLOW_TARGETS";
        /// Closes addresses, blocks and host names to all checks. It beats the allow list.
        deny_targets: Option<Targets> = "LOOPR_DENY_TARGETS";
        /// Hosts that always answer, to tell whether Loopr's own network is there (`one.one.one.one:443`): when all that have
        /// answered before fail at once, monitors with public targets are unknown instead of down. Unset, an administrator may
        /// name some in the app; without any, nobody is asked.
        witnesses: Option<Witnesses> = "LOOPR_WITNESSES";
    }
}

/// Who may create an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    /// Who has an invitation.
    Invite,
    /// Everybody.
    Open,
}

impl Value for SignUp {
    const FORM: &'static str = "`invite` or `open`";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "invite" => Ok(Self::Invite),
            "open" => Ok(Self::Open),
            _ => Err(format!("“{text}” is neither invite nor open.")),
        }
    }
}

/// Whether private networks may be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Private(net::Access);

impl Value for Private {
    const FORM: &'static str = "`open` or `closed`";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self(net::Access::Open)),
            "closed" => Ok(Self(net::Access::Closed)),
            _ => Err(format!("“{text}” is neither open nor closed.")),
        }
    }
}

impl Access {
    /// The network policy that these settings add up to.
    pub fn policy(&self) -> net::Policy {
        let by_signup = match self.signup {
            SignUp::Invite => net::Access::Open,
            SignUp::Open => net::Access::Closed,
        };
        let list = |targets: &Option<Targets>| targets.clone().unwrap_or_default().0;
        net::Policy {
            private: self.private_targets.map_or(by_signup, |private| private.0),
            allow: list(&self.allow_targets),
            deny: list(&self.deny_targets),
        }
    }
}
