//! Allowing push messages in this browser: asks for the permission, subscribes at the browser's push service, and tells Loopr where.

use domain::AppError;
use leptos::prelude::*;
use server_fn::ServerFn;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FormData, Notification, NotificationPermission, PushEncryptionKeyName, PushSubscription, PushSubscriptionOptionsInit,
    ServiceWorkerRegistration,
};

use crate::api::bell::AddDevice;
use crate::components::{Icon, Submission, Symbol, Tone, toasts};

/// The button; `added` rises when this browser takes push messages.
#[component]
pub fn AllowPush(key: String, added: RwSignal<u32>) -> impl IntoView {
    let send = Submission::new(AddDevice::PATH);
    let (busy, key) = (RwSignal::new(false), StoredValue::new(key));
    let outcome = send.outcome();
    let version = send.version();
    Effect::new(move |before: Option<usize>| {
        let now = version.get();
        if before.is_some_and(|before| before != now) {
            busy.set(false);
            match outcome.get_untracked() {
                Some(Ok(_)) => {
                    toasts().say(Tone::Good, "This browser takes push messages now.".to_owned());
                    added.update(|n| *n += 1);
                }
                Some(Err(error)) => toasts().say(Tone::Bad, AppError::to_string(&error)),
                None => {}
            }
        }
        now
    });
    let allow = move |_| {
        busy.set(true);
        let key = key.get_value();
        leptos::task::spawn_local(async move {
            match subscribe(&key).await {
                Ok(fields) => send.send(&fields),
                Err(why) => {
                    busy.set(false);
                    toasts().say(Tone::Bad, why);
                }
            }
        });
    };
    view! {
        <div class="form-actions">
            <button type="button" class="button needs-wasm" aria-busy=move || busy.get().then_some("true") on:click=allow>
                <Icon symbol=Symbol::Bell/>
                "Allow push messages in this browser"
            </button>
        </div>
        <p class="field-hint">"On iPhones and iPads: first add Loopr to the home screen, then allow them in the installed app."</p>
    }
}

/// Asks the reader and the browser; answers the fields of the device, or why there are none.
async fn subscribe(key: &str) -> Result<FormData, String> {
    let has_workers = js_sys::Reflect::has(&window().navigator(), &"serviceWorker".into()).unwrap_or(false);
    let has_notifications = js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false);
    if !has_workers || !has_notifications {
        return Err("This browser has no push messages here. They need https, or this very machine.".into());
    }
    let broken = |_: JsValue| "The browser could not ask for push messages.".to_owned();
    let permission = JsFuture::from(Notification::request_permission().map_err(broken)?).await.map_err(broken)?;
    if permission != JsValue::from(NotificationPermission::Granted) {
        return Err("Notifications are not allowed for this site. Allow them in the settings of the browser, then try again.".into());
    }
    let ready = window().navigator().service_worker().ready().map_err(broken)?;
    let registration: ServiceWorkerRegistration = JsFuture::from(ready).await.map_err(broken)?.unchecked_into();
    let options = PushSubscriptionOptionsInit::new();
    options.set_user_visible_only(true);
    options.set_application_server_key(&JsValue::from_str(key));
    let manager = registration.push_manager().map_err(broken)?;
    let refused = |_: JsValue| "The push service of this browser did not answer. Try again later.".to_owned();
    let asked = manager.subscribe_with_options(&options).map_err(refused)?;
    let subscription: PushSubscription = JsFuture::from(asked).await.map_err(refused)?.unchecked_into();
    let fields = FormData::new().map_err(broken)?;
    let part = |name| subscription.get_key(name).ok().flatten().map(|buffer| base64url(&js_sys::Uint8Array::new(&buffer).to_vec()));
    let missing = || "The browser gave no keys for push messages.".to_owned();
    let texts = [
        ("endpoint", subscription.endpoint()),
        ("p256dh", part(PushEncryptionKeyName::P256dh).ok_or_else(missing)?),
        ("auth_secret", part(PushEncryptionKeyName::Auth).ok_or_else(missing)?),
        ("name", browser_name()),
    ];
    for (name, text) in texts {
        fields.append_with_str(name, &text).map_err(broken)?;
    }
    Ok(fields)
}

/// What this browser is called in a list: `Chrome on Linux`.
fn browser_name() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let first = |known: &[(&str, &str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    let browser = first(&[("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "A browser".into(),
    }
}

/// RFC 4648, 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for piece in bytes.chunks(3) {
        let bits = piece.iter().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - piece.len()));
        for place in 0..=piece.len() {
            let index = usize::try_from((bits >> (18 - 6 * place)) & 63).unwrap_or(0);
            out.push(ALPHABET.get(index).copied().map_or('A', char::from));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64url;

    #[test]
    fn bytes_are_written_as_push_services_want_them() {
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xfb\xff", "-_8")] {
            assert_eq!(base64url(bytes), text);
        }
    }
}
