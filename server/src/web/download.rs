//! A monitor's history and the activity log as files, for a browser: a link that carries the session cookie. REST offers the same to programs.

use app::context::PageContext;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse as _, Response};
use domain::activity::Area;
use domain::{AppError, MonitorId, Timestamp};
use engine::service::{Export, ExportFormat};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Deserialize;

/// What is wanted.
#[derive(Deserialize)]
pub(super) struct Wanted {
    format: Option<String>,
}

/// Every check of a monitor.
pub(super) async fn download(Extension(page): Extension<PageContext>, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Response {
    let file = || {
        let (actor, id) = (page.actor()?, id.parse::<MonitorId>().map_err(|_| AppError::not_found("monitor"))?);
        let format = format(wanted.format.as_deref())?;
        let window = (Timestamp::default(), Timestamp::from_millis(i64::MAX));
        Ok((id, format, page.engine.history().export(&actor, id, window, format)?))
    };
    match file() {
        Ok((id, format, export)) => respond(id, format, export),
        Err(error) => {
            let error: AppError = error;
            (super::health::status(&error), format!("{error}\n")).into_response()
        }
    }
}

/// Which entries of the activity log are wanted.
#[derive(Deserialize)]
pub(super) struct WantedActivity {
    #[serde(default)]
    area: String,
    #[serde(default)]
    q: String,
}

/// Days of the activity log in a file.
const ACTIVITY_DAYS: u64 = 366;

/// The activity log of the open space.
pub(super) async fn activity(Extension(page): Extension<PageContext>, Query(wanted): Query<WantedActivity>) -> Response {
    let file = async {
        let area = Some(wanted.area.as_str())
            .filter(|area| !area.is_empty())
            .map(|name| Area::from_name(name).ok_or_else(|| AppError::field("area", format!("There is no area “{name}”."))));
        page.engine.activities().export(&page.actor()?, area.transpose()?, &wanted.q, ACTIVITY_DAYS).await
    };
    match file.await {
        Ok(text) => {
            let disposition = HeaderValue::from_static("attachment; filename=\"activity.csv\"");
            ([(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")), (CONTENT_DISPOSITION, disposition)], text)
                .into_response()
        }
        Err(error) => (super::health::status(&error), format!("{error}\n")).into_response(),
    }
}

/// Reads the format of an export; CSV unless it is named.
pub(crate) fn format(name: Option<&str>) -> Result<ExportFormat, AppError> {
    ExportFormat::from_name(name.unwrap_or("csv")).ok_or_else(|| AppError::field("format", "An export is csv or ndjson."))
}

/// The file, written while it is read.
pub(crate) fn respond(id: MonitorId, format: ExportFormat, export: Export) -> Response {
    // A failure on the way cuts the answer off: whoever reads it sees that it is not whole.
    let days = futures::stream::try_unfold(export, |mut export| async move {
        let next = export.next().await.map_err(|error| std::io::Error::other(error.message))?;
        Ok::<_, std::io::Error>(next.map(|text| (Bytes::from(text), export)))
    });
    let mut response = Response::new(Body::from_stream(days));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    // The id of a monitor and the name of a format are plain ASCII.
    let disposition = format!("attachment; filename=\"{id}.{}\"", format.name());
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    }
    response
}
