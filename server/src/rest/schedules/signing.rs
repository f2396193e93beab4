//! The secret by which a receiver knows who sent a request.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use engine::Actor;
use serde::Serialize;
use utoipa::ToSchema;

use super::parse_id;
use crate::rest::input::{known, optional, text_of};
use crate::rest::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// A signing secret.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::rest) struct SigningJson {
    /// By [Standard Webhooks](https://www.standardwebhooks.com/).
    #[schema(example = "whsec_…")]
    pub signing_secret: String,
}

/// How a secret is changed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read field by field")]
pub(in crate::rest) struct RotateInput {
    /// So long the old secret signs as well, at most 7 d. Default: 24 h.
    #[schema(example = "24 h")]
    grace: Option<String>,
}

/// Tells the signing secret that is in use; that is written in the activity log.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/secret", tag = "Webhooks", params(("id" = String, Path)), security(("token" = [])),
    responses((status = 200, body = SigningJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(in crate::rest) async fn reveal(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
) -> Result<Json<SigningJson>, Failed> {
    let told = async { state.engine().schedules().reveal(&actor, parse_id(&id)?).await };
    told.await.or_failed(&scope).map(|signing_secret| Json(SigningJson { signing_secret }))
}

/// Makes a new signing secret and answers it. The old one signs beside it for a while.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/secret", tag = "Webhooks", params(("id" = String, Path)), request_body = Option<RotateInput>,
    security(("token" = [])), responses((status = 200, body = SigningJson), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(in crate::rest) async fn rotate(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<SigningJson>, Failed> {
    let made = async {
        let (id, grace) = (parse_id(&id)?, grace(&body)?);
        state.engine().schedules().rotate(&actor, id, &grace).await
    };
    made.await.or_failed(&scope).map(|signing_secret| Json(SigningJson { signing_secret }))
}

/// The span of a body that may be empty.
pub(in crate::rest) fn grace(body: &[u8]) -> Result<String, domain::AppError> {
    let body = optional(body)?;
    known(&body, &["grace"])?;
    text_of(&body, "grace")
}
