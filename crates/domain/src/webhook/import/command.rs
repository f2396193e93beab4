//! The request of a command line of curl or wget.
//!
//! Invariant: what is taken over does what the command did. An option that is not known here may change the request or take the next
//! word for its value, and what a shell would fill in is not at hand: such a line is refused with the reason.

use super::super::ScheduleDraft;

/// Attempts of a schedule, at most.
const ATTEMPTS_MAX: u32 = 50;

/// What an option does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Nothing to the request.
    Nothing,
    /// The same, and it has a value.
    NothingWith,
    Method,
    Header,
    Data,
    DataRaw,
    Encoded,
    Json,
    User,
    Bearer,
    Agent,
    Referer,
    Cookie,
    Timeout,
    Connect,
    Retry,
    Tries,
    Pause,
    Age,
    Insecure,
    Redirects,
    Head,
    Get,
    Url,
    /// Cannot be taken over, and why.
    Refused(&'static str),
}

use Does::{
    Age, Agent, Bearer, Connect, Cookie, Data, DataRaw, Encoded, Get, Head, Header, Insecure, Json, Method, Nothing, NothingWith, Pause,
    Redirects, Referer, Refused, Retry, Timeout, Tries, Url, User,
};

const PROXY: Does = Refused("It goes through a proxy, which a webhook does not.");
const FILES: Does = Refused("It sends or reads files, which are not at hand here.");
const CERTIFICATE: Does = Refused("It shows a certificate or trusts one of its own, which a webhook does not.");

/// Options of curl, <https://curl.se/docs/manpage.html>.
const CURL: &[(&[&str], Does)] = &[
    (&["-f", "--fail", "--fail-with-body", "-s", "--silent", "-S", "--show-error", "-v", "--verbose", "-i", "--include"], Nothing),
    (&["-N", "--no-buffer", "-g", "--globoff", "-q", "--disable", "-4", "--ipv4", "-6", "--ipv6", "--compressed", "-#"], Nothing),
    (&["--no-progress-meter", "--progress-bar", "--http1.1", "--http2", "--retry-all-errors", "--retry-connrefused", "-O"], Nothing),
    (&["--remote-name", "--tcp-nodelay", "--no-keepalive", "--create-dirs", "-J", "--tlsv1.2", "--tlsv1.3", "-a", "-R"], Nothing),
    (&["-o", "--output", "-w", "--write-out", "--max-redirs", "--stderr", "-D", "--dump-header", "-c", "--cookie-jar"], NothingWith),
    (&["--limit-rate", "--max-filesize", "--keepalive-time", "--speed-limit", "-y", "--speed-time", "-Y", "--output-dir"], NothingWith),
    (&["-X", "--request"], Method),
    (&["-H", "--header"], Header),
    (&["-d", "--data", "--data-ascii"], Data),
    (&["--data-binary"], Data),
    (&["--data-raw"], DataRaw),
    (&["--data-urlencode"], Encoded),
    (&["--json"], Json),
    (&["-u", "--user"], User),
    (&["--oauth2-bearer"], Bearer),
    (&["-A", "--user-agent"], Agent),
    (&["-e", "--referer"], Referer),
    (&["-b", "--cookie"], Cookie),
    (&["-m", "--max-time"], Timeout),
    (&["--connect-timeout"], Connect),
    (&["--retry"], Retry),
    (&["--retry-delay"], Pause),
    (&["--retry-max-time"], Age),
    (&["-k", "--insecure"], Insecure),
    (&["-L", "--location"], Redirects),
    (&["-I", "--head"], Head),
    (&["-G", "--get"], Get),
    (&["--url"], Url),
    (&["-x", "--proxy", "--preproxy", "--socks5", "--socks5-hostname", "--socks4", "-U", "--proxy-user"], PROXY),
    (&["-F", "--form", "-T", "--upload-file", "-K", "--config", "-n", "--netrc"], FILES),
    (&["-E", "--cert", "--key", "--cacert", "--capath"], CERTIFICATE),
];

/// Options of wget, <https://www.gnu.org/software/wget/manual/wget.html>.
const WGET: &[(&[&str], Does)] = &[
    (&["-q", "--quiet", "-v", "--verbose", "-nv", "--no-verbose", "-d", "--debug", "-S", "--server-response", "-b"], Nothing),
    (&["--background", "-4", "--inet4-only", "-6", "--inet6-only", "--no-cache", "--no-cookies", "--no-dns-cache", "-nc"], Nothing),
    (&["--content-on-error", "--no-hsts", "--show-progress", "--delete-after", "-N", "-nd", "-x", "-c", "--continue"], Nothing),
    (&["-O", "--output-document", "-o", "--output-file", "-a", "--append-output", "-P", "--directory-prefix", "-w"], NothingWith),
    (&["--wait", "--max-redirect", "--progress", "--limit-rate", "-Q", "--quota", "--read-timeout", "--dns-timeout"], NothingWith),
    (&["--method"], Method),
    (&["--header"], Header),
    (&["--post-data", "--body-data"], DataRaw),
    (&["-U", "--user-agent"], Agent),
    (&["--referer"], Referer),
    (&["-T", "--timeout"], Timeout),
    (&["--connect-timeout"], Connect),
    (&["-t", "--tries"], Tries),
    (&["--waitretry"], Pause),
    (&["--no-check-certificate"], Insecure),
    (&["--spider"], Head),
    (&["-e", "--execute"], PROXY),
    (&["--post-file", "--body-file", "-i", "--input-file", "--load-cookies"], FILES),
    (&["--certificate", "--private-key", "--ca-certificate", "--ca-directory"], CERTIFICATE),
];

impl Does {
    fn has_value(self) -> bool {
        !matches!(self, Nothing | Insecure | Redirects | Head | Get | Refused(_))
    }
}

pub(super) fn is_tool(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("curl" | "wget"))
}

/// What was read so far.
#[derive(Default)]
struct Read {
    url: Option<String>,
    method: Option<String>,
    headers: Vec<String>,
    body: Vec<String>,
    user: Option<String>,
    token: Option<String>,
    get: bool,
    /// Fields of the form.
    fields: Vec<(&'static str, String)>,
}

impl Read {
    fn option(&mut self, does: Does, option: &str, value: String) -> Result<(), String> {
        match does {
            Nothing | NothingWith => {}
            Method => self.method = Some(value),
            Header => self.headers.push(value),
            Data | Json if value.starts_with('@') => return Err("Its body is in a file, which is not at hand here.".into()),
            Data | DataRaw => self.body.push(value),
            Json => {
                self.headers.push("Content-Type: application/json".into());
                self.headers.push("Accept: application/json".into());
                self.body.push(value);
            }
            Encoded => self.body.push(encoded(&value)?),
            User => self.user = Some(value),
            Bearer => self.token = Some(value),
            Agent => self.headers.push(format!("User-Agent: {value}")),
            Referer => self.headers.push(format!("Referer: {value}")),
            Cookie if !value.contains('=') => return Err("Its cookies are in a file, which is not at hand here.".into()),
            Cookie => self.headers.push(format!("Cookie: {value}")),
            Timeout => self.fields.extend(seconds(&value).map(|span| ("timeout_ms", span))),
            Connect => self.fields.extend(seconds(&value).map(|span| ("connect_timeout_ms", span))),
            Pause => self.fields.extend(seconds(&value).map(|span| ("retry_base", span))),
            Age => self.fields.extend(seconds(&value).map(|span| ("max_age", span))),
            // Of curl the tries after the first one, of wget all of them, 0 being without an end.
            Retry | Tries => {
                let count: u32 = value.parse().map_err(|_| format!("{option} takes a number."))?;
                let all = if does == Retry { count.saturating_add(1) } else { count };
                let all = if all == 0 { ATTEMPTS_MAX } else { all.min(ATTEMPTS_MAX) };
                self.fields.push(("max_attempts", all.to_string()));
            }
            Insecure => self.fields.push(("insecure", "on".into())),
            Redirects => self.fields.push(("redirects", "3".into())),
            Head => self.method = Some("HEAD".into()),
            Get => self.get = true,
            Url => self.url = Some(value),
            Refused(why) => return Err(format!("{option}: {why}")),
        }
        Ok(())
    }

    fn draft(mut self) -> Result<ScheduleDraft, String> {
        let mut url = self.url.ok_or("There is no address in it.")?;
        let mut body = self.body.join("&");
        if self.get && !body.is_empty() {
            url = format!("{url}{}{body}", if url.contains('?') { '&' } else { '?' });
            body.clear();
        }
        let method = self.method.unwrap_or_else(|| if body.is_empty() { "GET".into() } else { "POST".into() });
        let has_type = self.headers.iter().any(|header| header.to_ascii_lowercase().starts_with("content-type:"));
        if !body.is_empty() && !has_type {
            self.headers.push("Content-Type: application/x-www-form-urlencoded".into());
        }
        let mut fields = self.fields;
        match (self.user, self.token) {
            (_, Some(token)) => fields.extend([("auth", "bearer".to_owned()), ("token", token)]),
            (Some(user), None) => {
                let (name, password) = user.split_once(':').ok_or("It asks for a password when it runs.")?;
                fields.extend([("auth", "basic".to_owned()), ("username", name.to_owned()), ("password", password.to_owned())]);
            }
            (None, None) => {}
        }
        fields.extend([("url", url), ("method", method.to_uppercase()), ("headers", self.headers.join("\n")), ("body", body)]);
        let fields = fields.into_iter().filter(|(_, text)| !text.is_empty());
        Ok(ScheduleDraft {
            enabled: "on".into(),
            settings: fields.map(|(name, text)| (name.to_owned(), text)).collect(),
            ..ScheduleDraft::default()
        })
    }
}

/// Reads a command line as it stands in a crontab.
pub(super) fn request(command: &str) -> Result<ScheduleDraft, String> {
    let words = shell_words(&before_percent(command))?;
    let at = words
        .iter()
        .position(|word| is_tool(word))
        .ok_or("Only commands of curl and wget can be taken over: nothing else is a request.")?;
    if words.iter().take(at).any(|word| joins(word)) {
        return Err("Something else runs before the request, which cannot be taken over.".into());
    }
    let known = if words.get(at).is_some_and(|tool| tool.ends_with("wget")) { WGET } else { CURL };
    let mut read = Read::default();
    let mut words = words.into_iter().skip(at + 1);
    while let Some(word) = words.next() {
        if joins(&word) || is_redirection(&word) {
            nothing_follows(words)?;
            break;
        }
        if !word.starts_with('-') || word == "-" {
            if read.url.is_some() {
                return Err("It calls more than one address.".into());
            }
            read.url = Some(word);
        } else if word.starts_with("--") || find(known, &word).is_some() {
            let (option, inline) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let does = find(known, &option).ok_or_else(|| unknown(&option))?;
            let value = if does.has_value() {
                inline.or_else(|| words.next()).ok_or_else(|| format!("{option} has no value."))?
            } else {
                String::new()
            };
            read.option(does, &option, value)?;
        } else {
            // Several in one word: -fsSLo /dev/null.
            let mut letters = word.chars().skip(1);
            while let Some(letter) = letters.next() {
                let option = format!("-{letter}");
                let does = find(known, &option).ok_or_else(|| unknown(&option))?;
                let value = if does.has_value() {
                    let rest: String = letters.by_ref().collect();
                    Some(rest).filter(|rest| !rest.is_empty()).or_else(|| words.next()).ok_or_else(|| format!("{option} has no value."))?
                } else {
                    String::new()
                };
                read.option(does, &option, value)?;
            }
        }
    }
    read.draft()
}

fn find(known: &[(&[&str], Does)], option: &str) -> Option<Does> {
    known.iter().find(|(names, _)| names.contains(&option)).map(|(_, does)| *does)
}

fn unknown(option: &str) -> String {
    format!("{option} is not known here: it may change the request. Leave it out, or add this webhook by hand.")
}

fn joins(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | "&") || word.ends_with(';')
}

fn is_redirection(word: &str) -> bool {
    matches!(word, ">" | ">>" | "2>&1" | "<") || word.starts_with(['>', '<']) || word.starts_with("2>") || word.starts_with("&>")
}

/// What only throws the answer away, or a failure, changes nothing.
fn nothing_follows(words: impl Iterator<Item = String>) -> Result<(), String> {
    let idle = |word: &String| matches!(word.as_str(), "true" | ":" | "/dev/null" | "2>&1" | "&") || is_redirection(word);
    let then: Vec<String> = words.collect();
    if then.iter().any(|word| joins(word) && word != "||" && word != "&") || !then.iter().all(|word| idle(word) || joins(word)) {
        return Err("Something else runs after the request, which cannot be taken over.".into());
    }
    Ok(())
}

/// A number of seconds as a field takes it; none of 0, which means no bound to these tools.
fn seconds(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|seconds| *seconds >= 0.001).map(|seconds| format!("{seconds} s"))
}

/// What `--data-urlencode` makes of its value.
fn encoded(value: &str) -> Result<String, String> {
    let (name, text) = value.split_once('=').unwrap_or(("", value));
    if text.starts_with('@') || name.contains('@') || value.starts_with('@') {
        return Err("Its body is in a file, which is not at hand here.".into());
    }
    let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    Ok(if name.is_empty() { text } else { format!("{name}={text}") })
}

/// cron ends a command at a percent sign, also within quotes, unless a backslash stands before it.
fn before_percent(command: &str) -> String {
    let (mut kept, mut chars) = (String::with_capacity(command.len()), command.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'%') => kept.extend(chars.next()),
            '%' => break,
            c => kept.push(c),
        }
    }
    kept
}

/// The words of a command line, as a shell takes quotes and backslashes.
fn shell_words(text: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut begun, mut quote) = (Vec::new(), String::new(), false, None);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (quote, c) {
            (None | Some('"'), '`') => return Err(filled_in("`…`")),
            (None | Some('"'), '$')
                if next.is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '(' | '{' | '_' | '@' | '?')) =>
            {
                let rest: String = chars.take(12).take_while(|c| !c.is_whitespace() && !matches!(c, '"' | '&' | '/')).collect();
                return Err(filled_in(&format!("${rest}")));
            }
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') if next.is_some_and(|next| matches!(next, '"' | '\\' | '$' | '`')) => word.extend(chars.next()),
            (Some(_), c) => word.push(c),
            (None, '\'' | '"') => (quote, begun) = (Some(c), true),
            (None, '\\') => {
                word.extend(chars.next());
                begun = true;
            }
            (None, c) if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            (None, c) => word.push(c),
        }
    }
    if quote.is_some() {
        return Err("A quote in it is not closed.".into());
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

fn filled_in(what: &str) -> String {
    format!(
        "A shell fills in “{what}” when it runs, which is not at hand here. Write what it stands for, or add this webhook by hand with a template."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(command: &str, names: &[&str]) -> Vec<String> {
        let draft = request(command).expect(command);
        names.iter().map(|name| draft.setting(name).to_owned()).collect()
    }

    #[test]
    fn retries_and_timeouts_are_those_of_the_webhook() {
        let names = ["max_attempts", "retry_base", "max_age", "connect_timeout_ms", "timeout_ms"];
        let curl = "curl --retry 5 --retry-delay=20 --retry-max-time 600 --connect-timeout 2 -m 0 https://example.com/jobs?a=1";
        assert_eq!(said(curl, &names), ["6", "20 s", "600 s", "2 s", ""]);
        assert_eq!(said("wget -t 0 -T 12.5 https://example.com", &["max_attempts", "timeout_ms"]), ["50", "12.5 s"]);
    }

    #[test]
    fn letters_stand_together_and_belong_to_their_tool() {
        assert_eq!(
            said("curl -fsSLo /dev/null -XPUT https://example.com", &["url", "method", "redirects"]),
            ["https://example.com", "PUT", "3"]
        );
        assert_eq!(said("wget -qO- https://example.com", &["url", "method"]), ["https://example.com", "GET"]);
        assert_eq!(
            said("curl -e https://ref.example https://example.com", &["url", "headers"]),
            ["https://example.com", "Referer: https://ref.example"]
        );
        assert_eq!(
            said("curl -G -d a=1 -d b=2 'https://example.com?x=0'", &["url", "method", "body"]),
            ["https://example.com?x=0&a=1&b=2", "GET", ""]
        );
        let encoded = said("curl --data-urlencode 'text=a b&c' https://example.com", &["body", "method"]);
        assert_eq!(encoded, ["text=a+b%26c", "POST"]);
        assert_eq!(said("curl --oauth2-bearer abc https://example.com", &["auth", "token"]), ["bearer", "abc"]);
    }

    #[test]
    fn what_cannot_be_taken_over_says_why() {
        for (command, why) in [
            ("curl --interface eth0 https://example.com", "--interface is not known"),
            ("curl -x http://p:3128 https://example.com", "proxy"),
            ("curl -F a=b https://example.com", "files"),
            ("curl https://example.com/?d=$(date +\\%F)", "$(date"),
            ("curl \"https://example.com/$HOME\"", "$HOME"),
            ("curl https://example.com/`hostname`", "`…`"),
            ("curl https://a.example https://b.example", "more than one"),
            ("curl -d @/etc/body https://x.example", "in a file"),
            ("curl 'https://x.example", "quote"),
            ("curl -s", "no address"),
            ("curl -m", "no value"),
            // What runs beside the request would be lost.
            ("backup.sh && curl https://x.example/done", "before the request"),
            ("curl https://x.example/list | xargs restart", "after the request"),
        ] {
            let error = request(command).map(|_| ()).expect_err(command);
            assert!(error.contains(why), "{command}: {error}");
        }
        for idle in ["> /dev/null 2>&1", ">/dev/null 2>&1", "|| true", "&>/dev/null"] {
            assert!(request(&format!("curl https://x.example/ {idle}")).is_ok(), "{idle}");
        }
        assert!(request("curl 'https://x.example/$HOME?a=\\%41'").is_ok(), "nothing is filled in within such quotes");
    }
}
