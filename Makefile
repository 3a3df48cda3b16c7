# From a fresh clone: `make demo` does the main job, `make test` runs all tests. `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash -o pipefail

UV := $(shell command -v uv || echo .cache/uv/bin/uv)
PYTHON := .venv/bin/python
MVN := mvn -B -ntp -Dstyle.color=never
JAVA_SOURCES := $(shell find pom.xml clients/java java_example -name target -prune -o -type f -print)
# The oldest Beam that the Java client is tested with; the newest is in pom.xml.
OLDEST_BEAM := 2.65.0
JAVA_EXAMPLE := java_example/target/.complete
GO_MODULES := clients/go go_example
GO_SOURCES := $(shell find $(GO_MODULES) -type f)
GO_EXAMPLE := build/semanticsearch

.PHONY: help
help: ## Print this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --- tools -----------------------------------------------------------------------------------------------------------

# $(call need,COMMAND,WHAT,HOW): a missing tool is named, with how to install it.
need = @command -v $(1) >/dev/null || { echo "hf-beam needs $(2): install it with  $(3)" >&2; exit 1; }

.PHONY: need-java need-go
need-java:
	$(call need,javac,a JDK 17 or newer,apt-get install openjdk-17-jdk-headless   (macOS: brew install openjdk@17))
	$(call need,mvn,Maven 3.8 or newer,apt-get install maven   (macOS: brew install maven))

need-go:
	$(call need,go,Go 1.26 or newer,your package manager or from go.dev   (macOS: brew install go))

.cache/uv/bin/uv:
	$(call need,python3,Python 3.11,apt-get install python3 python3-venv   (macOS: brew install python@3.11))
	@echo "uv is not installed: putting one into .cache/uv"
	python3 -m venv .cache/uv
	.cache/uv/bin/pip install --quiet uv

.venv/.complete: pyproject.toml uv.lock | $(filter .cache/%,$(UV))
	$(UV) sync --locked
	@touch $@

$(JAVA_EXAMPLE): $(JAVA_SOURCES) | need-java
	$(MVN) package -DskipTests
	@touch $@

$(GO_EXAMPLE): $(GO_SOURCES) | need-go
	cd go_example && go build -o ../$(@D)/ ./...

.PHONY: install build
install: .venv/.complete ## Install the Python side into .venv.

build: .venv/.complete $(JAVA_EXAMPLE) $(GO_EXAMPLE) ## Install and build everything.

# --- the main job ----------------------------------------------------------------------------------------------------

.PHONY: demo demo-go
demo: .venv/.complete $(JAVA_EXAMPLE) ## Search definitions by meaning, from Java. QUERY="…" asks your question, MODEL=… another model.
	@$(PYTHON) scripts/demo.py java

demo-go: .venv/.complete $(GO_EXAMPLE) ## The same from Go.
	@$(PYTHON) scripts/demo.py go

# --- tests -----------------------------------------------------------------------------------------------------------

.PHONY: test test-python test-handlers test-service test-contract test-stability test-matrix test-java test-go test-flink test-image
test: test-python test-java test-go test-contract ## Run all tests that need neither root nor a cluster.

test-python: test-handlers test-in-both test-service

test-handlers: .venv/.complete
	$(PYTHON) -m pytest tests/handlers --junit-xml=build/matrix/dev.xml

test-service: .venv/.complete
	$(PYTHON) -m pytest --ignore=tests/handlers --ignore=tests/contract --ignore=tests/stability

test-contract: .venv/.complete $(JAVA_EXAMPLE) | need-go ## Run the same configs and faults from Java, Go, Python and YAML, and print a table.
	$(PYTHON) -m pytest tests/contract

test-stability: .venv/.complete ## Look for inputs whose answers depend on rounding. Takes minutes; run it each night.
	$(PYTHON) -m pytest tests/stability

# Each is a dependency group in pyproject.toml, locked like everything else. The development environment is one more.
ENVIRONMENTS := oldest newest tensorflow-only both
TESTS_oldest := tests/handlers
TESTS_newest := tests/handlers
TESTS_tensorflow-only := $(wildcard tests/handlers/test_light.py tests/*/test_tensorflow*.py)
TESTS_both := $(wildcard tests/handlers/test_peer*.py tests/handlers/test_beams_own.py tests/handlers/test_tensorflow_and_torch.py)
SYNC_both := --no-install-package triton
ENVIRONMENT_TESTS := $(ENVIRONMENTS:%=test-in-%)
MATRIX_RUNS := $(patsubst %,build/matrix/%.xml,dev $(ENVIRONMENTS))

.PHONY: docs $(ENVIRONMENT_TESTS)
test-matrix: test-handlers $(ENVIRONMENT_TESTS) ## Test the handlers on the oldest and newest transformers, and on TensorFlow without torch.
	$(PYTHON) scripts/matrix_table.py --check docs/matrix.md $(MATRIX_RUNS)

docs: test-handlers $(ENVIRONMENT_TESTS) ## Run the same tests, and write docs/matrix.md from them.
	$(PYTHON) scripts/matrix_table.py --write docs/matrix.md $(MATRIX_RUNS)

$(ENVIRONMENT_TESTS): test-in-%: .venv/.complete
	UV_PROJECT_ENVIRONMENT=.cache/environments/$* $(UV) sync --locked --no-default-groups --group $* $(SYNC_$*)
	.cache/environments/$*/bin/python -m pytest $(TESTS_$*) -m "not once" --junit-xml=build/matrix/$*.xml

test-java: .venv/.complete | need-java
	$(MVN) verify
	$(MVN) verify -Dbeam.version=$(OLDEST_BEAM) -Dbuild.folder=target/beam-$(OLDEST_BEAM) -DexcludedGroups=whole-corpus

test-go: .venv/.complete | need-go
	for module in $(GO_MODULES); do (cd $$module && go test -count=1 ./...) || exit 1; done

test-flink: build ## Run the examples on a Flink cluster of two TaskManagers.
	deploy/flink/test.sh

test-image: build ## Build the Dockerfile without a container engine, and run what it built. Needs root and Debian.
	deploy/image/test.sh

.PHONY: lint format
lint: .venv/.complete | need-java need-go ## Run formatters (as checks), linters and type checkers.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(MVN) -q spotless:check
	@unformatted=$$(gofmt -l $(GO_MODULES)); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted" >&2; exit 1; }
	for module in $(GO_MODULES); do (cd $$module && go vet ./...) || exit 1; done

format: .venv/.complete | need-java need-go ## Format all code.
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	$(MVN) -q spotless:apply
	gofmt -w $(GO_MODULES)
