//! What a failure means: the gate on the own network, dependencies, flapping; also over restarts.

mod flapping;
mod gate;
