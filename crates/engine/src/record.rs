//! The one writer of history: observations, missed slots and pauses in, rows out, one transaction a batch.

mod cover;
mod doubt;
mod load;
mod recorder;
mod standing;

pub(crate) use recorder::{Command, Missed, Parts as RecorderParts, Recorder, RecorderHandle};
pub(crate) use standing::Standing;
