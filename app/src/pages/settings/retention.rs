//! How long the open space keeps its history, and the disk that this takes: told anew with every letter that is typed.

use domain::retention::{FIELDS, RetentionChoice, RetentionView};
use domain::words;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::Section;
use crate::api::spaces::{SetRetention, retention};
use crate::components::{Load, PlainForm, Submit, TextField};

/// The section.
#[component]
pub fn History() -> impl IntoView {
    let kept = Resource::new(|| (), |()| retention());
    view! {
        <Section title="History" note="How long it is kept, in days" id="history">
            <Load resource=kept skeleton=&["line", "line"] view=|view: RetentionView| view! { <Choice view/> }.into_any()/>
        </Section>
    }
}

#[component]
fn Choice(view: RetentionView) -> impl IntoView {
    let RetentionView { most, choice, footprint } = view;
    let chosen = [choice.raw_days, choice.hour_days, choice.day_days].map(|days| days.map(|days| days.to_string()).unwrap_or_default());
    let typed = RwSignal::new(chosen.clone());
    let labels = [("Every check", most.raw_days), ("Summary of each hour", most.hour_days), ("Summary of each day", most.day_days)];
    let field = move |n: usize| {
        let (label, days) = labels.get(n).copied().unwrap_or_default();
        let name = FIELDS.get(n).copied().unwrap_or_default();
        let value = chosen.get(n).cloned().unwrap_or_default();
        let set = Callback::new(move |text: String| {
            typed.update(|all| {
                if let Some(slot) = all.get_mut(n) {
                    *slot = text
                }
            })
        });
        view! { <TextField name label value optional=true placeholder=days.to_string() hint=format!("At most {days}") on_input=set/> }
    };
    let takes = move || {
        let [raw, hour, day] = typed.get();
        let choice = match RetentionChoice::read([&raw, &hour, &day], most) {
            Ok(choice) => choice,
            Err(error) => return error.fields.into_iter().map(|wrong| wrong.message).next().unwrap_or_default(),
        };
        let hundredths = footprint.check_hundredths();
        format!(
            "Takes about {} once it is that old: {} checks a day at {}.{} bytes each, and summaries.",
            words::bytes(footprint.disk_bytes(most.chosen(choice))),
            words::grouped(footprint.checks_a_day),
            hundredths / 100,
            hundredths % 100 / 10,
        )
    };
    view! {
        <PlainForm path=SetRetention::PATH class="form">
            {(0..FIELDS.len()).map(field).collect_view()}
            <p class="muted" aria-live="polite">{takes}</p>
            <p class="muted">"What is older is deleted within a day. Changes of state, and with them the uptime, are kept for good."</p>
            <div class="form-actions"><Submit label="Save" kind="primary"/></div>
        </PlainForm>
    }
}
