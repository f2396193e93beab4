//! The own connectivity, as administrators see it.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Whether Loopr's own network is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkView {
    /// Since when it is gone, if it is.
    pub gone_since: Option<Timestamp>,
    /// When the witnesses were last asked.
    pub asked_at: Option<Timestamp>,
    /// Who is asked; nobody: the gate is off.
    pub witnesses: Vec<WitnessView>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessView {
    /// Host and port.
    pub address: String,
    /// Whether it answered when it was last asked; none: not asked yet.
    pub answers: Option<bool>,
}

/// The network settings, for an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSettings {
    /// How it is.
    pub network: NetworkView,
    /// The witnesses are set by the environment and cannot be changed here.
    pub fixed: bool,
}
