# Trạm. A target is made when what it comes from is newer; longer steps lie in tools/.
PORT ?= 8080
DATA ?= data
export DATA PORT
export PYTHON ?= python3

VENV   := .venv
BIN    := $(VENV)/bin
DONE   := $(VENV)/done
CLIENT := web/client
# Node 20 or newer with npm where the machine has them; otherwise the ones that came with requirements.txt.
NODE_OK = $(shell command -v npm && node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>&1 || echo no)
NPM     = $(if $(filter no,$(NODE_OK)),PATH="$(CURDIR)/$(BIN):$$PATH" )npm --prefix $(CLIENT)
SOURCES := $(shell find $(CLIENT) web/verifier -path $(CLIENT)/node_modules -prune -o -type f -print 2>/dev/null) web/static/icon.svg \
	$(shell find web/translations -name '*.po' 2>/dev/null)
CATALOGUES := $(patsubst %.po,%.mo,$(shell find web/translations -name '*.po' 2>/dev/null))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run install build test oracles bench locator lint format docs messages lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "PORT and DATA can be given: make run PORT=9000 DATA=/srv/tram"

run: build ## install what is missing, then serve the demonstration province on http://127.0.0.1:PORT
	@tools/run.sh

install: $(DONE)/system $(DONE)/runtime $(BIN)/tram ## install the libraries and the command .venv/bin/tram

build: install $(DONE)/client $(CATALOGUES) ## build the front end and the translations

test: build $(DONE)/dev $(DONE)/system-test ## run every test: TypeScript, Python, browser, conformance
	$(NPM) test
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile -m "not browser"
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile -m browser \
		|| $(BIN)/python -m pytest --last-failed --last-failed-no-failures=none -m browser

oracles: $(DONE)/oracles ## build verifiers and a label renderer that others wrote, which the tests then ask too

bench: build $(DONE)/dev ## run benchmarks/, print tables, write build/bench/*.json
	@mkdir -p build/bench
	@for file in $(shell grep -l __main__ benchmarks/*.py); do \
		echo "== $$file"; $(BIN)/python -m benchmarks.$$(basename $$file .py) || exit 1; done

locator: $(DONE)/runtime ## train the locator anew (half an hour, PyTorch in an environment of its own) and compare
	PYTHON=$(PYTHON) nice tools/locator/make.sh

lint: $(DONE)/dev $(DONE)/modules ## ruff, mypy, tsc
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(NPM) run check

format: $(DONE)/dev ## let ruff format the Python
	$(BIN)/ruff format

docs: $(DONE)/runtime ## write the parts of docs/ that the code knows
	$(BIN)/python -m tools.docs
	$(BIN)/python -m tools.tables

messages: $(DONE)/runtime ## gather the strings to translate into web/translations
	@mkdir -p build
	$(BIN)/python -m babel.messages.frontend -q extract -F babel.cfg -k t -k _l --no-location --sort-output -o build/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110 -i build/messages.pot -d web/translations

lock: $(DONE)/dev ## pin the newest libraries that requirements*.in allow
	tools/lock.sh

clean: ## remove what make made, but never the data
	rm -rf $(VENV) build web/static/build $(CLIENT)/node_modules $(CATALOGUES)

$(BIN)/python:
	tools/venv.sh $(VENV)

$(DONE): | $(BIN)/python
	@mkdir -p $@

$(BIN)/tram: tools/tram.sh | $(BIN)/python
	install -m 755 $< $@

$(DONE)/system: tools/system.sh | $(DONE)
	@if tools/system.sh run; then touch $@; fi

$(DONE)/system-test: tools/system.sh | $(DONE)
	@if tools/system.sh test; then touch $@; fi

$(DONE)/runtime: requirements.txt | $(DONE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(DONE)/dev: requirements-dev.txt $(DONE)/runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r $<
	@touch $@

$(DONE)/oracles: tools/oracles.sh $(addprefix tests/conformance/oracles/,oracle.go package-lock.json requirements.txt) tests/labels/zebra/package-lock.json $(DONE)/runtime
	tools/oracles.sh
	@touch $@

$(DONE)/modules: $(CLIENT)/package-lock.json $(CLIENT)/package.json $(DONE)/runtime
	$(NPM) ci --no-progress
	@touch $@

$(DONE)/client: $(SOURCES) $(DONE)/modules
	$(NPM) run --silent build
	@touch $@

%.mo: %.po $(DONE)/runtime
	$(BIN)/pybabel -q compile -i $< -o $@
