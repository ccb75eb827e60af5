PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5000
EXAMPLES := $(notdir $(patsubst %/params.yaml,%,$(wildcard examples/*/params.yaml)))
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := repro
# Columns that every experiment has, and that say little of it. Of up to three arms each has a score;
# more do not fit a terminal, and it is the recommended one's.
SCORES := $(shell test $$(ls scores 2>/dev/null | wc -l) -gt 3 && echo 'scores|reports/(?!recommended)' || echo reports)
# After a switch of the objective, the scores of the former one would double the columns.
OBJECTIVE := $(shell sed -n 's/^ *"tuned_\(.*\)":.*/\1/p' reports/recommended 2>/dev/null)
LITTLE := params[.]yaml$$|(data|models)(/|$$)|decisions|predictions|$(SCORES)|src|stages[.]|Created|State|Executor|.*:(average|calibrated|default|roc|tuned_(?!$(OBJECTIVE)$$))

# A killed run can leave DVC's own files cut short; this repairs them.
REPAIR := PYTHONPATH=src python -m equipoise.using.repair_dvc

.PHONY: setup repro ui experiments test test-all coverage torture screenshots check docs notebooks lock dist sbom atlas bench doctor example clean

repro: setup  ## run what has changed, from the table to the MLflow runs
	@$(REPAIR)
	dvc repro

ui: setup  ## bring MLflow up to date and open its UI
	@PYTHONPATH=src python -m equipoise ui --port $(PORT)

experiments: setup  ## list the experiments of `dvc exp run`: what changed, and the results
	@$(REPAIR)
	@dvc exp show --only-changed --drop '$(LITTLE)'

# One more than there are processors, because tests wait for servers and processes that they stop.
# With threads as well, processes that compute would mostly wait for each other.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# Files are taken in their own order, so that the long ones (tests/e2e) begin first.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 20

test: setup  ## run the tests that take minutes, including the real pipeline
	$(PYTEST) -m "not slow"

test-all: setup  ## run all tests: browser, servers, odd tables and the catalogue too
	$(PYTEST)

coverage: setup  ## run the tests of `make test`; fails if they cover less than 90 % of the library
	$(PYTEST) -m "not slow" --cov --cov-report term --cov-fail-under 90

SEED ?= 1
torture: setup  ## break a small job on purpose, for hours, and count what is not made good; SEED=1
	PYTHONPATH=src python -m tests.torture --seed $(SEED) --page

screenshots: repro  ## take the screenshots of the docs, with the tests that open pages in Chromium
	pytest tests/browser --screenshots docs/images

check: setup  ## check format, lint and types
	ruff format --check .
	ruff check .
	mypy

docs: setup  ## build the documentation site into site/; any warning fails
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict

notebooks: setup  ## run the notebooks of the docs, and write into them what they print and draw
	python docs/notebooks/run.py

bench: setup  ## measure time and memory here and with other tools; writes docs/performance.md
	python benchmarks/performance.py

atlas: setup  ## try ten remedies on public tables; goes on if stopped; writes docs/atlas.md
	PYTHONPATH=src:examples python benchmarks/atlas.py

lock:  ## update requirements.lock from pyproject.toml
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--extra boosters --extra dask --extra excel --extra dev --extra docs --extra team --upgrade --quiet --output-file requirements.lock pyproject.toml

# The tools of `dist` and `sbom` are no packages of the lock: uv fetches them, and nothing else here needs them.
dist: setup  ## build the wheel and the sdist into dist/, and check them
	rm -rf dist
	uv build --quiet
	uvx --quiet twine@7.0.0 check --strict dist/*
	uvx --quiet check-wheel-contents@0.6.3 dist/*.whl

# Of all packages of the lock, those for tests and documentation included.
SBOM ?= dist/sbom.cdx.json
sbom:  ## list every package of the lock with version and hashes, in CycloneDX: dist/sbom.cdx.json
	mkdir -p $(dir $(SBOM))
	PYTHONWARNINGS=ignore uvx --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements \
		--pyproject pyproject.toml --mc-type library --output-reproducible --output-file $(SBOM) requirements.lock

doctor: setup  ## check the data and the job in seconds
	PYTHONPATH=src python -m equipoise doctor

example: setup  ## fetch a table, if it is not made, and run its params: make example NAME=page_blocks
	@test -f "examples/$(NAME)/params.yaml" || { echo "make example NAME=..., one of: $(EXAMPLES)"; exit 2; }
	@git diff --quiet HEAD -- params.yaml || cmp -s params.yaml examples/$(NAME)/params.yaml \
		|| { echo "params.yaml has uncommitted edits: commit or undo them"; exit 1; }
	@$(REPAIR)
	test ! -f examples/$(NAME)/fetch.py || { PYTHONPATH=examples python examples/$(NAME)/fetch.py \
		&& dvc add data/raw/$(NAME).csv; }
	cp examples/$(NAME)/params.yaml params.yaml
	dvc repro

clean:  ## remove what the stages made and Git does not keep, .venv and the MLflow record
	rm -rf $(VENV) dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache mlflow.db* mlartifacts \
		data/checks data/dataset.parquet data/resampled data/schema.json data/split \
		decisions models predictions reports/confusion.csv reports/curves reports/curves.csv reports/fits \
		reports/fold_replicates reports/folds reports/metrics reports/net_benefit.csv reports/published.json reports/replicates reports/report.html site

setup: $(VENV)/installed

# uv comes first, by pip and with its hash; it then installs the rest, hashes checked too.
$(VENV)/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/^ *#/p' $< > $(VENV)/uv.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python $<
	@# So that `import equipoise` works; PYTHONPATH comes before it, and has a queued copy's own code.
	echo $(abspath src) > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/equipoise.pth"
	printf '#!%s\nfrom equipoise.cli import main\n\nmain()\n' "$(abspath $(BIN))/python" > $(BIN)/equipoise
	chmod +x $(BIN)/equipoise
	touch $@
