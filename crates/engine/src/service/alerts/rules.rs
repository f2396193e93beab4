//! Rules: which events are told where.

use std::collections::HashMap;
use std::time::Duration;

use domain::account::Role;
use domain::activity::Area;
use domain::alert::rule::{Audience, Matching, PEOPLE, RULES_MAX};
use domain::alert::view::{Offered, RuleForm, RulePast, RuleRow, RuleTried};
use domain::alert::{Event, Notice, Rule, RuleDraft, RuleSpec};
use domain::kind::Kind;
use domain::monitor::spell;
use domain::{AppError, Code, FieldErrors, MonitorId, RuleId, words};

use super::past::try_on;
use crate::actor::Actor;
use crate::alert::SpaceDirectory;
use crate::engine::Inner;
use crate::secret;
use crate::service::activity::Deed;
use crate::service::{Monitors, unavailable};

/// Days of the past that a rule is tried on.
const PAST_DAYS: u32 = 7;
/// Notices of the past that are looked at.
const PAST_MOST: u32 = 2_000;

/// The rules of a space.
pub struct Rules<'a>(pub(crate) &'a Inner);

impl Rules<'_> {
    fn find(&self, actor: &Actor, id: RuleId) -> Result<Rule, AppError> {
        let directory = self.0.directory.of(actor.space);
        directory.rules.iter().find(|rule| rule.id == id).cloned().ok_or_else(|| AppError::not_found("rule"))
    }

    /// All of them, in order of creation.
    pub fn list(&self, actor: &Actor) -> Vec<RuleRow> {
        let directory = self.0.directory.of(actor.space);
        directory.rules.iter().map(|rule| self.row(actor, &directory, rule)).collect()
    }

    /// The next ones after one, in order of creation.
    pub fn list_after(&self, actor: &Actor, after: Option<RuleId>, limit: usize) -> Vec<Rule> {
        let directory = self.0.directory.of(actor.space);
        directory.rules.iter().filter(|rule| after.is_none_or(|after| rule.id > after)).take(limit).cloned().collect()
    }

    /// One of them.
    pub fn get(&self, actor: &Actor, id: RuleId) -> Result<Rule, AppError> {
        self.find(actor, id)
    }

    /// What the form needs: of a saved rule, or of what somebody typed.
    pub async fn form(&self, actor: &Actor, id: Option<RuleId>, typed: Option<RuleDraft>) -> Result<RuleForm, AppError> {
        let saved = id.map(|id| self.find(actor, id)).transpose()?.map(|rule| rule.draft());
        let fresh = || {
            let events = [Event::Down, Event::Up, Event::Late, Event::Flapping, Event::Expiring];
            RuleDraft { enabled: "on".into(), events: events.map(|event| event.name().to_owned()).into(), ..RuleDraft::default() }
        };
        let mut draft = typed.or(saved).unwrap_or_else(fresh);
        let tried = self.preview(actor, &draft).await?;
        for list in [&mut draft.monitors, &mut draft.groups] {
            *list = Monitors(self.0).names(actor, list);
        }
        Ok(RuleForm { id, draft, offered: self.offered(actor), tried })
    }

    fn offered(&self, actor: &Actor) -> Vec<Offered> {
        let directory = self.0.directory.of(actor.space);
        let label = match directory.unproven().as_slice() {
            [] => "each as they prefer".to_owned(),
            [name] => format!("each as they prefer; no mail goes to {name}, whose address is not confirmed"),
            several => {
                format!("each as they prefer; no mail goes to {} of them, whose addresses are not confirmed", several.len())
            }
        };
        let people = Offered { value: PEOPLE.into(), name: "Members of this space".into(), label };
        let mut channels: Vec<Offered> = directory
            .channels
            .values()
            .map(|channel| Offered {
                value: channel.id.to_string(),
                name: channel.spec.name.clone(),
                label: channel.spec.kind.label().to_owned(),
            })
            .collect();
        channels.sort_by_key(|offered| offered.name.to_lowercase());
        std::iter::once(people).chain(channels).collect()
    }

    /// What a draft would have told lately, or why that cannot be said.
    pub async fn preview(&self, actor: &Actor, draft: &RuleDraft) -> Result<RuleTried, AppError> {
        Ok(match self.judged(actor, draft) {
            Ok(spec) => RuleTried::Past(self.past(actor, &spec).await?),
            Err(error) => RuleTried::Wrong(error),
        })
    }

    async fn past(&self, actor: &Actor, spec: &RuleSpec) -> Result<RulePast, AppError> {
        let now = self.0.clock.now();
        let since = now.minus(Duration::from_secs(u64::from(PAST_DAYS) * 86_400));
        let late = spec.events.has(Event::Down).then_some(Event::Late);
        // Ends say how long something lasted, also to rules that do not tell them.
        let up = (!spec.events.has(Event::Up)).then_some(Event::Up);
        let events = spec.events.iter().chain(late).chain(up);
        let kept = self.0.store.space(actor.space).notices().newest(events, since, None, PAST_MOST).await.map_err(unavailable)?;
        let cut = kept.len() >= usize::try_from(PAST_MOST).unwrap_or(usize::MAX);
        let notices: Vec<Notice> = kept.into_iter().rev().map(|kept| kept.notice).collect();
        let mut groups = HashMap::new();
        if !spec.matching.groups.is_empty() {
            for monitor in notices.iter().filter_map(|notice| notice.subject.monitor) {
                let of = || self.0.board.groups_of(actor.space, monitor).iter().map(|group| group.id).collect();
                groups.entry(monitor).or_insert_with(of);
            }
        }
        let directory = self.0.directory.of(actor.space);
        Ok(RulePast { days: PAST_DAYS, cut, ..try_on(&notices, spec, &directory, &groups, now) })
    }

    /// Judges a draft: the values, and whether what it names is there.
    fn judged(&self, actor: &Actor, draft: &RuleDraft) -> Result<RuleSpec, AppError> {
        let monitors = Monitors(self.0);
        let mut errors = FieldErrors::new();
        let named = RuleDraft {
            monitors: errors.take("monitors", monitors.ids(actor, &draft.monitors)).unwrap_or_default(),
            groups: errors.take("groups", monitors.ids(actor, &draft.groups)).unwrap_or_default(),
            ..draft.clone()
        };
        let spec = match named.validate() {
            Ok(spec) if errors.is_empty() => spec,
            Ok(_) => return Err(errors.into_error()),
            Err(error) => {
                error.fields.into_iter().for_each(|wrong| errors.add(wrong.field, wrong.message));
                return Err(errors.into_error());
            }
        };
        let directory = self.0.directory.of(actor.space);
        let fields = std::iter::once(("to", &spec.to)).chain(["to1", "to2", "to3"].into_iter().zip(spec.steps.iter().map(|step| &step.to)));
        for (field, audience) in fields {
            if let Some(id) = audience.channels.iter().find(|id| !directory.channels.contains_key(id)) {
                return Err(AppError::field(field, format!("There is no channel {id} in this space.")));
            }
        }
        let here = |id: &MonitorId| self.0.board.get(actor.space, *id);
        if spec.matching.monitors.iter().any(|id| here(id).is_none()) {
            return Err(AppError::field("monitors", "One of these monitors is not in this space."));
        }
        let is_group = |id: &MonitorId| here(id).is_some_and(|entry| entry.plan().monitor.spec.kind == Kind::Group);
        if !spec.matching.groups.iter().all(is_group) {
            return Err(AppError::field("groups", "One of these is not a group of this space."));
        }
        Ok(spec)
    }

    /// What is wrong with a draft.
    pub fn judge(&self, actor: &Actor, draft: &RuleDraft) -> Result<(), AppError> {
        self.judged(actor, draft).map(drop)
    }

    /// Makes a new one.
    pub async fn create(&self, actor: &Actor, draft: &RuleDraft) -> Result<Rule, AppError> {
        actor.must_be(Role::Editor)?;
        if self.0.directory.of(actor.space).rules.len() >= RULES_MAX {
            return Err(AppError::new(Code::Conflict, format!("A space has at most {RULES_MAX} rules. Delete those that are not needed.")));
        }
        let (spec, now) = (self.judged(actor, draft)?, self.0.clock.now());
        let enabled = matches!(draft.enabled.as_str(), "on" | "true");
        let rule = Rule { id: RuleId::new(now, secret::bits()), space: actor.space, spec, enabled, updated_at: now };
        self.put(actor, rule, "created").await
    }

    /// Changes one.
    pub async fn update(&self, actor: &Actor, id: RuleId, draft: &RuleDraft) -> Result<Rule, AppError> {
        actor.must_be(Role::Editor)?;
        let before = self.find(actor, id)?;
        let spec = self.judged(actor, draft)?;
        let enabled = matches!(draft.enabled.as_str(), "on" | "true");
        self.put(actor, Rule { spec, enabled, updated_at: self.0.clock.now(), ..before }, "changed").await
    }

    /// Switches one on or off.
    pub async fn set_enabled(&self, actor: &Actor, id: RuleId, enabled: bool) -> Result<Rule, AppError> {
        actor.must_be(Role::Editor)?;
        let before = self.find(actor, id)?;
        let did = if enabled { "switched on" } else { "switched off" };
        self.put(actor, Rule { enabled, updated_at: self.0.clock.now(), ..before }, did).await
    }

    async fn put(&self, actor: &Actor, rule: Rule, did: &str) -> Result<Rule, AppError> {
        self.0.store.space(actor.space).rules().put(&rule).await.map_err(unavailable)?;
        self.0.directory.put_rule(rule.clone());
        let what = format!("rule “{}”", rule.spec.name);
        self.0.log(actor, Deed::new(Area::Alert, did, &what).at(format!("/alerts/rules/{}/edit", rule.id))).await;
        Ok(rule)
    }

    /// Deletes one.
    pub async fn delete(&self, actor: &Actor, id: RuleId) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let rule = self.find(actor, id)?;
        self.0.store.space(actor.space).rules().delete(id).await.map_err(unavailable)?;
        self.0.directory.remove_rule(actor.space, id);
        self.0.log(actor, Deed::new(Area::Alert, "deleted", &format!("rule “{}”", rule.spec.name))).await;
        Ok(())
    }

    fn row(&self, actor: &Actor, directory: &SpaceDirectory, rule: &Rule) -> RuleRow {
        let spec = &rule.spec;
        let mut notes = Vec::new();
        if !spec.delay.is_zero() {
            notes.push(format!("after {}", spell(spec.delay)));
        }
        if let Some(reminder) = spec.reminder {
            notes.push(format!("again after {}", spell(reminder)));
        }
        if let Some(quiet) = spec.quiet {
            let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            notes.push(format!("quiet {} to {} ({})", clock(quiet.from), clock(quiet.to), spec.zone));
        }
        for step in &spec.steps {
            notes.push(format!("after {} without acknowledgement: {}", spell(step.after), who(directory, &step.to)));
        }
        RuleRow {
            id: rule.id,
            name: spec.name.clone(),
            enabled: rule.enabled,
            events: spec.events.iter().collect(),
            which: self.which(actor, &spec.matching),
            who: who(directory, &spec.to),
            notes,
        }
    }

    fn which(&self, actor: &Actor, matching: &Matching) -> String {
        let mut parts = Vec::new();
        if !matching.tags.is_empty() {
            parts.push(format!("tagged {}", matching.tags.join(" or ")));
        }
        let named = |ids: &[MonitorId]| match ids {
            [only] => self.0.board.get(actor.space, *only).map(|entry| entry.plan().monitor.spec.name.clone()),
            _ => None,
        };
        if !matching.groups.is_empty() {
            let name = named(&matching.groups).unwrap_or_else(|| words::count(matching.groups.len(), "group", "groups"));
            parts.push(format!("in {name}"));
        }
        if !matching.monitors.is_empty() {
            parts.push(named(&matching.monitors).unwrap_or_else(|| words::count(matching.monitors.len(), "monitor", "monitors")));
        }
        if !matching.name.is_empty() {
            parts.push(format!("named like {}", matching.name));
        }
        if !matching.kinds.is_empty() {
            let labels = matching.kinds.iter().filter_map(|kind| Kind::from_name(kind)).map(Kind::label).collect::<Vec<_>>();
            parts.push(format!("of kind {}", labels.join(" or ")));
        }
        if parts.is_empty() { "All monitors".into() } else { capital(&parts.join(", ")) }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn who(directory: &SpaceDirectory, audience: &Audience) -> String {
    let mut names: Vec<String> =
        audience.channels.iter().filter_map(|id| directory.channels.get(id)).map(|channel| channel.spec.name.clone()).collect();
    names.sort_by_key(|name| name.to_lowercase());
    if audience.people {
        names.insert(0, "the members".into());
    }
    if names.is_empty() { "nobody any more".into() } else { names.join(", ") }
}
