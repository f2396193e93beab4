//! The command palette: a dialog with a field and a list (the combobox pattern of ARIA).

use std::time::Duration;

use domain::view::MonitorRow;
use domain::webhook::ScheduleRow;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::PaletteSwitch;
use super::entries::{Entry, fixed};
use crate::api::monitors::list_monitors;
use crate::api::webhooks::webhooks;
use crate::browser;
use crate::components::{Icon, Symbol};
use crate::later::Later;
use crate::session::session;

/// Monitors, and webhooks, that are offered at once.
const OFFERED: usize = 6;

/// The palette; nothing of it is in the page until it is opened.
#[component]
pub fn Palette() -> impl IntoView {
    let PaletteSwitch(open) = expect_context();
    view! { <Show when=move || open.get()><Opened open/></Show> }
}

#[component]
fn Opened(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let typed = RwSignal::new(String::new());
    let asked = RwSignal::new(String::new());
    let chosen = RwSignal::new(0usize);
    let session = session();
    let found = LocalResource::new(move || {
        let text = asked.get();
        async move { list_monitors(text, String::new(), String::new(), String::new(), 0).await }
    });
    let hooks = LocalResource::new(move || {
        let text = asked.get();
        async move { webhooks(text, String::new(), String::new(), 0).await }
    });
    let entries = Memo::new(move |_| {
        let monitors = found.get().and_then(Result::ok).map(|page| page.rows).unwrap_or_default();
        let hooks = hooks.get().and_then(Result::ok).map(|page| page.rows).unwrap_or_default();
        let of_monitor = |row: MonitorRow| Entry {
            group: "Monitors",
            symbol: Symbol::Pulse,
            word: row.name,
            note: format!("{} · {}", row.live.state.word(), row.address),
            href: format!("/monitors/{}", row.id),
        };
        let of_hook = |row: ScheduleRow| Entry {
            group: "Webhooks",
            symbol: Symbol::Clock,
            word: row.name,
            note: format!("{} · {}", row.standing.label(), row.when),
            href: format!("/webhooks/{}", row.id),
        };
        let mut all: Vec<Entry> = monitors.into_iter().take(OFFERED).map(of_monitor).collect();
        all.extend(hooks.into_iter().take(OFFERED).map(of_hook));
        let pages = typed.with(|t| session.with_value(|s| fixed(s, t)));
        // With nothing typed, the pages are the likelier wish.
        if typed.with(String::is_empty) {
            all.splice(0..0, pages);
        } else {
            all.extend(pages);
        }
        all
    });
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            browser::open_dialog(&dialog);
            browser::focus("#palette-field");
        }
    });
    let navigate = use_navigate();
    let go = StoredValue::new(move |index: usize| {
        if let Some(entry) = entries.with_untracked(|all| all.get(index).cloned()) {
            open.set(false);
            navigate(&entry.href, NavigateOptions::default());
        }
    });
    let ask = Later::new(Duration::from_millis(120));
    let on_input = move |event: ev::Event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        chosen.set(0);
        ask.run(move || {
            asked.try_set(text);
        });
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let last = entries.with_untracked(Vec::len).saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowDown" => chosen.get_untracked().saturating_add(1).min(last),
            "ArrowUp" => chosen.get_untracked().saturating_sub(1),
            "Enter" => {
                event.prevent_default();
                return go.with_value(|go| go(chosen.get_untracked()));
            }
            _ => return,
        };
        event.prevent_default();
        chosen.set(next);
        if let Some(option) = browser::find(&format!("#palette-{next}")) {
            option.scroll_into_view_with_bool(false);
        }
    };
    let option = move |(index, entry): (usize, Entry)| {
        view! {
            <div
                role="option"
                id=format!("palette-{index}")
                aria-selected=move || (chosen.get() == index).to_string()
                on:click=move |_| go.with_value(|go| go(index))
                on:pointermove=move |_| chosen.set(index)
            >
                <Icon symbol=entry.symbol/>
                <span>{entry.word}</span>
                <span class="palette-note">{entry.note}</span>
            </div>
        }
    };
    let groups = move || {
        let all: Vec<(usize, Entry)> = entries.get().into_iter().enumerate().collect();
        all.chunk_by(|a, b| a.1.group == b.1.group)
            .map(|group| {
                let name = group.first().map(|(_, e)| e.group).unwrap_or_default();
                view! {
                    <div role="group" aria-label=name>
                        <div class="palette-group" aria-hidden="true">{name}</div>
                        {group.iter().cloned().map(option).collect_view()}
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Search or jump to"
            on:close=move |_| open.set(false)
            on:click=move |event| if event.target() == event.current_target() { open.set(false) }
        >
            <div class="palette-field">
                <Icon symbol=Symbol::Search/>
                <input
                    id="palette-field"
                    type="text"
                    role="combobox"
                    aria-label="Search or jump to"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-activedescendant=move || format!("palette-{}", chosen.get())
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Search or jump to…"
                    on:input=on_input
                    on:keydown=on_key
                />
                <kbd>"Esc"</kbd>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Results">
                {groups}
                <Show when=move || entries.with(Vec::is_empty)>
                    <p class="palette-empty">"Nothing fits. Try a part of a name, an address or a tag."</p>
                </Show>
            </div>
        </dialog>
    }
}
