# Every target makes the environment where it is missing. Run-time data lies in PROSPECT_HOME (default ./data).
.DEFAULT_GOAL := list
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.PHONY: list test check bench ratios ui browser clean

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the environment into $(VENV) (a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch $@

list: $(READY) ## make this week's list from the made-up market
	@$(BIN)/prospects run

test: $(READY) browser ## run every test
	@$(BIN)/python -m pytest -q --numprocesses auto --dist loadfile

# Tests open the pages in a real Chromium; where none can be installed they skip and say so.
browser:
	@if [ -n "$$CHROMIUM" ]; then exit 0; fi; \
	for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	as=""; [ "$$(id -u)" = 0 ] || as="sudo -n"; \
	if command -v apt-get >/dev/null && $$as true 2>/dev/null; then \
		echo "Installing Chromium for the tests"; \
		{ $$as apt-get -qq update && $$as env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-noto-core; } >/dev/null \
		|| echo "Chromium could not be installed; the tests in a browser will be skipped"; \
	else echo "No Chromium found; the tests in a browser will be skipped"; fi

check: $(READY) ## format, lint, types, dbt parse, SQL lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/prospects check
	$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests --disable-progress-bar

BENCH_SIZES ?= 100000 1000000
BENCH_ROWS ?= 1000000
BENCH_IDENTITY ?= 440000
bench: $(READY) ## measure the weekly job and the connectors in bulk, and write docs/performance.md
	$(BIN)/python -m tests.benchmarks --result tests/benchmarks/measured.json --identity $(BENCH_IDENTITY) $(BENCH_SIZES)
	$(BIN)/python -m tests.benchmarks.connectors --result tests/benchmarks/connectors.json $(BENCH_ROWS)
	$(BIN)/python -m tests.benchmarks.page tests/benchmarks/measured.json tests/benchmarks/connectors.json > docs/performance.md

ratios: $(READY) ## hold the speed of the weekly job, measured at 100,000 companies, to the baseline
	@$(BIN)/python -m tests.benchmarks.check

ui: $(READY) ## the Dagster UI over the same history, on localhost
	@DAGSTER_HOME="$$($(BIN)/prospects prepare)" $(BIN)/dagster dev --workspace workspace.yaml --host 127.0.0.1 --port $${PORT:-3000}

clean: ## remove the environment, not the data
	rm -rf $(VENV) dbt_project/target
