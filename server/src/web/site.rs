//! The static files: wasm, scripts, styles, fonts, icons. From inside the binary (feature `embed`) or from a directory.
//!
//! Invariant: the build id is a hash over all files, and stands in the address of each of them: what was fetched under an
//! address never changes, and a page never mixes files of two builds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use app::context::Assets;
use axum::body::Bytes;
use sha2::{Digest as _, Sha256};

/// How often a directory is looked at for a newer build.
const RECHECK: Duration = Duration::from_secs(1);
/// Which files belong to which part of the wasm.
const PARTS: &str = "pkg/__wasm_split_manifest.json";
/// What a build always has; without it, the directory is not a site.
const MARKER: &str = "pkg/loopr.wasm";

/// The site could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is none.
    #[error("there is no built site in {0}. Build it with `make run`, or name its directory with --site.")]
    Missing(PathBuf),
    /// A file could not be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// One file with its compressed forms.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub plain: Bytes,
    pub brotli: Option<Bytes>,
    pub gzip: Option<Bytes>,
    /// In quotes, as `ETag` wants it.
    pub tag: String,
}

/// A build of the site.
#[derive(Debug)]
pub(super) struct Build {
    pub assets: Arc<Assets>,
    files: BTreeMap<String, File>,
}

/// The site that is served.
pub struct Site {
    source: Source,
}

enum Source {
    Fixed(Arc<Build>),
    /// While somebody develops: read again when the wasm is newer.
    Directory {
        root: PathBuf,
        current: Mutex<Current>,
    },
}

struct Current {
    build: Arc<Build>,
    modified: Option<SystemTime>,
    looked: Instant,
}

impl Site {
    /// The site inside the binary.
    #[cfg(feature = "embed")]
    pub fn embedded() -> Self {
        let files = Embedded::iter().filter_map(|path| {
            let bytes = match Embedded::get(&path)?.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => Bytes::from(bytes),
            };
            Some((path.into_owned(), bytes))
        });
        Self { source: Source::Fixed(Arc::new(Build::new(files))) }
    }

    /// The site in a directory.
    ///
    /// # Errors
    /// When there is none.
    pub fn directory(root: &Path) -> Result<Self, LoadError> {
        let build = Arc::new(read(root)?);
        let current = Current { build, modified: modified(root), looked: Instant::now() };
        Ok(Self { source: Source::Directory { root: root.to_owned(), current: Mutex::new(current) } })
    }

    /// A site of these files.
    pub fn of(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        Self { source: Source::Fixed(Arc::new(Build::new(files))) }
    }

    /// Where the files of the current build are.
    pub fn assets(&self) -> Arc<Assets> {
        self.current().assets.clone()
    }

    pub(super) fn current(&self) -> Arc<Build> {
        let (root, current) = match &self.source {
            Source::Fixed(build) => return build.clone(),
            Source::Directory { root, current } => (root, current),
        };
        let mut current = current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked.elapsed() >= RECHECK {
            current.looked = Instant::now();
            let newer = modified(root);
            if newer != current.modified
                && let Ok(build) = read(root)
            {
                (current.build, current.modified) = (Arc::new(build), newer);
            }
        }
        current.build.clone()
    }
}

impl Build {
    fn new(all: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        for (path, bytes) in all {
            if let Some(plain) = path.strip_suffix(".br") {
                files.entry(plain.to_owned()).or_default().brotli = Some(bytes);
            } else if let Some(plain) = path.strip_suffix(".gz") {
                files.entry(plain.to_owned()).or_default().gzip = Some(bytes);
            } else {
                files.entry(path).or_default().plain = bytes;
            }
        }
        // A compressed file without the plain one is a left-over of another build.
        files.retain(|_, file| !file.plain.is_empty());
        let mut whole = Sha256::new();
        for (path, file) in &mut files {
            let hash = Sha256::digest(&file.plain);
            whole.update(path.as_bytes());
            whole.update(hash);
            file.tag = format!("\"{}\"", hex(&hash));
        }
        let manifest = files.get(PARTS).map(|file| serde_json::from_slice(&file.plain));
        let parts = manifest.transpose().unwrap_or_else(|error| {
            tracing::warn!(%error, "the list of the wasm's parts is unreadable; they are loaded a little later");
            None
        });
        let assets = Arc::new(Assets { build: hex(&whole.finalize()), parts: parts.unwrap_or_default() });
        Self { assets, files }
    }

    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }
}

/// The first eight bytes: enough to tell builds and files of one product apart.
fn hex(hash: &[u8]) -> String {
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn modified(root: &Path) -> Option<SystemTime> {
    root.join(MARKER).metadata().and_then(|data| data.modified()).ok()
}

fn read(root: &Path) -> Result<Build, LoadError> {
    if !root.join(MARKER).is_file() {
        return Err(LoadError::Missing(root.to_owned()));
    }
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| LoadError::Unreadable { path: folder.clone(), error };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| LoadError::Unreadable { path: path.clone(), error })?;
            if is_outdated(&path) {
                continue;
            }
            if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                files.push((Cow::Borrowed(name).into_owned(), Bytes::from(bytes)));
            }
        }
    }
    Ok(Build::new(files))
}

/// A compressed file that is older than the plain one beside it, left by an earlier build.
fn is_outdated(path: &Path) -> bool {
    let compressed = path.extension().is_some_and(|extension| extension == "br" || extension == "gz");
    let at = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    compressed && at(path) < at(&path.with_extension(""))
}

#[cfg(feature = "embed")]
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
struct Embedded;

#[cfg(test)]
mod tests {
    use super::*;

    fn build(files: &[(&str, &'static str)]) -> Build {
        Build::new(files.iter().map(|(path, text)| ((*path).to_owned(), Bytes::from_static(text.as_bytes()))))
    }

    #[test]
    fn the_build_changes_with_every_file() {
        let first = build(&[("a", "1"), ("b", "2")]);
        let id = |files: &[(&str, &'static str)]| build(files).assets.build.clone();
        assert_eq!(id(&[("b", "2"), ("a", "1")]), first.assets.build);
        assert_eq!(id(&[("b", "2"), ("a", "1"), ("a.br", "x")]), first.assets.build, "how it is packed does not matter");
        assert_ne!(id(&[("a", "2"), ("b", "2")]), first.assets.build);
        assert_ne!(id(&[("a", "1"), ("c", "2")]), first.assets.build);
    }

    #[test]
    fn a_directory_without_a_build_is_refused() {
        let empty = tempfile::tempdir().expect("temporary directory");
        assert!(matches!(Site::directory(empty.path()), Err(LoadError::Missing(_))));
        std::fs::create_dir(empty.path().join("pkg")).expect("create");
        std::fs::write(empty.path().join(MARKER), "wasm").expect("write");
        let site = Site::directory(empty.path()).expect("a site");
        assert!(site.current().file(MARKER).is_some() && site.current().file("../secret").is_none());
    }
}
