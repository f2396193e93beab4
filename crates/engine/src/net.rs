//! The way out: every byte that leaves this process on a person's behalf goes through a [`Dialer`], which resolves,
//! judges every address by the [`Policy`], connects and speaks TLS, and times each of these phases.
//!
//! Invariant: an address that was not judged is never dialled, and what is dialled is exactly what was judged (the name is
//! not resolved a second time). Called by the probes; [`Web`] is for everything that is no check.

mod dial;
pub mod policy;
mod resolve;
mod stream;
mod target;
mod tier;
mod tls;
mod web;

pub use dial::{Destination, DialError, Dialer, Dialled, Dialling, Phase, server_name};
pub use policy::{Access, Policy, Refused};
pub use resolve::{Addresses, ResolveError, Resolver};
pub(crate) use stream::micros;
pub use stream::{Marks, Stream};
pub use target::{InvalidTarget, Target};
pub use tier::{Tier, tier_of};
pub(crate) use tls::describe;
pub use tls::{Alpn, TlsClient, TlsProfile, TlsSession, Trust};
pub use web::{Web, WebAnswer, WebError, WebLimits, WebRequest};
