//! Where a heartbeat reports to, with what to paste into a job. Only for those who may edit: whoever knows the address may
//! report.

use domain::view::MonitorDetail;
use leptos::prelude::*;

use crate::browser;
use crate::components::CopyButton;

/// The card; nothing for other kinds.
#[component]
pub fn Report(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let path = Memo::new(move |_| detail.with(|d| d.ping_path.clone()));
    move || path.get().map(|path| view! { <Address path/> })
}

#[component]
fn Address(path: String) -> impl IntoView {
    let address = RwSignal::new(path);
    Effect::new(move |_| {
        address.update(|path| {
            if path.starts_with('/') {
                *path = format!("{}{path}", browser::origin());
            }
        });
    });
    let curl = Signal::derive(move || address.with(|address| format!("curl -fsS -m 10 --retry 3 {address}")));
    view! {
        <section class="card">
            <div class="card-head"><h2>"Report to"</h2></div>
            <div class="card-body stack">
                <div class="secret">
                    <code>{address}</code>
                    <CopyButton text=address/>
                </div>
                <p class="muted">"At the end of a job that went well:"</p>
                <div class="secret">
                    <code>{curl}</code>
                    <CopyButton text=curl/>
                </div>
                <p class="muted">
                    "Add "
                    <code>"/start"</code>
                    " when it begins, "
                    <code>"/fail"</code>
                    " when it failed, or its exit code: "
                    <code>"/$?"</code>
                    ". What is posted as the body is kept, up to 1 KiB."
                </p>
            </div>
        </section>
    }
}
