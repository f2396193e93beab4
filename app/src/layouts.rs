//! The frames of pages: with navigation for who is signed in, without for everybody else.

mod account_menu;
mod frame;
mod leaving;
mod navigation;
mod news;
mod plain;
mod settings;
mod space_switcher;
mod topbar;

pub use frame::Frame;
pub use leaving::AskBeforeLeaving;
pub use plain::{Plain, PlainBar};
pub use settings::SettingsFrame;
