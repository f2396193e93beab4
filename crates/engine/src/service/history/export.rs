//! A monitor's history for whoever takes it elsewhere: every check of a window, a day at a time, as CSV or NDJSON.
//!
//! Invariant: the two say the same under the same names, and a day of one monitor is all that is in memory.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::check::Failure;
use domain::time::DAY_MS;
use domain::view::CheckView;
use domain::{AppError, Code, Timestamp};
use serde::Serialize;
use store::Store;

use super::super::unavailable;
use crate::board::Entry;
use crate::record::{Marks, Reader};

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values with a line of names (RFC 4180).
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl ExportFormat {
    /// Reads a name: also the extension of a file.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Csv, Self::Ndjson].into_iter().find(|format| format.name() == name)
    }

    /// The name, which is also the extension of a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

/// A line of an export.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    /// `success`, `degraded` or `failure`.
    outcome: &'static str,
    /// None when nothing was measured: a signal without a run, the state of a group.
    duration_us: Option<u32>,
    dns_us: Option<u32>,
    connect_us: Option<u32>,
    tls_us: Option<u32>,
    first_byte_us: Option<u32>,
    download_us: Option<u32>,
    status: Option<u16>,
    reason: Option<&'static str>,
    message: Option<&'a str>,
    excerpt: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(check: &'a CheckView) -> Self {
        let (outcome, fault): (_, Option<&Failure>) = match (&check.failure, &check.warning) {
            (Some(failure), _) => ("failure", Some(failure)),
            (None, Some(warning)) => ("degraded", Some(warning)),
            (None, None) => ("success", None),
        };
        Self {
            at: check.at.to_rfc3339(),
            outcome,
            duration_us: Some(check.duration_us).filter(|us| *us > 0),
            dns_us: check.phases.dns_us,
            connect_us: check.phases.connect_us,
            tls_us: check.phases.tls_us,
            first_byte_us: check.phases.first_byte_us,
            download_us: check.phases.download_us,
            status: check.status,
            reason: fault.map(|fault| fault.reason.name()),
            message: fault.map(|fault| fault.message.as_str()),
            excerpt: check.excerpt.as_deref(),
        }
    }
}

/// The checks of a window, in order of time.
pub struct Export {
    pub(super) store: Store,
    pub(super) marks: Arc<Marks>,
    pub(super) entry: Arc<Entry>,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) format: ExportFormat,
    /// The line of names is still to be written.
    pub(super) names: bool,
}

impl Export {
    /// The text of the next day that has checks; none at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, AppError> {
        if std::mem::take(&mut self.names) {
            return self.written(&[], true).map(Some);
        }
        while self.from < self.to && !self.entry.gone.load(Ordering::Acquire) {
            let reader = Reader { store: &self.store, marks: &self.marks, entry: &self.entry };
            let checks = reader.of_day(self.from, self.to).await.map_err(unavailable)?;
            self.from = Timestamp::from_millis(self.from.floor(DAY_MS).as_millis().saturating_add(DAY_MS));
            if !checks.is_empty() {
                return self.written(&checks, false).map(Some);
            }
        }
        Ok(None)
    }

    fn written(&self, checks: &[CheckView], names: bool) -> Result<Vec<u8>, AppError> {
        let written = match self.format {
            ExportFormat::Csv => csv_lines(checks, names).map_err(|error| error.to_string()),
            ExportFormat::Ndjson => json_lines(checks).map_err(|error| error.to_string()),
        };
        written.map_err(|error| {
            tracing::error!(error, "an export could not be written");
            AppError::new(Code::Internal, "The history could not be written down. The log of the server says why.")
        })
    }
}

fn json_lines(checks: &[CheckView]) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::new();
    for check in checks {
        serde_json::to_writer(&mut out, &Line::new(check))?;
        out.push(b'\n');
    }
    Ok(out)
}

fn csv_lines(checks: &[CheckView], names: bool) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::WriterBuilder::new().has_headers(false).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if names {
        out.write_record([
            "at",
            "outcome",
            "duration_us",
            "dns_us",
            "connect_us",
            "tls_us",
            "first_byte_us",
            "download_us",
            "status",
            "reason",
            "message",
            "excerpt",
        ])?;
    }
    for check in checks {
        let mut line = Line::new(check);
        let (message, excerpt) = (line.message.map(harmless), line.excerpt.map(harmless));
        (line.message, line.excerpt) = (message.as_deref(), excerpt.as_deref());
        out.serialize(line)?;
    }
    out.into_inner().map_err(|error| error.into_error().into())
}

/// A spreadsheet takes a cell that begins like this for a formula, and the answer of a stranger's server is in these cells: an
/// apostrophe makes it text.
pub(in crate::service) fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::check::{Phases, Reason};

    fn failed() -> CheckView {
        CheckView {
            at: Timestamp::from_millis(1_790_000_000_123),
            duration_us: 84_000,
            phases: Phases { dns_us: Some(0), ..Phases::default() },
            status: Some(503),
            failure: Some(Failure { reason: Reason::Status, message: "expected 200, \"got\" 503".into() }),
            excerpt: Some("=1+1\nsecond line".into()),
            ..CheckView::default()
        }
    }

    #[test]
    fn both_formats_say_the_same_under_the_same_names() {
        let checks = [failed(), CheckView { at: Timestamp::from_millis(1_790_000_001_000), ..CheckView::default() }];
        let text = [csv_lines(&[], true).expect("names"), csv_lines(&checks, false).expect("lines")].concat();
        let mut csv = csv::Reader::from_reader(text.as_slice());
        let names = csv.headers().expect("names").clone();
        let json = String::from_utf8(json_lines(&checks).expect("lines")).expect("text");
        for (record, line) in csv.records().zip(json.lines()) {
            let line: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).expect("JSON");
            for (name, cell) in names.iter().zip(&record.expect("record")) {
                let value = match &line[name] {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => harmless(text),
                    other => other.to_string(),
                };
                assert_eq!(cell, value, "{name}");
            }
            assert_eq!(line.len(), names.len());
        }
        assert_eq!(json.lines().count(), 2);
        assert!(json.lines().last().is_some_and(|line| line.contains(r#""duration_us":null"#)), "nothing was measured: {json}");
    }
}
