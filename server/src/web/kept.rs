//! What became of plain forms, for the page they lead back to. A refusal is kept for ten minutes with what was typed, less its
//! secrets; an answer is kept for one look, as it may be a secret that is shown once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::session::KeptForm;
use domain::kind::{Input, secret_input};
use domain::monitor::KEPT;

const FOR: Duration = Duration::from_secs(600);
const FORMS: usize = 1_000;
const BYTES: usize = 8 << 20;
/// Fields that are never kept.
const SECRET: [&str; 5] = ["password", "current_password", "new_password", "code", "secret"];

#[derive(Default)]
pub(super) struct KeptForms(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    /// The oldest first.
    forms: VecDeque<Shelved>,
    bytes: usize,
}

struct Shelved {
    id: String,
    /// The value of the visitor's cookie: an id alone, seen in an address, opens nothing.
    visitor: String,
    form: KeptForm,
    bytes: usize,
    until: Instant,
}

impl KeptForms {
    pub fn keep(&self, id: String, visitor: String, form: KeptForm) {
        let answer = form.outcome.as_ref().map_or(0, String::len);
        let bytes = form.values.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() + answer + 500;
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.bytes += bytes;
        shelf.forms.push_back(Shelved { id, visitor, form, bytes, until: Instant::now() + FOR });
        shelf.tidy();
    }

    pub fn find(&self, id: &str, visitor: &str) -> Option<KeptForm> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.tidy();
        let place = shelf.forms.iter().position(|shelved| shelved.id == id && shelved.visitor == visitor)?;
        if shelf.forms.get(place)?.form.outcome.is_ok() { shelf.take(place) } else { Some(shelf.forms.get(place)?.form.clone()) }
    }
}

impl Shelf {
    fn take(&mut self, place: usize) -> Option<KeptForm> {
        let taken = self.forms.remove(place)?;
        self.bytes = self.bytes.saturating_sub(taken.bytes);
        Some(taken.form)
    }

    fn tidy(&mut self) {
        let now = Instant::now();
        while let Some(oldest) = self.forms.front() {
            if oldest.until > now && self.forms.len() <= FORMS && self.bytes <= BYTES {
                break;
            }
            self.take(0);
        }
    }
}

/// What of a form may be kept.
pub(super) fn keepable(values: Vec<(String, String)>) -> Vec<(String, String)> {
    let keep = |(name, value): (String, String)| match secret_input(&name) {
        Some(Input::Headers) => Some((name, without_values(&value))),
        // The mark of a saved one is none.
        Some(_) => (value == KEPT).then_some((name, value)),
        None => (!SECRET.contains(&name.as_str())).then_some((name, value)),
    };
    values.into_iter().filter_map(keep).collect()
}

/// Header lines with their values blanked, but for the mark of a saved one.
fn without_values(lines: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some((name, value)) if value.trim() == KEPT => format!("{name}: {KEPT}"),
        Some((name, _)) => format!("{name}: "),
        None => String::new(),
    };
    lines.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AppError, Code};

    fn form(size: usize) -> KeptForm {
        let values = vec![("name".to_owned(), "x".repeat(size))];
        KeptForm { action: "create_monitor".into(), values, outcome: Err(AppError::new(Code::Invalid, "no")) }
    }

    #[test]
    fn a_form_is_found_by_whoever_typed_it() {
        let kept = KeptForms::default();
        kept.keep("id".into(), "ann".into(), form(1));
        assert!(kept.find("id", "ann").is_some());
        assert!(kept.find("id", "bob").is_none() && kept.find("other", "ann").is_none());
    }

    #[test]
    fn an_answer_is_seen_once() {
        let kept = KeptForms::default();
        let answer = KeptForm { outcome: Ok(r#"{"secret":"s"}"#.into()), ..form(1) };
        kept.keep("id".into(), "ann".into(), answer.clone());
        assert!(kept.find("id", "bob").is_none());
        assert_eq!(kept.find("id", "ann"), Some(answer));
        assert_eq!(kept.find("id", "ann"), None);
        assert_eq!(kept.0.lock().expect("not poisoned").bytes, 0);
    }

    #[test]
    fn the_oldest_make_room() {
        let kept = KeptForms::default();
        for i in 0..FORMS + 10 {
            kept.keep(i.to_string(), "ann".into(), form(1));
        }
        assert!(kept.find("9", "ann").is_none() && kept.find("10", "ann").is_some());
        for i in 0..20 {
            kept.keep(format!("large {i}"), "ann".into(), form(1 << 20));
        }
        assert!(kept.0.lock().expect("not poisoned").bytes <= BYTES);
        assert!(kept.find("large 19", "ann").is_some());
    }

    #[test]
    fn secrets_are_not_kept() {
        let typed = [
            ("email", "a@b.c"),
            ("password", "p"),
            ("code", "c"),
            ("token", "t"),
            ("proxy", KEPT),
            ("headers", "X-Key: secret\nX-Old: ••••••••\nnonsense secret"),
        ];
        let kept = keepable(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["email", "proxy", "headers"]);
        let headers = kept.last().map(|(_, value)| value.as_str()).expect("headers");
        assert_eq!(headers, "X-Key: \nX-Old: ••••••••\n");
    }
}
