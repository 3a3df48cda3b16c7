# In a fresh clone, `make demo` runs the demo and `make test` runs all tests. `make help` lists the other targets.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash -o pipefail

UV := $(shell command -v uv || echo .cache/uv/bin/uv)
PYTHON := .venv/bin/python
MVN := mvn -B -ntp -Dstyle.color=never
JAVA_SOURCES := $(shell find pom.xml clients/java java_example -name target -prune -o -type f -print)
# The oldest Beam version that the Java client is tested with. The newest is in pom.xml.
OLDEST_BEAM := 2.65.0
ON_OLDEST_BEAM := -Dbeam.version=$(OLDEST_BEAM) -Dbuild.folder=target/beam-$(OLDEST_BEAM)
JAVA_EXAMPLE := java_example/target/.complete
GO_MODULES := clients/go go_example
GO_SOURCES := $(shell find $(GO_MODULES) -type f)
GO_EXAMPLE := build/semanticsearch
PRISM := build/prism

.PHONY: help
help: ## Print this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --- tools -----------------------------------------------------------------------------------------------------------

# $(call need,COMMAND,WHAT,HOW) fails if a tool is missing, and says how to install it.
need = @command -v $(1) >/dev/null || { echo "hf-beam needs $(2): install it with  $(3)" >&2; exit 1; }

.PHONY: need-java need-go
need-java:
	$(call need,javac,a JDK 17 or newer,apt-get install openjdk-17-jdk-headless   (macOS: brew install openjdk@17))
	$(call need,mvn,Maven 3.8 or newer,apt-get install maven   (macOS: brew install maven))

need-go:
	$(call need,go,Go 1.26 or newer,your package manager or from go.dev   (macOS: brew install go))

.cache/uv/bin/uv:
	$(call need,python3,Python 3.11,apt-get install python3 python3-venv   (macOS: brew install python@3.11))
	@echo "uv is not installed. Installing it in .cache/uv."
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

# Prism, Beam's runner in Go, has the version of Go's SDK.
$(PRISM): clients/go/go.mod | need-go
	version=$$(cd clients/go && go list -m -f '{{.Version}}' github.com/apache/beam/sdks/v2) && \
	  GOBIN=$(CURDIR)/$(@D) go install github.com/apache/beam/sdks/v2/go/cmd/prism@$$version
	@touch $@

.PHONY: install build
install: .venv/.complete ## Install the Python packages in .venv.

build: .venv/.complete $(JAVA_EXAMPLE) $(GO_EXAMPLE) ## Install and build everything.

# --- demo ------------------------------------------------------------------------------------------------------------

.PHONY: demo demo-go
demo: .venv/.complete $(JAVA_EXAMPLE) ## Search definitions by meaning, from Java. Set QUERY="…" for your own query, MODEL=… for another model.
	@$(PYTHON) scripts/demo.py java

demo-go: .venv/.complete $(GO_EXAMPLE) ## Run the same search from Go.
	@$(PYTHON) scripts/demo.py go

# --- tests -----------------------------------------------------------------------------------------------------------

TESTS := test-handlers test-security test-service test-clients test-contract

.PHONY: test $(TESTS) test-families families-page test-java test-go java-tests go-tests test-wheel test-stability soak test-matrix check-matrix test-java-oldest test-corpus test-prism test-flink test-image
test: $(TESTS) ## Run all tests that need neither root nor a cluster.

# Each process of the handlers' tests uses one core.
IN_PARALLEL := -n 2 --dist loadfile

test-handlers: .venv/.complete
	$(PYTHON) -m pytest tests/handlers $(IN_PARALLEL) --junit-xml=build/matrix/dev.xml

test-security: .venv/.complete ## Load models that attack the worker.
	$(PYTHON) -m pytest tests/security

test-service: .venv/.complete
	$(PYTHON) -m pytest --ignore=tests/handlers --ignore=tests/security --ignore=tests/families --ignore=tests/contract --ignore=tests/prism --ignore=tests/wheel --ignore=tests/stability

# A family's models run in one process, so that their code is imported once.
FAMILIES = $(PYTHON) -m pytest tests/families -n 2 --dist loadgroup --junit-xml=build/families.xml
test-families: .venv/.complete ## Compare a batch with one text at a time, for each family of models that can be built tiny.
	$(FAMILIES)
	$(PYTHON) scripts/families_page.py --check docs/families.md build/families.xml

families-page: .venv/.complete ## Run the same tests, and write docs/families.md from the results.
	$(FAMILIES)
	$(PYTHON) scripts/families_page.py --write docs/families.md build/families.xml

test-contract: .venv/.complete $(JAVA_EXAMPLE) | need-go ## Run the same configs and mistakes from Java, Go, Python and YAML, and print a table.
	$(PYTHON) -m pytest tests/contract

# Wheels are built as a release builds them, from the source archives. Their dependencies have the locked versions.
WHEEL := build/wheel
test-wheel: .venv/.complete ## Install the wheels into a separate environment, and use them from an empty folder.
	rm -rf $(WHEEL)
	$(UV) build --quiet --out-dir $(WHEEL)
	$(UV) build --quiet --out-dir $(WHEEL) clients/python
	$(UV) export --quiet --locked --no-dev --extra torch --extra service --no-emit-local --no-hashes \
	  --output-file $(WHEEL)/constraints.txt
	$(UV) venv --quiet --python $(PYTHON) $(WHEEL)/venv
	$(UV) pip install --quiet --python $(WHEEL)/venv --constraints $(WHEEL)/constraints.txt \
	  "$$(echo $(WHEEL)/hf_beam-*.whl)[torch,service]" $(WHEEL)/hf_beam_client-*.whl
	$(PYTHON) -m pytest tests/wheel

test-stability: .venv/.complete ## Look for inputs whose answers depend on rounding. Takes minutes; it is for each night.
	$(PYTHON) -m pytest tests/stability

soak: .venv/.complete ## Send 20,000 requests to a service, whose files, threads and connections must not grow. Takes half an hour.
	HF_BEAM_SOAK=20000 $(PYTHON) -m pytest tests/service/test_limits.py tests/service/test_stopping.py

# Each environment is a dependency group in pyproject.toml, and locked like everything else. The tests also run in the
# development environment.
ENVIRONMENTS := oldest newest tensorflow-only both
PYTEST_oldest := tests/handlers -m "not once" $(IN_PARALLEL)
PYTEST_newest := $(PYTEST_oldest)
PYTEST_tensorflow-only := $(wildcard tests/handlers/test_light.py tests/*/test_tensorflow*.py)
PYTEST_both := $(wildcard tests/handlers/test_peer*.py tests/handlers/test_beams_own.py tests/handlers/test_tensorflow_and_torch.py)
SYNC_both := --no-install-package triton
ENVIRONMENT_TESTS := $(ENVIRONMENTS:%=test-in-%)
MATRIX_RUNS := $(patsubst %,build/matrix/%.xml,dev $(ENVIRONMENTS))

.PHONY: docs $(ENVIRONMENT_TESTS)
test-matrix: test-handlers $(ENVIRONMENT_TESTS) test-java-oldest ## Test on other versions: of transformers, of the frameworks, and of Beam for Java.
	@$(MAKE) --no-print-directory check-matrix

check-matrix: # after the runs
	$(PYTHON) scripts/matrix_table.py --check docs/matrix.md $(MATRIX_RUNS)

docs: test-handlers $(ENVIRONMENT_TESTS) ## Run the same tests, and write docs/matrix.md from the results.
	$(PYTHON) scripts/matrix_table.py --write docs/matrix.md $(MATRIX_RUNS)

$(ENVIRONMENT_TESTS): test-in-%: .venv/.complete
	UV_PROJECT_ENVIRONMENT=.cache/environments/$* $(UV) sync --locked --no-default-groups --group $* $(SYNC_$*)
	.cache/environments/$*/bin/python -m pytest $(PYTEST_$*) --junit-xml=build/matrix/$*.xml

# Runs a command next to one service, which all tests of Java or Go use.
WITH_SERVICE := $(PYTHON) -m tests.client_service

# Java and Go run at the same time, because neither keeps two cores busy.
test-clients: .venv/.complete | need-java need-go ## Run the tests of the Java and Go clients, next to one service.
	$(WITH_SERVICE) $(MAKE) --no-print-directory -j2 --output-sync=target java-tests go-tests

test-java: .venv/.complete
	$(WITH_SERVICE) $(MAKE) --no-print-directory java-tests

test-go: .venv/.complete
	$(WITH_SERVICE) $(MAKE) --no-print-directory go-tests

java-tests: | need-java
	$(MVN) verify -DexcludedGroups=whole-corpus
	@touch $(JAVA_EXAMPLE) # which verify has built

# Without -count=1, Go would answer from its cache: it does not see that the service changed.
go-tests: | need-go
	for module in $(GO_MODULES); do (cd $$module && go test -count=1 -short ./...) || exit 1; done

test-java-oldest: .venv/.complete | need-java ## Run the Java tests with the oldest Beam that we support.
	$(WITH_SERVICE) $(MVN) test $(ON_OLDEST_BEAM) -DexcludedGroups=whole-corpus

test-corpus: .venv/.complete | need-java need-go ## Embed the whole corpus from Java and Go, and compare it with sentence-transformers.
	$(WITH_SERVICE) sh -ec '$(MVN) test -pl clients/java -Dgroups=whole-corpus; cd go_example && go test -count=1 ./semanticsearch'

test-prism: build $(PRISM) ## Run the examples and the contract programs of Go, Java and Python on Prism, Beam's runner in Go.
	$(PYTHON) -m pytest tests/prism

test-flink: build ## Run the examples on a Flink cluster of two TaskManagers.
	deploy/flink/test.sh

test-image: build ## Build the Dockerfile without a container engine, and test the images. Needs root and Debian.
	deploy/image/test.sh

# .ci/run runs each step as a separate command, and prints at the end how long each took.
CI_STEPS := build lint $(TESTS) test-families test-wheel $(ENVIRONMENT_TESTS) check-matrix test-java-oldest test-corpus test-prism test-flink test-image

.PHONY: ci-steps
ci-steps:
	@echo $(CI_STEPS)

LINTS := lint-python lint-java lint-go lint-project
.PHONY: lint $(LINTS) format
lint: $(LINTS) ## Run formatters (as checks), linters, type checkers and the rules of imports.

lint-python: .venv/.complete
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

lint-java: | need-java
	$(MVN) -q spotless:check

lint-go: | need-go
	@unformatted=$$(gofmt -l $(GO_MODULES)); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted" >&2; exit 1; }
	for module in $(GO_MODULES); do (cd $$module && go vet ./...) || exit 1; done

# The workflows of GitHub, and that all parts have one version.
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
lint-project: .venv/.complete | need-go
	go run $(ACTIONLINT)
	$(PYTHON) scripts/check_version.py

format: .venv/.complete | need-java need-go ## Format all code.
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	$(MVN) -q spotless:apply
	gofmt -w $(GO_MODULES)

# --- releases --------------------------------------------------------------------------------------------------------

PACKAGES := build/packages
.PHONY: packages
packages: | $(filter .cache/%,$(UV)) need-java ## Build what a release holds into build/packages: wheels, source archives and jars.
	rm -rf $(PACKAGES)
	$(UV) build --quiet --out-dir $(PACKAGES) --no-create-gitignore
	$(UV) build --quiet --out-dir $(PACKAGES) --no-create-gitignore clients/python
	$(MVN) clean package -DskipTests -Prelease --projects clients/java --also-make
	cp clients/java/target/hf-beam-java-*{[0-9],-sources,-javadoc}.jar $(PACKAGES)
