//! The fields of a window. Which of them are in sight follows from the choices above them by style alone, so that it works
//! without scripts.

use domain::maintenance::{Days, WindowForm};
use leptos::prelude::*;

use super::preview::Previewed;
use crate::components::{CheckField, FieldError, MonitorsField, TextArea, TextField, form_state};
use crate::environment::environment;

/// A group of choices of which one is made.
#[component]
fn Choices(
    name: &'static str,
    legend: &'static str,
    value: String,
    options: Vec<(&'static str, &'static str, &'static str)>,
) -> impl IntoView {
    let chosen = form_state().value(name, value);
    view! {
        <fieldset class="field">
            <legend>{legend}</legend>
            <div class="choices">
                {options
                    .into_iter()
                    .map(|(value, label, note)| {
                        view! {
                            <label class="choice">
                                <input type="radio" name=name value=value checked=chosen == value/>
                                <span>{label}</span>
                                <small>{note}</small>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            <FieldError name/>
        </fieldset>
    }
}

#[component]
fn DayChoices(days: Vec<String>) -> impl IntoView {
    let chosen = form_state().values("days[]", days);
    view! {
        <fieldset class="field" data-for="weekly">
            <legend>"Days"</legend>
            <div class="days">
                {Days::all()
                    .map(|(name, word)| {
                        let short: String = word.chars().take(3).collect();
                        let checked = chosen.iter().any(|day| day == name);
                        view! {
                            <label class="day">
                                <input type="checkbox" name="days[]" value=name checked=checked aria-label=word/>
                                <span aria-hidden="true">{short}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </div>
            <FieldError name="days"/>
        </fieldset>
    }
}

/// The fields; inside a `Form` with the class `window-form`.
#[component]
pub fn WindowFields(form: WindowForm, #[prop(into)] here: String) -> impl IntoView {
    let WindowForm { draft, preview, wrong, .. } = form;
    let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
    let reader = environment().zone.get_untracked();
    let repeats = vec![
        ("once", "Once", "At one date"),
        ("daily", "Every day", "At one time"),
        ("weekly", "Every week", "On some days"),
        ("cron", "By cron", "Five fields"),
    ];
    let covers =
        vec![("all", "All monitors", "Also new ones"), ("tags", "By tag", "Any of these"), ("chosen", "Chosen ones", "One by one")];
    view! {
        <TextField name="name" label="Name" value=draft.name optional=true placeholder="Database upgrade" autofocus=true/>
        <Previewed first=preview wrong here>
            <Choices name="covers" legend="For which monitors" value=or(draft.covers, "all") options=covers/>
            <div data-for="tags">
                <TextField name="tags" label="Tags" value=draft.tags placeholder="production, api" hint="Separated by commas. A monitor with any of them is meant."/>
            </div>
            <div data-for="chosen"><MonitorsField name="monitors" label="Monitors" value=draft.monitors hint="Those that it is for."/></div>
            <Choices name="repeat" legend="How often" value=or(draft.repeat, "once") options=repeats/>
            <div class="field-row">
                <div data-for="once"><TextField name="start" label="Begins" kind="datetime-local" value=draft.start/></div>
                <div data-for="daily weekly"><TextField name="time" label="Begins at" kind="time" value=draft.time/></div>
                <div data-for="cron">
                    <TextField name="cron" label="Cron expression" value=draft.cron mono=true placeholder="0 2 * * 6#1" hint="Minute, hour, day, month, day of the week."/>
                </div>
                <TextField name="duration" label="Lasts" value=or(draft.duration, "1 h") placeholder="1 h" hint="1 min to 30 d."/>
            </div>
            <DayChoices days=draft.days/>
            <TextField name="zone" label="Time zone" zones=true value=or(draft.zone, &reader) placeholder="UTC" hint="On whose wall it begins: an IANA name, such as Europe/Berlin."/>
        </Previewed>
        <TextArea name="note" label="Note" value=draft.note optional=true hint="For people: what is done, and by whom."/>
        <CheckField name="enabled" label="Begins by itself" note="Otherwise only when somebody starts it." checked=draft.enabled == "on"/>
    }
}
