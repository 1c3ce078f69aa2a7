# Gatehouse. `make help` lists what can be made; every target may be run again at any time.

.DEFAULT_GOAL := help
.PHONY: help run test security-tests check build bench fmt docs postgres clean

# Arguments for `gatehouse try`, for example: make run ARGS="--listen 127.0.0.1:9090"
ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build Gatehouse and start a working demo (ARGS are passed to `gatehouse try`)
	@Scripts/install-packages run
	@echo "Building Gatehouse. The first build takes some minutes; the next ones take seconds."
	swift build -c release --product gatehouse
	@exec .build/release/gatehouse try $(ARGS)

test: ## Run every test, on SQLite and on PostgreSQL, and in a browser
	@Scripts/test

security-tests: ## Run the attack tests and write docs/security-tests.md
	@Scripts/test --attacks

check: ## Check format, architecture, links and generated documents
	@Scripts/install-packages build
	swift format lint --strict --parallel -r Sources Tests Package.swift
	Scripts/check-docs
	Scripts/generate-security-tests --check
	swift build --build-tests
	swift test --skip-build --filter ArchitectureTests
	Scripts/generate-docs --check

build: ## Build the release binary, .build/release/gatehouse
	@Scripts/install-packages build
	swift build -c release --product gatehouse

bench: ## Build the release binary and measure it
	@Scripts/install-packages bench
	swift build -c release --product gatehouse
	python3 Bench/run.py

fmt: ## Format every Swift file
	swift format --in-place --parallel -r Sources Tests Package.swift

docs: ## Write the generated parts of docs/
	@Scripts/install-packages build
	swift build --product gatehouse
	Scripts/generate-docs

postgres: ## Start a throw-away PostgreSQL in .build/postgres and print its address
	@Scripts/install-packages test
	@Scripts/postgres start

clean: ## Stop the throw-away PostgreSQL; remove everything that was built
	@Scripts/postgres stop
	rm -rf .build .venv
