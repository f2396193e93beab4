#!/usr/bin/env bash
# Installs what building Loopr needs, unless it is there. Versions are pinned: cargo-leptos 0.3.11 needs a newer compiler, and
# wasm-bindgen has to be exactly the version of the library in Cargo.lock.
set -euo pipefail
cd "$(dirname "$0")/.."

CARGO_LEPTOS=0.3.10
WASM_BINDGEN=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' Cargo.toml)
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/loopr/target}/tools"

say() { echo "==> $*"; }

need() {
  command -v "$1" >/dev/null || { echo "Missing: $1. $2" >&2; exit 1; }
}

need cargo "Install Rust with rustup: https://rustup.rs"
need node "Install Node 20 or later."
need npm "It comes with Node."
need cc "Install a C compiler."
need perl "Install perl."

if [ "$(node --print 'Number(process.versions.node.split(".")[0]) >= 20')" != true ]; then
  echo "Node $(node --version) is too old: 20 or later is needed." >&2
  exit 1
fi

if ! [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  say "Rust target wasm32-unknown-unknown"
  rustup target add wasm32-unknown-unknown
fi

if ! wasm-bindgen --version 2>/dev/null | grep -qF " $WASM_BINDGEN"; then
  say "wasm-bindgen $WASM_BINDGEN (some minutes, once)"
  # Without --locked: its lock file names a package that was withdrawn.
  cargo install --quiet wasm-bindgen-cli --version "$WASM_BINDGEN"
fi

if ! cargo leptos --version 2>/dev/null | grep -qF " $CARGO_LEPTOS"; then
  say "cargo-leptos $CARGO_LEPTOS (about ten minutes, once)"
  cargo install --quiet cargo-leptos --version "$CARGO_LEPTOS" --locked --features no_downloads
fi

if [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "npm packages"
  npm ci --silent
  touch node_modules/.package-lock.json
fi
