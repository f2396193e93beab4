//! What a failure means: the gate on the own network, dependencies, flapping; also over restarts.

mod dependencies;
mod flapping;
mod gate;
