# `make` alone lists the commands. Everything is installed into .venv, nothing else on the machine is changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
REQUIREMENTS := import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); \
  print(*p["project"]["dependencies"], *p["dependency-groups"]["dev"], sep="\n")

OPENAI_VENV := .venv-openai
OPENAI := $(OPENAI_VENV)/bin
OPENAI_STAMP := $(OPENAI_VENV)/.complete
OPENAI_REQUIREMENTS := import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); \
  print(*p["project"]["dependencies"], *p["project"]["optional-dependencies"]["openai-whisper"], \
  *p["dependency-groups"]["dev"], sep="\n")

.DEFAULT_GOAL := help
.PHONY: help demo up down test check lint bench eval chaos optional browser clean

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: $(STAMP) ## play a sample broadcast live, publish it, search it
	@$(BIN)/python -m maaseutu.cli demo

up: $(STAMP) ## start the system here; Ctrl-C stops it
	@$(BIN)/python -m maaseutu.cli up

down: $(STAMP) ## stop the system
	@$(BIN)/python -m maaseutu.cli down

test: $(STAMP) browser ## all tests, also of the whole chain (minutes)
	@sh tests/all.sh $(BIN)/python

check: $(STAMP) lint ## lint, types and the quick tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not slow"

lint: $(STAMP) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP) ## measure speed and memory on this machine
	$(BIN)/python -m benchmarks

ORIGINAL ?=
eval: $(STAMP) $(if $(ORIGINAL),$(OPENAI_STAMP)) ## measure how well speech is recognised, and the search; ORIGINAL=base.pt beside openai-whisper
	$(if $(ORIGINAL),PYTHONPATH=. $(OPENAI),$(BIN))/python -m evaluation $(if $(ORIGINAL),--original $(ORIGINAL)) --write docs

N ?= 200
SEED ?= 1
FLOWS ?= 3
chaos: $(STAMP) ## kill and starve the recorder N times, the whole system FLOWS times; feed it odd media; SEED repeats
	$(BIN)/python -m chaos -n $(N) --seed $(SEED)
	$(BIN)/python -m chaos.pair --seed $(SEED)
	$(BIN)/python -m chaos flows -n $(FLOWS) --seed $(SEED)
	$(BIN)/python -m chaos media
	$(BIN)/python -m chaos speech

browser: ## find or install the browser that the tests use
	@sh tests/browser.sh

# The stamp is made last, so an installation that was interrupted is done again. Dependencies come as wheels only; the
# project itself is not built: a .pth file points at this folder, and the command is a two-line script. On a terminal pip
# shows what it does.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Error: Python 3.11 or later is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." >&2; \
	  echo "Install it, or name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@rm -f $@
	@[ -x $(BIN)/python ] && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV): some minutes the first time"
	@$(BIN)/python -c '$(REQUIREMENTS)' > $(VENV)/requirements.txt
	@$(BIN)/python -m pip install $$([ -t 2 ] || echo --quiet) --disable-pip-version-check --only-binary :all: \
	  --requirement $(VENV)/requirements.txt --constraint constraints.txt
	@pwd > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/maaseutu-live.pth"
	@printf '#!%s\nimport sys\n\nfrom maaseutu.cli import main\n\nsys.exit(main())\n' \
	  "$$(pwd)/$(BIN)/python" > $(BIN)/maaseutu && chmod +x $(BIN)/maaseutu
	@touch $@

# The extra openai-whisper has an environment of its own: with torch it is two gigabytes.
$(OPENAI_STAMP): pyproject.toml constraints.txt
	@rm -f $@
	@echo "Installing openai-whisper into $(OPENAI_VENV): some minutes the first time"
	@$(PYTHON) -m venv --clear $(OPENAI_VENV)
	@$(OPENAI)/python -c '$(OPENAI_REQUIREMENTS)' > $(OPENAI_VENV)/requirements.txt
	@$(OPENAI)/python -m pip install $$([ -t 2 ] || echo --quiet) --disable-pip-version-check \
	  --requirement $(OPENAI_VENV)/requirements.txt --constraint constraints.txt
	@touch $@

optional: $(OPENAI_STAMP) ## the tests of the optional engine openai-whisper, in its own environment
	PYTHONPATH=. $(OPENAI)/python -m pytest tests/optional

clean: ## remove .venv (recordings in .maaseutu stay)
	rm -rf $(VENV) $(OPENAI_VENV)
