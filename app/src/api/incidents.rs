//! Incidents of the open space.

use domain::alert::view::{IncidentView, IncidentsView};
use leptos::prelude::*;

use crate::error::ApiError;

/// A page of incidents. `state` is the name of one, or empty for those that are not over and those that are; `monitor` is an id or a name.
#[server(prefix = "/fn", endpoint = "incidents", input = server_fn::codec::GetUrl)]
pub async fn incidents(
    #[server(default)] state: String,
    #[server(default)] monitor: String,
    #[server(default)] tag: String,
    #[server(default)] q: String,
    #[server(default)] before: String,
) -> Result<IncidentsView, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    use domain::alert::IncidentState;
    use engine::service::IncidentSearch;
    let page = PageContext::get()?;
    let states = match state.as_str() {
        "" => Vec::new(),
        "unresolved" => vec![IncidentState::Open, IncidentState::Acknowledged],
        name => vec![IncidentState::from_name(name).ok_or_else(|| AppError::field("state", format!("There is no state “{name}”.")))?],
    };
    let before = if before.is_empty() { None } else { Some(super::parse::id(&before, "incident")?) };
    let wanted = IncidentSearch { states, monitor, tag, text: q, before };
    Ok(page.engine.incidents().search(&page.actor()?, &wanted).await?)
}

/// One incident with everything around it.
#[server(prefix = "/fn", endpoint = "incident", input = server_fn::codec::GetUrl)]
pub async fn incident(id: String) -> Result<IncidentView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.incidents().view(&page.actor()?, super::parse::id(&id, "incident")?).await?)
}

/// Opens an incident by hand and shows it.
#[server(prefix = "/fn", endpoint = "open_incident")]
pub async fn open_incident(title: String, #[server(default)] detail: String, #[server(default)] monitors: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    use engine::service::IncidentDraft;
    let page = PageContext::get()?;
    let id = page.engine.incidents().open_by_hand(&page.actor()?, &IncidentDraft { title, detail, monitors }).await?;
    leptos_axum::redirect(&format!("/incidents/{id}"));
    Ok(())
}

/// Does one thing with an incident: `acknowledge`, `resolve`, `reopen`, `comment`. Says what was done.
#[server(prefix = "/fn", endpoint = "incident_command")]
pub async fn incident_command(id: String, command: String, #[server(default)] text: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    let page = PageContext::get()?;
    let (actor, incidents, id) = (page.actor()?, page.engine.incidents(), super::parse::id(&id, "incident")?);
    Ok(match command.as_str() {
        "acknowledge" => {
            incidents.acknowledge(&actor, id).await?;
            "Acknowledged. Nobody is reminded any more.".to_owned()
        }
        "resolve" => {
            incidents.resolve(&actor, id, &text).await?;
            "The incident is resolved.".to_owned()
        }
        "reopen" => {
            incidents.reopen(&actor, id).await?;
            "The incident is open again.".to_owned()
        }
        "comment" => {
            incidents.comment(&actor, id, &text).await?;
            "Your comment is in the timeline.".to_owned()
        }
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    })
}

/// Adds a comment to the timeline.
#[server(prefix = "/fn", endpoint = "comment_incident")]
pub async fn comment_incident(id: String, text: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.incidents().comment(&page.actor()?, super::parse::id(&id, "incident")?, &text).await?)
}

/// Keeps what was learnt.
#[server(prefix = "/fn", endpoint = "save_postmortem")]
pub async fn save_postmortem(id: String, postmortem: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.incidents().write_postmortem(&page.actor()?, super::parse::id(&id, "incident")?, &postmortem).await?)
}

/// What a link in a message may acknowledge, for who opened it.
#[server(prefix = "/fn", endpoint = "acknowledgeable", input = server_fn::codec::GetUrl)]
pub async fn acknowledgeable(token: String) -> Result<domain::alert::view::AcknowledgeOffer, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.incidents().offer(&token).await?)
}

/// Acknowledges by a link in a message.
#[server(prefix = "/fn", endpoint = "acknowledge_by_link")]
pub async fn acknowledge_by_link(token: String) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.engine.incidents().acknowledge_by_link(&token).await?;
    leptos_axum::redirect(&format!("/acknowledge/{token}"));
    Ok(())
}
