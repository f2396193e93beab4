//! Whether Loopr's own network is there, and who is asked about it.

use domain::network::{NetworkSettings, NetworkView, WitnessView};
use domain::{State, words};
use leptos::prelude::*;
use server_fn::ServerFn;

use super::AdminNav;
use crate::api::admin::{SetWitnesses, admin_network};
use crate::components::{Banner, Empty, Form, Load, Moment, PageHead, StateMark, Submission, Submit, Symbol, TextArea, Tone};
use crate::live::live;
use crate::pages::settings::{Records, Section};

/// The page.
#[component]
pub fn Network() -> impl IntoView {
    let set = Submission::new(SetWitnesses::PATH);
    let notice = live().notice;
    // The notice comes and goes with the network.
    let settings = Resource::new(move || (set.version().get(), notice.get()), |_| admin_network());
    let show = move |found: NetworkSettings| view! { <Shown found set/> }.into_any();
    view! { <Load resource=settings skeleton=&["heading", "line", "row", "row"] view=show/> }
}

/// What is the case.
fn title(network: &NetworkView) -> &'static str {
    match (network.witnesses.is_empty(), network.gone_since) {
        (true, _) => "Nobody is asked whether the network is there",
        (false, Some(_)) => "Loopr’s own network is gone",
        (false, None) => "Loopr’s own network is there",
    }
}

#[component]
fn Shown(found: NetworkSettings, set: Submission) -> impl IntoView {
    let NetworkSettings { network, fixed } = found;
    let title = title(&network).to_owned();
    let lead = view! {
        <p>"When all witnesses that have answered before fail at once, monitors with public targets are unknown instead of down, and nobody is alerted about them."</p>
    };
    let named = network.witnesses.iter().map(|witness| witness.address.clone()).collect::<Vec<_>>().join("\n");
    view! {
        <PageHead title lead=lead.into_any()/>
        <AdminNav/>
        <Records title="Witnesses" note=words::count(network.witnesses.len(), "host is asked", "hosts are asked")>
            <Rows network/>
        </Records>
        {if fixed {
            view! { <Banner tone=Tone::Good>"The witnesses are named by LOOPR_WITNESSES, and are changed there."</Banner> }.into_any()
        } else {
            view! {
                <Section title="Name witnesses" note="Hosts elsewhere that always take a connection">
                    <Form action=set class="form">
                        <TextArea
                            name="witnesses"
                            label="Hosts and ports"
                            value=named
                            optional=true
                            mono=true
                            placeholder="one.one.one.one:443"
                            hint="One a line, at most ten. Choose hosts of different operators. Without any, this is off."
                        />
                        <div class="form-actions"><Submit label="Save" kind="primary" done="Saved. They are asked now."/></div>
                    </Form>
                </Section>
            }
            .into_any()
        }}
    }
}

#[component]
fn Rows(network: NetworkView) -> impl IntoView {
    if network.witnesses.is_empty() {
        let text = "Without witnesses, an outage of Loopr’s own connection looks like an outage of everything it watches.";
        return view! { <Empty symbol=Symbol::Pulse title="No witnesses" text/> }.into_any();
    }
    let asked = network.asked_at;
    let row = move |witness: WitnessView| {
        let (state, word) = match witness.answers {
            Some(true) => (State::Up, "answers"),
            Some(false) => (State::Down, "does not answer"),
            None => (State::Unknown, "not asked yet"),
        };
        view! {
            <li>
                <StateMark state/>
                <div class="record-text">
                    <div class="record-name mono">{witness.address}</div>
                    <div class="record-note">{word} {asked.map(|at| view! { " · asked " <Moment at/> })}</div>
                </div>
            </li>
        }
    };
    view! { <ul class="record-list">{network.witnesses.into_iter().map(row).collect_view()}</ul> }.into_any()
}
