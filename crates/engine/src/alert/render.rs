//! From the facts of a message to its title and body, in the format of a channel, by the default templates or those of a person.
//!
//! Invariants: what comes from the facts is inert, whatever template it is put into; a template costs a bounded amount of time, memory
//! and text; one that fails never keeps a message from being sent: the default text is sent, and says so.

use std::io::{self, Write};

use domain::alert::channel::{ChannelKind, Format, cut};
use domain::alert::{Content, Event};
use domain::error::{AppError, FieldErrors};
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, filters};

pub(super) use facts::began;
pub(crate) use facts::instant;
pub use facts::{Place, VARIABLES, sample};

mod facts;

/// What a template may use up: a unit is a step, or about a byte of text that is made.
const FUEL: u64 = 1_000_000;
/// How deep it may go.
const DEPTH: usize = 32;
/// Bytes that it may write.
const OUTPUT: usize = 512 * 1024;

/// The title, where nobody has written one.
pub const TITLE: &str = "{{ headline }}";

/// The body, where nobody has written one: the same in each format, as line breaks are put into its words afterwards.
pub const BODY: &str = "\
{% for n in notices %}
{% if several %}
• {{ n.headline }} ({{ n.at }}){{ ': ' ~ n.detail if n.detail }}
{% else %}
{{ n.detail }}
{{ n.target if n.target != n.name }}
{{ n.began }}
{% endif %}
{% endfor %}
{{ 'and ' ~ more ~ ' more' if more }}
{{ space }}{{ ' · ' ~ tags|join(', ') if tags and not several }}";

/// A title and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// In the format of the kind, on one line.
    pub title: String,
    /// In the format of the kind.
    pub body: String,
    /// The title without markup.
    pub plain_title: String,
    /// The body without markup.
    pub plain_body: String,
    /// How long the title and the body without markup were before they were cut, in units of UTF-16, as providers count.
    pub lengths: (u32, u32),
    /// Why the default text stands here instead of the templates.
    pub note: Option<String>,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TemplateError {
    /// From 1.
    pub line: usize,
    /// A sentence.
    pub message: String,
}

/// Puts a message into words. An empty template stands for the default one.
pub fn render(kind: ChannelKind, title: &str, body: &str, content: &Content, place: &Place) -> Text {
    let own = |text: &str, default: &'static str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
    match written(kind, &own(title, TITLE), &own(body, BODY), content, place) {
        Ok(text) => text,
        Err((part, error)) => {
            let note = format!("This is the default text: the template of the {part} failed in {error}");
            let place = Place { note: Some(&note), ..*place };
            // The default templates are known to work: a test renders them for every kind.
            let mut text = written(kind, TITLE, &format!("{BODY}\n{{{{ note }}}}"), content, &place).unwrap_or_else(|_| bare(content));
            text.note = Some(note);
            text
        }
    }
}

/// Judges a template by rendering an invented message with it; a name that means nothing is an error here, and nothing at all later.
///
/// # Errors
/// What is wrong, and in which line.
pub fn check(template: &str) -> Result<(), TemplateError> {
    if let Some(name) = unknown(template) {
        let line = template.lines().position(|line| line.contains(&name)).map_or(1, |at| at + 1);
        return Err(TemplateError { line, message: format!("There is no name “{}” here.", cut(&Format::Plain.escape(&name), 100)) });
    }
    let contents = [sample(Event::Down), sample(Event::Up), sample(Event::WeeklyDigest)];
    contents.iter().try_for_each(|content| one(Format::Plain, UndefinedBehavior::Strict, template, content, &Place::example()).map(drop))
}

/// Judges both templates of a channel, for whoever saves one.
///
/// # Errors
/// What is wrong, field by field.
pub fn judge(title: &str, body: &str) -> Result<(), AppError> {
    let mut errors = FieldErrors::new();
    for (field, template) in [("title", title), ("body", body)] {
        if let Err(TemplateError { line, message }) = check(template) {
            errors.add(field, format!("Line {line}: {message}"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.into_error()) }
}

/// What a channel of this kind would say, for the page on which templates are written.
///
/// # Errors
/// What is wrong, field by field.
pub fn preview(kind: ChannelKind, title: &str, body: &str, content: &Content) -> Result<Text, AppError> {
    judge(title, body)?;
    Ok(render(kind, title, body, content, &Place::example()))
}

fn written(kind: ChannelKind, title: &str, body: &str, content: &Content, place: &Place) -> Result<Text, (&'static str, TemplateError)> {
    let (format, limits) = (kind.format(), kind.limits());
    let lenient = UndefinedBehavior::Lenient;
    let titled = |format| one(format, lenient, title, content, place).map(|text| on_one_line(&text)).map_err(|error| ("title", error));
    // The default text has a line for each fact, also for those that there are not.
    let is_tight = body.starts_with(BODY);
    let tight = |text: String| if is_tight { text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n") } else { text };
    let bodied = |format| one(format, lenient, body, content, place).map(tight).map_err(|error| ("body", error));
    let (plain_title, plain_body) = (titled(Format::Plain)?, bodied(Format::Plain)?);
    // Cutting markup could leave half of it: what is too long is told without.
    let fitted = |text: String, plain: &str, most: usize| if width(&text) > most { format.fit(plain, most) } else { text };
    let body = bodied(format)?;
    let body = if format == Format::Html { body.replace('\n', "<br>") } else { body };
    let length = |text: &str| u32::try_from(width(text)).unwrap_or(u32::MAX);
    Ok(Text {
        lengths: (length(&plain_title), length(&plain_body)),
        title: fitted(titled(format)?, &plain_title, limits.title),
        body: fitted(body, &plain_body, limits.body),
        plain_title: cut(&plain_title, limits.title),
        plain_body: cut(&plain_body, limits.body),
        note: None,
    })
}

/// Without any template.
fn bare(content: &Content) -> Text {
    let title = content.last().map_or_else(String::new, |notice| Format::Plain.escape(&notice.headline()));
    Text { title: String::new(), body: String::new(), plain_title: title, plain_body: String::new(), lengths: (0, 0), note: None }
}

/// The first name that a template uses and that means nothing.
fn unknown(template: &str) -> Option<String> {
    let mut env = Environment::empty();
    env.set_syntax(syntax());
    let parsed = env.template_from_str(template).ok()?;
    let known = |name: &String| VARIABLES.iter().any(|(variable, _)| variable == name) || name == "loop";
    parsed.undeclared_variables(false).into_iter().filter(|name| !known(name)).min()
}

fn one(format: Format, undefined: UndefinedBehavior, template: &str, content: &Content, place: &Place) -> Result<String, TemplateError> {
    let mut env = Environment::empty();
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(DEPTH);
    env.set_undefined_behavior(undefined);
    env.set_syntax(syntax());
    env.set_formatter(move |out, _, value| {
        if !value.is_undefined() && !value.is_none() {
            out.write_str(&format.escape(&value.to_string()))?;
        }
        Ok(())
    });
    // Few, and none that could make a text of any length or declare one safe.
    env.add_filter("upper", filters::upper);
    env.add_filter("lower", filters::lower);
    env.add_filter("title", filters::title);
    env.add_filter("trim", filters::trim);
    env.add_filter("replace", filters::replace);
    env.add_filter("default", filters::default);
    env.add_filter("length", filters::length);
    env.add_filter("first", filters::first);
    env.add_filter("last", filters::last);
    env.add_filter("join", filters::join);
    let parsed = env.template_from_str(template).map_err(|error| judged(&error))?;
    let mut out = Capped(Vec::new());
    parsed.render_captured_to(facts::facts(content, place), &mut out).map_err(|error| judged(&error))?;
    Ok(String::from_utf8_lossy(&out.0).trim().to_owned())
}

/// As everybody knows it; a line that holds a block alone leaves no empty line.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default()
}

fn judged(error: &minijinja::Error) -> TemplateError {
    let detail = error.detail().unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "It takes too many steps. Shorten its loops.".to_owned(),
        ErrorKind::WriteFailure => format!("It writes more than {} KiB. Shorten it.", OUTPUT / 1024),
        ErrorKind::UndefinedError => "It uses a name that means nothing here.".to_owned(),
        kind if detail.is_empty() => format!("{}.", Format::Plain.escape(&kind.to_string())),
        _ => format!("{}.", cut(&Format::Plain.escape(detail), 200)),
    };
    TemplateError { line: error.line().unwrap_or(1), message }
}

/// A text that ends with an error when it would become too long.
struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > OUTPUT {
            return Err(io::Error::other("too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn on_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn width(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests;
