//! Maintenance windows: the list, and the form that plans one.

mod editor;
mod fields;
mod list;
mod preview;
mod times;

pub use editor::{EditWindow, NewWindow};
pub use list::Windows;
