//! The rules of docs/ARCHITECTURE.md that a machine can check.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Dependencies point one way. The right side is everything of the workspace that the left side may name.
const ARROWS: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("engine", &["domain", "store"]),
    ("app", &["domain", "engine"]),
    ("frontend", &["app"]),
    ("server", &["app", "domain", "engine", "store"]),
    ("bench", &[]),
];

/// What `cargo metadata` says. Parsed here: the crate for it turns on a feature of `serde_json`, and with it everything
/// that uses `serde_json`, the database included, would be compiled once more for tests.
fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let may = allowed.get(name).unwrap_or_else(|| panic!("{name} is new: give it its place in docs/ARCHITECTURE.md and here"));
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"] != "dev") {
            let other = dependency["name"].as_str().unwrap();
            assert!(!allowed.contains_key(other) || may.contains(&other), "{name} must not depend on {other}");
            assert!(!other.starts_with("surrealdb") || name == "store", "only store may name {other}");
            if name == "app" && other == "engine" {
                assert_eq!(dependency["optional"], true, "the browser must not compile the engine");
            }
        }
    }
}

/// Two providers of cryptography are compiled in, because the database brings the second one. Whoever lets rustls choose gets a
/// panic at run time.
#[test]
fn nobody_lets_rustls_choose_its_provider() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    for path in all.iter().filter(|path| path.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(path).unwrap();
        for builder in ["ClientConfig", "ServerConfig"].map(|config| format!("{config}::builder()")) {
            assert!(!text.contains(&builder), "{}: {builder} instead of builder_with_provider", path.display());
        }
    }
}

fn files(directory: &Path, out: &mut Vec<PathBuf>) {
    const SKIPPED: [&str; 6] = ["target", "node_modules", ".git", "vendor", "results", "report"];
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                files(&path, out);
            }
        } else if [".rs", ".css", ".ts", ".js", ".surql"].iter().any(|end| name.ends_with(end)) {
            out.push(path);
        }
    }
}

#[test]
fn no_file_is_longer_than_600_lines() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    assert!(all.len() > 100, "{} files found", all.len());
    let long: Vec<_> = all
        .iter()
        .map(|path| (std::fs::read_to_string(path).unwrap().lines().count(), path.strip_prefix(root()).unwrap()))
        .filter(|(lines, _)| *lines > 600)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn every_module_says_what_it_is_for() {
    let mut all = Vec::new();
    files(&root(), &mut all);
    let silent: Vec<_> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .filter(|path| !std::fs::read_to_string(path).unwrap().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
