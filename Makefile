# What there is to do with Loopr. Each target can be run again at any time and does only what is missing.
#
# The database takes minutes to compile, so there is exactly one copy of it per profile: every native command names the same packages
# and features (NATIVE), and all clones share one target directory outside of them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/loopr/target
export PATH := $(CURDIR)/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)

NATIVE := -p domain -p store -p engine -p app -p server --features app/ssr
WASM := -p app -p frontend --features app/hydrate --target wasm32-unknown-unknown
DEBUG := $(CARGO_TARGET_DIR)/debug/loopr
RELEASE := $(CARGO_TARGET_DIR)/release/loopr

.PHONY: help setup run demo watch test fmt lint unit end2end site bench release clean

help: ## Show this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## Install what building needs: wasm target, cargo-leptos, wasm-bindgen, npm packages
	@scripts/setup.sh

site: setup ## Build the web app of the quick profile into target/site
	@echo "==> Fonts, icons, charts"
	@npm run --silent assets
	@echo "==> Web app (wasm, quick profile)"
	@cargo leptos build --frontend-only --split

run: site ## Build the quick profile and serve it with ./data
	@echo "==> Server (quick profile; the first time, the database takes some minutes)"
	@cargo build $(NATIVE) --bin loopr
	@echo "==> Loopr"
	@exec $(DEBUG) serve --site target/site

demo: site ## Fill ./data-demo with 1,000 monitors and a year of history, and serve it
	@echo "==> Server (quick profile; the first time, the database takes some minutes)"
	@cargo build $(NATIVE) --bin loopr
	@echo "==> Demo data"
	@[ -d data-demo/db ] || LOOPR_DATA_DIR=data-demo $(DEBUG) demo
	@echo "==> Loopr"
	@LOOPR_DATA_DIR=data-demo exec $(DEBUG) serve --site target/site

watch: site ## Serve the quick profile, rebuilt and restarted on every change
	@scripts/watch.sh

test: setup fmt-check lint unit end2end ## Everything that CI checks
	@echo "==> All passed"

fmt: ## Format the code
	@cargo fmt --all

.PHONY: fmt-check
fmt-check:
	@echo "==> Format"
	@cargo fmt --all --check

lint: ## Run the lints, natively and for the browser
	@echo "==> Lints (native)"
	@cargo clippy --quiet $(NATIVE) --all-targets -- -D warnings
	@cargo clippy --quiet -p bench --all-targets -- -D warnings
	@echo "==> Lints (wasm)"
	@cargo clippy --quiet $(WASM) -- -D warnings

unit: ## Run unit, property and integration tests
	@echo "==> Unit and integration tests"
	@servers=$$(scripts/servers.sh); $${servers:+env TEST_SERVERS=$$servers} cargo test --quiet $(NATIVE)

end2end: site ## Run the tests in a browser
	@echo "==> Server for the browser tests"
	@cargo build --quiet $(NATIVE) --bin loopr
	@scripts/chromium.sh
	@echo "==> Browser tests"
	@npm run --silent test:e2e

release: setup ## Build target/release/loopr: one file with everything in it
	@echo "==> Fonts, icons, charts"
	@npm run --silent assets
	@echo "==> Web app (wasm, optimised and compressed)"
	@rm -rf target/site
	@cargo leptos build --release --precompress --frontend-only --split
	@echo "==> Server (release profile; the first time, 20 to 30 minutes on two cores)"
	@cargo build --release -p server --features embed
	@mkdir -p target/release && cp -f $(RELEASE) target/release/loopr.new && mv -f target/release/loopr.new target/release/loopr
	@ls -sh target/release/loopr

bench: release ## Measure the release build; the table is kept in docs/BENCHMARKS.md
	@echo "==> Bench"
	@cargo build --quiet --release -p bench
	@$(CARGO_TARGET_DIR)/release/loopr-bench run --loopr target/release/loopr --site target/site | tee target/bench.md
	@$(CARGO_TARGET_DIR)/release/loopr-bench load --loopr target/release/loopr | tee -a target/bench.md
	@$(CARGO_TARGET_DIR)/release/loopr-bench storage --loopr target/release/loopr | tee -a target/bench.md
	@$(CARGO_TARGET_DIR)/release/loopr-bench alerts --loopr target/release/loopr | tee -a target/bench.md
	@$(CARGO_TARGET_DIR)/release/loopr-bench webhooks --loopr target/release/loopr | tee -a target/bench.md

clean: ## Remove what was built (the shared target directory is kept: other clones use it)
	@rm -rf target end2end/results end2end/report
