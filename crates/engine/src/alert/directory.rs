//! Who is told of what, in memory: rules, channels and people of every space, so that a notice costs no query.
//!
//! Invariant: what is in here is in the database; use cases write there first.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use domain::alert::{Channel, ChannelHealth, Destination, Events, Rule, Way};
use domain::{ChannelId, RuleId, SpaceId};
use store::{Reachable, Store, StoreError};

/// How people can be reached at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reach {
    /// There is a mail server.
    pub mail: bool,
    /// Anybody may sign up with any address: only proven ones are written to.
    pub proven_only: bool,
}

/// What is known of one space.
#[derive(Debug, Clone)]
pub(crate) struct SpaceDirectory {
    /// What people call it.
    pub name: String,
    /// In order of creation.
    pub rules: Vec<Rule>,
    pub channels: HashMap<ChannelId, Arc<Channel>>,
    pub people: Vec<Reachable>,
    reach: Reach,
}

impl SpaceDirectory {
    /// Whether a channel is there and switched on.
    pub fn takes(&self, id: &ChannelId) -> bool {
        self.channels.get(id).is_some_and(|channel| channel.enabled)
    }

    /// Whether whoever is there keeps incidents by themselves.
    pub fn is_by_incident(&self, to: &Destination) -> bool {
        match to {
            Destination::Channel(id) => self.channels.get(id).is_some_and(|channel| channel.spec.kind.is_by_incident()),
            _ => false,
        }
    }

    /// Whether a person can be told in a way.
    pub fn reaches(&self, person: &Reachable, way: Way) -> bool {
        !person.disabled
            && match way {
                Way::Email => self.reach.mail && (person.verified || !self.reach.proven_only),
                Way::Push => person.devices,
                Way::App => true,
            }
    }

    /// Members who want mails and get none before their address is confirmed.
    pub fn unproven(&self) -> Vec<&str> {
        let waits = |person: &&Reachable| !person.disabled && !person.verified && person.preferences.email != Events::NONE;
        match self.reach.mail && self.reach.proven_only {
            true => self.people.iter().filter(waits).map(|person| person.name.as_str()).collect(),
            false => Vec::new(),
        }
    }

    /// What people call a destination; empty when it is gone.
    pub fn name_of(&self, to: &Destination) -> String {
        match to {
            Destination::Channel(id) => self.channels.get(id).map(|channel| channel.spec.name.clone()).unwrap_or_default(),
            Destination::Person(account, way) => {
                let name = self.people.iter().find(|person| person.account == *account).map(|person| person.name.as_str());
                name.map(|name| format!("{name} ({})", way.label().to_lowercase())).unwrap_or_default()
            }
            Destination::Address(address) => address.clone(),
        }
    }
}

/// What is known of all spaces.
pub(crate) struct Directory {
    spaces: RwLock<HashMap<SpaceId, Arc<SpaceDirectory>>>,
    reach: Reach,
}

impl Directory {
    /// Reads everything.
    pub async fn load(store: &Store, reach: Reach) -> Result<Self, StoreError> {
        let directory = Self { spaces: RwLock::default(), reach };
        for (space, name) in store.spaces().names().await? {
            directory.change(space, |known| known.name = name);
        }
        for mut rule in store.all_rules().await? {
            rule.spec.to.channels.sort_unstable();
            directory.put_rule(rule);
        }
        for channel in store.all_channels().await? {
            directory.put_channel(channel);
        }
        directory.read_people(store).await?;
        Ok(directory)
    }

    /// What is known of a space.
    pub fn of(&self, space: SpaceId) -> Arc<SpaceDirectory> {
        let spaces = self.spaces.read().unwrap_or_else(PoisonError::into_inner);
        spaces.get(&space).cloned().unwrap_or_else(|| Arc::new(self.nothing()))
    }

    fn nothing(&self) -> SpaceDirectory {
        SpaceDirectory { name: String::new(), rules: Vec::new(), channels: HashMap::new(), people: Vec::new(), reach: self.reach }
    }

    /// Whether there is a mail server.
    pub fn has_mail(&self) -> bool {
        self.reach.mail
    }

    fn change(&self, space: SpaceId, change: impl FnOnce(&mut SpaceDirectory)) {
        let mut spaces = self.spaces.write().unwrap_or_else(PoisonError::into_inner);
        let known = spaces.entry(space).or_insert_with(|| Arc::new(self.nothing()));
        change(Arc::make_mut(known));
    }

    /// A space has another name, or is new.
    pub fn name_space(&self, space: SpaceId, name: &str) {
        self.change(space, |known| name.clone_into(&mut known.name));
    }

    /// A space is gone.
    pub fn remove_space(&self, space: SpaceId) {
        self.spaces.write().unwrap_or_else(PoisonError::into_inner).remove(&space);
    }

    /// Adds or replaces a rule.
    pub fn put_rule(&self, rule: Rule) {
        self.change(rule.space, |known| {
            known.rules.retain(|other| other.id != rule.id);
            let place = known.rules.partition_point(|other| other.id < rule.id);
            known.rules.insert(place, rule);
        });
    }

    /// Forgets a rule.
    pub fn remove_rule(&self, space: SpaceId, id: RuleId) {
        self.change(space, |known| known.rules.retain(|rule| rule.id != id));
    }

    /// Adds or replaces a channel.
    pub fn put_channel(&self, channel: Channel) {
        self.change(channel.space, |known| drop(known.channels.insert(channel.id, Arc::new(channel))));
    }

    /// A channel fares differently.
    pub fn set_health(&self, space: SpaceId, id: ChannelId, health: ChannelHealth) {
        self.change(space, |known| {
            if let Some(channel) = known.channels.get_mut(&id) {
                let channel = Arc::make_mut(channel);
                channel.enabled &= health.switched_off.is_none();
                channel.health = health;
            }
        });
    }

    /// Forgets a channel.
    pub fn remove_channel(&self, space: SpaceId, id: ChannelId) {
        self.change(space, |known| drop(known.channels.remove(&id)));
    }

    /// The rules of every space.
    pub fn rules(&self) -> Vec<(SpaceId, Vec<Rule>)> {
        let spaces = self.spaces.read().unwrap_or_else(PoisonError::into_inner);
        spaces.iter().map(|(space, known)| (*space, known.rules.clone())).collect()
    }

    /// A channel of any space.
    pub fn channel(&self, id: ChannelId) -> Option<Arc<Channel>> {
        let spaces = self.spaces.read().unwrap_or_else(PoisonError::into_inner);
        spaces.values().find_map(|space| space.channels.get(&id).cloned())
    }

    /// Reads again who belongs to which space, and what they want to be told.
    pub async fn read_people(&self, store: &Store) -> Result<(), StoreError> {
        let mut by_space: HashMap<SpaceId, Vec<Reachable>> = HashMap::new();
        for person in store.reachable(None).await? {
            by_space.entry(person.space).or_default().push(person);
        }
        let mut spaces = self.spaces.write().unwrap_or_else(PoisonError::into_inner);
        for space in by_space.keys() {
            spaces.entry(*space).or_insert_with(|| Arc::new(self.nothing()));
        }
        for (space, known) in spaces.iter_mut() {
            Arc::make_mut(known).people = by_space.remove(space).unwrap_or_default();
        }
        Ok(())
    }
}
