//! What mails say: of alerts, and of what happens to an account. Each has a plain part and an HTML part that needs nothing from elsewhere
//! and can be read in the dark.

use askama::Template;
use domain::alert::channel::Format;

/// The words of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailText {
    /// On one line.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A button: words and where it leads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Button<'a> {
    /// The words on it.
    pub label: &'a str,
    /// Where it leads.
    pub url: &'a str,
}

#[derive(Template)]
#[template(path = "mail/account.txt", escape = "none")]
struct PlainPage<'a> {
    page: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "mail/account.html")]
struct HtmlPage<'a> {
    page: &'a Page<'a>,
}

/// A mail of a few sentences.
struct Page<'a> {
    heading: String,
    paragraphs: Vec<String>,
    facts: Vec<(&'static str, String)>,
    button: Option<Button<'a>>,
    /// Smaller, at the end.
    small: &'static str,
}

impl Page<'_> {
    fn write(&self, subject: &str) -> MailText {
        // Writing these templates cannot fail: they only read what is here.
        let text = PlainPage { page: self }.render().unwrap_or_default();
        let html = HtmlPage { page: self }.render().unwrap_or_default();
        MailText { subject: line(subject), text, html }
    }
}

/// Foreign words on one line.
fn line(text: &str) -> String {
    Format::Plain.escape(text)
}

/// Confirms the address of a new account.
pub fn verification(name: &str, link: &str) -> MailText {
    Page {
        heading: "Confirm your e-mail address".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            "with this link you confirm that this address is yours. It works once, for a day.".into(),
        ],
        facts: Vec::new(),
        button: Some(Button { label: "Confirm the address", url: link }),
        small: "If you have no account at this Loopr, somebody mistyped their address: ignore this mail.",
    }
    .write("Confirm your e-mail address")
}

/// Makes an account that somebody has signed up for.
pub fn sign_up(name: &str, link: &str) -> MailText {
    Page {
        heading: "One step to your account".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            "with this link you confirm that this address is yours, and your account is made. It works once, for a day.".into(),
        ],
        facts: Vec::new(),
        button: Some(Button { label: "Create the account", url: link }),
        small: "If you did not sign up, ignore this mail: there is no account with your address, and none is made.",
    }
    .write("Your account at Loopr")
}

/// Leads to a new password.
pub fn forgotten_password(name: &str, link: &str) -> MailText {
    Page {
        heading: "Choose a new password".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            "somebody, most likely you, has asked for a new password. The link works once, for an hour. Until you use it, your old \
             password stays valid."
                .into(),
        ],
        facts: Vec::new(),
        button: Some(Button { label: "Choose a new password", url: link }),
        small: "If it was not you, ignore this mail: nothing has changed.",
    }
    .write("Choose a new password for Loopr")
}

/// Confirms the new address of an account; sent to the new one.
pub fn changed_address(name: &str, new: &str, link: &str) -> MailText {
    Page {
        heading: "Confirm your new e-mail address".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            format!("with this link {} becomes the address you sign in with. It works once, for a day.", line(new)),
        ],
        facts: Vec::new(),
        button: Some(Button { label: "Use this address", url: link }),
        small: "If you have not asked for this, ignore this mail: nothing has changed.",
    }
    .write("Confirm your new e-mail address")
}

/// Tells the present address of an account that another one is to take its place.
pub fn changing_address(name: &str, new: &str, link: &str) -> MailText {
    Page {
        heading: "Your e-mail address is about to change".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            format!(
                "somebody who knows your password wants to use {} instead of this address. It changes when they confirm it there.",
                line(new)
            ),
        ],
        facts: Vec::new(),
        button: Some(Button { label: "Change your password", url: link }),
        small: "If it was you, there is nothing to do here. If not, change your password: then the address stays as it is.",
    }
    .write("Your e-mail address for Loopr is about to change")
}

/// Tells an address that it cannot become that of a second account.
pub fn taken_address(address: &str, link: &str) -> MailText {
    Page {
        heading: "This address has an account already".into(),
        paragraphs: vec![format!(
            "Somebody, perhaps you, wants to use {} for another account at this Loopr. That is not possible: it has an account already.",
            line(address)
        )],
        facts: Vec::new(),
        button: Some(Button { label: "Sign in to it", url: link }),
        small: "If it was not you, ignore this mail: nothing has changed.",
    }
    .write("This address has a Loopr account already")
}

/// Somebody has signed in from a browser that was not seen before.
pub fn new_sign_in(name: &str, when: &str, browser: &str, address: &str, link: &str) -> MailText {
    Page {
        heading: "A new sign-in to your account".into(),
        paragraphs: vec![
            format!("Hello {},", line(name)),
            "somebody has signed in to your account from a browser that is new to Loopr.".into(),
        ],
        facts: vec![("When", line(when)), ("Browser", line(browser)), ("Address", line(address))],
        button: Some(Button { label: "See your sessions", url: link }),
        small: "If it was you, there is nothing to do. If not, end that session and change your password.",
    }
    .write("A new sign-in to your Loopr account")
}

/// Lets somebody into a space, or, without one, into the instance.
pub fn invitation(inviter: &str, space: Option<&str>, link: &str) -> MailText {
    let inviter = line(inviter);
    let (to, what) = match space.map(line) {
        Some(space) => (space.clone(), format!("{inviter} invites you to {space} on Loopr, where its monitors and alerts are.")),
        None => ("Loopr".to_owned(), format!("{inviter} invites you to Loopr, where you get a space for monitors of your own.")),
    };
    Page {
        heading: format!("Join {to}"),
        paragraphs: vec![format!("{what} The link works once, for a week.")],
        facts: Vec::new(),
        button: Some(Button { label: "Accept the invitation", url: link }),
        small: "If you do not know who this is, ignore this mail.",
    }
    .write(&format!("{inviter} invites you to {to}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mail_has_both_parts_and_its_link() {
        let link = "https://loopr.example.com/x?a=1&b=2";
        for mail in [
            verification("Ann", link),
            forgotten_password("Ann", link),
            changed_address("Ann", "ann@example.com", link),
            changing_address("Ann", "ann@example.com", link),
            sign_up("Ann", link),
            taken_address("ann@example.com", link),
            new_sign_in("Ann", "2026-11-22 16:08 EET", "Firefox on Linux", "203.0.113.6", link),
            invitation("Ann", Some("Acme"), link),
            invitation("Ann", None, link),
        ] {
            assert!(mail.text.contains(link), "{}", mail.text);
            assert!(mail.html.contains("https://loopr.example.com/x?a=1&#38;b=2"), "{}", mail.html);
            assert!(mail.html.contains("color-scheme") && mail.html.contains("prefers-color-scheme: dark"));
            assert!(!mail.html.contains("<img") && !mail.html.contains("<script") && !mail.html.contains("src="));
            assert!(mail.text.lines().all(|line| line.chars().count() < 500) && !mail.text.contains("\n\n\n"), "{}", mail.text);
        }
    }

    #[test]
    fn names_are_inert() {
        let mail = invitation("<b>Ann</b>\r\nBcc: x@y.z", Some("A & B"), "https://loopr.example.com/i");
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
        assert!(!mail.html.contains("<b>Ann") && mail.html.contains("A &#38; B"), "{}", mail.html);
    }
}
