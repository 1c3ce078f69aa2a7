# Gatehouse. `make help` lists what can be made; every target may be run again at any time.

.DEFAULT_GOAL := help
.PHONY: help run test security-tests check build bench drill fuzz fmt docs postgres clean

# Arguments for what a target runs, for example: make run ARGS="--listen 127.0.0.1:9090"
ARGS ?=
# Which drill.
NAME ?=

# The program as it is shipped: everything of Swift is in it, so that it runs where no Swift is.
BUILD := swift build -c release --static-swift-stdlib --product gatehouse

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build Gatehouse and start a working demo (ARGS are passed to `gatehouse try`)
	@Scripts/install-packages run
	@echo "Building Gatehouse. The first build takes some minutes; the next ones take seconds."
	$(BUILD)
	@exec .build/release/gatehouse try $(ARGS)

test: ## Run every test, on SQLite and on PostgreSQL, and in a browser
	@Scripts/test

security-tests: ## Run the attack tests and write docs/security-tests.md
	@Scripts/test --attacks

check: ## Check format, architecture, links and generated documents
	@Scripts/install-packages build
	swift format lint --strict --parallel -r Sources Tests Examples Package.swift
	Scripts/check-docs
	Scripts/generate-security-tests --check
	Scripts/generate-conformance --check
	swift build --build-tests
	swift test --skip-build --filter ArchitectureTests
	Scripts/generate-docs --check

build: ## Build the release binary, .build/release/gatehouse
	@Scripts/install-packages build
	$(BUILD)

bench: ## Build for release and measure it (QUICK=1, BASE=file; ARGS go to Bench/run.py)
	@Scripts/install-packages bench
	@Scripts/python-environment
	$(BUILD)
	.venv/bin/python Bench/run.py $(if $(QUICK),--quick) $(if $(BASE),--base $(BASE)) $(ARGS)

# How long a target is fuzzed, and which one, if not all: make fuzz SECONDS=600 TARGET=json
SECONDS ?= 60
TARGET ?=

fuzz: ## Look for inputs that break the parsers (SECONDS for each, TARGET for one)
	@Scripts/install-packages build
	Scripts/fuzz --seconds $(SECONDS) $(if $(TARGET),--target $(TARGET))

drill: ## Run a drill: NAME=kill ARGS="--kills 200"; without NAME, list them
	@Scripts/install-packages drill
	@Scripts/python-environment
	@[ -z "$(NAME)" ] || [ -n "$(GATEHOUSE_BINARY)" ] \
		|| $(BUILD)
	@Scripts/drill $(NAME) $(ARGS)

fmt: ## Format every Swift file
	swift format --in-place --parallel -r Sources Tests Examples Package.swift

docs: ## Write the generated parts of docs/
	@Scripts/install-packages build
	swift build --product gatehouse
	Scripts/generate-docs
	Scripts/generate-conformance

postgres: ## Start a throw-away PostgreSQL in .build/postgres and print its address
	@Scripts/install-packages test
	@Scripts/postgres start

clean: ## Stop the throw-away PostgreSQL; remove everything that was built
	@Scripts/postgres stop
	rm -rf .build .build-fuzz .venv
