//! Events to browsers: the recorder says which monitors changed, each tab's feed turns that into messages.

mod feed;
mod hub;
mod totals;

pub use feed::Feed;
pub(crate) use hub::Hub;
