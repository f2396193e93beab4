//! A set of events, as rules and preferences choose them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::event::Event;

/// A set of events; a list of names in JSON and in forms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Events(u32);

impl Events {
    /// None.
    pub const NONE: Self = Self(0);

    /// Reads names.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        names.into_iter().map(|name| Event::from_name(name.trim()).ok_or_else(|| name.to_owned())).collect()
    }

    /// The same with one more.
    pub fn with(self, event: Event) -> Self {
        Self(self.0 | bit(event))
    }

    /// Whether one is in it.
    pub fn has(self, event: Event) -> bool {
        self.0 & bit(event) != 0
    }

    /// Whether an event is asked for: a job that is late is also something that is down.
    pub fn asks_for(self, event: Event) -> bool {
        self.has(event) || (event == Event::Late && self.has(Event::Down))
    }

    /// Those in it, in the order in which they are offered.
    pub fn iter(self) -> impl Iterator<Item = Event> {
        Event::ALL.into_iter().filter(move |event| self.has(*event))
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

fn bit(event: Event) -> u32 {
    Event::ALL.iter().position(|known| *known == event).and_then(|n| 1u32.checked_shl(u32::try_from(n).ok()?)).unwrap_or(0)
}

impl FromIterator<Event> for Events {
    fn from_iter<I: IntoIterator<Item = Event>>(events: I) -> Self {
        events.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Serialize for Events {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Event::name))
    }
}

impl<'de> Deserialize<'de> for Events {
    /// Names of a newer version are passed over.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        Ok(names.iter().filter_map(|name| Event::from_name(name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_a_list_of_names() {
        let events: Events = [Event::Up, Event::Down].into_iter().collect();
        let json = serde_json::to_string(&events).expect("serialises");
        assert_eq!(json, r#"["down","up"]"#);
        assert_eq!(serde_json::from_str::<Events>(&json).expect("reads"), events);
        assert!(events.asks_for(Event::Late) && !events.has(Event::Late) && !events.asks_for(Event::Degraded));
        assert_eq!(Events::from_names(["down", "upp"]), Err("upp".into()));
        let all: Events = Event::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), Event::ALL.len());
    }
}
