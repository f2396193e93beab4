//! Who did what in the space.

use axum::extract::{Query, State};
use axum::{Extension, Json};
use domain::AppError;
use domain::activity::{Activity, Area};
use engine::Actor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cursor;
use super::output::Page;
use super::problem::{Failed, OrFailed as _, Problem};
use crate::web::AppState;
use crate::web::scope::Scope;

/// Which entries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `monitor`, `maintenance`, `incident`, `alert`, `webhook`, `space` or `account`. Default: all of them.
    area: Option<String>,
    /// With this text in them.
    q: Option<String>,
    /// 1 to 500. Default: 100.
    limit: Option<String>,
    /// From `next_cursor` of the page before.
    cursor: Option<String>,
}

/// One thing that somebody did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActivityJson {
    /// When.
    at: String,
    /// What people call whoever did it.
    #[schema(example = "Ada Lovelace")]
    who: String,
    /// To what.
    #[schema(value_type = String, example = "incident")]
    area: Area,
    /// What was done, in the past tense.
    #[schema(example = "acknowledged")]
    did: String,
    /// What it was done to.
    #[schema(example = "Checkout API is down")]
    what: String,
    /// More of it.
    detail: String,
}

impl From<Activity> for ActivityJson {
    fn from(one: Activity) -> Self {
        let Activity { at, who, area, did, what, detail, .. } = one;
        Self { at: at.to_rfc3339(), who, area, did, what, detail }
    }
}

/// The activity log of the space, the newest first.
#[utoipa::path(get, path = "/api/v1/activity", tag = "Activity", params(Wanted), security(("token" = [])),
    responses((status = 200, body = Page<ActivityJson>), (status = 422, body = Problem)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(scope): Extension<Scope>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<ActivityJson>>, Failed> {
    let page = async {
        let limit = cursor::limit(wanted.limit.as_deref())?.min(500);
        let before = cursor::decode::<String>(wanted.cursor.as_deref())?;
        let area = match wanted.area.as_deref() {
            None => None,
            Some(name) => {
                let known = Area::ALL.map(Area::name).join(", ");
                Some(Area::from_name(name).ok_or_else(|| AppError::field("area", format!("“{name}” is not an area. There are {known}.")))?)
            }
        };
        let text = wanted.q.as_deref().unwrap_or_default();
        let (rows, next) = state.engine().activities().page(&actor, area, text, before, Some(limit)).await?;
        Ok(Page { items: rows.into_iter().map(ActivityJson::from).collect(), next_cursor: next.as_ref().map(cursor::encode) })
    };
    page.await.or_failed(&scope).map(Json)
}
