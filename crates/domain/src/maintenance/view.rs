//! What pages are shown of maintenance windows.

use serde::{Deserialize, Serialize};

use super::{Occurrence, WindowDraft};
use crate::error::AppError;
use crate::id::WindowId;

/// How a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowState {
    /// It is open.
    Open(Occurrence),
    /// It opens next.
    Next(Occurrence),
    /// It does not come again.
    Past,
    /// Somebody has switched it off.
    Off,
}

impl WindowState {
    /// The stable name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Next(_) => "next",
            Self::Past => "past",
            Self::Off => "off",
        }
    }

    /// The occurrence that is open or comes next.
    pub fn occurrence(self) -> Option<Occurrence> {
        match self {
            Self::Open(one) | Self::Next(one) => Some(one),
            Self::Past | Self::Off => None,
        }
    }
}

/// A window in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowView {
    /// Which one.
    pub id: WindowId,
    /// What people call it.
    pub name: String,
    /// For people.
    pub note: String,
    /// When it begins, in words.
    pub when: String,
    /// How long it lasts, in milliseconds.
    pub duration_ms: u64,
    /// On whose wall.
    pub zone: String,
    /// Which monitors it is for, in words.
    pub covers: String,
    /// How it stands.
    pub state: WindowState,
}

/// What a draft would mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// When it begins, in words.
    pub when: String,
    /// On whose wall.
    pub zone: String,
    /// Its next occurrences.
    pub occurrences: Vec<Occurrence>,
    /// How many monitors it is for now.
    pub monitors: u32,
}

/// What the form of a window needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowForm {
    /// The window that is edited, if it exists already.
    pub id: Option<WindowId>,
    /// What the fields show.
    pub draft: WindowDraft,
    /// What that means, when somebody asked for it and it is valid.
    pub preview: Option<Preview>,
    /// Why it means nothing, when somebody asked.
    pub wrong: Option<AppError>,
}
