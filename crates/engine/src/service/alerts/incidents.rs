//! Incidents: looked at here, changed by the recorder.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::account::{Role, check_name};
use domain::alert::incident::{AFFECTED_MAX, Affected, COMMENT_MAX, POSTMORTEM_MAX, TITLE_MAX};
use domain::alert::view::{AcknowledgeOffer, IncidentView, IncidentsView};
use domain::alert::{Incident, IncidentState};
use domain::view::CheckView;
use domain::{AppError, IncidentId, MonitorId, words};
use store::{IncidentFilter, MessageFilter};
use tokio::sync::oneshot;

use super::markdown::to_html;
use super::messages::row;
use crate::actor::Actor;
use crate::alert::Acknowledgeable;
use crate::board::Entry;
use crate::engine::Inner;
use crate::record::{Command, IncidentDeed, IncidentOrder};
use crate::secret;
use crate::service::{History, Monitors, unavailable};

/// Incidents of one page.
const PAGE: u32 = 50;
/// Messages that the page of an incident shows.
const MESSAGES: u32 = 200;

/// Incidents that are read at once where people filter them.
const SCANNED: u32 = 200;
/// So often, for one page.
const SCANS: usize = 20;
/// Names of monitors that a filter offers.
const NAMES_OFFERED: usize = 200;

/// Which incidents people look for. Empty: all of them.
#[derive(Debug, Clone, Default)]
pub struct IncidentSearch {
    /// In one of these states.
    pub states: Vec<IncidentState>,
    /// This monitor opened it or suffers: its id or its name.
    pub monitor: String,
    /// A monitor with this tag did.
    pub tag: String,
    /// Its title, its cause or an affected monitor says this.
    pub text: String,
    /// Older than this one.
    pub before: Option<IncidentId>,
}

/// An incident as a person opens it by hand.
#[derive(Debug, Clone, Default)]
pub struct IncidentDraft {
    /// What broke.
    pub title: String,
    /// More of it.
    pub detail: String,
    /// Who suffers: ids, separated by commas; in a form, names, one a line.
    pub monitors: String,
}

/// The incidents of a space.
pub struct Incidents<'a>(pub(crate) &'a Inner);

impl Incidents<'_> {
    /// A page of them, the newest first.
    pub async fn page(
        &self,
        actor: &Actor,
        states: &[IncidentState],
        monitor: Option<MonitorId>,
        before: Option<IncidentId>,
        limit: Option<u32>,
    ) -> Result<IncidentsView, AppError> {
        let limit = limit.unwrap_or(PAGE).clamp(1, 500);
        let space = self.0.store.space(actor.space);
        let filter = IncidentFilter { states: states.to_vec(), monitor, before };
        let mut incidents = space.incidents().list(&filter, limit + 1).await.map_err(unavailable)?;
        let more = incidents.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        incidents.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = incidents.last().map(|incident| incident.id).filter(|_| more);
        let open = space.incidents().open().await.map_err(unavailable)?;
        Ok(IncidentsView { incidents, open, next, now: self.0.clock.now(), tags: Vec::new(), monitors: Vec::new() })
    }

    /// A page as people are shown it, through filters. The first one begins with what nobody looks at, then what somebody does.
    pub async fn search(&self, actor: &Actor, wanted: &IncidentSearch) -> Result<IncidentsView, AppError> {
        let space = self.0.store.space(actor.space);
        let board = self.0.board.of(actor.space);
        let tagged: Option<HashSet<MonitorId>> = (!wanted.tag.is_empty()).then(|| {
            let has = |entry: &Arc<Entry>| entry.plan().monitor.spec.tags.contains(&wanted.tag);
            board.iter().filter(|entry| has(entry)).map(|entry| entry.id).collect()
        });
        let named = wanted.monitor.trim().to_lowercase();
        let by_id = named.parse::<MonitorId>().ok();
        let text = wanted.text.trim().to_lowercase();
        let fits = |incident: &Incident| {
            let of = |fits: &dyn Fn(MonitorId) -> bool| {
                incident.monitor.is_some_and(fits) || incident.affected.iter().any(|one| fits(one.monitor))
            };
            let is_named = || incident.affected.iter().any(|one| one.name.to_lowercase() == named);
            (named.is_empty() || by_id.map_or_else(is_named, |monitor| of(&|id| id == monitor)))
                && tagged.as_ref().is_none_or(|tagged| of(&|id| tagged.contains(&id)))
                && (text.is_empty() || says(incident, &text))
        };
        let unresolved = [IncidentState::Open, IncidentState::Acknowledged];
        let mut first: Vec<Incident> = Vec::new();
        if wanted.before.is_none() && (wanted.states.is_empty() || wanted.states == unresolved) {
            let filter = IncidentFilter { states: unresolved.into(), ..IncidentFilter::default() };
            first = space.incidents().list(&filter, SCANNED).await.map_err(unavailable)?.into_iter().filter(fits).collect();
            first.sort_by_key(|incident| incident.state == IncidentState::Acknowledged);
            first.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        }
        let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let mut filter = IncidentFilter { states: wanted.states.clone(), monitor: None, before: wanted.before };
        let (mut rest, mut more): (Vec<Incident>, bool) = (Vec::new(), true);
        for _ in 0..SCANS {
            let some = space.incidents().list(&filter, SCANNED).await.map_err(unavailable)?;
            more = some.len() >= usize::try_from(SCANNED).unwrap_or(usize::MAX);
            filter.before = some.last().map(|incident| incident.id);
            rest.extend(some.into_iter().filter(fits));
            if rest.len() > most || !more {
                break;
            }
        }
        let next = if rest.len() > most {
            rest.truncate(most);
            rest.last().map(|incident| incident.id)
        } else {
            filter.before.filter(|_| more)
        };
        rest.retain(|one| !first.iter().any(|there| there.id == one.id));
        let open = space.incidents().open().await.map_err(unavailable)?;
        let tags: BTreeSet<String> = board.iter().flat_map(|entry| entry.plan().monitor.spec.tags.clone()).collect();
        let mut monitors: Vec<String> = board.iter().map(|entry| entry.plan().monitor.spec.name.clone()).collect();
        monitors.sort_by_key(|name| name.to_lowercase());
        monitors.truncate(NAMES_OFFERED);
        let incidents = first.into_iter().chain(rest).collect();
        Ok(IncidentsView { incidents, open, next, now: self.0.clock.now(), tags: tags.into_iter().collect(), monitors })
    }

    /// How many are not over.
    pub async fn open(&self, actor: &Actor) -> Result<u32, AppError> {
        self.0.store.space(actor.space).incidents().open().await.map_err(unavailable)
    }

    /// One of them.
    pub async fn get(&self, actor: &Actor, id: IncidentId) -> Result<Incident, AppError> {
        let found = self.0.store.space(actor.space).incidents().get(id).await.map_err(unavailable)?;
        found.ok_or_else(|| AppError::not_found("incident"))
    }

    /// One of them with everything around it.
    pub async fn view(&self, actor: &Actor, id: IncidentId) -> Result<IncidentView, AppError> {
        let incident = self.get(actor, id).await?;
        let space = self.0.store.space(actor.space);
        let timeline = space.incidents().timeline(id).await.map_err(unavailable)?;
        let filter = MessageFilter { incident: Some(id), ..MessageFilter::default() };
        let mut messages = space.messages().list(&filter, MESSAGES).await.map_err(unavailable)?;
        // A message's id tells when its cause was certain, not when it was to be sent.
        messages.sort_by_key(|message| std::cmp::Reverse((message.planned_at, message.id)));
        let directory = self.0.directory.of(actor.space);
        Ok(IncidentView {
            first: self.first_failure(actor, &incident).await?,
            monitor_exists: incident.monitor.is_some_and(|monitor| self.0.board.get(actor.space, monitor).is_some()),
            postmortem_html: to_html(&incident.postmortem),
            messages: messages.iter().map(|message| row(&directory, message)).collect(),
            incident,
            timeline,
            now: self.0.clock.now(),
        })
    }

    /// The check that failed first, while it is kept.
    async fn first_failure(&self, actor: &Actor, incident: &Incident) -> Result<Option<CheckView>, AppError> {
        let Some(monitor) = incident.monitor.filter(|monitor| self.0.board.get(actor.space, *monitor).is_some()) else { return Ok(None) };
        let at = incident.began_at;
        let found = History(self.0).results(actor, monitor, at, at.plus(Duration::from_millis(1)), 1, None).await?;
        Ok(found.into_iter().find(|check| check.failure.is_some()))
    }

    /// Opens one by hand.
    pub async fn open_by_hand(&self, actor: &Actor, draft: &IncidentDraft) -> Result<IncidentId, AppError> {
        actor.must_be(Role::Editor)?;
        let title = check_name(&draft.title, TITLE_MAX).map_err(|e| AppError::field("title", e.replace("a name", "what broke")))?;
        let detail = text("detail", &draft.detail, COMMENT_MAX)?;
        let ids = Monitors(self.0).ids(actor, &draft.monitors).map_err(|e| AppError::field("monitors", e))?;
        let now = self.0.clock.now();
        let mut affected = Vec::new();
        for id in ids.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            let entry = id.parse::<MonitorId>().ok().and_then(|id| self.0.board.get(actor.space, id));
            let entry = entry.ok_or_else(|| AppError::field("monitors", format!("There is no monitor {id} in this space.")))?;
            affected.push(Affected { monitor: entry.id, name: entry.plan().monitor.spec.name.clone(), since: now });
        }
        if affected.len() > AFFECTED_MAX {
            return Err(AppError::field("monitors", format!("Choose at most {}.", words::count(AFFECTED_MAX, "monitor", "monitors"))));
        }
        let id = IncidentId::new(now, secret::bits());
        let incident = Incident {
            id,
            space: actor.space,
            title,
            event: None,
            monitor: None,
            cause: None,
            detail,
            began_at: now,
            confirmed_at: now,
            state: IncidentState::Open,
            acknowledged: None,
            resolved: None,
            affected,
            postmortem: String::new(),
            updated_at: now,
        };
        self.order(actor, id, IncidentDeed::Open(Box::new(incident))).await?;
        Ok(id)
    }

    /// Says that somebody looks at it: reminders and escalation stop.
    pub async fn acknowledge(&self, actor: &Actor, id: IncidentId) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        self.order(actor, id, IncidentDeed::Acknowledge).await
    }

    /// Adds to the timeline.
    pub async fn comment(&self, actor: &Actor, id: IncidentId, comment: &str) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let comment = text("text", comment, COMMENT_MAX)?;
        if comment.is_empty() {
            return Err(AppError::field("text", "Write something."));
        }
        self.order(actor, id, IncidentDeed::Comment(comment)).await
    }

    /// Ends it.
    pub async fn resolve(&self, actor: &Actor, id: IncidentId, why: &str) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let why = text("text", why, COMMENT_MAX)?;
        self.order(actor, id, IncidentDeed::Resolve(why)).await
    }

    /// Opens it again.
    pub async fn reopen(&self, actor: &Actor, id: IncidentId) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        self.order(actor, id, IncidentDeed::Reopen).await
    }

    /// Keeps what was learnt of it.
    pub async fn write_postmortem(&self, actor: &Actor, id: IncidentId, markdown: &str) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let markdown = text("postmortem", markdown, POSTMORTEM_MAX)?;
        self.order(actor, id, IncidentDeed::Postmortem(markdown)).await
    }

    /// What a link in a message may acknowledge.
    pub async fn offer(&self, token: &str) -> Result<AcknowledgeOffer, AppError> {
        let (about, incident, others) = self.behind(token).await?;
        let path = if about.message.is_some() { "/incidents".to_owned() } else { format!("/incidents/{}", incident.id) };
        Ok(AcknowledgeOffer {
            others: others.into_iter().filter(|other| other.state == IncidentState::Open).map(|other| other.title).collect(),
            title: incident.title,
            space: self.0.directory.of(about.space).name.clone(),
            began_at: incident.began_at,
            state: incident.state,
            acknowledged_by: incident.acknowledged.map(|by| by.name).unwrap_or_default(),
            who: about.who,
            path,
        })
    }

    /// Acknowledges by a link in a message. Who has done so already is told nothing else.
    pub async fn acknowledge_by_link(&self, token: &str) -> Result<(), AppError> {
        let (about, incident, others) = self.behind(token).await?;
        let actor = Actor { account: None, space: about.space, role: Role::Editor, scope: None, name: format!("{}, by a link", about.who) };
        let mut answers = Vec::new();
        for open in std::iter::once(incident).chain(others).filter(|incident| incident.state == IncidentState::Open) {
            answers.push(self.send(&actor, open.id, IncidentDeed::Acknowledge).await?);
        }
        for answer in answers {
            match answer.await {
                Ok(Err(error)) if error.code != domain::Code::Conflict => return Err(error),
                // What somebody else has acknowledged or what has ended meanwhile needs it no more.
                Ok(_) => {}
                Err(_) => return Err(stopping()),
            }
        }
        Ok(())
    }

    /// What a link is for, its incident, and the others that its message tells of.
    async fn behind(&self, token: &str) -> Result<(Acknowledgeable, Incident, Vec<Incident>), AppError> {
        let gone = || AppError::new(domain::Code::NotFound, "This link has ended, or is not whole. Open the incident in Loopr instead.");
        let about = self.0.links.read(token, self.0.clock.now()).ok_or_else(gone)?;
        let space = self.0.store.space(about.space);
        let found = space.incidents().get(about.incident).await.map_err(unavailable)?.ok_or_else(gone)?;
        let mut others = Vec::new();
        if let Some(message) = about.message {
            let message = space.messages().get(message).await.map_err(unavailable)?;
            for id in message.iter().flat_map(|message| message.content.incidents()).filter(|id| *id != about.incident) {
                others.extend(space.incidents().get(id).await.map_err(unavailable)?);
            }
        }
        Ok((about, found, others))
    }

    async fn order(&self, actor: &Actor, id: IncidentId, deed: IncidentDeed) -> Result<(), AppError> {
        self.send(actor, id, deed).await?.await.map_err(|_| stopping())?
    }

    /// Has the recorder do something; the answer comes when it is committed.
    async fn send(&self, actor: &Actor, id: IncidentId, deed: IncidentDeed) -> Result<oneshot::Receiver<Result<(), AppError>>, AppError> {
        let (done, answer) = oneshot::channel();
        let order = IncidentOrder { space: actor.space, id, deed, who: actor.named(), by: actor.account, done };
        if !self.0.recorder.send(Command::Incident(Box::new(order))).await {
            return Err(stopping());
        }
        Ok(answer)
    }
}

fn stopping() -> AppError {
    AppError::new(domain::Code::Unavailable, "Loopr is stopping. Try again in a moment.")
}

/// Whether something of an incident that people read has a text in it, which is in lower case.
fn says(incident: &Incident, text: &str) -> bool {
    let has = |said: &str| said.to_lowercase().contains(text);
    has(&incident.title) || has(&incident.detail) || incident.affected.iter().any(|one| has(&one.name))
}

fn text(field: &str, typed: &str, most: usize) -> Result<String, AppError> {
    let text = typed.trim().replace("\r\n", "\n");
    let length = text.chars().count();
    if length > most {
        return Err(AppError::field(field, format!("Use at most {most} characters; these are {length}.")));
    }
    Ok(text)
}
