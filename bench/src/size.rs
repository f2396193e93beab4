//! The first load of the dashboard: wasm, JavaScript and CSS as a browser receives them.

use std::path::Path;

use anyhow::Context;

/// Bytes of the brotli files of the site's package, by kind.
#[derive(Debug, Clone, Default)]
pub struct FirstLoad {
    pub files: Vec<(String, u64)>,
}

impl FirstLoad {
    pub fn total(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// Adds up what the dashboard loads; ECharts and fonts come later or never.
pub fn first_load(site: &Path) -> anyhow::Result<FirstLoad> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(site.join("pkg")).context("the site is not built: make release")? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if [".wasm.br", ".js.br", ".css.br"].iter().any(|end| name.ends_with(end)) {
            files.push((name, entry.metadata()?.len()));
        }
    }
    files.sort();
    anyhow::ensure!(files.len() >= 3, "the site is not precompressed: make release");
    Ok(FirstLoad { files })
}
