//! The ways in: set-up, sign in, sign up, invitation, forgotten password, reset, confirmed addresses.

mod acknowledge;
mod forgot;
mod invitation;
mod reset;
mod set_up;
mod sign_in;
mod sign_up;
mod verify;

pub use acknowledge::Acknowledge;
pub use forgot::Forgot;
pub use invitation::Invitation;
pub use reset::Reset;
pub use set_up::SetUp;
pub use sign_in::SignIn;
pub use sign_up::SignUp;
pub use verify::Verify;

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::TextField;

/// The heading of a way in.
#[component]
fn EntryHead(#[prop(into)] title: String, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <div class="plain-head">
            <h1>{title}</h1>
            <p>{text}</p>
        </div>
    }
}

/// Name, e-mail address and a new password.
#[component]
fn NewAccountFields() -> impl IntoView {
    view! {
        <TextField name="name" label="Your name" autocomplete="name" autofocus=true/>
        <TextField name="email" label="E-mail address" kind="email" autocomplete="username"/>
        <NewPassword name="password" label="Password"/>
    }
}

/// A password that is set, not asked for.
#[component]
fn NewPassword(name: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <TextField
            name
            label
            kind="password"
            autocomplete="new-password"
            hint=format!("At least {} characters.", domain::account::PASSWORD_MIN)
        />
    }
}
