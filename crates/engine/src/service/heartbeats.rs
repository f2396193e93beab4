//! Signals of heartbeats: whoever knows the token may send them. A signal is answered when it is recorded.

use std::sync::Arc;
use std::time::Duration;

use domain::check::{Failure, Observation, Reason};
use domain::{AppError, Code};

use crate::engine::Inner;
use crate::record::Command;
use crate::schedule::Wake;

/// So much of what a job says is kept.
const LOG_BYTES: usize = 1_024;

/// What a job says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// It begins.
    Start,
    /// It ended as it should.
    Success,
    /// It failed.
    Fail,
    /// It ended with an exit code; 0 is a success.
    Exit(u8),
}

/// Signals of heartbeats.
pub struct Heartbeats<'a>(pub(crate) &'a Inner);

impl Heartbeats<'_> {
    /// Takes a signal, with the beginning of what the job wrote.
    ///
    /// # Errors
    /// An unknown token, too many signals, or a stopping server.
    pub async fn signal(&self, token: &str, signal: Signal, log: &[u8]) -> Result<(), AppError> {
        let unknown =
            || AppError::new(Code::NotFound, "There is no heartbeat of this address. Copy it again from the page of the monitor.");
        let entry = self.0.board.by_token(token).ok_or_else(unknown)?;
        self.0.limits.try_signal(entry.id.bits())?;
        let plan = entry.plan();
        if !plan.monitor.enabled {
            // A job does not need to know that nobody listens.
            return Ok(());
        }
        // Two signals of one millisecond are two all the same.
        let last = entry.standing().last.as_ref().map(|last| last.at.plus(Duration::from_millis(1)));
        let at = last.map_or(self.0.clock.now(), |last| self.0.clock.now().max(last));
        let code = match signal {
            Signal::Start => {
                entry.set_began_at(Some(at));
                self.heard(&entry);
                self.0.hub.touched(vec![(entry.space, entry.id)]);
                return Ok(());
            }
            Signal::Success => None,
            Signal::Fail => Some("It reported a failure.".to_owned()),
            Signal::Exit(0) => None,
            Signal::Exit(code) => Some(format!("It reported a failure: exit code {code}.")),
        };
        let began = entry.set_began_at(None);
        // Zero when nobody said that it began; an hour and eleven minutes is the most that fits.
        let duration_us = began.map_or(0, |began| u32::try_from(at.since(began).as_micros()).unwrap_or(u32::MAX));
        let text = String::from_utf8_lossy(log.get(..LOG_BYTES).unwrap_or(log)).trim().to_owned();
        let observation = plan.monitor.spec.judge(Observation {
            at,
            duration_us,
            status: if let Signal::Exit(code) = signal { Some(u16::from(code)) } else { None },
            failure: code.map(|message| Failure { reason: Reason::Reported, message: with_last_line(message, &text) }),
            excerpt: (!text.is_empty()).then_some(text),
            ..Observation::default()
        });
        self.0.metrics.checked(&observation);
        let stopping = || AppError::new(Code::Unavailable, "Loopr is stopping. Send the signal again in a moment.");
        if !self.0.recorder.send(Command::Checked { entry: Arc::clone(&entry), observation }).await {
            return Err(stopping());
        }
        self.0.recorder.flush().await;
        self.heard(&entry);
        Ok(())
    }

    fn heard(&self, entry: &Arc<crate::board::Entry>) {
        // The scheduler is gone only when everything stops.
        let _stopping = self.0.wake.send(Wake::Heard(Arc::clone(entry)));
    }
}

/// Characters of a job's last line that stand in its failure; all that is kept of its log is beside it.
const LINE_CHARS: usize = 200;

/// Whoever is told that a job failed wants to know what it said last.
fn with_last_line(message: String, log: &str) -> String {
    let Some(line) = log.lines().map(str::trim).rfind(|line| !line.is_empty()) else { return message };
    let mut shown: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LINE_CHARS).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("{message} Its last line: {shown}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_log_is_told() {
        let told = |log: &str| with_last_line("It failed.".into(), log);
        assert_eq!(told(" \n"), "It failed.");
        assert_eq!(told("copying\ndisk is \u{1b}[31mfull\n\n"), "It failed. Its last line: disk is  [31mfull");
        assert!(told(&"ä".repeat(300)).ends_with("ää…"));
    }
}
