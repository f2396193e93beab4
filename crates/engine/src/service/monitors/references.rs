//! What a draft refers to: other monitors, by name or id, and hosts that the network policy may close.

use std::collections::HashSet;
use std::sync::Arc;

use domain::kind::{Input, Kind, Target};
use domain::monitor::{MonitorDraft, MonitorSpec};
use domain::{AppError, MonitorId};

use super::Monitors;
use crate::actor::Actor;
use crate::board::Entry;

impl Monitors<'_> {
    /// A draft whose other monitors are named by their ids: people write names, one a line.
    pub(super) fn named(&self, actor: &Actor, draft: &MonitorDraft) -> Result<MonitorDraft, AppError> {
        let mut draft = draft.clone();
        let fields = draft.kind().unwrap_or_default().fields().filter(|field| field.input == Input::Monitors);
        for field in fields {
            let Some(text) = draft.settings.get_mut(field.name) else { continue };
            let by_name = |name: &str| -> Vec<MonitorId> {
                let same = |entry: &Arc<Entry>| entry.plan().monitor.spec.name.to_lowercase() == name.to_lowercase();
                self.0.board.of(actor.space).iter().filter(|entry| same(entry)).map(|entry| entry.id).collect()
            };
            let mut ids = Vec::new();
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let listed: Result<Vec<MonitorId>, _> = line.split(',').map(|id| id.trim().parse()).collect();
                match (listed, by_name(line).as_slice()) {
                    (Ok(listed), _) => ids.extend(listed),
                    (_, [only]) => ids.push(*only),
                    (_, []) => return Err(AppError::field(field.name, format!("There is no monitor “{line}” in this space."))),
                    (_, [first, ..]) => {
                        let message =
                            format!("Several monitors are called “{line}”. Write the id of the one that is meant, such as {first}.");
                        return Err(AppError::field(field.name, message));
                    }
                }
            }
            *text = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        }
        Ok(draft)
    }

    /// The same the other way round, for a form. A name that several have stays an id.
    pub(super) fn with_names(&self, actor: &Actor, mut draft: MonitorDraft) -> MonitorDraft {
        let fields = draft.kind().unwrap_or_default().fields().filter(|field| field.input == Input::Monitors);
        for field in fields {
            let Some(text) = draft.settings.get_mut(field.name) else { continue };
            let name = |id: &str| {
                let entry = self.0.board.get(actor.space, id.parse().ok()?)?;
                Some(entry.plan().monitor.spec.name.clone())
            };
            let names: Vec<String> = text.split(',').map(str::trim).map(|id| name(id).unwrap_or_else(|| id.to_owned())).collect();
            let ambiguous = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
            let shown =
                text.split(',').map(str::trim).zip(&names).map(|(id, name)| if ambiguous(name) { id.to_owned() } else { name.clone() });
            *text = shown.collect::<Vec<_>>().join("\n");
        }
        draft
    }

    /// Refuses what could never be checked: a host that the policy closes, members that do not exist. What a name resolves
    /// to is judged at every check.
    pub(super) fn permit(&self, actor: &Actor, editing: Option<MonitorId>, spec: &MonitorSpec) -> Result<(), AppError> {
        if let Target::Group(group) = &spec.target {
            return self.permit_members(actor, editing, &group.members);
        }
        let refused = spec.target.host().is_some_and(|host| self.0.dialer.policy().judge_host(&host).is_err());
        if !refused {
            return Ok(());
        }
        let message = "This instance’s network policy refuses this host. An administrator can open it with LOOPR_ALLOW_TARGETS.";
        let field = spec.kind.fields().find(|field| field.required).map_or("address", |field| field.name);
        Err(AppError::field(if spec.kind == Kind::Dns { "resolver" } else { field }, message))
    }

    fn permit_members(&self, actor: &Actor, editing: Option<MonitorId>, members: &[MonitorId]) -> Result<(), AppError> {
        if let Some(missing) = members.iter().find(|id| self.0.board.get(actor.space, **id).is_none()) {
            return Err(AppError::field("members", format!("There is no monitor {missing} in this space.")));
        }
        let Some(own) = editing else { return Ok(()) };
        let (mut open, mut seen) = (members.to_vec(), HashSet::new());
        while let Some(id) = open.pop() {
            if id == own {
                return Err(AppError::field("members", "A group cannot be a member of itself, also not by way of another group."));
            }
            if seen.insert(id)
                && let Some(entry) = self.0.board.get(actor.space, id)
            {
                open.extend_from_slice(entry.plan().members());
            }
        }
        Ok(())
    }
}
