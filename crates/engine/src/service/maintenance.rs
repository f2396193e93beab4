//! Maintenance windows: planned in the database first and in memory after, then looked at by the recorder.

use std::sync::Arc;

use domain::account::Role;
use domain::activity::Area;
use domain::error::FieldErrors;
use domain::maintenance::{Calendar, Covers, PREVIEWED, Preview, Window, WindowDraft, WindowForm, WindowState, WindowView};
use domain::{AppError, Code, MonitorId, Timestamp, WindowId, words};
use tokio::sync::oneshot;

use super::{Monitors, unavailable};
use crate::actor::Actor;
use crate::engine::Inner;
use crate::maintenance::Planned;
use crate::record::Command;
use crate::secret;
use crate::service::activity::Deed;

/// Windows of one space, at most.
const MOST: usize = 500;
/// Names that are said before it is "and 3 others".
const NAMED: usize = 2;

/// Maintenance windows.
pub struct Maintenance<'a>(pub(crate) &'a Inner);

impl Maintenance<'_> {
    fn planned(&self, actor: &Actor, id: WindowId) -> Result<Arc<Planned>, AppError> {
        self.0.windows.get(actor.space, id).ok_or_else(|| AppError::not_found("maintenance window"))
    }

    /// All windows of the space: what is open first, then what comes next, then the rest.
    pub fn list(&self, actor: &Actor) -> Vec<WindowView> {
        let now = self.0.clock.now();
        let mut views: Vec<WindowView> = self.0.windows.of_space(actor.space).iter().map(|planned| self.view(planned, now)).collect();
        views.sort_by_key(|view| match view.state {
            WindowState::Open(open) => (0, open.to),
            WindowState::Next(next) => (1, next.from),
            WindowState::Off => (2, Timestamp::default()),
            WindowState::Past => (3, Timestamp::default()),
        });
        views
    }

    /// The windows that are for a monitor and are open or yet to come.
    pub fn of_monitor(&self, actor: &Actor, id: MonitorId) -> Result<Vec<WindowView>, AppError> {
        let entry = self.0.board.get(actor.space, id).ok_or_else(|| AppError::not_found("monitor"))?;
        let (now, plan) = (self.0.clock.now(), entry.plan());
        let mine = self.0.windows.of_space(actor.space).into_iter().filter(|p| p.window.spec.covers.includes(id, &plan.monitor.spec.tags));
        Ok(mine.map(|planned| self.view(&planned, now)).filter(|view| view.state.occurrence().is_some()).collect())
    }

    /// The next ones by id, that is by creation, after `after`.
    pub fn list_after(&self, actor: &Actor, after: Option<WindowId>, limit: usize) -> Vec<(Window, WindowState)> {
        let now = self.0.clock.now();
        let later = self.0.windows.of_space(actor.space).into_iter().filter(|p| after.is_none_or(|after| p.window.id > after));
        later.take(limit).map(|p| (p.window.clone(), state(&p, now))).collect()
    }

    /// One, and how it stands.
    pub fn get(&self, actor: &Actor, id: WindowId) -> Result<(Window, WindowState), AppError> {
        let planned = self.planned(actor, id)?;
        Ok((planned.window.clone(), state(&planned, self.0.clock.now())))
    }

    /// What the form of a window needs: of a saved one, or of what somebody typed and wants to see before it is saved.
    pub fn form(&self, actor: &Actor, id: Option<WindowId>, typed: Option<WindowDraft>) -> Result<WindowForm, AppError> {
        let saved = id.map(|id| self.planned(actor, id)).transpose()?.map(|planned| planned.window.draft());
        let mut draft = typed.or(saved).unwrap_or_default();
        // Of a form that nobody has filled in yet nothing is wrong.
        let asked = !draft.repeat.is_empty();
        let (preview, wrong) = match self.preview(actor, &draft) {
            Ok(preview) => (Some(preview), None),
            Err(error) => (None, Some(error).filter(|_| asked)),
        };
        let (named, unknown) = self.named(actor, &draft);
        if unknown.is_empty() {
            draft.monitors = Monitors(self.0).names(actor, &named.monitors);
        }
        Ok(WindowForm { id, draft, preview, wrong })
    }

    /// A draft whose monitors are named by their ids: people write names, one a line. Names of nobody are told, and left out;
    /// those of a window that is not for chosen ones do not matter.
    fn named(&self, actor: &Actor, draft: &WindowDraft) -> (WindowDraft, FieldErrors) {
        let (mut draft, mut unknown) = (draft.clone(), FieldErrors::new());
        if draft.covers.trim() == "chosen" {
            draft.monitors = unknown.take("monitors", Monitors(self.0).ids(actor, &draft.monitors)).unwrap_or_default();
        }
        (draft, unknown)
    }

    /// Says whether a draft could be saved, and saves nothing.
    ///
    /// # Errors
    /// All that is wrong, field by field.
    pub fn judge(&self, actor: &Actor, draft: &WindowDraft) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        self.plan(actor, draft, None).map(drop)
    }

    /// What a draft would mean.
    pub fn preview(&self, actor: &Actor, draft: &WindowDraft) -> Result<Preview, AppError> {
        let now = self.0.clock.now();
        let planned = self.plan(actor, draft, None)?;
        let spec = &planned.window.spec;
        let entries = self.0.board.of(actor.space);
        let monitors = entries.iter().filter(|e| spec.covers.includes(e.id, &e.plan().monitor.spec.tags)).count();
        Ok(Preview {
            when: spec.repeat.words(),
            zone: spec.zone.clone(),
            // Also of a window that is off: what it would do.
            occurrences: planned.calendar.ending_after(now).take(PREVIEWED).collect(),
            monitors: u32::try_from(monitors).unwrap_or(u32::MAX),
        })
    }

    /// Judges a draft and plans it: a new window, or the next version of one.
    fn plan(&self, actor: &Actor, draft: &WindowDraft, before: Option<&Window>) -> Result<Planned, AppError> {
        let now = self.0.clock.now();
        let (draft, unknown) = self.named(actor, draft);
        let spec = unknown.join(draft.validate(now))?;
        let calendar = Calendar::new(&spec).map_err(|message| AppError::field("repeat", message))?;
        let window = match before {
            Some(before) => Window { spec, updated_at: now, ..before.clone() },
            None => Window {
                id: WindowId::new(now, secret::bits()),
                space: actor.space,
                spec,
                started_at: None,
                ended_at: None,
                updated_at: now,
            },
        };
        Ok(Planned { window, calendar })
    }

    /// Plans a new one.
    pub async fn create(&self, actor: &Actor, draft: &WindowDraft) -> Result<Window, AppError> {
        actor.must_be(Role::Editor)?;
        if self.0.windows.of_space(actor.space).len() >= MOST {
            return Err(AppError::new(
                Code::Conflict,
                format!("A space has at most {MOST} maintenance windows. Delete those that are past."),
            ));
        }
        let planned = self.plan(actor, draft, None)?;
        if planned.calendar.ending_after(self.0.clock.now()).next().is_none() {
            return Err(AppError::field("start", "This is over already. Choose a time that is yet to come."));
        }
        self.put(actor, planned, "planned").await
    }

    /// Changes the settings of one.
    pub async fn update(&self, actor: &Actor, id: WindowId, draft: &WindowDraft) -> Result<Window, AppError> {
        actor.must_be(Role::Editor)?;
        let before = self.planned(actor, id)?;
        let planned = self.plan(actor, draft, Some(&before.window))?;
        self.put(actor, planned, "changed").await
    }

    /// Begins one now, out of turn, for as long as it lasts.
    pub async fn start(&self, actor: &Actor, id: WindowId) -> Result<Window, AppError> {
        let message = "This window is open already.";
        self.by_hand(actor, id, false, message, |window, now| window.started_at = Some(now)).await
    }

    /// Ends one that is open. It begins again when it is due next.
    pub async fn end(&self, actor: &Actor, id: WindowId) -> Result<Window, AppError> {
        let message = "This window is not open.";
        self.by_hand(actor, id, true, message, |window, now| window.ended_at = Some(now)).await
    }

    async fn by_hand(
        &self,
        actor: &Actor,
        id: WindowId,
        open: bool,
        refusal: &str,
        change: impl Fn(&mut Window, Timestamp),
    ) -> Result<Window, AppError> {
        actor.must_be(Role::Editor)?;
        let (planned, now) = (self.planned(actor, id)?, self.0.clock.now());
        if planned.window.look(&planned.calendar, now).open.is_some() != open {
            return Err(AppError::new(Code::Conflict, refusal));
        }
        let mut window = planned.window.clone();
        change(&mut window, now);
        let did = if open { "ended" } else { "started" };
        self.put(actor, Planned { window, calendar: planned.calendar.clone() }, did).await
    }

    async fn put(&self, actor: &Actor, planned: Planned, did: &str) -> Result<Window, AppError> {
        let window = planned.window.clone();
        self.0.store.space(actor.space).windows().put(&window).await.map_err(unavailable)?;
        self.0.windows.put(planned);
        self.look(actor).await;
        let what = called(&window);
        self.0.log(actor, Deed::new(Area::Maintenance, did, &what).at(format!("/maintenance/{}/edit", window.id))).await;
        Ok(window)
    }

    /// Deletes one. If it is open, it ends.
    pub async fn delete(&self, actor: &Actor, id: WindowId) -> Result<(), AppError> {
        actor.must_be(Role::Editor)?;
        let planned = self.planned(actor, id)?;
        if !self.0.store.space(actor.space).windows().delete(id).await.map_err(unavailable)? {
            return Err(AppError::not_found("maintenance window"));
        }
        self.0.windows.remove(actor.space, id);
        self.look(actor).await;
        self.0.log(actor, Deed::new(Area::Maintenance, "deleted", &called(&planned.window))).await;
        Ok(())
    }

    /// Has the recorder look, so that whoever changed a window sees the states that follow from it.
    async fn look(&self, actor: &Actor) {
        let (done, looked) = oneshot::channel();
        if self.0.recorder.send(Command::Look { space: actor.space, done: Some(done) }).await {
            // An error means that everything stops; the next start looks anyway.
            let _stopping = looked.await;
        }
        self.0.hub.lists_changed(actor.space);
    }

    fn view(&self, planned: &Planned, now: Timestamp) -> WindowView {
        let spec = &planned.window.spec;
        WindowView {
            id: planned.window.id,
            name: spec.name.clone(),
            note: spec.note.clone(),
            when: spec.repeat.words(),
            duration_ms: u64::try_from(spec.duration.as_millis()).unwrap_or(u64::MAX),
            zone: spec.zone.clone(),
            covers: self.covers_words(&planned.window),
            state: state(planned, now),
        }
    }

    fn covers_words(&self, window: &Window) -> String {
        match &window.spec.covers {
            Covers::All => "All monitors".into(),
            Covers::Tagged(tags) => format!("Tagged {}", tags.join(" or ")),
            Covers::Chosen(ids) => {
                let found = ids.iter().filter_map(|id| self.0.board.get(window.space, *id));
                let mut names: Vec<String> = found.map(|entry| entry.plan().monitor.spec.name.clone()).collect();
                names.sort_by_key(|name| name.to_lowercase());
                let others = names.len().saturating_sub(NAMED);
                names.truncate(NAMED);
                match (names.as_slice(), others) {
                    ([], _) => "No monitor any more".into(),
                    ([one], _) => one.clone(),
                    ([one, two, ..], 0) => format!("{one} and {two}"),
                    ([one, two, ..], n) => format!("{one}, {two} and {}", words::count(n, "other", "others")),
                }
            }
        }
    }
}

fn called(window: &Window) -> String {
    format!("maintenance “{}”", window.spec.name)
}

fn state(planned: &Planned, now: Timestamp) -> WindowState {
    let look = planned.window.look(&planned.calendar, now);
    match (look.open, look.next) {
        (Some(open), _) => WindowState::Open(open),
        (None, Some(next)) => WindowState::Next(next),
        (None, None) if planned.window.spec.enabled => WindowState::Past,
        (None, None) => WindowState::Off,
    }
}
