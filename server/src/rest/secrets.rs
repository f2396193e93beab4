//! The named values that templates of webhooks may use. They are written and replaced here, and never read.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use domain::webhook::NamedSecret;
use engine::Actor;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{known, object, text_of};
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// A named value, without the value.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretJson {
    /// For `{{ secret.NAME }}`.
    #[schema(example = "API_KEY")]
    name: String,
    /// When it was last written.
    updated_at: String,
}

/// All of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretsJson {
    items: Vec<SecretJson>,
}

/// A value.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(super) struct SecretInput {
    value: String,
}

/// The names of the values that templates of webhooks may use.
#[utoipa::path(get, path = "/api/v1/secrets", tag = "Webhooks", security(("token" = [])), responses((status = 200, body = SecretsJson)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
) -> Result<Json<SecretsJson>, Failed> {
    let named = |secret: NamedSecret| SecretJson { name: secret.name, updated_at: secret.updated_at.to_rfc3339() };
    let found = state.engine().schedules().secrets(&actor).await;
    found.or_failed(&scope).map(|secrets| Json(SecretsJson { items: secrets.into_iter().map(named).collect() }))
}

/// Keeps a value under a name, in the place of the one that was there.
#[utoipa::path(put, path = "/api/v1/secrets/{name}", tag = "Webhooks", params(("name" = String, Path)), request_body = SecretInput,
    security(("token" = [])), responses((status = 204), (status = 422, body = Problem)))]
pub(super) async fn put(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Failed> {
    let kept = async {
        let body = object(&body)?;
        known(&body, &["value"])?;
        let in_json = |mut error: domain::AppError| {
            error.fields.iter_mut().filter(|wrong| wrong.field == "secret").for_each(|wrong| wrong.field = "value".into());
            error
        };
        state.engine().schedules().put_secret(&actor, &name, &text_of(&body, "value")?).await.map_err(in_json)
    };
    kept.await.or_failed(&scope).map(|()| StatusCode::NO_CONTENT)
}

/// Forgets a value that no webhook names.
#[utoipa::path(delete, path = "/api/v1/secrets/{name}", tag = "Webhooks", params(("name" = String, Path)), security(("token" = [])),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(name): Path<String>,
) -> Result<StatusCode, Failed> {
    state.engine().schedules().delete_secret(&actor, &name).await.or_failed(&scope).map(|()| StatusCode::NO_CONTENT)
}
