//! The integration tests of this crate: real sockets on the loopback interface, the real embedded database.

mod net;
mod probe;
