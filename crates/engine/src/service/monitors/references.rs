//! What a draft refers to: other monitors, by name or id, and hosts that the network policy may close.

use std::collections::HashSet;
use std::sync::Arc;

use domain::error::FieldErrors;
use domain::kind::{Input, Kind, Target, Values};
use domain::maintenance::Covers;
use domain::monitor::{Monitor, MonitorDraft, MonitorSpec};
use domain::view::Related;
use domain::{AppError, MonitorId};

use super::{Monitors, saved};
use crate::actor::Actor;
use crate::board::Entry;
use crate::maintenance::Planned;

impl Monitors<'_> {
    /// The settings that a draft stands for in this space. What is wrong with it in itself and what is wrong with it here is told
    /// at once. `before` is the monitor that is edited.
    pub(super) fn judged(&self, actor: &Actor, draft: &MonitorDraft, before: Option<&Monitor>) -> Result<MonitorSpec, AppError> {
        let nothing = Values::new();
        let (draft, unknown) = self.named(actor, draft);
        let spec = unknown.join(draft.validate_over(before.map_or(&nothing, saved)))?;
        if before.is_some_and(|before| before.spec.kind != spec.kind) {
            let message = "The kind of a monitor stays as it is, because its history is of that kind. Add another monitor.";
            return Err(AppError::field("kind", message));
        }
        self.permit(actor, before.map(|before| before.id), &spec)?;
        Ok(spec)
    }

    /// A draft whose other monitors are named by their ids: people write names, one a line. Names of nobody are told, and
    /// left out.
    fn named(&self, actor: &Actor, draft: &MonitorDraft) -> (MonitorDraft, FieldErrors) {
        let (mut draft, mut unknown) = (draft.clone(), FieldErrors::new());
        let fields = draft.kind().unwrap_or_default().fields().filter(|field| field.input == Input::Monitors);
        for field in fields {
            if let Some(text) = draft.settings.get_mut(field.name) {
                *text = unknown.take(field.name, self.ids(actor, text)).unwrap_or_default();
            }
        }
        draft.depends_on = unknown.take("depends_on", self.ids(actor, &draft.depends_on)).unwrap_or_default();
        (draft, unknown)
    }

    /// Ids of monitors of the space that are named by ids or, one a line, by names; or why they cannot be told.
    pub(in crate::service) fn ids(&self, actor: &Actor, text: &str) -> Result<String, String> {
        let by_name = |name: &str| -> Vec<MonitorId> {
            let same = |entry: &Arc<Entry>| entry.plan().monitor.spec.name.to_lowercase() == name.to_lowercase();
            self.0.board.of(actor.space).iter().filter(|entry| same(entry)).map(|entry| entry.id).collect()
        };
        let mut ids = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let listed: Result<Vec<MonitorId>, _> = line.split(',').map(|id| id.trim().parse()).collect();
            if let Ok(listed) = listed {
                if let Some(missing) = listed.iter().find(|id| self.0.board.get(actor.space, **id).is_none()) {
                    return Err(format!("There is no monitor {missing} in this space."));
                }
                ids.extend(listed);
                continue;
            }
            match by_name(line).as_slice() {
                [only] => ids.push(*only),
                [] => return Err(format!("There is no monitor “{line}” in this space.")),
                [first, ..] => {
                    return Err(format!("Several monitors are called “{line}”. Write the id of the one that is meant, such as {first}."));
                }
            }
        }
        Ok(ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }

    /// The same the other way round, for a form. A name that several have stays an id.
    pub(super) fn with_names(&self, actor: &Actor, mut draft: MonitorDraft) -> MonitorDraft {
        let fields = draft.kind().unwrap_or_default().fields().filter(|field| field.input == Input::Monitors);
        for field in fields {
            if let Some(text) = draft.settings.get_mut(field.name) {
                *text = self.names(actor, text);
            }
        }
        draft.depends_on = self.names(actor, &draft.depends_on);
        draft
    }

    /// Names of monitors, one a line.
    pub(in crate::service) fn names(&self, actor: &Actor, text: &str) -> String {
        let name = |id: &str| {
            let entry = self.0.board.get(actor.space, id.parse().ok()?)?;
            Some(entry.plan().monitor.spec.name.clone())
        };
        let names: Vec<String> = text.split(',').map(str::trim).map(|id| name(id).unwrap_or_else(|| id.to_owned())).collect();
        let ambiguous = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
        let shown = text.split(',').map(str::trim).zip(&names).map(|(id, name)| if ambiguous(name) { id.to_owned() } else { name.clone() });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// Refuses what could never be checked: a host that the policy closes, circles. What a name resolves to is judged at every
    /// check.
    fn permit(&self, actor: &Actor, editing: Option<MonitorId>, spec: &MonitorSpec) -> Result<(), AppError> {
        let mut refused = FieldErrors::new();
        let members: &[MonitorId] = if let Target::Group(group) = &spec.target { &group.members } else { &[] };
        for (field, others) in [("members", members), ("depends_on", &spec.depends_on)] {
            refused.take(field, self.permit_others(actor, editing, others));
        }
        if spec.target.host().is_some_and(|host| self.0.dialer.policy().judge_host(&host).is_err()) {
            let message = "This instance’s network policy refuses this host. An administrator can open it with LOOPR_ALLOW_TARGETS.";
            let field = spec.kind.fields().find(|field| field.required).map_or("address", |field| field.name);
            refused.add(if spec.kind == Kind::Dns { "resolver" } else { field }, message);
        }
        refused.join(Ok(()))
    }

    /// None of the others may be decided by the monitor itself: a group is decided by its members, and whatever depends on others
    /// by those.
    fn permit_others(&self, actor: &Actor, editing: Option<MonitorId>, others: &[MonitorId]) -> Result<(), &'static str> {
        let Some(own) = editing else { return Ok(()) };
        let (mut open, mut seen) = (others.to_vec(), HashSet::new());
        while let Some(id) = open.pop() {
            if id == own {
                return Err(
                    "That would be a circle: a monitor cannot depend on itself, nor a group be a member of itself, also not by way of others.",
                );
            }
            if seen.insert(id)
                && let Some(entry) = self.0.board.get(actor.space, id)
            {
                let plan = entry.plan();
                open.extend(plan.members().iter().chain(&plan.monitor.spec.depends_on));
            }
        }
        Ok(())
    }

    /// After monitors are gone: nothing depends on them any more, and no maintenance window is for them.
    pub(super) fn forget(&self, actor: &Actor, gone: &[MonitorId]) {
        for entry in self.0.board.of(actor.space) {
            let before = entry.plan();
            if before.monitor.spec.depends_on.iter().any(|id| gone.contains(id)) {
                let mut monitor = before.monitor.clone();
                monitor.spec.depends_on.retain(|id| !gone.contains(id));
                self.0.board.set_plan(&entry, self.0.board.plan(monitor));
            }
        }
        for planned in self.0.windows.of_space(actor.space) {
            if let Covers::Chosen(chosen) = &planned.window.spec.covers
                && chosen.iter().any(|id| gone.contains(id))
            {
                let mut window = planned.window.clone();
                window.spec.covers = Covers::Chosen(chosen.iter().filter(|id| !gone.contains(id)).copied().collect());
                self.0.windows.put(Planned { window, calendar: planned.calendar.clone() });
            }
        }
    }

    /// Others, for the page of a monitor.
    pub(super) fn related(others: &[Arc<Entry>]) -> Vec<Related> {
        let related = |entry: &Arc<Entry>| {
            let machine = entry.standing().machine;
            Related { id: entry.id, name: entry.plan().monitor.spec.name.clone(), state: machine.state(), failing: machine.is_failing() }
        };
        others.iter().map(related).collect()
    }
}
