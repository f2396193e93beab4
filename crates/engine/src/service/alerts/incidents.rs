//! Incidents: looked at here, changed by the recorder.

use domain::account::{Role, check_name};
use domain::alert::incident::{AFFECTED_MAX, Affected, COMMENT_MAX, POSTMORTEM_MAX, TITLE_MAX};
use domain::alert::view::{AcknowledgeOffer, IncidentView, IncidentsView};
use domain::alert::{Incident, IncidentState};
use domain::{AppError, IncidentId, MonitorId, words};
use store::{IncidentFilter, MessageFilter};
use tokio::sync::oneshot;

use super::markdown::to_html;
use super::messages::row;
use crate::actor::Actor;
use crate::alert::Acknowledgeable;
use crate::engine::Inner;
use crate::record::{Command, IncidentDeed, IncidentOrder};
use crate::secret;
use crate::service::{Monitors, unavailable};

/// Incidents of one page.
const PAGE: u32 = 50;
/// Messages that the page of an incident shows.
const MESSAGES: u32 = 200;

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
        Ok(IncidentsView { incidents, open, next, now: self.0.clock.now() })
    }

    /// The first page as people are shown it: what nobody looks at, what somebody does, and then the newest of the rest.
    pub async fn front(&self, actor: &Actor) -> Result<IncidentsView, AppError> {
        let mut view = self.page(actor, &[], None, None, None).await?;
        let filter = IncidentFilter { states: vec![IncidentState::Open, IncidentState::Acknowledged], ..IncidentFilter::default() };
        let mut first = self.0.store.space(actor.space).incidents().list(&filter, PAGE).await.map_err(unavailable)?;
        first.sort_by_key(|incident| incident.state == IncidentState::Acknowledged);
        let rest = std::mem::take(&mut view.incidents);
        let rest: Vec<Incident> = rest.into_iter().filter(|one| !first.iter().any(|there| there.id == one.id)).collect();
        view.incidents = first.into_iter().chain(rest).collect();
        Ok(view)
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
        let messages = space.messages().list(&filter, MESSAGES).await.map_err(unavailable)?;
        let directory = self.0.directory.of(actor.space);
        Ok(IncidentView {
            monitor_exists: incident.monitor.is_some_and(|monitor| self.0.board.get(actor.space, monitor).is_some()),
            postmortem_html: to_html(&incident.postmortem),
            messages: messages.iter().map(|message| row(&directory, message)).collect(),
            incident,
            timeline,
            now: self.0.clock.now(),
        })
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
        for open in std::iter::once(incident).chain(others).filter(|incident| incident.state == IncidentState::Open) {
            self.order(&actor, open.id, IncidentDeed::Acknowledge).await?;
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
        let (done, answer) = oneshot::channel();
        let who = if actor.name.is_empty() { "operator".to_owned() } else { actor.name.clone() };
        let order = IncidentOrder { space: actor.space, id, deed, who, done };
        let stopping = || AppError::new(domain::Code::Unavailable, "Loopr is stopping. Try again in a moment.");
        if !self.0.recorder.send(Command::Incident(Box::new(order))).await {
            return Err(stopping());
        }
        answer.await.map_err(|_| stopping())?
    }
}

fn text(field: &str, typed: &str, most: usize) -> Result<String, AppError> {
    let text = typed.trim().replace("\r\n", "\n");
    let length = text.chars().count();
    if length > most {
        return Err(AppError::field(field, format!("Use at most {most} characters; these are {length}.")));
    }
    Ok(text)
}
