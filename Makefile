# Every way to build, run and check lowtide; `make help` lists them.
# Variables: PRESET=release|dev|asan|tsan (make test), PREFIX=/usr/local, JOB="command", LABELS=regex,
# DEPTH=12 (make explore), DATA=folder (make check-data, score), CSV=file (make bench-plan), JOBS=parallel compilations,
# CMAKE_ARGS=more for the first configure.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := lowtide
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

PRESET ?= release
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
DEPTH ?= 12
DATA ?= ../shared/data
BIN := build/release/lowtide
PYTHON := /usr/bin/python3

# The job reaches its shell through the environment, so that no quoting of ours touches it.
unexport JOB
ifneq ($(value JOB),)
export LOWTIDE_MAKE_JOB = $(value JOB)
endif

## Build
.PHONY: lowtide
lowtide: build/release/build.ninja  ## build build/release/lowtide (installs what is missing when root)
	@cmake --build build/release --parallel $(JOBS) --target lowtide

.PHONY: run
run: setup-run lowtide  ## set-up, build, and the example under lowtide; JOB="..." for a command of your own
ifeq ($(value JOB),)
	@$(BIN) run --name digits -- $(PYTHON) examples/train_digits.py
else
	@job=$$LOWTIDE_MAKE_JOB; unset LOWTIDE_MAKE_JOB; $(BIN) run -- sh -c "$$job"
endif

.PHONY: demo-watch
demo-watch: setup-run lowtide  ## two minutes of this machine under load, watched: live line, then the chart
	@rm -rf build/demo-watch; export LOWTIDE_HOME=$(abspath build/demo-watch); \
	  ( for i in 1 2 3; do sleep 10; timeout 20 $(PYTHON) examples/train_digits.py > /dev/null 2>&1 || true; sleep 5; done ) & \
	  $(BIN) watch --machine --for 2m --name demo; wait; $(BIN) show last

.PHONY: demo-shift
demo-shift: setup-run lowtide  ## two minutes: a day of a training that waits, pauses twice, outlives its lowtide; each promise checked
	@$(PYTHON) tools/demo_shift.py $(BIN)

.PHONY: install
install: lowtide  ## install under PREFIX (default /usr/local; DESTDIR is honoured)
	@cmake --build build/release --parallel $(JOBS) --target lowtide_said
	@cmake --install build/release --prefix "$(PREFIX)"

## Check
# A preset's tests without those that need a device, a cluster or a quiet machine.
NOT_BY_DEFAULT := ^(gpu|slurm|fuzz|bench)$$

.PHONY: test
test: setup-test build/$(PRESET)/build.ninja  ## set-up, build, all tests; PRESET=asan for the sanitizers, LABELS='unit|rig' for some
	@cmake --build build/$(PRESET) --parallel $(JOBS)
	@ctest --test-dir build/$(PRESET) --output-on-failure --no-tests=error --parallel 2 \
	  --label-exclude '$(NOT_BY_DEFAULT)' $(if $(LABELS),--label-regex '$(LABELS)')

.PHONY: golden
golden: setup-test lowtide  ## write tests/golden anew from what the binary says; review it as a diff
	@LOWTIDE_GOLDEN=write LOWTIDE_BIN=$(abspath $(BIN)) $(PYTHON) -m pytest -q -p no:cacheprovider tests/cli/test_golden.py
	@git --no-pager diff --stat -- tests/golden

.PHONY: check-data
check-data: setup-test lowtide  ## rebuild the shipped data from DATA (default ../shared/data) bit for bit; import all of it
	@LOWTIDE_BIN=$(abspath $(BIN)) $(PYTHON) tools/check_data.py "$(DATA)"

.PHONY: stats
stats: setup-test  ## lines per folder against the bounds of CONTRIBUTING.md; fails over a bound
	@$(PYTHON) tools/stats.py

.PHONY: tidy
tidy: setup-tidy build/tidy/build.ninja  ## clang-tidy on the changed files (BASE=commit to compare with)
	@tools/tidy.sh --changed $(BASE)

.PHONY: format
format: setup-tidy  ## clang-format on every C++ file
	@git ls-files -z --cached --others --exclude-standard '*.cc' '*.h' '*.c' | xargs -0 -r clang-format-19 -i

.PHONY: check-deep tidy-all test-tsan fuzz coverage
check-deep: tidy-all test-tsan fuzz coverage stats  ## what is long: full clang-tidy, tsan, fuzz smoke, coverage

tidy-all: setup-tidy build/tidy/build.ninja
	@tools/tidy.sh --all

test-tsan:
	@$(MAKE) test PRESET=tsan LABELS='unit|rig'

fuzz: setup-fuzz build/fuzz/build.ninja
	@cmake --build build/fuzz --parallel $(JOBS)
	@tools/fuzz_smoke.sh build/fuzz

coverage: setup-coverage build/coverage/build.ninja
	@cmake --build build/coverage --parallel $(JOBS)
	@ctest --test-dir build/coverage --output-on-failure --no-tests=error --parallel 2 --label-exclude '$(NOT_BY_DEFAULT)'
	@gcovr --root . --filter 'src/' --exclude '.*_test\.cc' --exclude-unreachable-branches --print-summary \
	  --html-details build/coverage/index.html build/coverage
	@echo "coverage: build/coverage/index.html"

.PHONY: calibrate
calibrate: setup-test build/release/build.ninja  ## are the bounds right? 10,000 simulated sensors and jobs: share inside, widths beside an oracle's
	@cmake --build build/release --parallel $(JOBS) --target calibrate
	@build/release/tests/calibrate/calibrate --check

.PHONY: explore
explore: setup-test build/release/build.ninja  ## all that can happen to a planned run, to DEPTH=12 (10 GB of memory, minutes): no job left frozen, no deadline missed
	@cmake --build build/release --parallel $(JOBS) --target explore
	@build/release/tests/explore/explore $(DEPTH)

.PHONY: torture
torture: setup-test build/release/build.ninja  ## kill -9 at 1,000 random instants: no joule of a counter lost, no ledger damaged
	@cmake --build build/release --parallel $(JOBS) --target lowtide fake_nvml rig_job
	@LOWTIDE_TORTURE=1000 LOWTIDE_BIN=$(abspath $(BIN)) RIG_DIR=$(abspath build/release/rig) \
	  $(PYTHON) -m pytest -q -s -p no:cacheprovider tests/rig/test_torture.py

.PHONY: test-gpu
test-gpu:  ## on a real NVIDIA GPU: its sensors under a known load, lowtide on it; figures in build/release/gpu
	@[ -e /dev/nvidiactl ] || { echo "test-gpu: no NVIDIA GPU here (no /dev/nvidiactl): nothing was tested" >&2; exit 1; }
	@$(MAKE) setup-test build/release/build.ninja
	@cmake --build build/release --parallel $(JOBS)
	@ctest --test-dir build/release --output-on-failure --no-tests=error --label-regex '^gpu$$'

.PHONY: bench
bench: build/release/build.ninja  ## the benchmarks: value, spread and the ratio to a named reference
	@cmake -S . -B build/release -DLOWTIDE_BENCH=ON > build/release/bench-configure.log
	@cmake --build build/release --parallel $(JOBS)
	@cmake --build build/release --target bench

.PHONY: bench-plan
bench-plan: setup-run build/release/build.ninja  ## the planner against its goals, a plain program and NumPy; CSV=file for a series of your own
	@cmake -S . -B build/release -DLOWTIDE_BENCH=ON > build/release/bench-configure.log
	@cmake --build build/release --parallel $(JOBS) --target plan_bench
	@build/release/bench/plan_bench $(PYTHON) bench/plan_numpy.py build/release/bench $(if $(CSV),--csv "$(CSV)")

.PHONY: score
score: setup-run lowtide  ## forecasts scored on hourly files of Electricity Maps in DATA: the tables of docs/forecast.md (16 series, long)
	@$(PYTHON) tools/score.py $(BIN) "$(DATA)" build/release/score --page docs/forecast.md

.PHONY: studies
studies: setup-run lowtide  ## every recipe of studies/ on DATA (default ../shared/data): tables kept in studies/results, pages in build/release/studies
	@mkdir -p build/release/studies
	@tools/studies.sh $(BIN) "$(DATA)" build/release/studies

.PHONY: bench-peers
bench-peers: setup-peers build/release/build.ninja  ## lowtide beside codecarbon, Zeus, carbontracker and eco2AI: docs/comparison.md (15 min; root for all of it)
	@cmake --build build/release --parallel $(JOBS) --target lowtide fake_nvml rig_powercap rig_job
	@$(PYTHON) bench/peers/bench_peers.py build/release build/peers-venv --page docs/comparison.md

.PHONY: clean
clean:  ## remove build/
	@rm -rf build

.PHONY: help
help:  ## this list
	@awk -F ':.*  ## ' '/^[a-z-]+:.*  ## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

## Set-up
# Phony and order-only: asked each time, silent when nothing is missing. One call for all the groups
# that a target needs, so that a bare machine updates its package list once.
.PHONY: setup-build setup-run setup-test setup-tidy setup-fuzz setup-coverage setup-peers
setup-build:    ; @tools/setup.sh build
setup-run:      ; @tools/setup.sh build run
setup-test:     ; @tools/setup.sh build test clients
setup-tidy:     ; @tools/setup.sh build tidy
setup-fuzz:     ; @tools/setup.sh build fuzz
setup-coverage: ; @tools/setup.sh build test clients coverage
setup-peers:    ; @tools/setup.sh build peers

build/%/build.ninja: CMakePresets.json | setup-build
	@mkdir -p build/$*
	@cmake --preset $* $(CMAKE_ARGS) > build/$*/configure.log 2>&1 || { cat build/$*/configure.log >&2; exit 1; }
