//! The fields of a webhook. They are described by the domain; what is special here is the trigger, whose fields are shown by style alone,
//! so that it works without scripts.

use std::collections::BTreeSet;

use domain::kind::{Field, Input};
use domain::webhook::{ScheduleDraft, ScheduleForm, form};
use leptos::prelude::*;

use super::preview::Previewed;
use super::tested::TestDraft;
use crate::components::{CheckField, Choice, FieldError, Submission, TextArea, TextField, form_state};
use crate::environment::environment;
use crate::pages::monitor::{Fold, KindField, laid_out, summary};

/// Fields of the trigger, and for which of them they are.
const OF_TRIGGER: [(&str, &str); 4] = [("every", "every"), ("cron", "cron"), ("at", "once"), ("timezone", "cron once")];

/// What a trigger is, in a few words.
fn note(trigger: &str) -> &'static str {
    match trigger {
        "every" => "Again and again",
        "cron" => "At times of days",
        _ => "At one time",
    }
}

#[component]
fn Trigger(value: String) -> impl IntoView {
    let Some(Input::Choice(options)) = form().get("trigger").map(|field| field.input) else { return ().into_any() };
    let first = options.first().map_or("", |(name, _)| *name);
    let chosen = form_state().value("trigger", if value.is_empty() { first.to_owned() } else { value });
    view! {
        <fieldset class="field">
            <legend>"Runs"</legend>
            <div class="choices">
                {options.iter().map(|(name, label)| view! { <Choice name="trigger" value=*name label=*label note=note(name) checked=chosen == *name/> }).collect_view()}
            </div>
            <FieldError name="trigger"/>
        </fieldset>
    }
    .into_any()
}

/// A field of the domain by its name.
fn field(name: &str, draft: &ScheduleDraft, fresh: bool) -> Option<AnyView> {
    let field = form().get(name)?;
    let value = draft.setting(field.name).to_owned();
    Some(view! { <KindField field value fresh/> }.into_any())
}

/// What a section says while nothing is typed in it.
fn usual(section: &str) -> Option<&'static str> {
    Some(match section {
        "Signature" => "not signed",
        "Bounds" => "from now on, without an end",
        "Retries" => "3 attempts within 1 h",
        "What counts as success" => "status 200-299 within 30 s",
        "Late and overlapping runs" => "skip what overlaps, run the last one missed",
        "Priority and load" => "normal, 10 at once",
        "Switching itself off" => "after 20 failed runs in a row over 24 h",
        _ => return None,
    })
}

/// What a section says while it is folded.
fn line(section: &str, fields: &[&'static Field], draft: &ScheduleDraft) -> String {
    let untouched = fields.iter().all(|field| draft.setting(field.name).is_empty());
    usual(section).filter(|_| untouched).map_or_else(|| summary(fields, &draft.settings), str::to_owned)
}

fn words_summary(draft: &ScheduleDraft) -> String {
    let tags = if draft.tags.is_empty() { "no tags" } else { &draft.tags };
    let note = if draft.note.is_empty() { "no note" } else { "with a note" };
    format!("{tags}, {note}")
}

/// The fields; inside a `Form`.
#[component]
pub fn WebhookFields(form: ScheduleForm, preview: Submission, test: Submission) -> impl IntoView {
    let fresh = form.id.is_none();
    let mut draft = form.draft.clone();
    if fresh && draft.setting("timezone").is_empty() {
        draft.settings.insert("timezone".into(), environment().zone.get_untracked());
    }
    let mut seen = BTreeSet::new();
    let fields = domain::webhook::form();
    let sections: Vec<&'static str> = fields.iter().map(|field| field.section).filter(|s| !s.is_empty() && seen.insert(*s)).collect();
    let folds = sections
        .into_iter()
        .map(|section| {
            let fields: Vec<&'static Field> = fields.iter().filter(|field| field.section == section).collect();
            let names = fields.iter().map(|field| field.name).collect();
            let line = line(section, &fields, &draft);
            let body = laid_out(&fields, &draft.settings, fresh);
            view! { <Fold title=section summary=line fields=names>{body}</Fold> }
        })
        .collect_view();
    let trigger = OF_TRIGGER.map(|(name, triggers)| view! { <div data-for=triggers>{field(name, &draft, fresh)}</div> });
    let words = words_summary(&draft);
    let enabled = draft.enabled == "on";
    let top = view! {
        {field("url", &draft, fresh)}
        <Trigger value=draft.setting("trigger").to_owned()/>
        <div class="field-row">{trigger.collect_view()}</div>
    }
    .into_any();
    view! {
        <Previewed form preview top>
            <TextField name="name" label="Name" value=draft.name.clone() optional=true placeholder="Method, host and path"/>
            <div class="folds">
                {folds}
                <Fold title="Tags and note" fields=vec!["tags", "note"] summary=words>
                    <TextField name="tags" label="Tags" value=draft.tags optional=true placeholder="production, billing" hint="Separated by commas."/>
                    <TextArea name="note" label="Note" value=draft.note optional=true hint="For people: what it is, whom to ask, what to do first."/>
                </Fold>
            </div>
            <CheckField name="enabled" label="On" note="Off: it is paused, and nothing runs by itself." checked=enabled/>
            <TestDraft test/>
        </Previewed>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_says_what_holds_until_something_is_typed() {
        let fields: Vec<&'static Field> = form().iter().filter(|field| field.section == "Bounds").collect();
        assert!(!fields.is_empty());
        assert_eq!(line("Bounds", &fields, &ScheduleDraft::default()), "from now on, without an end");
        assert_eq!(line("Bounds", &fields, &ScheduleDraft::of([("max_runs", "7")])), "Runs in all: 7");
        let sections: BTreeSet<&str> = form().iter().map(|field| field.section).filter(|s| usual(s).is_some()).collect();
        assert_eq!(sections.len(), 7, "every section of the list above is one of the form");
    }
}
