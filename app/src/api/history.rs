//! What was recorded of a monitor.

use domain::Timestamp;
use domain::view::CheckView;
use leptos::prelude::*;

use crate::charts::LatencyChart;
use crate::error::ApiError;

/// The latency chart of a range, or of the part from `from` to `to` in milliseconds: its figures and the option that draws
/// it.
#[server(prefix = "/fn", endpoint = "draw_latency", input = server_fn::codec::GetUrl)]
pub async fn draw_latency(
    id: String,
    #[server(default)] range: String,
    #[server(default)] view: String,
    #[server(default)] from: Option<i64>,
    #[server(default)] to: Option<i64>,
) -> Result<LatencyChart, ApiError> {
    use crate::charts::View;
    use crate::context::PageContext;
    use domain::view::Range;
    let page = PageContext::get()?;
    let (actor, id, history) = (page.actor()?, super::parse::id(&id, "monitor")?, page.engine.history());
    let series = match from.zip(to) {
        Some((from, to)) => history.zoomed(&actor, id, Timestamp::from_millis(from), Timestamp::from_millis(to)).await?,
        None => history.series(&actor, id, Range::from_name(&range).unwrap_or(Range::Day)).await?,
    };
    Ok(LatencyChart::new(series, View::from_name(&view).unwrap_or_default()))
}

/// Older checks than `before`, newest first.
#[server(prefix = "/fn", endpoint = "checks", input = server_fn::codec::GetUrl)]
pub async fn checks(id: String, before: Timestamp) -> Result<Vec<CheckView>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.history().checks(&page.actor()?, super::parse::id(&id, "monitor")?, Some(before), 50).await?)
}
