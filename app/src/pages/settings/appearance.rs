//! Colours and times.

use leptos::prelude::*;

use super::Section;
use crate::api::account::{SetTheme, ThemeChoice};
use crate::browser;
use crate::components::{Choice, Form, PageHead, Submission, Submit};
use crate::environment::{Theme, environment};
use crate::zone;
use server_fn::ServerFn;

/// The page.
#[component]
pub fn Appearance() -> impl IntoView {
    let env = environment();
    let action = Submission::new(SetTheme::PATH);
    let answer = action.answer::<ThemeChoice>();
    Effect::new(move |_| {
        if let Some(theme) = answer.get().and_then(|choice| Theme::from_name(&choice.theme)) {
            browser::set_root_data("theme", theme.name());
            env.theme.set(theme);
        }
    });
    let chosen = env.theme.get_untracked();
    let choice = move |theme: Theme| {
        let (label, note) = match theme {
            Theme::System => ("System", "As this device"),
            Theme::Light => ("Light", ""),
            Theme::Dark => ("Dark", ""),
        };
        view! { <Choice name="theme" value=theme.name() label note checked=theme == chosen/> }
    };
    let now = move || env.zone.with(|z| zone::exact(env.now.get(), z));
    view! {
        <PageHead title="Appearance".to_owned()/>
        <Section title="Theme" note="For this browser">
            <Form action class="form">
                <fieldset>
                    <legend class="visually-hidden">"Theme"</legend>
                    <div class="choices">{Theme::ALL.map(choice).collect_view()}</div>
                </fieldset>
                <div class="form-actions"><Submit label="Save" kind="primary" done="Saved."/></div>
            </Form>
        </Section>
        <Section title="Times" note="In the zone of this device">
            <p class="num">"Now it is " {now} "."</p>
        </Section>
    }
}
