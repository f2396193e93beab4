//! From a draft to valid settings. Every field is judged, so that one answer names everything that is wrong. Whether monitors and
//! channels exist is the use case's business.

use std::time::Duration;

use super::{Audience, DELAY_MAX, Matching, PEOPLE, Quiet, REMINDER_MAX, REMINDER_MIN, RuleDraft, RuleSpec, Step};
use crate::account::{NAME_MAX, check_name};
use crate::alert::event::Event;
use crate::alert::events::Events;
use crate::error::{AppError, FieldErrors};
use crate::id::ChannelId;
use crate::kind::Kind;
use crate::maintenance::TimeOfDay;
use crate::monitor::{parse_ids, parse_tags};
use crate::words::parse_duration;

/// Monitors that a rule names one by one.
const CHOSEN_MAX: usize = 500;
const MINUTE: Duration = Duration::from_secs(60);

impl RuleDraft {
    /// Judges the draft.
    ///
    /// # Errors
    /// Everything that is wrong, field by field.
    pub fn validate(&self) -> Result<RuleSpec, AppError> {
        let mut errors = FieldErrors::new();
        let events = errors.take("events", events(&self.events)).unwrap_or_default();
        let name = match self.name.trim() {
            "" => Some(default_name(events)),
            name => errors.take("name", check_name(name, NAME_MAX)),
        };
        let matching = Matching {
            tags: errors.take("tags", parse_tags(&self.tags)).unwrap_or_default(),
            monitors: errors.take("monitors", parse_ids(&self.monitors, CHOSEN_MAX)).unwrap_or_default(),
            groups: errors.take("groups", parse_ids(&self.groups, CHOSEN_MAX)).unwrap_or_default(),
            name: errors.take("like", pattern(&self.like)).unwrap_or_default(),
            kinds: errors.take("kinds", kinds(&self.kinds)).unwrap_or_default(),
        };
        refuse_what_never_fits(events, &matching, &mut errors);
        let to = errors.take("to", audience(&self.to)).unwrap_or_default();
        let delay = errors.take("delay", span(&self.delay, Duration::ZERO, DELAY_MAX)).flatten().unwrap_or_default();
        let reminder = errors.take("reminder", span(&self.reminder, REMINDER_MIN, REMINDER_MAX)).flatten();
        let quiet = self.quiet(&mut errors);
        let zone = match self.zone.trim() {
            "" => Some("UTC".to_owned()),
            zone => errors.take("zone", crate::cron::zone(zone).map(|found| found.iana_name().unwrap_or(zone).to_owned())),
        };
        let steps = self.steps(delay, &mut errors);
        if to.is_empty() && !errors.has("to") {
            errors.add("to", "Choose at least one channel, or the members of the space.");
        }
        match (name, zone) {
            (Some(name), Some(zone)) if errors.is_empty() => {
                Ok(RuleSpec { name, matching, events, to, delay, reminder, quiet, zone, steps })
            }
            _ => Err(errors.into_error()),
        }
    }

    fn quiet(&self, errors: &mut FieldErrors) -> Option<Quiet> {
        let time = |text: &str| text.trim().parse::<TimeOfDay>().map_err(|_| "Write a time of day: 22:00.");
        let (from, to) = match (self.quiet_from.trim(), self.quiet_to.trim()) {
            ("", "") => return None,
            (from, to) => (errors.take("quiet_from", time(from)), errors.take("quiet_to", time(to))),
        };
        let minutes = |time: TimeOfDay| u16::from(time.hour) * 60 + u16::from(time.minute);
        let (from, to) = (minutes(from?), minutes(to?));
        if from == to {
            errors.add("quiet_to", "Choose another time than the beginning.");
            return None;
        }
        Some(Quiet { from, to })
    }

    fn steps(&self, delay: Duration, errors: &mut FieldErrors) -> Vec<Step> {
        let typed = [
            ("after1", &self.after1, "to1", &self.to1),
            ("after2", &self.after2, "to2", &self.to2),
            ("after3", &self.after3, "to3", &self.to3),
        ];
        let (mut steps, mut earliest) = (Vec::new(), delay);
        for (after_field, after, to_field, to) in typed {
            let to = errors.take(to_field, audience(to)).unwrap_or_default();
            let after = errors.take(after_field, span(after, MINUTE, DELAY_MAX)).flatten();
            match after {
                None if to.is_empty() => {}
                None if errors.has(after_field) => {}
                None => errors.add(after_field, "Say after how long: 15 min."),
                Some(_) if to.is_empty() => errors.add(to_field, "Choose who is told then."),
                Some(after) if after <= earliest => errors.add(after_field, "Choose longer than what comes before."),
                Some(after) => {
                    earliest = after;
                    steps.push(Step { after, to });
                }
            }
        }
        steps
    }
}

fn default_name(events: Events) -> String {
    let mut labels: Vec<&str> = events.iter().map(Event::label).collect();
    let more = labels.len().saturating_sub(3);
    labels.truncate(3);
    let named = labels.join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

fn events(names: &[String]) -> Result<Events, String> {
    let events = Events::from_names(names.iter().map(String::as_str)).map_err(|name| {
        let known = Event::ALL.map(Event::name).join(", ");
        format!("“{name}” is not an event. There are {known}.")
    })?;
    if events.is_empty() { Err("Choose at least one event.".into()) } else { Ok(events) }
}

/// What is about no monitor is never told by a rule that chooses monitors, which nobody would notice.
fn refuse_what_never_fits(events: Events, matching: &Matching, errors: &mut FieldErrors) {
    let chosen =
        [("kinds", !matching.kinds.is_empty()), ("groups", !matching.groups.is_empty()), ("monitors", !matching.monitors.is_empty())];
    let Some((field, _)) = chosen.into_iter().find(|(field, chosen)| *chosen && !errors.has(field)) else { return };
    let others: Vec<String> =
        events.iter().filter(|event| !event.may_be_of_monitor()).map(|event| format!("“{}”", event.label())).collect();
    if !others.is_empty() {
        let message = format!(
            "{} would never be told: that is about no monitor, and these fields choose monitors. Make another rule for it, or choose by tag or name.",
            others.join(", ")
        );
        errors.add(field, message);
    }
}

fn kinds(names: &[String]) -> Result<Vec<String>, String> {
    let known = |name: &String| Kind::from_name(name.trim()).map(|kind| kind.name().to_owned());
    names
        .iter()
        .map(|name| {
            known(name).ok_or_else(|| format!("“{name}” is not a kind of monitor. There are {}.", Kind::ALL.map(Kind::name).join(", ")))
        })
        .collect()
}

fn pattern(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > NAME_MAX { Err(format!("Use at most {NAME_MAX} characters.")) } else { Ok(text.to_owned()) }
}

fn audience(words: &[String]) -> Result<Audience, String> {
    let mut audience = Audience::default();
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        if word == PEOPLE {
            audience.people = true;
        } else {
            audience.channels.push(word.parse::<ChannelId>().map_err(|_| format!("“{word}” is not the id of a channel."))?);
        }
    }
    audience.channels.sort_unstable();
    audience.channels.dedup();
    Ok(audience)
}

fn span(text: &str, least: Duration, most: Duration) -> Result<Option<Duration>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let span = parse_duration(text, MINUTE).ok_or("Write a number and a unit: 5 min, 1 h.")?;
    if !(least..=most).contains(&span) {
        return Err(format!("Choose between {} and {}.", crate::words::duration(least), crate::words::duration(most)));
    }
    Ok(Some(Duration::from_secs(span.as_secs())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RuleId;
    use crate::{SpaceId, Timestamp};

    fn draft() -> RuleDraft {
        RuleDraft { events: vec!["down".into(), "up".into()], to: vec![PEOPLE.into()], ..RuleDraft::default() }
    }

    #[test]
    fn a_rule_is_read_and_written_back() {
        let channel = ChannelId::new(Timestamp::from_millis(1), 2);
        let full = RuleDraft {
            enabled: "on".into(),
            tags: "db".into(),
            like: "api*".into(),
            kinds: vec!["http".into()],
            delay: "5".into(),
            reminder: "30 min".into(),
            quiet_from: "22:00".into(),
            quiet_to: "07:00".into(),
            zone: "Europe/Riga".into(),
            after1: "15 min".into(),
            to1: vec![channel.to_string()],
            ..draft()
        };
        let spec = full.validate().expect("valid");
        assert_eq!((spec.name.as_str(), spec.delay.as_secs(), spec.steps.len()), ("Down, Recovered", 300, 1));
        let at = Timestamp::from_millis(1);
        let rule = Rule { id: RuleId::new(at, 1), space: SpaceId::new(at, 1), spec: spec.clone(), enabled: true, updated_at: at };
        assert_eq!(rule.draft().validate().expect("valid"), spec);
        let json = serde_json::to_string(&spec).expect("serialises");
        assert_eq!(serde_json::from_str::<RuleSpec>(&json).expect("reads"), spec);
    }

    use super::super::Rule;

    #[test]
    fn what_could_never_be_told_is_refused() {
        let with = |events: &[&str], kinds: &[&str]| {
            let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            RuleDraft { events: owned(events), kinds: owned(kinds), ..draft() }
                .validate()
                .map_err(|error| error.of("kinds").map(str::to_owned))
        };
        let refused = with(&["down", "webhook_missed"], &["http"]).expect_err("no webhook is of a kind");
        assert!(refused.as_ref().is_some_and(|message| message.starts_with("“Webhook missed” would never be told")), "{refused:?}");
        assert!(with(&["down", "incident_opened"], &["http"]).is_ok() && with(&["down", "webhook_missed"], &[]).is_ok());
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let wrong = RuleDraft {
            events: vec!["explodes".into()],
            to: Vec::new(),
            delay: "2 d".into(),
            reminder: "soon".into(),
            quiet_from: "22:00".into(),
            after1: "10 min".into(),
            to2: vec!["people".into()],
            zone: "Mars".into(),
            ..draft()
        };
        let error = wrong.validate().expect_err("invalid");
        let mut named: Vec<_> = error.fields.iter().map(|f| f.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["after2", "delay", "events", "quiet_to", "reminder", "to", "to1", "zone"]);
    }
}
