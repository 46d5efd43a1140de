# Everything a newcomer needs, from Python with pip and venv, make and git alone: `make help`.

PYTHON ?= python3
BIN := .venv/bin
# What `make test` runs: TESTS="tests/accounts -k login" make test
TESTS ?= tests
# Processes of the tests; 0 keeps them all in one, to use a debugger.
JOBS ?= 2
# Hashes of every file, for every system, and no address of any index.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run accounts test soak check fmt bench screenshots guide-pictures lock base dev browser

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)$$/  make \1|\2/p' Makefile | awk -F '|' '{printf "%-20s %s\n", $$1, $$2}'

run: base ## Start everything and print the address and the demo accounts (PORT, DATABASE_URL, REDIS_URL, DEBUG=1)
	@exec $(BIN)/python -m portal.devserver

accounts: base ## Print the demo accounts: role, e-mail, password, tab-separated
	@$(BIN)/python manage.py demo_accounts

test: dev browser ## Run every test (TESTS="tests/accounts -k login", JOBS=0)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadgroup $(TESTS)

soak: dev ## Play every proof of the shop 20 times, and not twice: crowds, kill -9, random histories (ROUNDS)
	@ROUNDS=$${ROUNDS:-20} $(BIN)/python -m pytest --numprocesses 0 --durations 0 tests/concurrency tests/shop/test_invariants.py tests/billing/test_histories.py tests/billing/test_document_amounts.py

check: dev ## Run every check that is not a test: style, types, layers, settings, migrations, demo
	@$(BIN)/python -m tests.support.check

fmt: dev ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

bench: dev ## Measure the pages and the orders against a bare Django view
	@$(BIN)/python -m tests.bench

screenshots: dev browser ## Take the README's screenshots
	@$(BIN)/python -m tests.screenshots

guide-pictures: dev browser ## Take the pictures of the guides again, of our own screens
	@$(BIN)/python -m tests.guide_pictures

lock: dev ## Compile the hashed requirements from pyproject.toml (UPGRADE=--upgrade for the newest)
	@$(COMPILE) $(UPGRADE) --output-file requirements/base.txt
	@$(COMPILE) $(UPGRADE) --output-file requirements/dev.txt --group dev

base:
	@$(PYTHON) requirements/install.py base

dev:
	@$(PYTHON) requirements/install.py dev

browser: dev
	@$(BIN)/python -m tests.support.chromium
	@$(BIN)/python -m tests.support.drawing
