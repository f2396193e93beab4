//! The one writer of history: observations, missed slots and pauses in, rows out, one transaction a batch.

mod absence;
mod commit;
mod cover;
mod doubt;
mod incidents;
mod load;
mod marks;
mod open;
mod reader;
mod recorder;
mod replay;
mod standing;
mod telling;
mod untold;

pub(crate) use incidents::{IncidentDeed, IncidentOrder, OpenIncidents};
pub(crate) use marks::{Marks, SEALED_TO};
pub(crate) use open::OpenChecks;
pub(crate) use reader::Reader;
pub(crate) use recorder::{Command, Missed, Parts as RecorderParts, Recorder, RecorderHandle};
pub(crate) use standing::Standing;
