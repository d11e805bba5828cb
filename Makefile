# Every target prepares .venv by itself (tools/bootstrap.sh). PYTHON=/path/to/python3 chooses the interpreter.

VENV := .venv
SOAK_S ?= 60
ARGS ?=

# Stops with the one sentence that bootstrap.sh has to say: after a failing recipe make would add lines of its own.
# PYTHON is handed over by hand, since $(shell) does not see variables given on make's command line.
need_python = $(eval problem := $(shell PYTHON='$(PYTHON)' sh tools/bootstrap.sh check 2>&1))$(if $(problem),$(error $(problem)))

.DEFAULT_GOAL := help
.PHONY: run test clients soak bench test-cases docs site lint clean help

run: ## replay scenarios/ on the embedded gateway
	@$(need_python)sh tools/bootstrap.sh run
	@$(VENV)/bin/httpsms-harness run scenarios $(ARGS)

test: ## the whole suite (ARGS=... goes to pytest, COVERAGE=1 measures what it covers)
	@$(need_python)sh tools/bootstrap.sh test
ifdef COVERAGE
	@$(VENV)/bin/python -m coverage erase
	@$(VENV)/bin/python -m coverage run -m pytest -n 2 $(ARGS)
	@$(VENV)/bin/python -m coverage combine --quiet
	@$(VENV)/bin/python -m coverage report
else
	@$(VENV)/bin/python -m pytest -n 2 $(ARGS)
endif

clients: ## fetch and build other people's clients and the interop runners (else what needs them is skipped)
	@$(need_python)sh tools/bootstrap.sh run
	@sh tools/clients.sh; clients=$$?; $(VENV)/bin/httpsms-harness vectors install && exit $$clients

soak: ## the long tests, some for SOAK_S seconds each (60)
	@$(need_python)sh tools/bootstrap.sh test
	@HYPOTHESIS_PROFILE=deep SOAK_S=$(SOAK_S) $(VENV)/bin/python -m pytest -m soak -n 2 -o faulthandler_timeout=0 $(ARGS)

bench: ## every measurement in bench/
	@$(need_python)sh tools/bootstrap.sh test
	@set -e; for script in bench/*.py; do echo "== $$script"; $(VENV)/bin/python "$$script"; done

test-cases: ## replay other recorded cases: CASES=DIR, laid out like tests/data
	@$(if $(CASES),,$(error say which folder: make test-cases CASES=DIR (laid out like tests/data)))
	@$(need_python)sh tools/bootstrap.sh test
	@$(VENV)/bin/python -m tests.replay_cases '$(abspath $(CASES))'

docs: ## write the pages of docs/ that are made from tables and recordings anew
	@$(need_python)sh tools/bootstrap.sh run
	@$(VENV)/bin/python -m tools.stand_in_page
	@$(VENV)/bin/python -m tools.profiles_page
	@$(VENV)/bin/python -m tools.magic_page
	@$(VENV)/bin/python -m tools.schema_files
	@$(VENV)/bin/python -m tools.phone_page
	@$(VENV)/bin/python -m tools.interop_page
	@$(VENV)/bin/python -m tools.reference_pages

site: ## the documentation as web pages, in site/
	@$(need_python)sh tools/bootstrap.sh test
	@$(VENV)/bin/zensical build --clean --strict

lint: ## ruff and mypy
	@$(need_python)sh tools/bootstrap.sh test
	@$(VENV)/bin/python -m ruff check
	@$(VENV)/bin/python -m ruff format --check
	@$(VENV)/bin/python -m mypy

clean: ## remove .venv and whatever else these targets made
	@rm -rf $(VENV) build dist site .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -rf tests/clients/node/node_modules tests/clients/node/.npm tests/clients/go/bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile
