# Everything sets itself up: a machine with Python 3.11, pip and make is enough.
#   make demo     a digest in your browser        make test    the whole test suite
#   make check    style, types, architecture      make bench   speed and memory, as ratios
VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: demo test check bench bench-full soak format lock clean

demo: $(VENV)/.run-ok
	$(BIN)/digest demo

test: $(VENV)/.dev-ok
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

soak: $(VENV)/.dev-ok
	$(BIN)/python -m pytest -q -m soak

check: $(VENV)/.dev-ok
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .

bench: $(VENV)/.peers-ok
	$(BIN)/python -m bench

bench-full: $(VENV)/.peers-ok
	$(BIN)/python -m bench --full

format: $(VENV)/.dev-ok
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A bare Debian has no ensurepip: the machine's own pip fills the environment from outside. Every archive is checked
# against its hash, the build backends' too (so no build isolation, which would fetch unlocked ones).
INSTALL := $(PYTHON) -m pip --python $(BIN)/python install -q --no-build-isolation --use-pep517

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run-ok: requirements/run.lock requirements/build.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV), once: about a minute."
	@$(INSTALL) --require-hashes -r requirements/run.lock -r requirements/build.lock
	@$(INSTALL) --no-deps -e .
	touch $@

$(VENV)/.dev-ok: requirements/dev.lock $(VENV)/.run-ok
	$(INSTALL) --require-hashes -r requirements/dev.lock
	touch $@

# Other mailers, to be measured against. Each is welcome and none is needed: the bench says which it did without.
$(VENV)/.peers-ok: requirements/peers.lock bench/package-lock.json $(VENV)/.dev-ok
	-$(INSTALL) --require-hashes -r requirements/peers.lock
	-npm ci --ignore-scripts --no-audit --no-fund --prefix bench
	touch $@

# Renew the locked set, on purpose and never by itself.
COMPILE := $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

lock: $(VENV)/.dev-ok
	$(COMPILE) pyproject.toml -o requirements/run.lock
	$(COMPILE) pyproject.toml --extra dev --extra postgres -o requirements/dev.lock
	$(COMPILE) requirements/build.in -o requirements/build.lock
	$(COMPILE) requirements/peers.in -o requirements/peers.lock

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
