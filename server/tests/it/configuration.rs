//! The reference page is current, and everything that is shipped names only variables that exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use server::config::{reference, sections};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn the_reference_is_current() {
    let path = root().join("docs/CONFIGURATION.md");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == reference::markdown(), "docs/CONFIGURATION.md is old: loopr config > docs/CONFIGURATION.md");
}

#[test]
fn the_reference_of_kinds_is_current() {
    let kept = std::fs::read_to_string(root().join("docs/MONITORS.md")).unwrap_or_default();
    assert!(kept == domain::kind::reference::markdown(), "docs/MONITORS.md is old: loopr kinds > docs/MONITORS.md");
}

#[test]
fn the_reference_of_channels_is_current() {
    let kept = std::fs::read_to_string(root().join("docs/CHANNELS.md")).unwrap_or_default();
    assert!(kept == engine::alert::reference::markdown(), "docs/CHANNELS.md is old: loopr channels > docs/CHANNELS.md");
}

/// Every word that begins with `LOOPR_`.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
    words.filter(|word| word.starts_with("LOOPR_") && word.len() > "LOOPR_".len() && !word.ends_with('_')).collect()
}

#[test]
fn only_known_variables_are_named() {
    let sections = sections();
    let known: BTreeSet<&str> = sections.iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
    let files =
        ["Dockerfile", "compose.yaml", ".env.example", "deploy/loopr.service", "deploy/Caddyfile", "README.md", "docs/OPERATIONS.md"];
    for file in files {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let unknown: Vec<_> = names(&text).into_iter().filter(|name| !known.contains(name)).collect();
        assert!(unknown.is_empty(), "{file} names {unknown:?}");
    }
}
