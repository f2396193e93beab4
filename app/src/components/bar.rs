//! The outcome bar: one path per state, so that a row is a handful of nodes and not forty-eight.

use domain::bar::{PIECE_MS, PIECES, state_of};
use domain::{State, Timestamp};
use leptos::prelude::*;

use crate::environment::environment;
use crate::zone;

/// The boxes of the pieces in one state; `None` is what nobody knows.
fn boxes(text: &str, wanted: Option<State>) -> String {
    text.bytes()
        .enumerate()
        .filter(|(_, piece)| state_of(*piece) == wanted)
        .map(|(i, _)| format!("M{}.2 1.2h5.6v26.6h-5.6z", i * 10 + 2))
        .collect()
}

/// What a screen reader says: the states that occur besides Up, with their number of pieces.
fn summary(text: &str) -> String {
    let said: Vec<String> = State::ALL
        .into_iter()
        .filter_map(|state| {
            let n = text.bytes().filter(|p| state_of(*p) == Some(state)).count();
            (n > 0).then(|| format!("{} in {n} of {PIECES} pieces", state.word().to_lowercase()))
        })
        .collect();
    if said.is_empty() { "Last 4 hours: nothing known yet".into() } else { format!("Last 4 hours: {}", said.join(", ")) }
}

/// The piece below a pointer, in words.
fn piece_at(text: &str, share: f64, now: Timestamp, zone_name: &str) -> Option<String> {
    #[expect(clippy::as_conversions, reason = "a share of 48 pieces, clamped right after")]
    let index = (share.clamp(0.0, 0.999) * 48.0) as usize;
    let piece = *text.as_bytes().get(index)?;
    let steps = i64::try_from(PIECES.checked_sub(index + 1)?).ok()?;
    let from = Timestamp::from_millis(now.floor(PIECE_MS).as_millis() - steps * PIECE_MS);
    let to = Timestamp::from_millis(from.as_millis() + PIECE_MS);
    let word = state_of(piece).map_or("Nothing known", State::word);
    Some(format!("{word}, {} to {}", zone::minute(from, zone_name), zone::minute(to, zone_name)))
}

/// The last four hours in 48 pieces, each the worst state in it. Hovering tells the piece.
#[component]
pub fn OutcomeBar(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let env = environment();
    let hint = RwSignal::new(String::new());
    let on_move = move |event: leptos::ev::PointerEvent| {
        let Some(bar) = event.current_target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(t).ok()) else { return };
        let width = bar.get_bounding_client_rect().width();
        let share = f64::from(event.client_x()) - bar.get_bounding_client_rect().left();
        let said = text.with_untracked(|t| piece_at(t, share / width.max(1.0), env.now.get_untracked(), &env.zone.get_untracked()));
        hint.set(said.unwrap_or_default());
    };
    let path = move |state: Option<State>| {
        let name = state.map_or("unknown", State::name);
        let d = Memo::new(move |_| text.with(|t| boxes(t, state)));
        view! { <path data-state=name d=d></path> }
    };
    view! {
        <div class="bar-box" title=hint on:pointermove=on_move>
            <svg class="outcome-bar" viewBox="0 0 480 29" role="img" aria-label=move || text.with(|t| summary(t))>
                {path(None)}
                {State::ALL.map(|state| path(Some(state))).collect_view()}
            </svg>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_drawn_once() {
        let text = format!("{}{}{}", "0".repeat(40), "3".repeat(5), "...");
        let drawn: usize = State::ALL.into_iter().map(Some).chain([None]).map(|s| boxes(&text, s).matches('M').count()).sum();
        assert_eq!(drawn, PIECES);
        assert_eq!(summary(&text), "Last 4 hours: up in 40 of 48 pieces, down in 5 of 48 pieces");
    }
}
