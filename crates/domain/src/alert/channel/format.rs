//! How texts are written for a provider, and how foreign text in them is made inert: the name of a monitor must never become markup, a link
//! or a call to everybody.

/// How the text of a kind is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// As it is.
    Plain,
    /// CommonMark, in which a backslash makes punctuation plain (Discord, Mattermost).
    Markdown,
    /// Markdown without such an escape (Zulip).
    Zulip,
    /// Slack's own markup.
    Slack,
    /// The few tags of Telegram, with line breaks as they are.
    TelegramHtml,
    /// HTML, in which a line break is a tag (Matrix, Google Chat, mail).
    Html,
}

/// Parts what a parser would take together, and is not seen.
const APART: char = '\u{200b}';

impl Format {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Markdown => "markdown",
            Self::Zulip => "zulip",
            Self::Slack => "slack",
            Self::TelegramHtml => "telegram_html",
            Self::Html => "html",
        }
    }

    /// Foreign text, inert, on one line.
    pub fn escape(self, text: &str) -> String {
        self.written(text, usize::MAX)
    }

    /// Plain text as this format shows it, its line breaks kept, cut to so many UTF-16 units of the result.
    pub fn fit(self, text: &str, most: usize) -> String {
        let mut out = String::new();
        for (i, line) in text.lines().enumerate() {
            let break_ = if i == 0 { "" } else { self.line_break() };
            let left = most.saturating_sub(width(&out)).saturating_sub(width(break_));
            let line = self.written(line, left);
            if i > 0 && line.is_empty() && left == 0 {
                break;
            }
            out.push_str(break_);
            out.push_str(&line);
        }
        out
    }

    /// What begins another line.
    pub fn line_break(self) -> &'static str {
        if self == Self::Html { "<br>" } else { "\n" }
    }

    fn written(self, text: &str, most: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut used: usize = 0;
        let mut before = None;
        let mut rest = text.chars().filter_map(shown).peekable();
        while let Some(c) = rest.next() {
            let at_edge = !(before.is_some_and(char::is_alphanumeric) && rest.peek().copied().is_some_and(char::is_alphanumeric));
            let piece = self.piece(c, at_edge, before.is_some_and(char::is_alphanumeric));
            let needed = width(&piece) + usize::from(rest.peek().is_some());
            if used.saturating_add(needed) > most {
                if most > 0 {
                    out.push('…');
                }
                return out;
            }
            used += width(&piece);
            out.push_str(&piece);
            before = Some(c);
        }
        out
    }

    /// One character; `at_edge`: not between two letters; `in_word`: after one.
    fn piece(self, c: char, at_edge: bool, in_word: bool) -> String {
        // "@everyone" calls; "ops@example.com" does not.
        let calls = c == '@' && !in_word;
        match self {
            Self::Plain => c.into(),
            Self::Markdown if calls => format!("@{APART}"),
            // A full stop or a hyphen matters at the beginning of a line only, where a template writes something of its own.
            Self::Markdown if c == '_' && !at_edge => c.into(),
            Self::Markdown if matches!(c, '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '(' | ')' | '<' | '>' | '#' | '|' | '!' | '&') => {
                format!("\\{c}")
            }
            Self::Zulip if calls || matches!(c, '`' | '*' | '~' | '[' | ']' | '#' | '|' | '!' | '$' | '<' | '>') => format!("{c}{APART}"),
            Self::Slack if matches!(c, '*' | '~' | '`') || (c == '_' && at_edge) => format!("{APART}{c}{APART}"),
            Self::Slack if calls => format!("@{APART}"),
            Self::Slack | Self::TelegramHtml | Self::Html => match c {
                '&' => "&amp;".into(),
                '<' => "&lt;".into(),
                '>' => "&gt;".into(),
                '"' if self != Self::Slack => "&quot;".into(),
                '\'' if self == Self::Html => "&#39;".into(),
                '@' if calls => format!("@{APART}"),
                _ => c.into(),
            },
            Self::Markdown | Self::Zulip => c.into(),
        }
    }
}

/// Line breaks and tabs become spaces; other control characters, and what turns the direction of writing around, are left out.
fn shown(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

fn width(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Text cut to so many UTF-16 units; what was cut ends in an ellipsis.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut used = 1;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= most
        })
        .collect();
    if most > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Format; 6] = [Format::Plain, Format::Markdown, Format::Zulip, Format::Slack, Format::TelegramHtml, Format::Html];

    #[test]
    fn foreign_text_is_inert() {
        let name = "<b>*x*</b> `y` @everyone [x](y)\nops@example.com a_b _c_";
        for (format, written) in [
            (Format::Plain, "<b>*x*</b> `y` @everyone [x](y) ops@example.com a_b _c_"),
            (Format::Markdown, "\\<b\\>\\*x\\*\\</b\\> \\`y\\` @\u{200b}everyone \\[x\\]\\(y\\) ops@example.com a_b \\_c\\_"),
            (
                Format::Slack,
                "&lt;b&gt;\u{200b}*\u{200b}x\u{200b}*\u{200b}&lt;/b&gt; \u{200b}`\u{200b}y\u{200b}`\u{200b} @\u{200b}everyone [x](y) \
                 ops@example.com a_b \u{200b}_\u{200b}c\u{200b}_\u{200b}",
            ),
            (Format::TelegramHtml, "&lt;b&gt;*x*&lt;/b&gt; `y` @\u{200b}everyone [x](y) ops@example.com a_b _c_"),
            (Format::Html, "&lt;b&gt;*x*&lt;/b&gt; `y` @\u{200b}everyone [x](y) ops@example.com a_b _c_"),
        ] {
            assert_eq!(format.escape(name), written, "{format:?}");
        }
        assert!(!Format::Zulip.escape("@**all** [x](y)").contains("](") && !Format::Zulip.escape("@**all**").contains("**"));
        assert_eq!(Format::Plain.escape("a\r\nBcc: b\u{202e}c\u{7}"), "a  Bcc: bc");
    }

    #[test]
    fn an_escape_is_never_cut_in_half() {
        assert_eq!(Format::Html.fit("a & b", 6), "a …");
        assert_eq!(Format::Html.fit("a & b", 9), "a &amp; b");
        assert_eq!(Format::Html.fit("a\nb", 100), "a<br>b");
        assert_eq!((cut("äöü", 3), cut("äöü!", 3), cut("a😀b", 3)), ("äöü".into(), "äö…".into(), "a…".into()));
    }

    proptest! {
        #[test]
        fn what_fits_is_never_longer_than_asked(text in ".{0,60}", most in 0usize..40) {
            for format in ALL {
                prop_assert!(width(&format.fit(&text, most)) <= most, "{format:?}");
            }
            prop_assert!(width(&cut(&text, most)) <= most);
        }
    }
}
