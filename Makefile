# Needs Python 3.11 or later and, for durable_rules on 3.11 and 3.12, a C compiler. Each target sets up .venv itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check compiled soak clean

$(READY): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@

# The demo finds a violation, and says so with exit code 2; that is its success.
demo: $(READY)
	@$(BIN)/sanctions-engine check examples/transactions/wagner-rail-2022.yaml; code=$$?; \
	if [ $$code -ne 2 ]; then echo "demo: expected exit code 2 (violation), got $$code" >&2; exit 1; fi

test: $(READY)
	$(BIN)/python -m pytest -q

check: $(READY)
	$(BIN)/ruff check sanctions_engine tests examples benchmarks
	$(BIN)/ruff format --check sanctions_engine tests examples benchmarks
	$(BIN)/mypy --strict sanctions_engine
	$(BIN)/lint-imports
	$(BIN)/sanctions-engine rules lint

# A wheel in dist/ whose hot modules are compiled; it takes a minute and more. By way of an sdist: built where it stands,
# the compiled modules would stay there and hide their sources.
compiled: $(READY)
	HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(BIN)/python -m build --quiet

# The property tests alone, over a million cases: a night on two cores. One file of them takes minutes, as in
# `make soak SOAK=tests/test_dates.py` (90,000 cases).
SOAK ?= tests
soak: $(READY)
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -q -m hypothesis $(SOAK)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
