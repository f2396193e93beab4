//! Channels, rules and messages of the open space.

use domain::alert::view::{ChannelForm, ChannelsView, MessageView, MessagesView, RuleForm, RuleRow, RuleTried, TextTried};
use domain::alert::{Attempt, ChannelDraft, RuleDraft};
use leptos::prelude::*;

use crate::error::ApiError;

/// The channels of the open space.
#[server(prefix = "/fn", endpoint = "channels", input = server_fn::codec::GetUrl)]
pub async fn channels() -> Result<ChannelsView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.channels().list(&page.actor()?).await?)
}

/// What the form of a channel needs: of a saved one, or of a new one of a kind.
#[server(prefix = "/fn", endpoint = "channel_fields", input = server_fn::codec::GetUrl)]
pub async fn channel_fields(#[server(default)] id: String, #[server(default)] kind: String) -> Result<ChannelForm, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let id = if id.is_empty() { None } else { Some(super::parse::id(&id, "channel")?) };
    Ok(page.engine.channels().form(&page.actor()?, id, &kind)?)
}

/// Makes a channel, or changes the one that is named, and shows the list; of a new webhook, its signing secret.
#[server(prefix = "/fn", endpoint = "save_channel")]
pub async fn save_channel(
    #[server(default)] id: String,
    #[server(default)] enabled: String,
    #[server(flatten)] draft: ChannelDraft,
) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let (actor, channels, enabled) = (page.actor()?, page.engine.channels(), enabled == "on");
    if id.is_empty() {
        let made = channels.create(&actor, &draft, enabled).await?;
        if made.spec.kind == domain::alert::ChannelKind::Webhook {
            // The receiver needs the secret that was made for it.
            leptos_axum::redirect(&format!("/alerts/channels/{}/edit#signing", made.id));
            return Ok(());
        }
    } else {
        channels.update(&actor, super::parse::id(&id, "channel")?, &draft, enabled).await?;
    }
    leptos_axum::redirect("/alerts/channels");
    Ok(())
}

/// Sends a test of what is in the form, and gives the provider's answer.
#[server(prefix = "/fn", endpoint = "test_channel")]
pub async fn test_channel(
    #[server(default)] editing: String,
    #[server(default)] example: String,
    #[server(flatten)] draft: ChannelDraft,
) -> Result<Attempt, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let id = if editing.is_empty() { None } else { Some(super::parse::id(&editing, "channel")?) };
    Ok(page.engine.channels().test(&page.actor()?, id, Some(&draft), &example).await?)
}

/// Makes a new signing secret of a webhook; the answer is the only time that it is shown unasked. The old one signs beside it for a while.
#[server(prefix = "/fn", endpoint = "rotate_channel")]
pub async fn rotate_channel(id: String, #[server(default)] grace: String) -> Result<domain::view::Once, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let secret = page.engine.channels().rotate(&page.actor()?, super::parse::id(&id, "channel")?, &grace).await?;
    Ok(domain::view::Once { secret })
}

/// Tells the signing secret that a webhook uses.
#[server(prefix = "/fn", endpoint = "reveal_channel")]
pub async fn reveal_channel(id: String) -> Result<domain::view::Once, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let secret = page.engine.channels().reveal(&page.actor()?, super::parse::id(&id, "channel")?).await?;
    Ok(domain::view::Once { secret })
}

/// What the templates of a form say of a made-up outage, or what is wrong with them.
#[server(prefix = "/fn", endpoint = "preview_channel")]
pub async fn preview_channel(#[server(flatten)] draft: ChannelDraft) -> Result<TextTried, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    page.actor()?;
    Ok(page.engine.channels().preview(&draft))
}

/// Characters of an answer that a message on the page shows.
#[cfg(feature = "ssr")]
const ANSWER_SHOWN: usize = 200;

/// Does one thing with a channel: `delete`, `test`. Says what came of it.
#[server(prefix = "/fn", endpoint = "channel_command")]
pub async fn channel_command(id: String, command: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::{AppError, Code};
    let page = PageContext::get()?;
    let (actor, channels, id) = (page.actor()?, page.engine.channels(), super::parse::id(&id, "channel")?);
    Ok(match command.as_str() {
        "delete" => {
            channels.delete(&actor, id).await?;
            "The channel is deleted.".to_owned()
        }
        "test" => {
            let attempt = channels.test(&actor, Some(id), None, "").await?;
            // What the other side said, in its own words.
            let answer: String = attempt.answer.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(ANSWER_SHOWN).collect();
            let status = attempt.status.map(|status| format!("answered {status}")).unwrap_or_else(|| "gave no answer".to_owned());
            let said =
                if answer.is_empty() { format!("{} {status}.", attempt.target) } else { format!("{} {status}: {answer}", attempt.target) };
            match attempt.error() {
                None => format!("The test was accepted. {said}"),
                Some(error) => return Err(AppError::new(Code::Unavailable, format!("{error} {said}")).into()),
            }
        }
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    })
}

/// The rules of the open space.
#[server(prefix = "/fn", endpoint = "rules", input = server_fn::codec::GetUrl)]
pub async fn rules() -> Result<Vec<RuleRow>, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.rules().list(&page.actor()?))
}

/// What the form of a rule needs: of a saved one, a new one, or of what was typed.
#[server(prefix = "/fn", endpoint = "rule_fields", input = server_fn::codec::Json)]
pub async fn rule_fields(id: String, typed: Option<RuleDraft>) -> Result<RuleForm, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let id = if id.is_empty() { None } else { Some(super::parse::id(&id, "rule")?) };
    Ok(page.engine.rules().form(&page.actor()?, id, typed).await?)
}

/// What a draft would have told lately, or what is wrong with it.
#[server(prefix = "/fn", endpoint = "preview_rule")]
pub async fn preview_rule(#[server(flatten)] draft: RuleDraft) -> Result<RuleTried, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.rules().preview(&page.actor()?, &draft).await?)
}

/// Makes a rule, or changes the one that is named, and shows the list.
#[server(prefix = "/fn", endpoint = "save_rule")]
pub async fn save_rule(#[server(default)] id: String, #[server(flatten)] draft: RuleDraft) -> Result<(), ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let (actor, rules) = (page.actor()?, page.engine.rules());
    if id.is_empty() {
        rules.create(&actor, &draft).await?;
    } else {
        rules.update(&actor, super::parse::id(&id, "rule")?, &draft).await?;
    }
    leptos_axum::redirect("/alerts");
    Ok(())
}

/// Does one thing with a rule: `on`, `off`, `delete`. Says what was done.
#[server(prefix = "/fn", endpoint = "rule_command")]
pub async fn rule_command(id: String, command: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    let page = PageContext::get()?;
    let (actor, rules, id) = (page.actor()?, page.engine.rules(), super::parse::id(&id, "rule")?);
    Ok(match command.as_str() {
        "delete" => {
            rules.delete(&actor, id).await?;
            "The rule is deleted.".to_owned()
        }
        "on" => format!("“{}” is on.", rules.set_enabled(&actor, id, true).await?.spec.name),
        "off" => format!("“{}” is off. It tells nothing.", rules.set_enabled(&actor, id, false).await?.spec.name),
        _ => return Err(AppError::field("command", "There is no such command.").into()),
    })
}

/// A page of messages. `state` is the name of one, or empty.
#[server(prefix = "/fn", endpoint = "messages", input = server_fn::codec::GetUrl)]
pub async fn messages(
    #[server(default)] state: String,
    #[server(default)] to: String,
    #[server(default)] before: String,
) -> Result<MessagesView, ApiError> {
    use crate::context::PageContext;
    use domain::AppError;
    use domain::alert::MessageState;
    let page = PageContext::get()?;
    let states = match state.as_str() {
        "" => Vec::new(),
        "waiting" => vec![MessageState::Waiting, MessageState::Sending],
        name => vec![MessageState::from_name(name).ok_or_else(|| AppError::field("state", format!("There is no state “{name}”.")))?],
    };
    let to = if to.is_empty() { None } else { Some(super::parse::id(&to, "channel")?) };
    let before = if before.is_empty() { None } else { Some(super::parse::id(&before, "message")?) };
    Ok(page.engine.messages().page(&page.actor()?, &states, to, before, None).await?)
}

/// The channels that messages go to: the destination and what people call it.
#[server(prefix = "/fn", endpoint = "told_channels", input = server_fn::codec::GetUrl)]
pub async fn told_channels() -> Result<Vec<(String, String)>, ApiError> {
    use crate::context::PageContext;
    use domain::alert::Destination;
    let page = PageContext::get()?;
    let channels = page.engine.channels().list_after(&page.actor()?, None, usize::MAX);
    Ok(channels.into_iter().map(|channel| (Destination::Channel(channel.id).to_string(), channel.spec.name)).collect())
}

/// One message with its tries.
#[server(prefix = "/fn", endpoint = "message", input = server_fn::codec::GetUrl)]
pub async fn message(id: String) -> Result<MessageView, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    Ok(page.engine.messages().view(&page.actor()?, super::parse::id(&id, "message")?).await?)
}

/// Sends a message again, or at once when it waits. Says so.
#[server(prefix = "/fn", endpoint = "retry_message")]
pub async fn retry_message(id: String) -> Result<String, ApiError> {
    use crate::context::PageContext;
    let page = PageContext::get()?;
    let waited = page.engine.messages().retry(&page.actor()?, super::parse::id(&id, "message")?).await?;
    Ok(if waited { "It is sent now." } else { "It is sent again." }.to_owned())
}
