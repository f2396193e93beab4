//! Reads settings from the text of fields, and collects what is wrong with them, so that one answer names everything.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::Values;
use super::address::{Address, Family, parse_address, parse_host};
use super::field::{Fields, Input};
use crate::error::FieldErrors;
use crate::http::Header;
use crate::id::MonitorId;
use crate::monitor::{HEADERS_MAX, KEPT, parse_ids};
use crate::secret::Secret;
use crate::words::parse_duration;

mod headers;

/// The values of fields on their way to settings.
pub struct Reader<'a> {
    fields: Fields,
    values: Values,
    errors: &'a mut FieldErrors,
}

/// Takes the fields out of what was typed; what stands for a saved secret is replaced by it.
pub(crate) fn resolve(fields: Fields, typed: &Values, saved: &Values, errors: &mut FieldErrors) -> Values {
    let mut values = Values::new();
    for field in fields.iter() {
        let text = typed.get(field.name).map_or("", String::as_str);
        let kept = saved.get(field.name).map(String::as_str);
        let resolved = match field.input {
            Input::Secret | Input::SecretText if text.trim() == KEPT => {
                kept.map(str::to_owned).ok_or_else(|| "There is no saved value. Type one.".to_owned())
            }
            Input::Headers => headers::resolve(text, kept.unwrap_or_default()),
            // What a browser sends has other line breaks.
            Input::Text | Input::SecretText => Ok(text.replace("\r\n", "\n")),
            _ => Ok(text.trim().to_owned()),
        };
        match resolved {
            Ok(text) if text.is_empty() => {}
            Ok(text) => {
                values.insert(field.name.to_owned(), text);
            }
            Err(message) => errors.add(field.name, message),
        }
    }
    values
}

impl<'a> Reader<'a> {
    pub(crate) fn new(fields: Fields, values: Values, errors: &'a mut FieldErrors) -> Self {
        Self { fields, values, errors }
    }

    /// The values, as they are to be kept.
    pub(crate) fn into_values(self) -> Values {
        self.values
    }

    /// What stands in a field; empty when nothing does.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Says what is wrong with a field, unless something has been said of it: the first message is the cause.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        if !self.errors.has(name) {
            self.errors.add(name, message);
        }
    }

    /// Reads a field that has to have a value.
    pub fn parse<T, E: ToString>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match parse(self.text(name)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(name, error.to_string());
                None
            }
        }
    }

    /// Reads a field and keeps it the way it was understood.
    pub fn normal<E: ToString>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<String, E>) -> Option<String> {
        let value = self.parse(name, parse)?;
        self.values.insert(name.to_owned(), value.clone());
        Some(value)
    }

    /// Keeps a field the way it was understood.
    pub fn keep(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// Reads a field that may be empty.
    pub fn optional<T, E: ToString>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        if self.text(name).trim().is_empty() { None } else { self.parse(name, parse) }
    }

    /// Reads a field; what is empty or wrong gives the default.
    pub fn or<T, E: ToString>(&mut self, name: &str, default: T, parse: impl FnOnce(&str) -> Result<T, E>) -> T {
        self.optional(name, parse).unwrap_or(default)
    }

    /// Whether a box is ticked.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "on" | "true")
    }

    /// The chosen value of a list.
    pub fn choice(&mut self, name: &str) -> &'static str {
        let Some(Input::Choice(options)) = self.fields.get(name).map(|field| field.input) else {
            return "";
        };
        let text = self.text(name);
        let first = options.first().map_or("", |(value, _)| *value);
        if text.is_empty() {
            return first;
        }
        match options.iter().find(|(value, _)| value.eq_ignore_ascii_case(text)) {
            Some((value, _)) => value,
            None => {
                let names = options.iter().map(|(value, _)| *value).collect::<Vec<_>>().join(", ");
                self.errors.add(name, format!("Choose one of {names}."));
                first
            }
        }
    }

    /// A whole number.
    pub fn number<N: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        name: &str,
        default: N,
        range: RangeInclusive<N>,
    ) -> N {
        let wrong = format!("Choose a whole number from {} to {}.", range.start(), range.end());
        self.or(name, default, |text| text.parse().ok().filter(|n| range.contains(n)).ok_or(wrong))
    }

    /// A span of time, 1 ms to 400 d.
    pub fn millis(&mut self, name: &str) -> Option<Duration> {
        self.optional(name, |text| {
            let span = parse_duration(text, Duration::from_secs(1)).ok_or("Write a number and a unit: 800 ms, 2 s.")?;
            let fits = (Duration::from_millis(1)..=Duration::from_secs(400 * 86_400)).contains(&span);
            if fits {
                Ok(Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(0)))
            } else {
                Err("Choose between 1 ms and 400 d.")
            }
        })
    }

    /// A secret; empty when none was typed.
    pub fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name))
    }

    /// A text of a bounded length.
    pub fn text_or_none(&mut self, name: &str, most_bytes: usize) -> Option<String> {
        let fits = |text: &str| {
            if text.len() > most_bytes {
                Err(format!("Use at most {most_bytes} bytes; this is {}.", text.len()))
            } else {
                Ok(text.to_owned())
            }
        };
        self.optional(name, fits)
    }

    /// The lines of a text that are not empty.
    pub fn lines(&mut self, name: &str, most: usize) -> Vec<String> {
        let lines: Vec<String> = self.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        self.bounded(name, lines, most)
    }

    /// The items of a list.
    pub fn items(&mut self, name: &str, most: usize) -> Vec<String> {
        let items = self.text(name).split([',', '\n']).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        self.bounded(name, items, most)
    }

    fn bounded(&mut self, name: &str, items: Vec<String>, most: usize) -> Vec<String> {
        if items.len() > most || items.iter().any(|item| item.len() > 1_000) {
            self.errors.add(name, format!("Use at most {most} entries of 1000 characters."));
            return Vec::new();
        }
        items
    }

    /// Other monitors.
    pub fn monitors(&mut self, name: &str, most: usize) -> Option<Vec<MonitorId>> {
        let ids = self.parse(name, |text| parse_ids(text, most))?;
        let text = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if !text.is_empty() {
            self.values.insert(name.to_owned(), text);
        }
        Some(ids)
    }

    /// `Name: value` lines.
    pub fn headers(&mut self, name: &str) -> Vec<Header> {
        self.or(name, Vec::new(), headers::parse)
    }

    /// The field `address`.
    pub fn address(&mut self, usual: Option<u16>) -> Option<Address> {
        let address = self.parse("address", |text| parse_address(text, usual))?;
        self.values.insert("address".into(), address.to_string());
        Some(address)
    }

    /// A host.
    pub fn host(&mut self, name: &str) -> Option<String> {
        self.normal(name, |text| parse_host(text).map(|host| host.to_string()))
    }

    /// A host, when one was typed.
    pub fn host_or_none(&mut self, name: &str) -> Option<String> {
        if self.text(name).is_empty() { None } else { self.host(name) }
    }

    /// The field `ip_version`.
    pub fn family(&mut self) -> Family {
        match self.choice("ip_version") {
            "4" => Family::V4,
            "6" => Family::V6,
            _ => Family::Any,
        }
    }
}

/// The most headers, for the message that says so.
const MOST: usize = HEADERS_MAX;
