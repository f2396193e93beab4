#!/usr/bin/env bash
# Serves the quick profile, and builds and restarts whatever a change touches. A change of the web app alone leaves the server running:
# it notices the new files by itself, and the page offers to reload.
set -euo pipefail
cd "$(dirname "$0")/.."

server="$CARGO_TARGET_DIR/debug/loopr"
pid=""
mark=$(mktemp)

stop() {
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null && wait "$pid" || true
    pid=""
  fi
}
trap 'stop; rm -f "$mark"' EXIT
trap 'exit 0' INT TERM

start() {
  stop
  "$server" serve --site target/site &
  pid=$!
}

build() {
  cargo build -p domain -p store -p engine -p app -p server --features app/ssr --bin loopr && start
}

changed() {
  find "$@" -type f -newer "$mark" -print -quit
}

build || true
while sleep 1; do
  back=$(changed crates server Cargo.toml)
  shared=$(changed app)
  front=$(changed frontend style public scripts/assets)
  if [ -z "$back$shared$front" ]; then
    continue
  fi
  touch "$mark"
  if [ -n "$front$shared" ]; then
    npm run --silent assets && cargo leptos build --frontend-only --split || continue
  fi
  if [ -n "$back$shared" ]; then
    build || true
  fi
done
