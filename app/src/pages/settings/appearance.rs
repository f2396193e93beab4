//! Colours and times.

use leptos::prelude::*;

use super::Section;
use crate::api::account::SetTheme;
use crate::browser;
use crate::components::{Choice, Form, PageHead, Submit};
use crate::environment::{Theme, environment};
use crate::zone;

/// The page.
#[component]
pub fn Appearance() -> impl IntoView {
    let env = environment();
    let action = ServerAction::<SetTheme>::new();
    let outcome = action.value();
    Effect::new(move |_| {
        if let Some(theme) = outcome.with(|o| o.as_ref().and_then(|o| Theme::from_name(o.as_ref().ok()?))) {
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
