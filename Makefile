# `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help venv quickstart smoke test test-fast lint package format bench bench-small check-gpu check-serving clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | awk -F'|' '{printf "  make %-14s %s\n", $$1, $$2}'

quickstart: $(VENV)/ready  ## train on MNIST for a few minutes, evaluate, export, and say where everything is
	$(BIN)/python bin/train --preset=quickstart $(if $(DATA_DIR),--data_dir="$(DATA_DIR)")
	$(BIN)/python bin/evaluate --run=runs/quickstart
	$(BIN)/python bin/sample --model=saved_models/quickstart --output=runs/quickstart/samples.png
	@echo
	@echo "model     saved_models/quickstart (a SavedModel: tf.saved_model.load, TF Serving, tfflowgan.load)"
	@echo "samples   runs/quickstart/samples.png"
	@echo "numbers   runs/quickstart/results/likelihood.json, runs/quickstart/metrics.jsonl"
	@echo "next      source $(BIN)/activate (then bin/train and the others run, and Python finds tfflowgan)"

ARTEFACTS ?= all
smoke: $(VENV)/ready  ## run every artefact of the papers end to end in minutes, at a size that means nothing
	$(BIN)/python bin/reproduce $(ARTEFACTS) --scale=smoke --jobs=2

PYTEST := $(BIN)/python -m pytest --dist loadscope --no-loadscope-reorder

# TensorFlow frees little of what it has traced, so the slow tests run in parts, each in new processes;
# four of them, since two leave a quarter of two cores idle.
PARTS := tests/training tests/portable tests/checks

test: test-fast  ## run all tests
	$(PYTEST) -n 4 -m slow $(PARTS)
	$(PYTEST) -n 4 -m slow $(PARTS:%=--ignore=%)

test-fast: $(VENV)/ready-dev  ## run the tests that are not marked slow, in two processes
	$(PYTEST) -n 2 -m "not slow"

lint: $(VENV)/ready-dev  ## check style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python

package: $(VENV)/ready-dev  ## build an sdist and a wheel into dist/, and use the wheel in a new environment
	$(BIN)/python .ci/package.py

format: $(VENV)/ready-dev  ## correct the style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs docs-serve
# The theme prints a notice on mkdocs 2 otherwise; requirements-docs.txt has version 1.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs
docs: $(VENV)/ready-docs  ## build the documentation into build/site; a broken link or reference is an error
	$(MKDOCS) build --strict

docs-serve: $(VENV)/ready-docs  ## show the documentation at http://localhost:8000 while you write it
	$(MKDOCS) serve

venv: $(VENV)/ready $(if $(GPU),$(VENV)/ready-cuda)  ## make .venv with the package, editable, and what it needs; GPU=1: and CUDA

BENCH ?= benchmarks/results
bench: $(VENV)/ready benchmarks/.venv/ready  ## measure speed against others, into BENCH=benchmarks/results (Linux, three hours, 24 GB; docs/performance/measurements.md)
	$(BIN)/python benchmarks/startup.py --output=$(BENCH)/startup.json
	$(BIN)/python benchmarks/run.py --peers_python=benchmarks/.venv/bin/python --output=$(BENCH) --operations=log_prob,sample,mle
	$(BIN)/python benchmarks/run.py --peers_python=benchmarks/.venv/bin/python --output=$(BENCH) --batches=small
	$(BIN)/python benchmarks/run.py --peers_python=benchmarks/.venv/bin/python --output=$(BENCH) --architectures=nice
	$(BIN)/python benchmarks/run.py --peers_python=benchmarks/.venv/bin/python --output=$(BENCH) --pairs
	$(BIN)/python benchmarks/limits.py --peers_python=benchmarks/.venv/bin/python --output=$(BENCH)
	$(BIN)/python benchmarks/loop.py --output=$(BENCH)/loop.json
	$(BIN)/python benchmarks/options.py --output=$(BENCH)
	$(BIN)/python benchmarks/options.py --batch=256 --output=$(BENCH)
	$(BIN)/python benchmarks/scaling.py --output=$(BENCH)
	$(BIN)/python benchmarks/table.py --folder=$(BENCH)

SMALL := --peers_python=benchmarks/.venv/bin/python --output=$(BENCH) --operations=log_prob,sample,mle
bench-small: $(VENV)/ready benchmarks/.venv/ready  ## the same for three operations at batch 64, without the smaller libraries (half an hour)
	$(BIN)/python benchmarks/startup.py --turns=3 --output=$(BENCH)/startup.json
	$(BIN)/python benchmarks/run.py $(SMALL) --architectures=nice,nvp3,real_nvp,nvp --batches=small --seconds=1 \
	  --implementations="tfflowgan float32,tfflowgan bfloat16,PyTorch eager,PyTorch fused,PyTorch compiled,TFP RealNVP plain,TFP RealNVP xla"
	$(BIN)/python benchmarks/limits.py $(SMALL) --architectures=nvp3,real_nvp,nvp,nice
	$(BIN)/python benchmarks/table.py --folder=$(BENCH)

benchmarks/.venv/ready: benchmarks/requirements.txt
	$(PYTHON) -m venv benchmarks/.venv
	benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

check-gpu: $(VENV)/ready  ## compare a GPU with the CPU, into check-gpu.json (ten minutes; make venv GPU=1 first)
	$(BIN)/python -m checks.gpu

SERVER ?= docker
check-serving: $(VENV)/ready  ## ask a real TensorFlow Serving, into check-serving.json (SERVER=docker or a binary's path)
	$(BIN)/python -m checks.serving --server=$(SERVER)

clean:  ## remove .venv and caches; runs and models stay
	rm -rf $(VENV) benchmarks/.venv .pytest_cache .ruff_cache build *.egg-info

CHECK_PYTHON := import sys; v = sys.version_info; sys.exit(None if (3, 11) <= v < (3, 14) else \
	"tfflowgan needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d; run make PYTHON=/path/to/python3.11 ..." % v[:2])

$(VENV)/bin/python:
	@$(PYTHON) -c '$(CHECK_PYTHON)'
	$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(VENV)/ready: requirements.txt pyproject.toml setup.py | $(VENV)/bin/python
	@echo "Installing the pinned packages into $(VENV) (about 2 GB, a few minutes)."
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/ready-cuda: $(VENV)/ready
	@echo "Installing TensorFlow's CUDA libraries into $(VENV) (several GB)."
	$(PIP) --constraint requirements.txt --no-build-isolation --editable ".[cuda]"
	@touch $@

$(VENV)/ready-docs: requirements-docs.txt $(VENV)/ready
	$(PIP) -r requirements-docs.txt
	@touch $@

$(VENV)/ready-dev: requirements-dev.txt $(VENV)/ready
	$(PIP) -r requirements-dev.txt
	@touch $@
