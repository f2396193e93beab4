//! The first load of the dashboard: wasm, JavaScript and CSS as a browser receives them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

/// Bytes of brotli files.
#[derive(Debug, Clone, Default)]
pub struct FirstLoad {
    /// What the dashboard loads.
    pub files: Vec<(String, u64)>,
    /// What each part of the wasm adds when one of its pages is opened first.
    pub parts: Vec<(String, u64)>,
}

impl FirstLoad {
    pub fn total(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// Adds up what the dashboard loads; the parts of the wasm, ECharts and fonts come later or never.
pub fn first_load(site: &Path) -> anyhow::Result<FirstLoad> {
    let package = site.join("pkg");
    let size =
        |name: &str| package.join(name).metadata().map(|data| data.len()).with_context(|| format!("{name} is missing: make release"));
    let manifest = std::fs::read(package.join("__wasm_split_manifest.json")).context("the site is not built: make release")?;
    let manifest: BTreeMap<String, Vec<String>> = serde_json::from_slice(&manifest)?;
    let mut parts = Vec::new();
    for (part, files) in &manifest {
        let sizes = files.iter().map(|file| size(&format!("{file}.wasm.br"))).collect::<anyhow::Result<Vec<u64>>>()?;
        parts.push((part.clone(), sizes.iter().sum()));
    }
    let later: BTreeSet<String> = manifest.into_values().flatten().map(|file| format!("{file}.wasm.br")).collect();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&package)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if [".wasm.br", ".js.br", ".css.br"].iter().any(|end| name.ends_with(end)) && !later.contains(&name) {
            files.push((name.clone(), size(&name)?));
        }
    }
    files.sort();
    anyhow::ensure!(files.len() >= 4, "the site is not precompressed: make release");
    Ok(FirstLoad { files, parts })
}
