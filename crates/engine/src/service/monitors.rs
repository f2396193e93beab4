//! Monitors: listed from memory, changed in the database first and in memory after.

use std::sync::Arc;

use domain::account::Role;
use domain::activity::Area;
use domain::check::Trace;
use domain::kind::{Kind, Values};
use domain::live::{MonitorLive, Totals};
use domain::monitor::{Monitor, MonitorDraft, MonitorSpec, PING_TOKEN, TAGS_MAX, parse_tags};
use domain::time::DAY_MS;
use domain::view::{ListQuery, MonitorDetail, MonitorPage, MonitorRow, UptimeView};
use domain::{AppError, Code, MonitorId, Timestamp, words};
use tokio::sync::oneshot;

use super::selection::{row, select, tags};
use super::{History, Maintenance, unavailable};
use crate::actor::Actor;
use crate::board::Entry;
use crate::engine::Inner;
use crate::probe::{InvalidSettings, Probe};
use crate::record::{Command, Standing};
use crate::schedule::Wake;
use crate::secret;
use crate::service::activity::Deed;

mod references;

/// Monitors of one space, at most.
const MOST: usize = 50_000;
/// Monitors that are changed in one transaction.
const PIECE: usize = 200;
/// Checks on the page of a monitor.
const RECENT: u32 = 50;
/// Changes of state on the page of a monitor.
const CHANGES: u32 = 8;
/// Later than everything.
const END: Timestamp = Timestamp::from_millis(i64::MAX);

/// Monitors.
pub struct Monitors<'a>(pub(crate) &'a Inner);

impl Monitors<'_> {
    fn entry(&self, actor: &Actor, id: MonitorId) -> Result<Arc<Entry>, AppError> {
        self.0.board.get(actor.space, id).ok_or_else(|| AppError::not_found("monitor"))
    }

    /// A page of the list.
    pub fn page(&self, actor: &Actor, query: &ListQuery) -> Result<MonitorPage, AppError> {
        let now = self.0.clock.now();
        let entries = self.0.board.of(actor.space);
        let totals = Totals::clone(&self.0.hub.totals(&self.0.board, actor.space, now));
        let tags = tags(&entries);
        let (rows, matching) = select(entries, query, now);
        Ok(MonitorPage { rows, matching, totals, tags, now })
    }

    /// One row of the list.
    pub fn row(&self, actor: &Actor, id: MonitorId) -> Result<MonitorRow, AppError> {
        Ok(row(&*self.entry(actor, id)?, self.0.clock.now()))
    }

    /// Where one stands.
    pub fn live(&self, actor: &Actor, id: MonitorId) -> Result<MonitorLive, AppError> {
        Ok(self.entry(actor, id)?.live(self.0.clock.now()))
    }

    /// The figures of the space.
    pub fn totals(&self, actor: &Actor) -> Result<Totals, AppError> {
        Ok(Totals::clone(&self.0.hub.totals(&self.0.board, actor.space, self.0.clock.now())))
    }

    /// The settings of one.
    pub async fn get(&self, actor: &Actor, id: MonitorId) -> Result<Monitor, AppError> {
        Ok(self.entry(actor, id)?.plan().monitor.clone())
    }

    /// The next ones by id, that is by creation, after `after`.
    pub async fn list_after(&self, actor: &Actor, after: Option<MonitorId>, limit: usize) -> Result<Vec<(Monitor, MonitorLive)>, AppError> {
        let now = self.0.clock.now();
        let entries = self.0.board.of(actor.space).into_iter().filter(|e| after.is_none_or(|after| e.id > after));
        Ok(entries.take(limit).map(|e| (e.plan().monitor.clone(), e.live(now))).collect())
    }

    /// Everything on the page of one.
    pub async fn detail(&self, actor: &Actor, id: MonitorId) -> Result<MonitorDetail, AppError> {
        let entry = self.entry(actor, id)?;
        let (now, plan) = (self.0.clock.now(), entry.plan());
        let (history, created_at) = (History(self.0), id.created_at());
        let offline = entry.standing().machine.is_offline();
        let month = Timestamp::from_millis(now.as_millis() - 30 * DAY_MS);
        let spans = history.spans(&entry, month, now).await?;
        let uptime = [1, 7, 30].map(|days| {
            let from = Timestamp::from_millis(now.as_millis() - days * DAY_MS);
            UptimeView { from, to: now, tally: super::history::tally_within(&spans, from) }
        });
        let may_edit = actor.must_be(Role::Editor).is_ok();
        let token = plan.monitor.spec.settings.0.get(PING_TOKEN).filter(|_| may_edit);
        let row = row(&entry, now);
        Ok(MonitorDetail {
            target: plan.monitor.target_line(),
            facts: plan.monitor.facts(),
            ping_path: token.map(|token| format!("/ping/{token}")),
            expires_at: row.live.last.as_ref().and_then(|last| last.expires_at),
            row,
            note: plan.monitor.spec.note.clone(),
            draft: self.with_names(actor, plan.monitor.draft()),
            created_at,
            uptime,
            spans,
            changes: history.changes(actor, id, created_at, END, CHANGES).await?,
            windows: Maintenance(self.0).of_monitor(actor, id)?,
            parents: Self::related(&self.0.board.parents(&entry)),
            children: Self::related(&self.0.board.children(&entry)),
            members: Self::related(&plan.members().iter().filter_map(|id| self.0.board.get(actor.space, *id)).collect::<Vec<_>>()),
            offline,
            checks: history.checks(actor, id, None, RECENT).await?,
            now,
        })
    }

    /// Says whether a draft could be saved, as a new monitor or over the one that is edited, and saves nothing.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn judge(&self, actor: &Actor, draft: &MonitorDraft, editing: Option<MonitorId>) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let before = editing.map(|id| self.entry(actor, id)).transpose()?.map(|entry| entry.plan());
        self.judged(actor, draft, before.as_ref().map(|plan| &plan.monitor)).map(drop)
    }

    /// Makes one and checks it at once.
    pub async fn create(&self, actor: &Actor, draft: &MonitorDraft) -> Result<Monitor, AppError> {
        actor.must_be(Role::Editor)?;
        let mut spec = self.judged(actor, draft, None)?;
        give_token(&mut spec);
        let now = self.0.clock.now();
        let monitor = Monitor { id: MonitorId::new(now, secret::bits()), space: actor.space, spec, enabled: true, updated_at: now };
        let monitor = self.add(monitor).await?;
        self.log(actor, "created", std::slice::from_ref(&monitor)).await;
        Ok(monitor)
    }

    /// Several at once are one entry.
    async fn log(&self, actor: &Actor, did: &str, monitors: &[Monitor]) {
        let (what, link) = match monitors {
            [one] => (format!("monitor “{}”", one.spec.name), format!("/monitors/{}", one.id)),
            several => (words::count(several.len(), "monitor", "monitors"), String::new()),
        };
        let link = if did == "deleted" { String::new() } else { link };
        self.0.log(actor, Deed::new(Area::Monitor, did, &what).at(link)).await;
    }

    async fn add(&self, monitor: Monitor) -> Result<Monitor, AppError> {
        if self.0.board.of(monitor.space).len() >= MOST {
            return Err(AppError::new(Code::Conflict, format!("A space has at most {MOST} monitors.")));
        }
        let plan = self.0.board.plan(monitor.clone());
        if let Err(error) = &plan.probe {
            return Err(unprepared(monitor.spec.kind, error));
        }
        self.0.store.space(monitor.space).monitors().create(std::slice::from_ref(&monitor)).await.map_err(unavailable)?;
        let mut standing = Standing::fresh(monitor.id.created_at());
        if !monitor.enabled {
            let paused = domain::machine::Input::Paused { at: monitor.id.created_at() };
            standing.step(paused, monitor.id.created_at(), monitor.spec.confirmation);
        }
        let entry = Arc::new(Entry::new(plan, standing));
        self.0.board.insert(Arc::clone(&entry));
        if monitor.enabled {
            self.begin(&entry);
        }
        self.0.hub.lists_changed(monitor.space);
        Ok(monitor)
    }

    /// Puts one on its grid and checks it at once; what is not checked is only listened to.
    fn begin(&self, entry: &Arc<Entry>) {
        self.wake(Wake::Put(Arc::clone(entry)));
        if entry.plan().monitor.spec.kind != Kind::Heartbeat {
            self.wake(Wake::Now(Arc::clone(entry)));
        }
    }

    fn wake(&self, wake: Wake) {
        // The scheduler is gone only when everything stops.
        let _stopping = self.0.wake.send(wake);
    }

    /// Changes the settings of one, and checks it at once.
    pub async fn update(&self, actor: &Actor, id: MonitorId, draft: &MonitorDraft) -> Result<Monitor, AppError> {
        actor.must_be(Role::Editor)?;
        let entry = self.entry(actor, id)?;
        let before = entry.plan();
        let spec = self.judged(actor, draft, Some(&before.monitor))?;
        let monitor = Monitor { spec, updated_at: self.0.clock.now(), ..before.monitor.clone() };
        let plan = self.0.board.plan(monitor.clone());
        if let Err(error) = &plan.probe {
            return Err(unprepared(monitor.spec.kind, error));
        }
        self.0.store.space(actor.space).monitors().update(std::slice::from_ref(&monitor)).await.map_err(unavailable)?;
        let same_check = before.monitor.spec.settings == monitor.spec.settings && before.monitor.spec.interval == monitor.spec.interval;
        self.0.board.set_plan(&entry, plan);
        if monitor.enabled && !same_check {
            self.begin(&entry);
        }
        self.0.hub.lists_changed(actor.space);
        self.log(actor, "changed", std::slice::from_ref(&monitor)).await;
        Ok(monitor)
    }

    /// Makes a paused copy of one, with its secrets.
    pub async fn duplicate(&self, actor: &Actor, id: MonitorId) -> Result<Monitor, AppError> {
        actor.must_be(Role::Editor)?;
        let source = self.entry(actor, id)?.plan().monitor.clone();
        let now = self.0.clock.now();
        let mut copy = Monitor { id: MonitorId::new(now, secret::bits()), enabled: false, updated_at: now, ..source };
        give_token(&mut copy.spec);
        copy.spec.name = format!("{} (copy)", copy.spec.name.chars().take(domain::account::NAME_MAX - 7).collect::<String>());
        let copy = self.add(copy).await?;
        self.log(actor, "created", std::slice::from_ref(&copy)).await;
        Ok(copy)
    }

    /// Those of the ids that are monitors of the space.
    fn entries(&self, actor: &Actor, ids: &[MonitorId]) -> Vec<Arc<Entry>> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.0.board.get(actor.space, id)).collect()
    }

    /// Replaces the settings of several, without touching their schedules: by pieces, as a transaction has an end. What was written before the
    /// database refused a piece is in use.
    async fn rewrite(&self, actor: &Actor, entries: &[Arc<Entry>], change: impl Fn(&mut Monitor)) -> Result<(), AppError> {
        let now = self.0.clock.now();
        let changed: Vec<Monitor> = entries
            .iter()
            .map(|entry| {
                let mut monitor = entry.plan().monitor.clone();
                change(&mut monitor);
                monitor.updated_at = now;
                monitor
            })
            .collect();
        for (entries, changed) in entries.chunks(PIECE).zip(changed.chunks(PIECE)) {
            self.0.store.space(actor.space).monitors().update(changed).await.map_err(unavailable)?;
            for (entry, monitor) in entries.iter().zip(changed) {
                self.0.board.set_plan(entry, self.0.board.plan(monitor.clone()));
            }
        }
        Ok(())
    }

    /// Pauses or resumes; answers how many changed.
    pub async fn set_enabled(&self, actor: &Actor, ids: &[MonitorId], enabled: bool) -> Result<u32, AppError> {
        actor.must_be(Role::Editor)?;
        let entries: Vec<_> = self.entries(actor, ids).into_iter().filter(|e| e.plan().monitor.enabled != enabled).collect();
        if entries.is_empty() {
            return self.none_of(actor, ids);
        }
        self.rewrite(actor, &entries, |m| m.enabled = enabled).await?;
        if !enabled {
            entries.iter().for_each(|e| self.wake(Wake::Take(e.id)));
        }
        let (done, committed) = oneshot::channel();
        let command = Command::Enabled { entries: entries.clone(), enabled, at: self.0.clock.now(), done };
        if !self.0.recorder.send(command).await || committed.await.is_err() {
            return Err(AppError::new(Code::Unavailable, "Loopr is stopping. The change takes effect at its next start."));
        }
        if enabled {
            entries.iter().for_each(|entry| self.begin(entry));
        }
        self.0.hub.lists_changed(actor.space);
        self.log(actor, if enabled { "resumed" } else { "paused" }, &settings(&entries)).await;
        Ok(count(entries.len()))
    }

    /// Nothing to do is fine, unless what was named does not exist.
    fn none_of(&self, actor: &Actor, ids: &[MonitorId]) -> Result<u32, AppError> {
        if self.entries(actor, ids).is_empty() { Err(AppError::not_found("monitor")) } else { Ok(0) }
    }

    /// Checks at once, off the schedule; answers how many were asked for. Paused ones are left alone.
    pub async fn check_now(&self, actor: &Actor, ids: &[MonitorId]) -> Result<u32, AppError> {
        actor.must_be(Role::Editor)?;
        self.0.limits.try_expensive(actor.space.bits())?;
        let checked = |monitor: &Monitor| monitor.enabled && monitor.spec.kind != Kind::Heartbeat;
        let entries: Vec<_> = self.entries(actor, ids).into_iter().filter(|e| checked(&e.plan().monitor)).collect();
        if entries.is_empty() {
            self.none_of(actor, ids)?;
            let message =
                "Paused monitors are not checked: resume them first. Heartbeats are not checked either: their jobs report to them.";
            return Err(AppError::new(Code::Conflict, message));
        }
        for entry in &entries {
            self.wake(Wake::Now(Arc::clone(entry)));
        }
        Ok(count(entries.len()))
    }

    /// Deletes with all history; answers how many.
    pub async fn delete(&self, actor: &Actor, ids: &[MonitorId]) -> Result<u32, AppError> {
        actor.must_be(Role::Editor)?;
        let entries = self.entries(actor, ids);
        let (ids, gone): (Vec<MonitorId>, _) = (entries.iter().map(|e| e.id).collect(), settings(&entries));
        if ids.is_empty() {
            return Err(AppError::not_found("monitor"));
        }
        // Their incidents end while it is still known what they were.
        let _stopping = self.0.recorder.send(Command::Gone { monitors: ids.clone() }).await;
        self.0.recorder.flush().await;
        for id in &ids {
            self.wake(Wake::Take(*id));
            self.0.board.remove(*id);
        }
        // What was seen before is written before it is deleted, so that nothing of it is left.
        self.0.recorder.flush().await;
        for ids in ids.chunks(PIECE) {
            self.0.store.space(actor.space).monitors().delete(ids, self.0.clock.now()).await.map_err(unavailable)?;
        }
        self.forget(actor, &ids);
        self.0.hub.lists_changed(actor.space);
        self.log(actor, "deleted", &gone).await;
        Ok(count(ids.len()))
    }

    /// Adds and removes tags (separated by commas); answers how many monitors changed.
    pub async fn retag(&self, actor: &Actor, ids: &[MonitorId], add: &str, remove: &str) -> Result<u32, AppError> {
        actor.must_be(Role::Editor)?;
        let add = parse_tags(add).map_err(|e| AppError::field("add", e))?;
        let remove = parse_tags(remove).map_err(|e| AppError::field("remove", e))?;
        if add.is_empty() && remove.is_empty() {
            return Err(AppError::field("add", "Name a tag to add or to remove."));
        }
        let retagged = |m: &Monitor| {
            let mut tags: Vec<String> = m.spec.tags.iter().filter(|t| !remove.contains(t)).cloned().chain(add.iter().cloned()).collect();
            tags.sort();
            tags.dedup();
            tags
        };
        let all = self.entries(actor, ids);
        let entries: Vec<_> = all.into_iter().filter(|e| retagged(&e.plan().monitor) != e.plan().monitor.spec.tags).collect();
        if entries.is_empty() {
            return self.none_of(actor, ids);
        }
        if let Some(full) = entries.iter().find(|e| retagged(&e.plan().monitor).len() > TAGS_MAX) {
            let name = full.plan().monitor.spec.name.clone();
            return Err(AppError::field("add", format!("“{name}” would have more than {TAGS_MAX} tags.")));
        }
        self.rewrite(actor, &entries, |m| m.spec.tags = retagged(m)).await?;
        self.0.hub.lists_changed(actor.space);
        self.log(actor, "changed the tags of", &settings(&entries)).await;
        Ok(count(entries.len()))
    }

    /// Checks a draft once and shows everything, without saving anything.
    pub async fn test(&self, actor: &Actor, draft: &MonitorDraft, editing: Option<MonitorId>) -> Result<Trace, AppError> {
        actor.must_be(Role::Editor)?;
        self.0.limits.try_expensive(actor.account.map_or(0, domain::AccountId::bits))?;
        let before = editing.map(|id| self.entry(actor, id)).transpose()?.map(|e| e.plan());
        let spec = self.judged(actor, draft, before.as_ref().map(|plan| &plan.monitor))?;
        let prepared = Probe::prepare(&spec.target, &self.0.http).map_err(|error| unprepared(spec.kind, &error))?;
        let trace = prepared.trace(&self.0.dialer, spec.timeout, self.0.clock.now()).await;
        let nothing_to_test = || AppError::new(Code::Conflict, "There is nothing to test: what it watches reports by itself.");
        let mut trace = trace.ok_or_else(nothing_to_test)?;
        trace.observation = spec.judge(trace.observation);
        Ok(trace)
    }
}

/// Where a heartbeat reports to is made by us, once.
pub(crate) fn give_token(spec: &mut MonitorSpec) {
    if spec.kind == Kind::Heartbeat {
        spec.settings.0.insert(PING_TOKEN.into(), secret::fresh());
    }
}

fn saved(monitor: &Monitor) -> &Values {
    &monitor.spec.settings.0
}

/// Settings that cannot be run, beside the field that is meant most often.
fn unprepared(kind: Kind, error: &InvalidSettings) -> AppError {
    let message = error.to_string();
    let named = [("client_key", "key"), ("client_certificate", "client certificate"), ("ca", "certificates"), ("proxy", "proxy")];
    let meant =
        named.into_iter().find(|(name, word)| kind.field(name).is_some() && message.to_lowercase().contains(word)).map(|(name, _)| name);
    let first = kind.fields().find(|field| field.required).map_or("name", |field| field.name);
    AppError::field(meant.unwrap_or(first), message)
}

fn settings(entries: &[Arc<Entry>]) -> Vec<Monitor> {
    entries.iter().map(|entry| entry.plan().monitor.clone()).collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
