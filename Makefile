# Needs make and Python 3.11 or newer; everything else is fetched, each file checked against its hash.

PY := .venv/bin/python
PYTEST = chromium=$$($(PY) tools/find_chromium.py) && LOPSO_CHROMIUM="$$chromium" exec $(PY) -m pytest
IN_PROCESSES = --numprocesses auto --dist worksteal --durations 10

# Where the environment forbids compiled files, every start of Python takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-long pictures lint bench install static types others format messages wheel lock

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: static ## Everything at once on http://127.0.0.1:8000 (PORT=8080 another port, RESET=1 starts over)
	@exec .venv/bin/lopso demo $(if $(PORT),--port $(PORT)) $(if $(filter 1,$(RESET)),--reset)

test: static ## The tests, with a real PostgreSQL and a real browser (ARGS="tests/venues -x" some)
	@$(PYTEST) $(or $(ARGS),$(IN_PROCESSES))

test-long: static ## What takes long: workers killed by the dozen, fresh installs
	@$(PYTEST) -m long $(ARGS)

pictures: static ## Screenshots of the pages at both widths, in tests/screenshots
	@export LOPSO_PICTURES=1; $(PYTEST) $(IN_PROCESSES) $(or $(ARGS),tests/journeys)

lint: install ## Style, types, floors, translations
	@$(MAKE) --no-print-directory --jobs 2 types others

others: install ## Style, floors, translations; types run beside them
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	$(PY) tools/check_translations.py

types: install ## Types only (ARGS=venues a part)
	$(PY) tools/pyright.py $(ARGS)

bench: static ## Every speed measure, one line of JSON each
	@status=0; for measure in benchmarks/measure_*.py; do $(PY) "$$measure" || status=1; done; exit $$status

format: install ## Format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

messages: install ## Add new sentences to the English translation
	$(PY) tools/check_translations.py --update

install: ## What requirements.lock names, and this project, into .venv (PYTHON=python3.12 another Python)
	@sh tools/set_up.sh

static: install ## What the browser loads
	@$(PY) tools/build_static.py

wheel: static ## A wheel in dist/, with all that was built, to install elsewhere
	.venv/bin/uv build --quiet --no-build-isolation

lock: install ## Newer versions into requirements.lock and package-lock.json
	.venv/bin/uv pip compile pyproject.toml --extra embedded --extra plan --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --upgrade \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock
	$(PY) tools/nodejs.py npm update --package-lock-only --ignore-scripts
