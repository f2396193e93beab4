//! The figures over the monitors of the open space.

use domain::analytics::Analytics;
use leptos::prelude::*;

use crate::error::ApiError;

/// How a period went; empty texts mean: any. `zone` is the reader's, for the hours of the week, of which `hour` asks for one.
#[server(prefix = "/fn", endpoint = "analytics", input = server_fn::codec::GetUrl)]
pub async fn get_analytics(
    #[server(default)] period: String,
    #[server(default)] tag: String,
    #[server(default)] kind: String,
    #[server(default)] zone: String,
    #[server(default)] hour: Option<u8>,
) -> Result<Analytics, ApiError> {
    use crate::context::PageContext;
    use domain::analytics::{Period, Query};
    let page = PageContext::get()?;
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    let query = Query { period: Period::from_name(&period).unwrap_or_default(), tag: some(tag), kind: some(kind), zone };
    Ok(page.engine.analytics().of(&page.actor()?, &query, hour).await?)
}
