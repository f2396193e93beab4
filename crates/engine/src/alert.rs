//! Telling people what happened. `plan` decides who is told of a notice, before the recorder commits it; `courier` takes up what was committed,
//! `decide` what of it is sent now, together, or not at all; `render` puts it into words, and [`Sender`] makes one try to deliver it.
//!
//! Invariant: what is told was committed with what happened, and ends in exactly one final state, whatever fails meanwhile.

mod courier;
mod decide;
mod digest;
mod directory;
mod failing;
mod links;
mod mail;
mod plan;
mod post;
pub mod push;
mod redact;
pub mod reference;
pub mod render;
mod send;
mod storm;
#[cfg(test)]
mod tests;

use domain::Timestamp;
use domain::alert::{Destination, Message};

pub(crate) use courier::{AlertCourier, Post};
pub(crate) use digest::Digests;
pub(crate) use directory::{Directory, Reach, SpaceDirectory};
pub(crate) use links::{Acknowledgeable, Links};
pub(crate) use plan::{Telling, plan};
pub(crate) use post::Carrier;
pub use push::Vapid;
pub use send::{Context, Sender};
pub(crate) use storm::{SINGLES, WINDOW, Window};

/// Where some messages are to be sent, and when.
pub(crate) fn deliver_to(messages: &[Message]) -> Vec<(Destination, Timestamp)> {
    messages.iter().map(|message| (message.to.clone(), message.due_at)).collect()
}
