//! Fields that several kinds of channels have.

use crate::kind::Field;
use crate::kind::Input;
use crate::kind::field::CONNECTION;

/// An address that is itself the secret: who knows it may post.
pub(super) const fn webhook_url(placeholder: &'static str) -> Field {
    Field::line("webhook_url", "Webhook address").typed(Input::Secret).like(placeholder).required()
}

/// What proves who is sending.
pub(super) const fn token(label: &'static str) -> Field {
    Field::line("token", label).typed(Input::Secret)
}

/// A server that everybody runs for themselves.
pub(super) const fn own_server(placeholder: &'static str) -> Field {
    Field::line("base_url", "Server").like(placeholder).required()
}

/// The provider's server, where there are others.
pub(super) const fn server(default: &'static str) -> Field {
    Field::line("base_url", "Server").within(CONNECTION).by_default(default).hinted("For other regions, gateways and servers of your own.")
}
