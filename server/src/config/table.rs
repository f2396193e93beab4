//! The machinery of the settings: a macro that makes a struct, its parser and its documentation of one text.

use std::collections::BTreeMap;

use super::value::Value;

/// One setting, for the reference page.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// The name of the environment variable.
    pub name: &'static str,
    /// The default as text; `None` when it is unset by default.
    pub default: Option<&'static str>,
    /// What values look like.
    pub form: &'static str,
    /// What it is for.
    pub doc: &'static [&'static str],
}

/// The settings of one concern.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// A heading.
    pub title: &'static str,
    /// In order.
    pub variables: &'static [Variable],
}

/// Where values come from, and what was wrong with them.
pub struct Source {
    variables: BTreeMap<String, String>,
    errors: Vec<String>,
}

impl Source {
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self { variables, errors: Vec::new() }
    }

    /// Reads one setting; `None` after a mistake, which is kept.
    pub fn take<T: Value>(&mut self, name: &'static str, default: Option<&'static str>) -> Option<T> {
        let given = self.variables.remove(name).filter(|value| !value.trim().is_empty());
        let result = match given.as_deref().map(str::trim).or(default) {
            Some(text) => T::parse(text),
            None => T::unset(),
        };
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(format!("{name}: {error}"));
                None
            }
        }
    }

    /// Names that nobody asked for are mistakes too.
    pub fn finish(mut self, sections: &[Section]) -> Vec<String> {
        let known: Vec<&str> = sections.iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
        for name in self.variables.keys() {
            // Kubernetes describes every service of a namespace in such variables, also one that is called "loopr".
            let injected = name.starts_with("LOOPR_SERVICE_") || name == "LOOPR_PORT" || name.starts_with("LOOPR_PORT_");
            if known.contains(&name.as_str()) || injected {
                continue;
            }
            let hint = match known.iter().map(|other| (distance(name, other), other)).min() {
                Some((1..=3, near)) => format!("Did you mean {near}?"),
                _ => "docs/CONFIGURATION.md lists them all.".to_owned(),
            };
            self.errors.push(format!("{name} is not a setting. {hint}"));
        }
        self.errors
    }
}

/// How many letters have to be changed, added or left out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.bytes()) {
            let here = (diagonal + usize::from(x != y)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Makes a struct of settings. Each field reads `name: Type = "VARIABLE"` or `name: Type = "VARIABLE" or "default"`.
macro_rules! settings {
    (
        $(#[doc = $about:literal])*
        $title:literal $name:ident {
            $( $(#[doc = $doc:literal])* $field:ident: $type:ty = $variable:literal $(or $default:literal)?; )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: $type, )*
        }

        impl $name {
            /// The documentation of these settings.
            pub const SECTION: $crate::config::table::Section = $crate::config::table::Section {
                title: $title,
                variables: &[$( $crate::config::table::Variable {
                    name: $variable,
                    default: settings!(@default $($default)?),
                    form: <$type as $crate::config::value::Value>::FORM,
                    doc: &[$($doc),*],
                } ),*],
            };

            /// Reads these settings; `None` after a mistake.
            pub(super) fn read(source: &mut $crate::config::table::Source) -> Option<Self> {
                // All are read before any is missed, so that one start names all mistakes.
                $( let $field = source.take($variable, settings!(@default $($default)?)); )*
                Some(Self { $( $field: $field?, )* })
            }
        }
    };
    (@default) => { None };
    (@default $default:literal) => { Some($default) };
}
pub(super) use settings;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [("", "abc", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("kitten", "sitting", 3), ("ab", "ba", 2)] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
