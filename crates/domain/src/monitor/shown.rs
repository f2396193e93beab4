//! What people see of a monitor's settings.

use std::time::Duration;

use super::{Monitor, MonitorDraft, MonitorSpec, spell};
use crate::kind::http::HttpSettings;
use crate::kind::{Input, Kind, Target};

impl Monitor {
    /// What to show below its name: host and path of a URL, host and port, a name.
    pub fn address(&self) -> String {
        match &self.spec.target {
            Target::Http(http) => without_scheme(&http.url),
            Target::Websocket(websocket) => without_scheme(&websocket.url),
            Target::Dns(dns) => format!("{} {}", dns.record, dns.query),
            Target::Domain(domain) => domain.domain.clone(),
            Target::Ping(ping) => ping.host.clone(),
            Target::Tcp(tcp) => tcp.address.to_string(),
            Target::Tls(tls) => tls.address.to_string(),
            Target::Grpc(grpc) => grpc.address.to_string(),
            Target::Postgres(database) | Target::Mysql(database) => database.address.to_string(),
            Target::Redis(redis) => redis.address.to_string(),
            Target::Smtp(smtp) => smtp.address.to_string(),
            Target::Ssh(ssh) => ssh.address.to_string(),
            Target::Group(group) => crate::words::count(group.members.len(), "member", "members"),
            Target::Heartbeat(_) => self.spec.rhythm().unwrap_or_default(),
            Target::Unreadable(_) => String::new(),
        }
    }

    /// The label of its kind: `HTTPS`, `POST · HTTP`, `Ping`.
    pub fn label(&self) -> String {
        match &self.spec.target {
            Target::Http(http) => {
                let scheme = if http.url.starts_with("https:") { "HTTPS" } else { "HTTP" };
                if http.method == "GET" { scheme.to_owned() } else { format!("{} · {scheme}", http.method) }
            }
            _ => self.spec.kind.label().to_owned(),
        }
    }

    /// What is checked, in full: `GET https://example.com/`, `TCP db.example.com:5432`.
    pub fn target_line(&self) -> String {
        match &self.spec.target {
            Target::Http(http) => format!("{} {}", http.method, http.url),
            Target::Websocket(websocket) => websocket.url.clone(),
            Target::Dns(_) | Target::Domain(_) | Target::Group(_) => self.address(),
            Target::Heartbeat(_) => format!("a signal {}", self.address()),
            Target::Unreadable(cause) => cause.clone(),
            _ => format!("{} {}", self.spec.kind.label(), self.address()),
        }
    }

    /// What a form shows to edit it: secrets are replaced by [`super::KEPT`].
    pub fn draft(&self) -> MonitorDraft {
        let spec = &self.spec;
        let text = |flag: bool| if flag { "on".to_owned() } else { String::new() };
        MonitorDraft {
            kind: spec.kind.name().to_owned(),
            name: spec.name.clone(),
            interval: spell(spec.interval),
            timeout: if spec.timeout_is_default { String::new() } else { spell(spec.timeout) },
            failures: spec.confirmation.failures.to_string(),
            successes: spec.confirmation.successes.to_string(),
            retry: spec.retry.map(spell).unwrap_or_default(),
            upside_down: text(spec.upside_down),
            depends_on: spec.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            tags: spec.tags.join(", "),
            note: spec.note.clone(),
            settings: spec.kind.form().shown(&spec.settings.0),
        }
    }

    /// The settings that somebody chose, for the page of the monitor: label and value.
    pub fn facts(&self) -> Vec<(String, String)> {
        let spec = &self.spec;
        let mut facts = vec![("Kind".to_owned(), spec.kind.label().to_owned())];
        if spec.kind != Kind::Heartbeat {
            facts.push(("Every".into(), spell(spec.interval)));
        }
        if spec.kind.is_active() {
            facts.push(("Timeout".into(), spell(spec.timeout)));
        }
        let chosen = spec.kind.fields().filter(|field| !matches!(field.name, "url" | "address" | "members")).filter_map(|field| {
            let value = spec.settings.0.get(field.name)?;
            let text = match field.input {
                Input::Secret | Input::SecretText => "saved".to_owned(),
                Input::Headers => value.lines().filter_map(|line| line.split(':').next()).collect::<Vec<_>>().join(", "),
                Input::Flag => "yes".to_owned(),
                Input::Millis => crate::words::parse_duration(value, Duration::from_secs(1)).map_or_else(|| value.clone(), spell),
                Input::Choice(options) => {
                    options.iter().find(|(name, _)| name == value).map_or(value.as_str(), |(_, words)| words).to_owned()
                }
                Input::Text if value.len() > 80 => format!("{} bytes", value.len()),
                _ => value.lines().collect::<Vec<_>>().join(", "),
            };
            Some((field.label.to_owned(), text))
        });
        facts.extend(chosen);
        let HttpSettings { accepted_status, .. } = HttpSettings::default();
        if spec.kind == Kind::Http && !spec.settings.0.contains_key("accepted_status") {
            facts.push(("Accepted status".into(), accepted_status.to_string()));
        }
        facts.push(("Down after".into(), crate::words::count(count(spec.confirmation.failures), "failure", "failures in a row")));
        facts
    }
}

impl MonitorSpec {
    /// When signals of a heartbeat are expected, in words.
    pub fn rhythm(&self) -> Option<String> {
        let Target::Heartbeat(heartbeat) = &self.target else { return None };
        let text = |name: &str| self.settings.0.get(name).map_or("", String::as_str);
        Some(match &heartbeat.rhythm {
            crate::kind::heartbeat::Rhythm::Every(period) => format!("every {}", crate::words::duration(*period)),
            crate::kind::heartbeat::Rhythm::Cron(_) => {
                let zone = if text("timezone").is_empty() { "UTC" } else { text("timezone") };
                format!("at {} ({zone})", text("cron"))
            }
        })
    }
}

fn count(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// Host and path, without query and trailing slash.
fn without_scheme(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('?').next().unwrap_or(rest).trim_end_matches('/').to_owned()
}
