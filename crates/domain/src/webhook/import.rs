//! Takes over schedules from elsewhere: a crontab whose lines call curl or wget, or a table in CSV as cron-job.org's users keep it.
//!
//! A line that cannot be taken over is told with the reason, and keeps none of the others from it.

mod command;

use super::ScheduleDraft;
use command::{is_tool, request};

/// Lines that are read, at most.
const LINES_MAX: usize = 10_000;

/// One line that was understood or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    /// From 1.
    pub line: usize,
    /// What it says.
    pub draft: Result<ScheduleDraft, String>,
}

/// All lines that say something.
pub type Imported = Vec<ImportedLine>;

/// Reads a crontab or a table. `zone` is the zone of a crontab that names none.
pub fn read(text: &str, zone: &str) -> Imported {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_ascii_lowercase();
    let is_table = (first.contains("url") || first.contains("address")) && first.contains([',', ';', '\t']) && !first.contains("curl ");
    if is_table { table(text, zone) } else { crontab(text, zone) }
}

fn crontab(text: &str, zone: &str) -> Imported {
    let (mut found, mut zone, mut name) = (Vec::new(), zone.to_owned(), String::new());
    for (nth, line) in text.lines().take(LINES_MAX).enumerate() {
        let line_number = nth + 1;
        let line = line.trim();
        if line.is_empty() {
            name.clear();
            continue;
        }
        if let Some(comment) = line.strip_prefix('#') {
            name = comment.trim().to_owned();
            continue;
        }
        if let Some((variable, value)) = assignment(line) {
            if matches!(variable, "CRON_TZ" | "TZ") {
                zone = value.to_owned();
            }
            continue;
        }
        let draft = job(line).map(|(cron, request)| {
            let mut draft = request;
            draft.name = std::mem::take(&mut name);
            draft
                .settings
                .extend([("trigger", "cron".to_owned()), ("cron", cron), ("timezone", zone.clone())].map(|(k, v)| (k.to_owned(), v)));
            draft
        });
        found.push(ImportedLine { line: line_number, draft });
    }
    found
}

fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && !name.is_empty();
    is_name.then(|| (name, value.trim().trim_matches(['"', '\''])))
}

/// The expression of a line of a crontab and the request of its command.
fn job(line: &str) -> Result<(String, ScheduleDraft), String> {
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut rest = line;
    let mut cron = Vec::new();
    for _ in 0..fields {
        let (field, after) = rest.split_once(char::is_whitespace).ok_or("This line has no command.")?;
        cron.push(field);
        rest = after.trim_start();
    }
    // /etc/crontab names a user before the command.
    let command = match rest.split_once(char::is_whitespace) {
        Some((user, after)) if !is_tool(user) && after.split_whitespace().next().is_some_and(is_tool) => after.trim_start(),
        _ => rest,
    };
    Ok((cron.join(" "), request(command)?))
}

/// Columns by the names that people give them.
const COLUMNS: [(&str, &[&str]); 9] = [
    ("name", &["name", "title"]),
    ("url", &["url", "address", "link"]),
    ("cron", &["cron", "schedule", "expression", "crontab"]),
    ("timezone", &["timezone", "time zone", "zone", "tz"]),
    ("method", &["method", "request method", "requestmethod"]),
    ("headers", &["headers", "header"]),
    ("body", &["body", "data", "payload"]),
    ("enabled", &["enabled", "active"]),
    ("every", &["every", "interval"]),
];

fn table(text: &str, zone: &str) -> Imported {
    let mut lines = records(text).into_iter();
    let Some((_, head)) = lines.next() else { return Vec::new() };
    let columns: Vec<Option<&str>> = head
        .iter()
        .map(|name| {
            let name = name.trim().trim_start_matches('\u{feff}').to_ascii_lowercase();
            COLUMNS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(column, _)| *column)
        })
        .collect();
    let draft = |record: Vec<String>| {
        let mut draft = ScheduleDraft { enabled: "on".into(), ..ScheduleDraft::default() };
        draft.settings.insert("timezone".into(), zone.to_owned());
        for (column, value) in columns.iter().zip(record) {
            let value = value.trim();
            match column {
                _ if value.is_empty() => {}
                Some("name") => value.clone_into(&mut draft.name),
                Some("enabled") => {
                    draft.enabled = if matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off") {
                        String::new()
                    } else {
                        "on".into()
                    }
                }
                Some(column) => {
                    draft.settings.insert((*column).to_owned(), value.to_owned());
                }
                None => {}
            }
        }
        draft.settings.entry("method".into()).or_insert_with(|| "GET".into());
        let trigger = match (draft.setting("cron"), draft.setting("every")) {
            ("", "") => return Err("It does not say when: a column “cron” or “every” is needed.".to_owned()),
            ("", _) => "every",
            _ => "cron",
        };
        draft.settings.insert("trigger".into(), trigger.into());
        if draft.setting("url").is_empty() { Err("It has no address: a column “url” is needed.".to_owned()) } else { Ok(draft) }
    };
    lines.take(LINES_MAX).map(|(line, record)| ImportedLine { line, draft: draft(record) }).collect()
}

/// The records of a table (RFC 4180), with the line on which each begins.
fn records(text: &str) -> Vec<(usize, Vec<String>)> {
    let first = text.lines().next().unwrap_or_default();
    let separator = [';', '\t'].into_iter().find(|c| first.contains(*c) && !first.contains(',')).unwrap_or(',');
    let (mut all, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut begun) = (false, 1usize, 1usize);
    let mut chars = text.chars().filter(|c| *c != '\r').chain(['\n']).peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                let full = std::mem::take(&mut record);
                if full.iter().any(|cell| !cell.trim().is_empty()) {
                    all.push((begun, full));
                }
                line += 1;
                begun = line;
            }
            c if c == separator && !quoted => record.push(std::mem::take(&mut cell)),
            c => {
                if c == '\n' {
                    line += 1;
                }
                cell.push(c);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Result<ScheduleDraft, String> {
        let mut found = read(text, "UTC");
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0).draft
    }

    #[test]
    fn crontabs_are_read() {
        let text = "# comment\nMAILTO=ops@example.com\nCRON_TZ=Europe/Riga\n\n# Nightly report\n\
            0 2 * * * curl -fsS -X POST -H 'X-Key: a b' -d '{\"day\":\"today\"}' https://example.com/report >/dev/null 2>&1\n\
            @hourly root /usr/bin/wget -q -O /dev/null \"https://example.com/?a=1&b=2\"\n\
            5 4 * * * /usr/local/bin/backup.sh\n";
        let found = read(text, "UTC");
        assert_eq!(found.iter().map(|line| line.line).collect::<Vec<_>>(), [6, 7, 8]);
        let report = found[0].draft.as_ref().expect("a request");
        assert_eq!(
            (report.name.as_str(), report.setting("cron"), report.setting("timezone")),
            ("Nightly report", "0 2 * * *", "Europe/Riga")
        );
        assert_eq!(
            (report.setting("url"), report.setting("method"), report.setting("body")),
            ("https://example.com/report", "POST", "{\"day\":\"today\"}")
        );
        assert!(report.setting("headers").starts_with("X-Key: a b\nContent-Type: application/x-www-form"));
        let hourly = found[1].draft.as_ref().expect("a request");
        assert_eq!(
            (hourly.setting("cron"), hourly.setting("url"), hourly.setting("method")),
            ("@hourly", "https://example.com/?a=1&b=2", "GET")
        );
        assert!(found[2].draft.as_ref().is_err_and(|error| error.contains("curl and wget")));
        for line in &found[..2] {
            line.draft.as_ref().expect("a request").validate(crate::Timestamp::from_millis(1_790_000_000_000)).expect("valid");
        }
    }

    #[test]
    fn tables_are_read() {
        let text = "\u{feff}Title;URL;Schedule;Enabled\n\"Ping; \"\"one\"\"\";https://example.com/a;*/5 * * * *;1\n;https://example.com/b;0 3 * * *;false\nno url;;0 3 * * *;1\n";
        let found = read(text, "Europe/Riga");
        assert_eq!(found.len(), 3);
        let first = found[0].draft.as_ref().expect("a request");
        assert_eq!((first.name.as_str(), first.setting("cron"), first.enabled.as_str()), ("Ping; \"one\"", "*/5 * * * *", "on"));
        assert_eq!(found[1].draft.as_ref().map(|draft| draft.enabled.clone()), Ok(String::new()));
        assert!(found[2].draft.as_ref().is_err_and(|error| error.contains("no address")));
    }

    #[test]
    fn a_line_without_a_command_says_so() {
        assert!(only("* * * *").is_err_and(|error| error.contains("no command")));
    }
}
