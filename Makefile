# Every command, one line of help each; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.done
SHELL := /bin/bash

.DEFAULT_GOAL := help
.PHONY: help setup spark assets demo test laws interpreted check format bench growth soak screenshots docs lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(DONE): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(DONE) ## a virtual environment with everything pinned

spark: $(DONE) ## PySpark too, for `daihou run --engine spark` and its test (Java 17 must be there)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock

assets: $(DONE) ## the desk's third-party front-end files and compiled translations, where older than the lock or the text
	@$(BIN)/python hatch_build.py

demo: warm assets ## a book with a story, measured at 24 month ends, and its desk in the browser (PROFILE=bank, trust or online; DATA=folder of the real one)
	$(BIN)/daihou demo $(if $(PROFILE),--profile $(PROFILE)) $(if $(DATA),--data "$(DATA)")

warm: $(DONE)
	@$(BIN)/python -m daihou.cli.warm

test: warm assets ## all tests that a change must pass
	$(BIN)/python -m pytest -q -n 2 --dist worksteal
	$(BIN)/python tests/postgres.py $(BIN)/python -m pytest -q -n 2 --dist worksteal $(addprefix tests/desk/,people audit vault jobs webhooks programs deliveries notices alerts/test_transitions.py alerts/test_ingest.py alerts/test_clock.py alerts/test_bulk.py contacts/test_contacting.py contacts/test_racing.py contacts/test_points.py contacts/test_circumstances.py contacts/test_sheet.py contacts/test_sending.py contacts/test_meanwhile.py casework/test_following.py casework/test_transitions.py casework/test_promising.py casework/test_promises.py casework/test_promises_at_once.py casework/test_lists.py casework/test_arranging.py casework/test_arranging_at_once.py casework/test_outcomes.py work governance/test_transitions.py governance/test_pages.py portfolio/test_views.py reviews test_frame.py files letters bureau reports)

laws: warm ## the laws alone, twenty times as many examples
	DAIHOU_LAW_EXAMPLES=20 $(BIN)/python -m pytest -q -n 2 tests/laws

interpreted: $(DONE) ## the kernels' arithmetic in plain Python, without the compiler
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q -n 2 tests/laws/test_vectors.py tests/laws/test_kernels.py tests/laws/test_flows.py tests/laws/test_conduct_batch.py

check: assets ## style, types, and which package may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DONE) ## put the code in its shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DONE) ## speed and memory against peers and a floor measured in the same run (LOANS=1000000)
	$(BIN)/python -m bench.run --loans $(or $(LOANS),1000000)

growth: $(DONE) ## how cost grows from 100 k to 10 M loans, as a table and a picture (half an hour, 60 GB of disk)
	$(BIN)/python -m bench.growth --folder out/bench -o docs

soak: $(DONE) ## what takes long: the laws a hundred times over, and ten million loans
	DAIHOU_LAW_EXAMPLES=100 $(BIN)/python -m pytest -q -n 2 tests/laws
	DAIHOU_SOAK=1 $(BIN)/python -m pytest -q -n 2 tests/runs/log tests/runs/stream tests/runs/feeds tests/desk/webhooks
	DAIHOU_SOAK=1 $(BIN)/python -m pytest -q -n 2 -m soak
	$(BIN)/python -m bench.run --ten

screenshots: assets ## pictures of every page in out/screenshots, and those of the README in docs/screenshots (HOME_OF=folder of a home)
	PYTHONPATH=tests $(BIN)/python -m journeys.screenshots $(HOME_OF)

docs: $(DONE) ## pages generated from the contracts, the catalogue and the rules
	$(BIN)/python -m daihou.book.contracts.reference > docs/reference/contract.md
	$(BIN)/python -m daihou.monitoring.reference > docs/reference/measures.md
	$(BIN)/python -m daihou.warning.reference > docs/reference/rules.md

lock: ## pin every dependency with its hashes
	$(BIN)/python -m piptools compile --quiet --extra dev --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml
	$(BIN)/python -m piptools compile --quiet --extra spark --constraint requirements.lock --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate --output-file requirements-spark.lock pyproject.toml

clean: ## everything that can be made again
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis frontend/node_modules src/daihou/desk/static/vendor
