//! Every monitor of this node in memory: its settings ready to run, and where it stands. The scheduler takes its work
//! from here, the recorder writes where monitors stand, and a page of the dashboard is read without a query.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use domain::kind::Target;
use domain::live::MonitorLive;
use domain::monitor::{Monitor, PING_TOKEN};
use domain::schedule::Slots;
use domain::{MonitorId, SpaceId, Timestamp};
use tokio::sync::Semaphore;
use url::Host;

use crate::probe::{HttpDefaults, InvalidSettings, Probe};
use crate::record::{OpenChecks, Standing};

/// The settings of a monitor, ready to run; replaced as a whole when they change.
pub(crate) struct Plan {
    /// As it was saved.
    pub monitor: Monitor,
    /// How it is checked; or why it cannot be.
    pub probe: Result<Probe, InvalidSettings>,
    /// When it is due.
    pub slots: Slots,
    /// Shared by every monitor of the same host and port.
    pub host: Arc<Semaphore>,
    /// The host that is checked.
    name: Option<Host<String>>,
}

impl Plan {
    /// The host that is checked, when there is one.
    pub fn host_name(&self) -> Option<&Host<String>> {
        self.name.as_ref()
    }

    /// When the first check after one is missed that does not come.
    pub fn missed_after(&self, last: Timestamp) -> Timestamp {
        match &self.probe {
            Ok(Probe::Heartbeat(heartbeat)) => heartbeat.due_after(last),
            _ => self.slots.after(last),
        }
    }

    /// The members of a group, in order of ids.
    pub fn members(&self) -> &[MonitorId] {
        match &self.monitor.spec.target {
            Target::Group(group) => &group.members,
            _ => &[],
        }
    }

    /// The token of a heartbeat.
    fn token(&self) -> Option<&String> {
        self.monitor.spec.settings.0.get(PING_TOKEN)
    }
}

/// Whether a check is under way, and whether one more is wanted after it.
#[derive(Default)]
pub(crate) struct Flight(AtomicU8);

impl Flight {
    const NONE: u8 = 0;
    const ON: u8 = 1;
    /// One that is under way began before it was asked for another: what it sees may be older than what is asked about.
    const ON_AND_AGAIN: u8 = 2;

    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) != Self::NONE
    }

    /// A check begins, unless one is under way.
    pub fn begin(&self) -> bool {
        self.0.compare_exchange(Self::NONE, Self::ON, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// A check begins, now or when the one that is under way has ended; answers whether now.
    pub fn begin_or_follow(&self) -> bool {
        let next = |state| Some(if state == Self::NONE { Self::ON } else { Self::ON_AND_AGAIN });
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) == Ok(Self::NONE)
    }

    /// A check has ended; answers whether the next one begins with that.
    pub fn end(&self) -> bool {
        let next = |state| Some(if state == Self::ON_AND_AGAIN { Self::ON } else { Self::NONE });
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) == Ok(Self::ON_AND_AGAIN)
    }
}

/// A monitor of this node.
pub(crate) struct Entry {
    pub id: MonitorId,
    pub space: SpaceId,
    plan: RwLock<Arc<Plan>>,
    standing: Mutex<Standing>,
    open: Mutex<OpenChecks>,
    /// Whether a check is under way: one at a time.
    pub flight: Flight,
    /// Whether that check belongs to no slot: a look at a failure, or what a person asked for.
    pub unscheduled: AtomicBool,
    /// It was deleted: nothing more of it is recorded.
    pub gone: AtomicBool,
    next_at: AtomicI64,
    /// When the run of a heartbeat began that has not ended yet.
    began_at: AtomicI64,
}

const NEVER: i64 = i64::MIN;

fn instant(millis: i64) -> Option<Timestamp> {
    (millis != NEVER).then(|| Timestamp::from_millis(millis))
}

impl Entry {
    pub fn new(plan: Plan, standing: Standing) -> Self {
        Self {
            id: plan.monitor.id,
            space: plan.monitor.space,
            plan: RwLock::new(Arc::new(plan)),
            standing: Mutex::new(standing),
            open: Mutex::default(),
            flight: Flight::default(),
            unscheduled: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            next_at: AtomicI64::new(NEVER),
            began_at: AtomicI64::new(NEVER),
        }
    }

    pub fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// By the board, which knows who depends on whom.
    fn set_plan(&self, plan: Plan) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }

    pub fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its checks that are not sealed yet.
    pub fn open(&self) -> MutexGuard<'_, OpenChecks> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next slot, as the scheduler has it.
    pub fn next_at(&self) -> Option<Timestamp> {
        instant(self.next_at.load(Ordering::Relaxed))
    }

    /// When the run of a heartbeat began that has not ended yet.
    pub fn began_at(&self) -> Option<Timestamp> {
        instant(self.began_at.load(Ordering::Relaxed))
    }

    /// A run begins, or ends; gives when the one before began.
    pub fn set_began_at(&self, began: Option<Timestamp>) -> Option<Timestamp> {
        instant(self.began_at.swap(began.map_or(NEVER, Timestamp::as_millis), Ordering::Relaxed))
    }

    pub fn set_next_at(&self, next: Option<Timestamp>) {
        self.next_at.store(next.map_or(NEVER, Timestamp::as_millis), Ordering::Relaxed);
    }

    /// What a browser is told.
    pub fn live(&self, now: Timestamp) -> MonitorLive {
        let checking = self.flight.is_on();
        MonitorLive { running_since: self.began_at(), ..self.standing().live(self.id, now, self.next_at(), checking) }
    }
}

/// Every monitor of this node.
pub(crate) struct Board {
    index: RwLock<Index>,
    hosts: Mutex<HashMap<String, Weak<Semaphore>>>,
    per_host: usize,
    defaults: HttpDefaults,
}

#[derive(Default)]
struct Index {
    all: HashMap<MonitorId, Arc<Entry>>,
    /// In order of ids, that is of creation.
    spaces: HashMap<SpaceId, BTreeMap<MonitorId, Arc<Entry>>>,
    /// Heartbeats by their tokens.
    tokens: HashMap<String, Arc<Entry>>,
    /// Groups, of all spaces: there are few.
    groups: HashMap<MonitorId, Arc<Entry>>,
    /// Who depends on a monitor.
    children: HashMap<MonitorId, BTreeSet<MonitorId>>,
}

impl Index {
    fn note_parents(&mut self, entry: &Entry) {
        for parent in &entry.plan().monitor.spec.depends_on {
            self.children.entry(*parent).or_default().insert(entry.id);
        }
    }

    fn forget_parents(&mut self, entry: &Entry) {
        for parent in &entry.plan().monitor.spec.depends_on {
            if let Some(children) = self.children.get_mut(parent) {
                children.remove(&entry.id);
                if children.is_empty() {
                    self.children.remove(parent);
                }
            }
        }
    }
}

impl Board {
    pub fn new(per_host: usize, defaults: HttpDefaults) -> Self {
        Self { index: RwLock::default(), hosts: Mutex::default(), per_host, defaults }
    }

    /// Makes settings ready to run.
    pub fn plan(&self, monitor: Monitor) -> Plan {
        let probe = Probe::prepare(&monitor.spec.target, &self.defaults);
        let key = probe.as_ref().map_or("", Probe::host_key);
        let name = key.rsplit_once(':').and_then(|(host, _)| Host::parse(host).ok());
        let host = self.host(key);
        let slots = Slots::of(monitor.id, monitor.spec.interval);
        Plan { monitor, probe, slots, host, name }
    }

    fn host(&self, key: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host) = hosts.get(key).and_then(Weak::upgrade) {
            return host;
        }
        if hosts.len() > 10_000 {
            hosts.retain(|_, host| host.strong_count() > 0);
        }
        let host = Arc::new(Semaphore::new(self.per_host));
        hosts.insert(key.to_owned(), Arc::downgrade(&host));
        host
    }

    pub fn insert(&self, entry: Arc<Entry>) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let plan = entry.plan();
        if let Some(token) = plan.token() {
            index.tokens.insert(token.clone(), Arc::clone(&entry));
        }
        if matches!(plan.probe, Ok(Probe::Group(_))) {
            index.groups.insert(entry.id, Arc::clone(&entry));
        }
        index.note_parents(&entry);
        index.spaces.entry(entry.space).or_default().insert(entry.id, Arc::clone(&entry));
        index.all.insert(entry.id, entry);
    }

    pub fn remove(&self, id: MonitorId) -> Option<Arc<Entry>> {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let entry = index.all.remove(&id)?;
        index.forget_parents(&entry);
        index.groups.remove(&id);
        if let Some(token) = entry.plan().token() {
            index.tokens.remove(token);
        }
        if let Some(space) = index.spaces.get_mut(&entry.space) {
            space.remove(&id);
            if space.is_empty() {
                index.spaces.remove(&entry.space);
            }
        }
        drop(index);
        entry.gone.store(true, Ordering::Release);
        Some(entry)
    }

    /// A monitor of a space; one of another space does not exist.
    pub fn get(&self, space: SpaceId, id: MonitorId) -> Option<Arc<Entry>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.all.get(&id).filter(|entry| entry.space == space).cloned()
    }

    /// A monitor of any space, for what is read back of the journal.
    pub fn find(&self, id: MonitorId) -> Option<Arc<Entry>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner).all.get(&id).cloned()
    }

    /// The heartbeat of a token.
    pub fn by_token(&self, token: &str) -> Option<Arc<Entry>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner).tokens.get(token).cloned()
    }

    /// The groups that a monitor is a member of.
    pub fn groups_of(&self, space: SpaceId, member: MonitorId) -> Vec<Arc<Entry>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let has = |group: &&Arc<Entry>| group.space == space && group.plan().members().binary_search(&member).is_ok();
        index.groups.values().filter(has).cloned().collect()
    }

    /// All monitors of a space, in order of creation.
    pub fn of(&self, space: SpaceId) -> Vec<Arc<Entry>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.spaces.get(&space).map(|entries| entries.values().cloned().collect()).unwrap_or_default()
    }

    /// All monitors of this node.
    pub fn all(&self) -> Vec<Arc<Entry>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.all.values().cloned().collect()
    }

    /// Replaces the settings of a monitor.
    pub fn set_plan(&self, entry: &Entry, plan: Plan) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.forget_parents(entry);
        entry.set_plan(plan);
        index.note_parents(entry);
    }

    /// What a monitor depends on.
    pub fn parents(&self, entry: &Entry) -> Vec<Arc<Entry>> {
        let plan = entry.plan();
        if plan.monitor.spec.depends_on.is_empty() {
            return Vec::new();
        }
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let here = |parent: &&Arc<Entry>| parent.space == entry.space;
        plan.monitor.spec.depends_on.iter().filter_map(|id| index.all.get(id)).filter(here).cloned().collect()
    }

    /// What depends on a monitor.
    pub fn children(&self, entry: &Entry) -> Vec<Arc<Entry>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let ids = index.children.get(&entry.id).into_iter().flatten();
        ids.filter_map(|id| index.all.get(id)).filter(|child| child.space == entry.space).cloned().collect()
    }

    pub fn len(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).all.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_often_another_check_is_asked_for_one_follows() {
        let flight = Flight::default();
        assert!(flight.begin() && !flight.begin() && flight.is_on());
        assert!(!flight.begin_or_follow() && !flight.begin_or_follow());
        assert!(flight.end() && flight.is_on(), "the one that was asked for");
        assert!(!flight.end() && !flight.is_on());
        assert!(flight.begin_or_follow() && !flight.end());
    }
}
