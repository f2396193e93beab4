//! Everything by keyboard: the command palette, single-key commands, and the help that lists them.

mod entries;
mod keys;
mod palette;

use leptos::prelude::*;

pub use keys::Keys;
pub use palette::Palette;

/// Whether the palette is open.
#[derive(Clone, Copy)]
pub struct PaletteSwitch(pub RwSignal<bool>);

impl PaletteSwitch {
    /// Makes it, closed.
    pub fn provide() {
        provide_context(Self(RwSignal::new(false)));
    }
}
