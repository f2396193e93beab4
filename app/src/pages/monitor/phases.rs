//! Where the time of a check went.

use domain::check::Phases;
use domain::view::MonitorDetail;
use domain::words;
use leptos::prelude::*;

/// Stable name, word and value of each phase that was reached.
fn parts(phases: &Phases) -> Vec<(&'static str, &'static str, u32)> {
    [
        ("dns", "DNS", phases.dns_us),
        ("connect", "Connect", phases.connect_us),
        ("tls", "TLS", phases.tls_us),
        ("wait", "Waiting", phases.first_byte_us),
        ("read", "Download", phases.download_us),
    ]
    .into_iter()
    .filter_map(|(name, word, us)| Some((name, word, us?)))
    .collect()
}

/// A bar of the phases and their figures.
#[component]
pub fn PhaseBreakdown(phases: Phases) -> impl IntoView {
    let parts = parts(&phases);
    let total = parts.iter().map(|(_, _, us)| u64::from(*us)).sum::<u64>().max(1);
    let mut before = 0u64;
    let rects: Vec<_> = parts
        .iter()
        .map(|(name, _, us)| {
            let (x, end) = (before * 1_000 / total, (before + u64::from(*us)) * 1_000 / total);
            before += u64::from(*us);
            view! { <rect data-phase=*name x=x y="0" width=(end - x).saturating_sub(3).max(2) height="12"></rect> }
        })
        .collect();
    view! {
        <svg class="phase-bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">{rects}</svg>
        <dl class="phase-list">
            {parts
                .into_iter()
                .map(|(name, word, us)| {
                    view! {
                        <div data-phase=name>
                            <dt><span class="swatch"></span><span>{word}</span></dt>
                            <dd>{words::latency(us)}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
}

/// The phases of the last successful check.
#[component]
pub fn PhaseCard(detail: RwSignal<MonitorDetail>) -> impl IntoView {
    let last = Memo::new(move |_| {
        detail.with(|d| d.checks.iter().find(|c| c.failure.is_none() && c.phases != Phases::default()).map(|c| (c.at, c.phases)))
    });
    view! {
        {move || last.get().map(|(at, phases)| view! {
            <section class="card">
                <div class="card-head">
                    <h2>"Where the time goes"</h2>
                    <span class="card-note"><crate::components::Moment at/></span>
                </div>
                <div class="card-body"><PhaseBreakdown phases/></div>
            </section>
        })}
    }
}
