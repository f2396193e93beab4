//! When quiet hours end.

use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::{Quiet, RuleSpec};
use crate::time::Timestamp;

impl RuleSpec {
    /// When what is due at an instant is sent: at once, or at the end of the quiet hours around it.
    pub fn waits_until(&self, due: Timestamp) -> Timestamp {
        let Some(quiet) = self.quiet else { return due };
        // A zone that this build does not know keeps nobody from being told.
        let Ok(zone) = crate::cron::zone(&self.zone) else { return due };
        end_of(quiet, &zone, due).unwrap_or(due)
    }
}

/// The end of the quiet hours around an instant, by the wall of a zone; none when it is outside of them.
fn end_of(quiet: Quiet, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let local = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?.to_zoned(zone.clone());
    let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).ok()?;
    let (within, tomorrow) = if quiet.from <= quiet.to {
        ((quiet.from..quiet.to).contains(&minute), false)
    } else {
        (minute >= quiet.from || minute < quiet.to, minute >= quiet.from)
    };
    if !within {
        return None;
    }
    let day = if tomorrow { local.date().checked_add(1.day()).ok()? } else { local.date() };
    let time = jiff::civil::time(i8::try_from(quiet.to / 60).ok()?, i8::try_from(quiet.to % 60).ok()?, 0, 0);
    // A wall time that a clock change skips or repeats: the later one, so that nobody is woken early.
    let end = zone.to_ambiguous_zoned(day.to_datetime(time)).later().ok()?;
    Some(Timestamp::from_millis(end.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(from: u16, to: u16, zone: &str, at: &str) -> Option<String> {
        let zone = crate::cron::zone(zone).expect("a zone");
        let at = Timestamp::parse_rfc3339(at).expect("an instant");
        end_of(Quiet { from: from * 60, to: to * 60 }, &zone, at).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn quiet_hours_end_by_the_wall_of_their_zone() {
        assert_eq!(ends(22, 7, "UTC", "2026-11-25T21:59:59Z"), None);
        assert_eq!(ends(22, 7, "UTC", "2026-11-25T22:00:00Z").as_deref(), Some("2026-11-26T07:00:00.000Z"));
        assert_eq!(ends(22, 7, "Europe/Riga", "2026-11-25T20:30:00Z").as_deref(), Some("2026-11-26T05:00:00.000Z"));
        assert_eq!(ends(22, 7, "UTC", "2026-11-25T06:59:00Z").as_deref(), Some("2026-11-25T07:00:00.000Z"));
        assert_eq!(ends(12, 13, "UTC", "2026-11-25T12:30:00Z").as_deref(), Some("2026-11-25T13:00:00.000Z"));
        // 2026-03-29 in Berlin has no 02:00: the gap's end.
        assert_eq!(ends(22, 2, "Europe/Berlin", "2026-03-28T23:00:00Z").as_deref(), Some("2026-03-29T01:00:00.000Z"));
        assert_eq!(ends(7, 7, "UTC", "2026-11-25T07:00:00Z"), None);
    }
}
