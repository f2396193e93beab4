//! The past of a webhook: running times that did not run, and sending again what was given up.

use domain::webhook::Backfilled;
use domain::words;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::webhooks::{BackfillWebhook, Filled, RedeliverSpan};
use crate::components::{Confirm, Form, Hidden, Submission, Submit, TextField};
use crate::environment::environment;
use crate::pages::settings::Section;
use crate::zone;

/// Both, side by side where there is room.
#[component]
pub fn Past(id: String, #[prop(into)] zone: String) -> impl IntoView {
    view! {
        <div class="columns" data-even="true">
            <Backfill id=id.clone() zone=zone.clone()/>
            <Redeliver id zone/>
        </div>
    }
}

/// Running a span of the past. It is looked at first: only then is there a button that runs it.
#[component]
fn Backfill(id: String, #[prop(into)] zone: String) -> impl IntoView {
    let action = Submission::new(BackfillWebhook::PATH);
    let (answer, pending) = (action.answer::<Filled>(), action.pending());
    let theirs = StoredValue::new(zone.clone());
    // Without scripts the page is made anew, of what was typed.
    let typed = answer.get_untracked().unwrap_or_default();
    let offered = move || answer.with(|answer| answer.as_ref().is_some_and(|filled| filled.looked && !filled.found.times.is_empty()));
    view! {
        <Section title="Run the past" note="Times of a span that did not run">
            <Form action class="form">
                <Hidden name="id" value=id/>
                <TextField name="from" label="From" kind="datetime-local" value=typed.from hint=format!("In the time zone of the webhook, {zone}.")/>
                <TextField name="to" label="To" kind="datetime-local" value=typed.to/>
                <TextField name="limit" label="At most" value=typed.limit optional=true placeholder="100"/>
                <div class="form-actions">
                    <button class="button" type="submit" name="command" value="look" aria-busy=move || pending.get().then_some("true")>"Preview"</button>
                    <Show when=offered>
                        <button class="button" data-kind="primary" type="submit" name="command" value="run">"Run them"</button>
                    </Show>
                </div>
            </Form>
            <div aria-live="polite">
                {move || answer.get().map(|filled| view! { <Found found=filled.found looked=filled.looked zone=theirs.get_value()/> })}
            </div>
        </Section>
    }
}

/// What would run, or runs.
fn said(found: &Backfilled, looked: bool) -> String {
    let runs = words::count(found.times.len(), "run", "runs");
    let first = match (found.times.len(), looked) {
        (0, _) => "Nothing is left to run in this span.".to_owned(),
        (_, true) => format!("{runs} would be made. Nothing runs yet."),
        (1, false) => "1 run is on its way.".to_owned(),
        (_, false) => format!("{runs} are on their way."),
    };
    let done = match found.done {
        0 => String::new(),
        n => format!(" {} ran already.", words::count(usize::try_from(n).unwrap_or(0), "time", "times")),
    };
    let more = if found.more { " There are more times than that in it." } else { "" };
    format!("{first}{done}{more}")
}

#[component]
fn Found(found: Backfilled, looked: bool, zone: String) -> impl IntoView {
    let env = environment();
    let theirs = StoredValue::new(zone);
    let said = said(&found, looked);
    let precise = zone::is_precise(found.times.iter().copied());
    view! {
        <p>{said} {(!found.times.is_empty()).then(|| format!(" Times of {}.", theirs.get_value()))}</p>
        <ol class="occurrences" data-long="true">
            {found.times.into_iter().map(|at| view! {
                <li><time datetime=at.to_rfc3339() title=move || env.zone.with(|wall| zone::exact(at, wall))>
                    {move || theirs.with_value(|wall| zone::slot(at, env.now.get(), wall, precise))}
                </time></li>
            }).collect_view()}
        </ol>
    }
}

/// Sending again what was given up in a span.
#[component]
fn Redeliver(id: String, #[prop(into)] zone: String) -> impl IntoView {
    let action = Submission::new(RedeliverSpan::PATH);
    let said = action.answer::<String>();
    view! {
        <Section title="Send failed runs again" note="Those that were due in a span">
            <Form action class="form" reset=true>
                <Hidden name="id" value=id/>
                <TextField name="from" label="From" kind="datetime-local" hint=format!("In the time zone of the webhook, {zone}.")/>
                <TextField name="to" label="To" kind="datetime-local"/>
                <div class="form-actions">
                    <Confirm label="Send again" question="Send every failed run that was due in this span again?">
                        <Submit label="Send them again" kind="primary" small=true/>
                    </Confirm>
                </div>
            </Form>
            <p role="status">{move || said.get()}</p>
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;

    #[test]
    fn a_look_runs_nothing_and_says_so() {
        let found = Backfilled { times: vec![Timestamp::default(); 3], done: 1, more: true };
        assert_eq!(said(&found, true), "3 runs would be made. Nothing runs yet. 1 time ran already. There are more times than that in it.");
        assert_eq!(said(&Backfilled::default(), false), "Nothing is left to run in this span.");
    }
}
