//! Taking over a crontab or a table: looked at line by line first, with what cannot be taken over and why.

use domain::account::Role;
use domain::webhook::{ImportRow, ImportView};
use domain::{AppError, Code, State, words};
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::api::webhooks::{ImportWebhooks as Importing, Looked};
use crate::components::{Banner, Crumbs, Failure, Form, PageHead, StateMark, Submission, TextArea, TextField, Tone};
use crate::environment::environment;
use crate::pages::settings::Section;
use crate::session::session;

const EXAMPLE: &str = "# Nightly report\n0 2 * * * curl -fsS -X POST https://example.com/jobs/report";

/// The page at `/webhooks/import`.
#[component]
pub fn ImportWebhooks() -> impl IntoView {
    if !session().with_value(|s| s.may(Role::Editor)) {
        let message = "You may look at this space, but not change it. An owner can make you an editor.";
        return view! { <Failure error=AppError::new(Code::Forbidden, message) page=true/> }.into_any();
    }
    let action = Submission::new(Importing::PATH);
    let (answer, pending) = (action.answer::<Looked>(), action.pending());
    // Without scripts the page is made anew, of what was typed.
    let typed = answer.get_untracked().unwrap_or_default();
    let zone = if typed.zone.is_empty() { environment().zone.get_untracked() } else { typed.zone };
    let ready = move || answer.with(|answer| answer.as_ref().is_some_and(|looked| looked.view.added == 0 && can(&looked.view) > 0));
    let crumbs = view! { <Crumbs above=vec![("/webhooks".into(), "Webhooks".into())] here="Import"/> }.into_any();
    let lead = view! { <p>"A crontab whose lines call curl or wget, or a table in CSV with a line of names on top: name, url, schedule, timezone, method, headers, body, enabled."</p> }.into_any();
    view! {
        <div class="narrow stack">
            <PageHead title="Take over what you have".to_owned() crumbs lead/>
            <Form action class="form" id="import-form">
                <TextArea name="text" label="Crontab or table" value=typed.text mono=true placeholder=EXAMPLE/>
                <TextField name="zone" label="Time zone" zones=true value=zone placeholder="UTC" hint="Of lines that name none: an IANA name, such as Europe/Berlin."/>
                <div class="form-actions">
                    <button class="button" type="submit" name="command" value="look" aria-busy=move || pending.get().then_some("true")>"Preview"</button>
                    <Show when=ready>
                        <button class="button" data-kind="primary" type="submit" name="command" value="import">
                            {move || answer.with(|answer| format!("Import {}", webhooks(answer.as_ref().map_or(0, |looked| can(&looked.view)))))}
                        </button>
                    </Show>
                </div>
            </Form>
            <div class="stack" aria-live="polite">{move || answer.get().map(|looked| view! { <Lines view=looked.view/> })}</div>
        </div>
    }
    .into_any()
}

fn webhooks(n: usize) -> String {
    words::count(n, "webhook", "webhooks")
}

/// How many lines can be taken over.
fn can(view: &ImportView) -> usize {
    view.rows.iter().filter(|row| row.error.is_empty()).count()
}

#[component]
fn Lines(view: ImportView) -> impl IntoView {
    let (can, all) = (can(&view), view.rows.len());
    let title = match all {
        0 => "No line of it says anything".to_owned(),
        _ if can == all => format!("All {} can be taken over", words::count(all, "line", "lines")),
        _ => format!("{can} of {} can be taken over", words::count(all, "line", "lines")),
    };
    let added = usize::try_from(view.added).unwrap_or(0);
    view! {
        {(added > 0).then(|| view! {
            <Banner tone=Tone::Good>{webhooks(added)} " taken over. " <a class="link" href="/webhooks">"Show them"</a></Banner>
        })}
        <Section title>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Lines">
                <table class="import-lines">
                    <thead><tr><th scope="col">"Line"</th><th scope="col">"Webhook"</th><th scope="col">"When"</th></tr></thead>
                    <tbody>{view.rows.into_iter().map(|row| view! { <Line row/> }).collect_view()}</tbody>
                </table>
            </div>
        </Section>
    }
}

#[component]
fn Line(row: ImportRow) -> impl IntoView {
    let good = row.error.is_empty();
    let what = if good {
        view! { <td><strong>{row.name}</strong><div class="muted mono">{row.target}</div></td><td>{row.when}<div class="muted">{row.note}</div></td> }.into_any()
    } else {
        view! { <td colspan="2"><span class="state-word" data-state="down">{row.error}</span></td> }.into_any()
    };
    view! {
        <tr>
            <th scope="row"><span class="run-state"><StateMark state=if good { State::Up } else { State::Down }/>{row.line}</span></th>
            {what}
        </tr>
    }
}
