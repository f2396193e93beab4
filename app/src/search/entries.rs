//! What the palette offers: pages and actions at once, monitors and webhooks from the server.

use domain::account::Role;

use crate::components::Symbol;
use crate::session::Session;

/// One line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The heading that it stands below.
    pub group: &'static str,
    /// Its icon.
    pub symbol: Symbol,
    /// What it is called.
    pub word: String,
    /// More about it.
    pub note: String,
    /// Where it leads.
    pub href: String,
}

fn page(symbol: Symbol, word: &str, href: &str) -> Entry {
    Entry { group: "Go to", symbol, word: word.into(), note: String::new(), href: href.into() }
}

/// Pages and actions of a session that contain what was typed.
pub fn fixed(session: &Session, typed: &str) -> Vec<Entry> {
    let mut all = vec![
        page(Symbol::Home, "Overview", "/"),
        page(Symbol::Chart, "Analytics", "/analytics"),
        page(Symbol::Alert, "What is down", "/?state=down"),
        page(Symbol::Person, "Profile", "/settings/profile"),
        page(Symbol::Key, "Password and sessions", "/settings/security"),
        page(Symbol::Gear, "Appearance", "/settings/appearance"),
        page(Symbol::Space, "Space", "/settings/space"),
    ];
    if session.may(Role::Viewer) {
        all.push(page(Symbol::Flame, "Incidents", "/incidents"));
        all.push(page(Symbol::Bell, "Alert rules", "/alerts"));
        all.push(page(Symbol::Bell, "Channels", "/alerts/channels"));
        all.push(page(Symbol::Bell, "Messages", "/alerts/messages"));
        all.push(page(Symbol::Bell, "Notifications", "/notifications"));
        all.push(page(Symbol::Gear, "Your notifications", "/settings/notifications"));
        all.push(page(Symbol::List, "Activity", "/activity"));
        all.push(page(Symbol::Clock, "Webhooks", "/webhooks"));
        all.push(page(Symbol::Clock, "Dead letters", "/webhooks/dead"));
        all.push(page(Symbol::Key, "Webhook secrets", "/webhooks/secrets"));
        all.push(page(Symbol::Wrench, "Maintenance", "/maintenance"));
        all.push(page(Symbol::Person, "Members", "/settings/members"));
        all.push(page(Symbol::Key, "API tokens", "/settings/tokens"));
    }
    if session.is_admin() {
        all.push(page(Symbol::Shield, "Accounts", "/admin/accounts"));
        all.push(page(Symbol::Stack, "Spaces", "/admin/spaces"));
        all.push(page(Symbol::Pulse, "Network", "/admin/network"));
    }
    if session.may(Role::Editor) {
        all.push(Entry { group: "Do", ..page(Symbol::Plus, "Add monitor", "/monitors/new") });
        all.push(Entry { group: "Do", ..page(Symbol::Clock, "Add webhook", "/webhooks/new") });
        all.push(Entry { group: "Do", ..page(Symbol::Clock, "Import webhooks", "/webhooks/import") });
        all.push(Entry { group: "Do", ..page(Symbol::Wrench, "Plan maintenance", "/maintenance/new") });
        all.push(Entry { group: "Do", ..page(Symbol::Flame, "Open incident", "/incidents/new") });
        all.push(Entry { group: "Do", ..page(Symbol::Bell, "Add channel", "/alerts/channels/new") });
        all.push(Entry { group: "Do", ..page(Symbol::Bell, "Add rule", "/alerts/rules/new") });
    }
    let typed = typed.trim().to_lowercase();
    all.retain(|e| typed.split_whitespace().all(|word| e.word.to_lowercase().contains(word)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_without_rights_are_offered_nothing_they_may_not_do() {
        let session = Session::default();
        let words: Vec<String> = fixed(&session, "").into_iter().map(|e| e.word).collect();
        assert!(
            words.contains(&"Overview".to_owned()) && !words.contains(&"Add monitor".to_owned()) && !words.contains(&"Accounts".to_owned())
        );
        assert_eq!(fixed(&session, "app ear").len(), 1);
    }
}
