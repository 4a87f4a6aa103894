# Every way in, one line each. `make demo` and `make test` install what they need and say so; both are safe to run again.
# The logic is in .ci/*.sh. Whatever a script has to say goes to stderr: with JSON=1 stdout carries the one JSON line.
.DEFAULT_GOAL := help
SHELL := bash
MAKEFLAGS += --no-print-directory
.PHONY: help setup demo test check gate fmt bench build server bindings kotlin swift android ios aar xcframework docs size clean

CARGO := .ci/with-rust.sh cargo

# make demo: micro-grids per community, where its files go, and the switches (ONCE=1 exits at the end, JSON=1 prints one line).
GRIDS ?= 4
DIR ?= target/demo
# More arguments for the program behind `make bench`, as ARGS="…".
ARGS ?=
# make gate: how long, without building.
MINUTES ?= 60
on = $(filter-out 0 no false,$($(1)))

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## Install what is missing: C compiler, git, curl, Rust with clippy and rustfmt
	@.ci/setup.sh lint

demo: ## A visit day in small: server, phones, offline work, sync, report (GRIDS=4 DIR=target/demo ONCE=1 JSON=1)
	@.ci/setup.sh
	@$(CARGO) run --locked --profile lean -p zoufang-tests --bin demo -- \
		--grids "$(GRIDS)" --dir "$(DIR)" $(if $(call on,ONCE),--once) $(if $(call on,JSON),--json)

test: ## Everything that must hold: the checks, then every test of the workspace
	@.ci/setup.sh lint
	@.ci/check.sh
	@$(CARGO) test --locked --workspace --no-fail-fast
	@$(CARGO) test --locked -p zoufang-tests --features planted-defects --test simulation mutants
	@.ci/size.sh
	@.ci/kotlin.sh
	@.ci/swift.sh
	@.ci/android-shell.sh
	@.ci/ios-shell.sh

check: ## Form, lints, who depends on whom, tracked files, tidiness; no other tests
	@.ci/setup.sh lint
	@.ci/check.sh
	@$(CARGO) test --locked -p zoufang-tests --test tidy

gate: ## The long run before a release: every trial with more of everything, for so long (MINUTES=60): target/gate/summary.md
	@.ci/setup.sh
	@.ci/gate.sh $(MINUTES)

fmt: ## Format all Rust
	@.ci/setup.sh lint
	@$(CARGO) fmt --all

bench: ## Speed beside the raw limit, measured in the same run, as JSON lines (ARGS="…" for the program)
	@.ci/setup.sh
	@.ci/bench.sh $(ARGS)

build: ## Compile the whole workspace, for work on it
	@.ci/setup.sh
	@$(CARGO) build --workspace

server: ## Build the server to install: target/release/zoufang-server
	@.ci/setup.sh
	@$(CARGO) build --locked --release -p zoufang-sync-server --bin zoufang-server

bindings: ## The library for this machine, and its Kotlin and Swift in target/generated
	@.ci/setup.sh
	@.ci/bindings.sh
	@bindings/swift/assemble.sh

kotlin: ## Kotlin package: build and test
	@.ci/kotlin.sh

swift: ## Swift package: build and test, on Linux in a Debian with Swift that is made at the first time
	@.ci/setup.sh
	@.ci/swift.sh

aar: ## Android package, where an SDK and NDK are: target/android/zoufang-client.aar
	@.ci/aar.sh

xcframework: ## Apple package, on a Mac with Xcode: target/apple/ZoufangBindingsFFI.xcframework
	@.ci/xcframework.sh

docs: ## The reference of the Kotlin and the Swift package, made from the Rust docs: target/docs
	@.ci/kotlin.sh docs
	@.ci/swift.sh docs

size: ## The library as apps ship it, held to docs/size.md
	@.ci/setup.sh
	@.ci/size.sh

android: ## Android app: build, render and test it on this machine; its screens are in target/android-shell/screens
	@.ci/android-shell.sh

ios: ## iOS app: build and test its package, type-check its screens on this machine
	@.ci/setup.sh
	@.ci/ios-shell.sh

clean: ## Remove all that was built, and the demo's files, under target/
	@$(CARGO) clean
