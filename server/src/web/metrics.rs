//! `/metrics` in the text format of Prometheus. Names end in their unit; nothing is labelled by what a person typed.

use std::fmt::{Display, Write as _};

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::alert::MessageState;
use domain::histogram::Histogram;
use domain::state::State as MonitorState;
use domain::webhook::RunState;
use http::header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use subtle::ConstantTimeEq as _;

use super::scope::Scope;
use super::state::AppState;

pub(super) async fn metrics(State(state): State<AppState>, Extension(scope): Extension<Scope>, headers: HeaderMap) -> Response {
    let permitted = match &state.listen().metrics_token {
        Some(token) => bearer(&headers).is_some_and(|given| given.as_bytes().ct_eq(token.0.as_bytes()).into()),
        None => scope.client.trusted_local,
    };
    if !permitted {
        let text = "Metrics are for this machine itself, or for who has the token of LOOPR_METRICS_TOKEN.\n";
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], text).into_response();
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], render(&state)).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn render(state: &AppState) -> String {
    let numbers = state.engine().metrics();
    let mut page = Page::default();
    page.one("loopr_build_info", "gauge", "The version that runs.", &[(format!("{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1)]);
    page.number("loopr_checks_total", "counter", "Checks that ended.", numbers.checks);
    page.number("loopr_check_failures_total", "counter", "Checks that failed.", numbers.failures);
    page.number("loopr_slots_missed_total", "counter", "Slots that should have run and did not.", numbers.missed);
    page.number("loopr_results_dropped_total", "counter", "Results that no queue had room for.", numbers.dropped);
    page.number("loopr_results_recorded_total", "counter", "Results in the database.", numbers.recorded);
    page.number("loopr_commits_total", "counter", "Transactions of the recorder.", numbers.commits);
    page.number("loopr_checks_in_flight", "gauge", "Checks under way.", numbers.in_flight);
    page.number("loopr_open_history_bytes", "gauge", "Memory of the checks of hours that are not sealed yet.", numbers.open_bytes);
    let came: Vec<_> = MessageState::ALL
        .into_iter()
        .zip(numbers.messages)
        .filter(|(state, _)| *state != MessageState::Sending)
        .map(|(state, n)| (format!("{{state=\"{}\"}}", state.name()), n))
        .collect();
    page.one("loopr_messages_total", "counter", "Messages that came into a state; waiting: a try failed.", &came);
    let came: Vec<_> = RunState::ALL.iter().zip(numbers.runs).map(|(state, n)| (format!("{{state=\"{}\"}}", state.name()), n)).collect();
    page.one("loopr_webhook_runs_total", "counter", "Runs of scheduled webhooks that came into a state.", &came);
    page.number("loopr_webhook_retries_total", "counter", "Attempts that repeated one before.", numbers.run_retries);
    page.number("loopr_webhook_schedules", "gauge", "Scheduled webhooks.", numbers.schedules);
    page.number(
        "loopr_webhook_runs_waiting",
        "gauge",
        "Runs that wait for their time, for room or to be tried again.",
        numbers.runs_waiting,
    );
    page.number("loopr_webhook_runs_in_flight", "gauge", "Runs on their way.", numbers.runs_in_flight);
    page.summary("loopr_webhook_start_lag_seconds", "From the time that a run was due to its first attempt.", &numbers.run_lag_us);
    page.number("loopr_sockets", "gauge", "Open live connections.", state.sockets().open());
    page.summary("loopr_check_start_lag_seconds", "From a slot to the start of its check.", &numbers.start_lag_us);
    page.summary("loopr_commit_seconds", "How long transactions of the recorder took.", &numbers.commit_us);
    let counts = state.engine().metrics_monitor_states();
    let states: Vec<_> =
        MonitorState::ALL.into_iter().zip(counts).map(|(state, n)| (format!("{{state=\"{}\"}}", state.name()), n)).collect();
    page.one("loopr_monitors", "gauge", "Monitors by state.", &states);
    let network = state.engine().network();
    if !network.witnesses.is_empty() {
        let answering = network.witnesses.iter().filter(|witness| witness.answers == Some(true)).count();
        page.number("loopr_network_gate_closed", "gauge", "Whether the own network is gone.", u8::from(network.gone_since.is_some()));
        page.number("loopr_witnesses_answering", "gauge", "Witnesses of the own network that answered last.", answering);
    }
    page.number("loopr_monitors_flapping", "gauge", "Monitors that go down and up too often.", state.engine().metrics_flapping());
    if let Some(bytes) = resident_bytes() {
        page.number("process_resident_memory_bytes", "gauge", "Memory in use.", bytes);
    }
    page.0
}

#[derive(Default)]
struct Page(String);

// Writing to a String cannot fail.
impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn number(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, values: &[(String, u64)]) {
        self.head(name, kind, help);
        for (labels, value) in values {
            let _ = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    fn summary(&mut self, name: &str, help: &str, values: &Histogram) {
        self.head(name, "summary", help);
        for (permille, quantile) in [(500, "0.5"), (950, "0.95"), (990, "0.99")] {
            if let Some(us) = values.quantile_us(permille) {
                let _ = writeln!(self.0, "{name}{{quantile=\"{quantile}\"}} {}", f64::from(us) / 1e6);
            }
        }
        let _ = writeln!(self.0, "{name}_count {}", values.count());
    }
}

/// Resident memory, from `/proc/self/status`; `None` where there is no such file.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}
