//! What is done with many schedules or runs at once: stop, go on, run, delete; take over a crontab or a table; send again.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::webhook::{ImportRow, ImportView, OccurrenceId};
use domain::{AppError, ScheduleId};
use engine::Actor;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::parse_id;
use crate::rest::input::{flag_of, known, object, text_of, texts};
use crate::rest::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// Ids of a request, at most.
const IDS_MAX: usize = 10_000;
const COMMANDS: &str = "There are pause, resume, run and delete.";

/// What is to be done with which schedules.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(in crate::rest) struct CommandInput {
    /// `pause`, `resume`, `run` or `delete`.
    #[schema(example = "pause")]
    command: String,
    /// At most 10,000. Those of another space or gone are passed over; when none is left, the answer is 404.
    ids: Vec<String>,
    /// With `pause`: why.
    note: Option<String>,
    /// With `pause`: local time in the zone of each, or an instant. Default: until somebody has them go on.
    until: Option<String>,
    /// With `resume`: what passed meanwhile runs, by the rule of each for catching up. Default: false.
    catch_up: Option<bool>,
}

/// How many it was done with.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct DoneJson {
    /// Schedules or runs.
    pub count: usize,
}

/// What is to be taken over.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(in crate::rest) struct ImportInput {
    /// A crontab, or a table in CSV.
    #[schema(example = "0 2 * * * curl -fsS https://example.com/hooks/nightly")]
    text: String,
    /// Of a crontab that names none. Default: UTC.
    timezone: Option<String>,
    /// Only says what would be taken over. Default: false.
    dry_run: Option<bool>,
}

/// What was taken over, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ImportJson {
    /// How many were taken over; 0 of what was only looked at.
    added: u32,
    /// Line by line.
    lines: Vec<ImportLineJson>,
}

/// A line of it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct ImportLineJson {
    /// From 1.
    line: u32,
    /// What it is called.
    name: String,
    /// When it runs, in words.
    when: String,
    /// Method and address.
    request: String,
    /// Its zone, and whether it has a sign-in or begins paused.
    note: String,
    /// Why it cannot be taken over; null: it can.
    error: Option<String>,
}

impl From<ImportView> for ImportJson {
    fn from(view: ImportView) -> Self {
        let line = |row: ImportRow| ImportLineJson {
            line: row.line,
            name: row.name,
            when: row.when,
            request: row.target,
            note: row.note,
            error: Some(row.error).filter(|error| !error.is_empty()),
        };
        Self { added: view.added, lines: view.rows.into_iter().map(line).collect() }
    }
}

/// The runs of a span.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(in crate::rest) struct SpanInput {
    /// Local time in its zone, or an instant.
    from: String,
    /// The same.
    to: String,
}

/// Some runs.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(in crate::rest) struct RunsInput {
    /// At most 1,000.
    ids: Vec<String>,
}

fn ids<T: std::str::FromStr>(body: &Map<String, Value>, most: usize) -> Result<Vec<T>, AppError> {
    let wrong = |message: &str| AppError::field("ids", message);
    let named = texts(body.get("ids").unwrap_or(&Value::Null)).map_err(wrong)?;
    if named.is_empty() || named.len() > most {
        return Err(wrong(&format!("Name 1 to {most}.")));
    }
    named.iter().map(|id| id.parse().map_err(|_| wrong(&format!("“{}” is no such id.", id.chars().take(80).collect::<String>())))).collect()
}

/// Does one thing with many schedules.
#[utoipa::path(post, path = "/api/v1/schedules/command", tag = "Webhooks", request_body = CommandInput, security(("token" = [])),
    responses((status = 200, body = DoneJson), (status = 422, body = Problem)))]
pub(in crate::rest) async fn command(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<Json<DoneJson>, Failed> {
    let done = async {
        let body = object(&body)?;
        known(&body, &["command", "ids", "note", "until", "catch_up"])?;
        let (ids, schedules) = (ids::<ScheduleId>(&body, IDS_MAX)?, state.engine().schedules());
        match text_of(&body, "command")?.as_str() {
            "pause" => schedules.pause(&actor, &ids, &text_of(&body, "note")?, &text_of(&body, "until")?).await,
            "resume" => schedules.resume(&actor, &ids, flag_of(&body, "catch_up")?).await,
            "run" => schedules.run_now(&actor, &ids).await.map(|begun| begun.len()),
            "delete" => schedules.delete(&actor, &ids).await,
            _ => Err(AppError::field("command", COMMANDS)),
        }
    };
    done.await.or_failed(&scope).map(|count| Json(DoneJson { count }))
}

/// Takes over a crontab or a table, or says what of it could be taken over.
#[utoipa::path(post, path = "/api/v1/schedules/import", tag = "Webhooks", request_body = ImportInput, security(("token" = [])),
    responses((status = 200, body = ImportJson), (status = 422, body = Problem)))]
pub(in crate::rest) async fn import(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<Json<ImportJson>, Failed> {
    let taken = async {
        let body = object(&body)?;
        known(&body, &["text", "timezone", "dry_run"])?;
        let (text, zone, dry_run) = (text_of(&body, "text")?, text_of(&body, "timezone")?, flag_of(&body, "dry_run")?);
        state.engine().schedules().import(&actor, &text, &zone, dry_run).await
    };
    taken.await.or_failed(&scope).map(|view| Json(view.into()))
}

/// Sends the runs of a span again that were given up.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/redeliver", tag = "Webhooks", params(("id" = String, Path)), request_body = SpanInput,
    security(("token" = [])), responses((status = 202, body = DoneJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(in crate::rest) async fn redeliver_span(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<(http::StatusCode, Json<DoneJson>), Failed> {
    let sent = async {
        let (id, body) = (parse_id(&id)?, object(&body)?);
        known(&body, &["from", "to"])?;
        state.engine().schedules().redeliver_span(&actor, id, &text_of(&body, "from")?, &text_of(&body, "to")?).await
    };
    sent.await.or_failed(&scope).map(|count| (http::StatusCode::ACCEPTED, Json(DoneJson { count })))
}

/// Sends runs again that have ended, one attempt each.
#[utoipa::path(post, path = "/api/v1/occurrences/redeliver", tag = "Webhooks", request_body = RunsInput, security(("token" = [])),
    responses((status = 202, body = DoneJson), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub(in crate::rest) async fn redeliver(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    body: Bytes,
) -> Result<(http::StatusCode, Json<DoneJson>), Failed> {
    let sent = async {
        let body = object(&body)?;
        known(&body, &["ids"])?;
        state.engine().schedules().redeliver(&actor, &ids::<OccurrenceId>(&body, 1_000)?).await
    };
    sent.await.or_failed(&scope).map(|count| (http::StatusCode::ACCEPTED, Json(DoneJson { count })))
}
