//! Single-key commands of every page, and the dialog that lists them.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::PaletteSwitch;
use crate::browser;

/// What a key does, as the help says it.
const HELP: [(&[&str], &str); 8] = [
    (&["Ctrl", "K"], "Command palette (⌘ K on a Mac)"),
    (&["/"], "Filter the list"),
    (&["n"], "Add what the list is of"),
    (&["j", "k"], "Next and previous row"),
    (&["Enter"], "Open the row"),
    (&["x"], "Pick the row, or leave it"),
    (&["e"], "Edit the monitor or webhook"),
    (&["?"], "This help"),
];

const MONITORS: &str = ".monitor-table tbody .name a";
/// Rows of any list that is gone through.
const ROWS: &str = ".monitor-table tbody .name a, .record-list[data-rows] .record-name > a";

/// Listens on the whole page.
#[component]
pub fn Keys() -> impl IntoView {
    let PaletteSwitch(palette) = expect_context();
    let help = RwSignal::new(false);
    let navigate = use_navigate();
    let go = StoredValue::new(move |href: &str| navigate(href, NavigateOptions::default()));
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let with_command = event.ctrl_key() || event.meta_key();
            if with_command && event.key().eq_ignore_ascii_case("k") {
                event.prevent_default();
                return palette.update(|open| *open = !*open);
            }
            let busy = with_command || event.alt_key() || palette.get_untracked() || help.get_untracked();
            if busy || event.default_prevented() || browser::is_typing(&event) {
                return;
            }
            let done = match event.key().as_str() {
                "/" => focus_filter(palette),
                "n" => follow("[aria-keyshortcuts=n]").map(|href| go.with_value(|go| go(&href))),
                "e" => edit().map(|href| go.with_value(|go| go(&href))),
                "x" => pick(),
                "j" => step(true),
                "k" => step(false),
                "?" => {
                    help.set(true);
                    Some(())
                }
                _ => None,
            };
            if done.is_some() {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    });
    view! { <Show when=move || help.get()><Help open=help/></Show> }
}

/// The filter of the list, or else the palette.
fn focus_filter(palette: RwSignal<bool>) -> Option<()> {
    match browser::find("#list-search") {
        Some(field) => field.focus().ok(),
        None => {
            palette.set(true);
            Some(())
        }
    }
}

fn follow(selector: &str) -> Option<String> {
    browser::find(selector)?.get_attribute("href")
}

/// The form of the focused row, or of the monitor that is shown.
fn edit() -> Option<String> {
    let focused = document().active_element().filter(|e| e.matches(MONITORS).unwrap_or(false));
    focused.and_then(|row| Some(format!("{}/edit", row.get_attribute("href")?))).or_else(|| follow("[aria-keyshortcuts=e]"))
}

/// Picks the focused row for what is done with several, or leaves it.
fn pick() -> Option<()> {
    let row = document().active_element()?.closest("tr, li").ok()??;
    let mark = row.query_selector("input[type=checkbox]").ok()??;
    mark.dyn_into::<web_sys::HtmlElement>().ok()?.click();
    Some(())
}

/// Moves the focus from row to row.
fn step(forward: bool) -> Option<()> {
    let rows = document().query_selector_all(ROWS).ok()?;
    let focused = document().active_element();
    let at = (0..rows.length()).find(|i| {
        let row = rows.item(*i).and_then(|node| node.dyn_into::<web_sys::Element>().ok());
        row.is_some() && row == focused
    });
    let next = match (at, forward) {
        (None, _) => 0,
        (Some(i), true) => (i + 1).min(rows.length().saturating_sub(1)),
        (Some(i), false) => i.saturating_sub(1),
    };
    rows.item(next)?.dyn_into::<web_sys::HtmlElement>().ok()?.focus().ok()
}

#[component]
fn Help(open: RwSignal<bool>) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            browser::open_dialog(&dialog);
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="help-title" on:close=move |_| open.set(false)>
            <div class="dialog-body">
                <h2 id="help-title">"Keyboard"</h2>
                <dl class="keys">
                    {HELP
                        .into_iter()
                        .map(|(keys, what)| view! {
                            <dt>{what}</dt>
                            <dd>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}</dd>
                        })
                        .collect_view()}
                </dl>
                <form method="dialog" class="dialog-actions">
                    <button class="button" type="submit">"Close"</button>
                </form>
            </div>
        </dialog>
    }
}
