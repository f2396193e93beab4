//! The websocket of the tab. It is opened again after every loss, later each time and never in step with other tabs;
//! a tab that nobody looks at for five minutes lets go of it.

use std::time::Duration;

use domain::live::{CLOSED_FOR_READER, ClientMessage, ServerMessage};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::{Link, Live};

/// The longest wait before another try.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// How long a hidden tab keeps its socket.
const HIDDEN_MAX: Duration = Duration::from_secs(300);

/// Somebody who signs out in this very tab is on the way to another page.
const LEAVING: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Connection {
    socket: Option<WebSocket>,
    /// Tries since the last success.
    tries: u32,
    retry: Option<TimeoutHandle>,
    hidden: Option<TimeoutHandle>,
    /// Closed on purpose: nothing is tried again.
    closed: bool,
}

type Shared = StoredValue<Connection, LocalStorage>;

/// Keeps a socket open as long as the view around it lives.
pub fn keep_open(live: Live) {
    Effect::new(move |_| {
        let shared: Shared = StoredValue::new_local(Connection::default());
        open(live, shared);
        let visibility = window_event_listener_untyped("visibilitychange", move |_| on_visibility(live, shared));
        // A socket notices a lost network late, the browser at once.
        let offline = window_event_listener(ev::offline, move |_| {
            shared.try_update_value(close);
            lost(live, shared);
        });
        let online = window_event_listener(ev::online, move |_| retry_now(live, shared));
        Effect::new(move |_| {
            live.watched.track();
            shared.with_value(|c| c.socket.iter().for_each(|s| send_watch(live, s)));
        });
        on_cleanup(move || {
            visibility.remove();
            online.remove();
            offline.remove();
            shared.try_update_value(|c| {
                c.closed = true;
                close(c);
            });
        });
    });
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}/live", location.host().ok()?))
}

fn open(live: Live, shared: Shared) {
    let Some(socket) = address().and_then(|a| WebSocket::new(&a).ok()) else {
        return;
    };
    let on_open = {
        let socket = socket.clone();
        Closure::<dyn FnMut()>::new(move || send_watch(live, &socket))
    };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        // What another build says in another tongue is skipped; its next snapshot names the build.
        if let Some(message) = event.data().as_string().and_then(|text| serde_json::from_str::<ServerMessage>(&text).ok()) {
            shared.try_update_value(|c| c.tries = 0);
            live.take(message);
        }
    });
    let on_close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
        if event.code() == CLOSED_FOR_READER {
            live.link.try_set(Link::Lost);
            set_timeout(reload, LEAVING);
        } else {
            lost(live, shared);
        }
    });
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    // The browser owns the handlers now, until the socket is gone.
    on_open.forget();
    on_message.forget();
    on_close.forget();
    shared.try_update_value(|c| c.socket = Some(socket));
}

fn reload() {
    // Fails for pages without an address only.
    let _ = window().location().reload();
}

fn send_watch(live: Live, socket: &WebSocket) {
    let Some((space, monitors)) = live.watched.get_untracked() else { return };
    if socket.ready_state() == WebSocket::OPEN
        && let Ok(text) = serde_json::to_string(&ClientMessage::Watch { space, monitors })
    {
        // Fails when the socket is closing; the next one says it again.
        let _ = socket.send_with_str(&text);
    }
}

fn lost(live: Live, shared: Shared) {
    let wait = shared.try_update_value(|c| {
        c.socket = None;
        (!c.closed && c.hidden.is_none()).then(|| {
            c.tries = (c.tries + 1).min(8);
            wait_before(c.tries)
        })
    });
    let Some(Some(wait)) = wait else { return };
    live.link.try_set(Link::Lost);
    let retry = set_timeout_with_handle(move || open(live, shared), wait).ok();
    shared.try_update_value(|c| c.retry = retry);
}

/// Doubles from half a second, less up to a half by chance, so that a restarted server is not met by all tabs at once.
fn wait_before(tries: u32) -> Duration {
    let longest = Duration::from_millis(250).saturating_mul(1 << tries.min(10)).min(WAIT_MAX);
    longest.mul_f64(0.5 + js_sys::Math::random() / 2.0)
}

fn retry_now(live: Live, shared: Shared) {
    let due = shared.try_update_value(|c| {
        if let Some(retry) = c.retry.take() {
            retry.clear();
        }
        c.tries = 0;
        c.socket.is_none() && !c.closed
    });
    if due == Some(true) {
        open(live, shared);
    }
}

fn on_visibility(live: Live, shared: Shared) {
    if document().hidden() {
        let let_go = move || {
            shared.try_update_value(close);
        };
        let hidden = set_timeout_with_handle(let_go, HIDDEN_MAX).ok();
        shared.try_update_value(|c| c.hidden = hidden);
    } else {
        shared.try_update_value(|c| {
            if let Some(hidden) = c.hidden.take() {
                hidden.clear();
            }
        });
        retry_now(live, shared);
    }
}

fn close(connection: &mut Connection) {
    if let Some(retry) = connection.retry.take() {
        retry.clear();
    }
    if let Some(socket) = connection.socket.take() {
        socket.set_onclose(None);
        let _ = socket.close();
    }
}
