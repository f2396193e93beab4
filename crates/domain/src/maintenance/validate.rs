//! From a draft to valid settings. Every field is judged, so that one answer names everything that is wrong.

use std::time::Duration;

use super::{CHOSEN_MAX, Calendar, Covers, DURATION_MAX, DURATION_MIN, Days, LocalTime, Repeat, TimeOfDay, WindowDraft, WindowSpec};
use crate::account::{NAME_MAX, check_name};
use crate::cron::Cron;
use crate::error::{AppError, FieldErrors};
use crate::monitor::{NOTE_MAX, parse_ids, parse_tags, spell};
use crate::time::Timestamp;
use crate::words::parse_duration;

/// Occurrences that are compared to find out whether they overlap.
const COMPARED: usize = 60;

impl WindowDraft {
    /// Judges the draft. `now` is where occurrences are looked at from, to find out whether they overlap.
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn validate(&self, now: Timestamp) -> Result<WindowSpec, AppError> {
        let mut errors = FieldErrors::new();
        let repeat = self.repeat(&mut errors);
        let name = match (self.name.trim(), &repeat) {
            ("", Some(repeat)) => Some(repeat.words().chars().take(NAME_MAX).collect()),
            ("", None) => None,
            (name, _) => errors.take("name", check_name(name, NAME_MAX)),
        };
        let note = errors.take("note", check_note(&self.note));
        let covers = self.covers(&mut errors);
        let duration = errors.take("duration", parse_length(&self.duration));
        let zone = match self.zone.trim() {
            "" => Some("UTC".to_owned()),
            zone => errors.take("zone", crate::cron::zone(zone).map(|found| found.iana_name().unwrap_or(zone).to_owned())),
        };
        let enabled = matches!(self.enabled.as_str(), "on" | "true");
        let (Some(name), Some(note), Some(covers), Some(repeat), Some(duration), Some(zone)) = (name, note, covers, repeat, duration, zone)
        else {
            return Err(errors.into_error());
        };
        let spec = WindowSpec { name, note, covers, repeat, duration, zone, enabled };
        let calendar = Calendar::new(&spec).map_err(|message| AppError::field("repeat", message))?;
        if let Some(gap) = overlap(&calendar, now) {
            let message = format!("It begins again after {} already: a window has to end before the next one begins.", spell(gap));
            errors.add("duration", message);
        }
        if errors.is_empty() { Ok(spec) } else { Err(errors.into_error()) }
    }

    fn repeat(&self, errors: &mut FieldErrors) -> Option<Repeat> {
        let time = |errors: &mut FieldErrors| {
            let time = self.time.parse::<TimeOfDay>();
            errors.take("time", time.map_err(|_| "Choose a time of day: 02:00."))
        };
        match self.repeat.trim() {
            "" | "once" => {
                let start = self.start.parse::<LocalTime>();
                errors.take("start", start.map_err(|_| "Choose a date that there is, and a time: 2026-11-30 02:00.")).map(Repeat::Once)
            }
            "daily" => time(errors).map(Repeat::Daily),
            "weekly" => {
                let days = Days::from_names(self.days.iter().map(String::as_str));
                let days = errors.take("days", days.ok_or("Choose at least one day of the week."));
                let time = time(errors);
                days.zip(time).map(|(days, time)| Repeat::Weekly(days, time))
            }
            "cron" => errors.take("cron", Cron::parse(&self.cron)).map(|_| Repeat::Cron(self.cron.trim().to_owned())),
            _ => {
                errors.add("repeat", "Choose once, daily, weekly or cron.");
                None
            }
        }
    }

    fn covers(&self, errors: &mut FieldErrors) -> Option<Covers> {
        match self.covers.trim() {
            "" | "all" => Some(Covers::All),
            "tags" => {
                let tags =
                    parse_tags(&self.tags).and_then(|tags| if tags.is_empty() { Err("Name at least one tag.".into()) } else { Ok(tags) });
                errors.take("tags", tags).map(Covers::Tagged)
            }
            "chosen" => {
                let chosen = parse_ids(&self.monitors, CHOSEN_MAX);
                let chosen = chosen.and_then(|ids| if ids.is_empty() { Err("Choose at least one monitor.".into()) } else { Ok(ids) });
                errors.take("monitors", chosen).map(Covers::Chosen)
            }
            _ => {
                errors.add("covers", "Choose all, tags or chosen.");
                None
            }
        }
    }
}

fn parse_length(text: &str) -> Result<Duration, String> {
    let duration = parse_duration(text, Duration::from_secs(60)).ok_or("Write a number and a unit: 90 min, 2 h.")?;
    // To the minute, like everything about a window.
    let whole = Duration::from_secs(duration.as_secs() / 60 * 60);
    if (DURATION_MIN..=DURATION_MAX).contains(&whole) { Ok(whole) } else { Err("Choose between 1 min and 30 d.".into()) }
}

fn check_note(text: &str) -> Result<String, String> {
    let note = text.trim();
    if note.chars().count() > NOTE_MAX { Err(format!("Use at most {NOTE_MAX} characters.")) } else { Ok(note.to_owned()) }
}

/// The shortest time from one beginning to the next that is shorter than the window.
fn overlap(calendar: &Calendar, now: Timestamp) -> Option<Duration> {
    let some: Vec<_> = calendar.ending_after(now).take(COMPARED).collect();
    some.windows(2).filter_map(|w| w.first().zip(w.get(1))).filter(|(a, b)| a.to > b.from).map(|(a, b)| b.from.since(a.from)).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn draft(repeat: &str) -> WindowDraft {
        WindowDraft { repeat: repeat.into(), duration: "1 h".into(), time: "02:00".into(), enabled: "on".into(), ..WindowDraft::default() }
    }

    fn fields(draft: &WindowDraft) -> Vec<String> {
        draft.validate(NOW).expect_err("invalid").fields.into_iter().map(|f| f.field).collect()
    }

    #[test]
    fn a_draft_becomes_a_window_and_back() {
        let typed = WindowDraft { zone: "europe/berlin".into(), covers: "tags".into(), tags: "Db, api".into(), ..draft("daily") };
        let spec = typed.validate(NOW).expect("valid");
        assert_eq!((spec.name.as_str(), spec.zone.as_str()), ("Every day at 02:00", "Europe/Berlin"));
        let id = crate::id::MonitorId::new(NOW, 7);
        for mut typed in [
            WindowDraft { start: "2026-11-30T02:00".into(), ..draft("once") },
            WindowDraft { days: vec!["thu".into(), "mon".into()], ..draft("weekly") },
            WindowDraft { cron: "0 2 * * 6".into(), covers: "chosen".into(), monitors: format!("{id}, {id}"), ..draft("cron") },
        ] {
            typed.name = "Work".into();
            let spec = typed.validate(NOW).expect("valid");
            let window = super::super::Window {
                id: crate::id::WindowId::new(NOW, 1),
                space: crate::id::SpaceId::new(NOW, 1),
                spec: spec.clone(),
                started_at: None,
                ended_at: None,
                updated_at: NOW,
            };
            assert_eq!(window.draft().validate(NOW), Ok(spec));
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let wrong = WindowDraft {
            covers: "tags".into(),
            time: "2 o'clock".into(),
            duration: "long".into(),
            zone: "Mars/Olympus".into(),
            note: "x".repeat(NOTE_MAX + 1),
            ..draft("weekly")
        };
        assert_eq!(fields(&wrong), ["days", "time", "note", "tags", "duration", "zone"]);
        assert_eq!(fields(&draft("hourly")), ["repeat"]);
        assert_eq!(fields(&draft("once")), ["start"]);
        assert_eq!(fields(&draft("cron")), ["cron"]);
        assert_eq!(fields(&WindowDraft { covers: "chosen".into(), ..draft("daily") }), ["monitors"]);
    }

    #[test]
    fn windows_do_not_overlap_themselves() {
        assert!(WindowDraft { duration: "23 h".into(), ..draft("daily") }.validate(NOW).is_ok());
        assert_eq!(fields(&WindowDraft { duration: "25 h".into(), ..draft("daily") }), ["duration"]);
        let often = WindowDraft { cron: "*/10 * * * *".into(), duration: "11 min".into(), ..draft("cron") };
        assert_eq!(fields(&often), ["duration"]);
        assert!(often.validate(NOW).expect_err("overlaps").message.contains("10 min"));
    }
}
