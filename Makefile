# From a fresh clone: `make demo` does the main job, `make test` runs all tests. `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash -o pipefail

UV := $(shell command -v uv || echo .cache/uv/bin/uv)
PYTHON := .venv/bin/python
MVN := mvn -B -ntp
JAVA_SOURCES := pom.xml $(shell find clients/java java_example -name pom.xml -o -path '*/src/*' -type f -not -path '*/target/*')
JAVA_EXAMPLE := java_example/target/lib/.complete

.PHONY: help
help: ## Print this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# --- tools -----------------------------------------------------------------------------------------------------------

# $(call need,COMMAND,WHAT,HOW): a missing tool is named, with how to install it.
need = @command -v $(1) >/dev/null || { echo "hf-beam needs $(2): install it with  $(3)" >&2; exit 1; }

.PHONY: need-java
need-java:
	$(call need,javac,a JDK 17 or newer,apt-get install openjdk-17-jdk-headless   (macOS: brew install openjdk@17))
	$(call need,mvn,Maven 3.8 or newer,apt-get install maven   (macOS: brew install maven))

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

.PHONY: install
install: .venv/.complete ## Install the Python side into .venv.

.PHONY: build
build: .venv/.complete $(JAVA_EXAMPLE) ## Install and build everything.

# --- the main job ----------------------------------------------------------------------------------------------------

.PHONY: demo
demo: build ## Run the Java example against a service of its own. QUERY="…" asks your question, MODEL=… another model.
	@QUERY="$$QUERY" $(PYTHON) scripts/demo.py $(if $(MODEL),--model $(MODEL))

.PHONY: test
test: test-python test-java ## Run all tests.

.PHONY: test-python
test-python: .venv/.complete
	$(PYTHON) -m pytest

.PHONY: test-java
test-java: .venv/.complete | need-java
	$(MVN) verify

.PHONY: lint
lint: .venv/.complete | need-java ## Run formatters (as checks), linters and type checkers.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	$(MVN) -q spotless:check

.PHONY: format
format: .venv/.complete | need-java ## Format all code.
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	$(MVN) -q spotless:apply
