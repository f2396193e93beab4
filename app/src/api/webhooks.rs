//! Scheduled webhooks of the open space.

use domain::webhook::{
    Attempt, DeadRun, ImportView, NamedSecret, RunRow, RunView, ScheduleCounts, ScheduleDetail, ScheduleDraft, ScheduleForm, SchedulesView,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::charts::RunCharts;
use crate::error::ApiError;

/// A draft that was sent once, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    /// The draft, less its secrets, with what is wrong with it.
    pub form: ScheduleForm,
    /// What was sent and seen, when it could be sent.
    pub attempt: Option<Attempt>,
}

/// Lines that were looked at or taken over, and what was typed, for a page without scripts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// Line by line.
    pub view: ImportView,
    /// What was typed; empty once it is taken over.
    pub text: String,
    /// The zone of a crontab that names none.
    pub zone: String,
}

/// A page of the list. `standing` is the name of one, or empty.
#[server(prefix = "/fn", endpoint = "webhooks", input = server_fn::codec::GetUrl)]
pub async fn webhooks(
    #[server(default)] search: String,
    #[server(default)] standing: String,
    #[server(default)] tag: String,
    #[server(default)] page: u32,
) -> Result<SchedulesView, ApiError> {
    use crate::context::PageContext;
    use domain::webhook::ScheduleFilter;
    let context = PageContext::get()?;
    Ok(context.engine.schedules().page(&context.actor()?, &ScheduleFilter { search, standing, tag, page }).await?)
}

/// How many there are, by how they stand.
#[server(prefix = "/fn", endpoint = "count_webhooks", input = server_fn::codec::GetUrl)]
pub async fn count_webhooks() -> Result<ScheduleCounts, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.schedules().counts(&page.actor()?))
}

/// The page of one, with what draws its charts.
#[server(prefix = "/fn", endpoint = "webhook", input = server_fn::codec::GetUrl)]
pub async fn webhook(id: String) -> Result<(ScheduleDetail, RunCharts), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let detail = page.engine.schedules().detail(&page.actor()?, super::parse::id(&id, "webhook")?).await?;
    let charts = RunCharts::new(&detail.days, &detail.latency, page.engine.now());
    Ok((detail, charts))
}

/// What the form needs: of a saved one, of a copy of one, or of a new one.
#[server(prefix = "/fn", endpoint = "webhook_form", input = server_fn::codec::GetUrl)]
pub async fn webhook_form(#[server(default)] id: String, #[server(default)] copy: String) -> Result<ScheduleForm, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let one = |text: &str| if text.is_empty() { Ok(None) } else { super::parse::id(text, "webhook").map(Some) };
    Ok(page.engine.schedules().form(&page.actor()?, one(&id)?, one(&copy)?, None)?)
}

/// What a draft would mean. Without scripts the page is made of the answer, so that nothing typed is lost but secrets.
#[server(prefix = "/fn", endpoint = "preview_webhook")]
pub async fn preview_webhook(
    #[server(default)] editing: String,
    #[server(flatten)] draft: ScheduleDraft,
) -> Result<ScheduleForm, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let editing = if editing.is_empty() { None } else { Some(super::parse::id(&editing, "webhook")?) };
    let form = page.engine.schedules().form(&page.actor()?, editing, None, Some(draft.clone()))?;
    Ok(ScheduleForm { draft: without_secrets(draft), ..form })
}

/// Sends a draft once and shows everything that happened. `editing` is the saved one whose secrets it may use.
#[server(prefix = "/fn", endpoint = "test_webhook")]
pub async fn test_webhook(#[server(default)] editing: String, #[server(flatten)] draft: ScheduleDraft) -> Result<Tested, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let actor = page.actor()?;
    let editing = if editing.is_empty() { None } else { Some(super::parse::id(&editing, "webhook")?) };
    let schedules = page.engine.schedules();
    let (attempt, wrong) = match schedules.test(&actor, editing, &draft).await {
        Ok(attempt) => (Some(attempt), None),
        Err(error) if error.fields.is_empty() => return Err(error.into()),
        Err(error) => (None, Some(error)),
    };
    let form = schedules.form(&actor, editing, None, Some(draft.clone()))?;
    Ok(Tested { form: ScheduleForm { draft: without_secrets(draft), wrong, ..form }, attempt })
}

/// A draft whose secrets are gone, but for the marks of saved ones: it goes back to a page.
#[cfg(feature = "ssr")]
fn without_secrets(mut draft: ScheduleDraft) -> ScheduleDraft {
    use domain::kind::Input;
    use domain::monitor::KEPT;
    for field in domain::webhook::form().iter().filter(|field| field.input.is_secret()) {
        let Some(value) = draft.settings.get_mut(field.name) else { continue };
        match field.input {
            Input::Headers => {
                let line = |line: &str| match line.split_once(':') {
                    Some((name, value)) if value.trim() == KEPT => format!("{name}: {KEPT}"),
                    Some((name, _)) => format!("{name}: "),
                    None => String::new(),
                };
                *value = value.lines().map(line).collect::<Vec<_>>().join("\n");
            }
            _ if value == KEPT => {}
            _ => value.clear(),
        }
    }
    draft
}

/// Adds a webhook, or changes the one that is named, and shows it.
#[server(prefix = "/fn", endpoint = "save_webhook")]
pub async fn save_webhook(#[server(default)] id: String, #[server(flatten)] draft: ScheduleDraft) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let (actor, schedules) = (page.actor()?, page.engine.schedules());
    let saved = if id.is_empty() {
        schedules.create(&actor, &draft).await?
    } else {
        schedules.update(&actor, super::parse::id(&id, "webhook")?, &draft).await?
    };
    leptos_axum::redirect(&format!("/webhooks/{}", saved.schedule.id));
    Ok(())
}

/// Does one thing with several webhooks: `pause` (with a note, perhaps until a time), `resume`, `run` or `delete`. Says what was done.
/// A command may name its only webhook, as `pause/sch_…`: the menus of all rows share one form.
#[server(prefix = "/fn", endpoint = "webhook_command")]
pub async fn webhook_command(
    command: String,
    #[server(default)] ids: Vec<String>,
    #[server(default)] note: String,
    #[server(default)] until: String,
    #[server(default)] catch_up: String,
    #[server(default)] next: String,
) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, words};
    let page = PageContext::get()?;
    let actor = page.actor()?;
    let (command, ids) = match command.split_once('/') {
        Some((command, only)) => (command, vec![super::parse::id(only, "webhook")?]),
        None => (command.as_str(), super::parse::ids(&ids, "webhook")?),
    };
    let schedules = page.engine.schedules();
    let (count, verb) = match command {
        "pause" => (schedules.pause(&actor, &ids, &note, &until).await?, "Paused"),
        "resume" => (schedules.resume(&actor, &ids, catch_up == "on").await?, "Resumed"),
        "run" => (schedules.run_now(&actor, &ids).await?.len(), "Running"),
        "delete" => (schedules.delete(&actor, &ids).await?, "Deleted"),
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    };
    if !next.is_empty() {
        leptos_axum::redirect(super::parse::path(&next));
    }
    Ok(format!("{verb} {}.", words::count(count, "webhook", "webhooks")))
}

/// Does one thing with several runs: `redeliver` or `cancel`. Says what was done.
#[server(prefix = "/fn", endpoint = "run_command")]
pub async fn run_command(command: String, #[server(default)] ids: Vec<String>) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, words};
    let page = PageContext::get()?;
    let (actor, ids, schedules) = (page.actor()?, super::parse::ids(&ids, "run")?, page.engine.schedules());
    Ok(match command.as_str() {
        "redeliver" => format!("{} sent again.", words::count(schedules.redeliver(&actor, &ids).await?, "run is", "runs are")),
        "cancel" => format!("{} cancelled.", words::count(schedules.cancel(&actor, &ids).await?, "run is", "runs are")),
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    })
}

/// Runs of a page.
#[cfg(feature = "ssr")]
const RUNS: u32 = 50;

/// The log of runs, the newest first. `state` is the name of one, or empty; `before` a nominal time in milliseconds, or empty.
#[server(prefix = "/fn", endpoint = "webhook_runs", input = server_fn::codec::GetUrl)]
pub async fn webhook_runs(
    id: String,
    #[server(default)] state: String,
    #[server(default)] before: String,
) -> Result<Vec<RunRow>, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    use domain::webhook::RunState;
    let page = PageContext::get()?;
    let states = match state.as_str() {
        "" => Vec::new(),
        "open" => vec![RunState::Scheduled, RunState::Running, RunState::Retrying],
        "not_run" => vec![RunState::Skipped, RunState::Missed, RunState::Cancelled],
        name => vec![RunState::from_name(name).ok_or_else(|| AppError::field("state", format!("There is no state “{name}”.")))?],
    };
    let filter = engine::RunFilter { states, before: instant(&before), since: None };
    Ok(page.engine.schedules().runs(&page.actor()?, super::parse::id(&id, "webhook")?, &filter, RUNS).await?)
}

#[cfg(feature = "ssr")]
fn instant(millis: &str) -> Option<domain::Timestamp> {
    millis.parse().ok().map(domain::Timestamp::from_millis)
}

/// One run with its attempts.
#[server(prefix = "/fn", endpoint = "webhook_run", input = server_fn::codec::GetUrl)]
pub async fn webhook_run(id: String) -> Result<RunView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.schedules().run(&page.actor()?, super::parse::id(&id, "run")?).await?)
}

/// Runs that were given up, the newest first; of one webhook when it is named. `before` is a nominal time in milliseconds, or empty.
#[server(prefix = "/fn", endpoint = "dead_runs", input = server_fn::codec::GetUrl)]
pub async fn dead_runs(#[server(default)] before: String, #[server(default)] webhook: String) -> Result<Vec<DeadRun>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let of = if webhook.is_empty() { None } else { Some(super::parse::id(&webhook, "webhook")?) };
    Ok(page.engine.schedules().dead(&page.actor()?, of, instant(&before), RUNS).await?)
}

/// Sends the runs of a span that were given up again. Says how many.
#[server(prefix = "/fn", endpoint = "redeliver_span")]
pub async fn redeliver_span(id: String, #[server(default)] from: String, #[server(default)] to: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::words;
    let page = PageContext::get()?;
    let sent = page.engine.schedules().redeliver_span(&page.actor()?, super::parse::id(&id, "webhook")?, &from, &to).await?;
    Ok(format!("{} sent again.", words::count(sent, "run is", "runs are")))
}

/// The times of a span that did not run; run now unless it is only looked at.
#[server(prefix = "/fn", endpoint = "backfill_webhook")]
pub async fn backfill_webhook(
    id: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] limit: String,
    #[server(default)] command: String,
) -> Result<Filled, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    let page = PageContext::get()?;
    let most = match limit.trim() {
        "" => 100,
        text => text.parse().map_err(|_| AppError::field("limit", "Write a whole number."))?,
    };
    let looked = command != "run";
    let id = super::parse::id(&id, "webhook")?;
    let found = page.engine.schedules().backfill(&page.actor()?, id, &from, &to, most, looked).await?;
    Ok(Filled { found, looked, from, to, limit })
}

/// A span of the past that was looked at or run, and what was typed, for a page without scripts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Filled {
    /// Its times.
    pub found: domain::webhook::Backfilled,
    /// Nothing runs.
    pub looked: bool,
    /// As typed.
    pub from: String,
    /// As typed.
    pub to: String,
    /// As typed.
    pub limit: String,
}

/// Makes a new signing secret; the answer is the only time that it is shown. The old one signs beside it for a while.
#[server(prefix = "/fn", endpoint = "rotate_webhook")]
pub async fn rotate_webhook(id: String, #[server(default)] grace: String) -> Result<domain::view::Once, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let secret = page.engine.schedules().rotate(&page.actor()?, super::parse::id(&id, "webhook")?, &grace).await?;
    Ok(domain::view::Once { secret })
}

/// Tells the signing secret that is in use.
#[server(prefix = "/fn", endpoint = "reveal_webhook")]
pub async fn reveal_webhook(id: String) -> Result<domain::view::Once, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let secret = page.engine.schedules().reveal(&page.actor()?, super::parse::id(&id, "webhook")?).await?;
    Ok(domain::view::Once { secret })
}

/// Looks at a crontab or a table line by line; with the command `import` it takes over what it can.
#[server(prefix = "/fn", endpoint = "import_webhooks")]
pub async fn import_webhooks(
    text: String,
    #[server(default)] zone: String,
    #[server(default)] command: String,
) -> Result<Looked, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let view = page.engine.schedules().import(&page.actor()?, &text, &zone, command != "import").await?;
    let text = if view.added > 0 { String::new() } else { text };
    Ok(Looked { view, text, zone })
}

/// The names of the values that templates may use.
#[server(prefix = "/fn", endpoint = "webhook_secrets", input = server_fn::codec::GetUrl)]
pub async fn webhook_secrets() -> Result<Vec<NamedSecret>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.schedules().secrets(&page.actor()?).await?)
}

/// Keeps a value under a name, in the place of the one that was there.
#[server(prefix = "/fn", endpoint = "put_webhook_secret")]
pub async fn put_webhook_secret(name: String, secret: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.schedules().put_secret(&page.actor()?, &name, &secret).await?)
}

/// Forgets a value. Says so.
#[server(prefix = "/fn", endpoint = "delete_webhook_secret")]
pub async fn delete_webhook_secret(name: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.schedules().delete_secret(&page.actor()?, &name).await?;
    Ok(format!("{name} is forgotten."))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use domain::monitor::KEPT;

    #[test]
    fn a_draft_goes_back_without_its_secrets() {
        let headers = format!("X-Key: abc\nX-Old: {KEPT}\nnonsense");
        let draft = ScheduleDraft::of([("url", "https://a.example/"), ("token", "t"), ("password", KEPT), ("headers", &headers)]);
        let back = without_secrets(draft);
        assert_eq!((back.setting("url"), back.setting("token"), back.setting("password")), ("https://a.example/", "", KEPT));
        assert_eq!(back.setting("headers"), format!("X-Key: \nX-Old: {KEPT}\n"));
    }
}
