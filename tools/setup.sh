#!/usr/bin/env bash
# Installs the Debian packages that the named groups need and that are not there yet.
# Says nothing when nothing is missing. Usage: tools/setup.sh GROUP...  (build run test clients tidy fuzz coverage peers)
# `peers` also makes build/peers-venv from bench/peers/requirements.txt, `clients` build/clients-venv from
# tests/grid/requirements.txt, both by pip.
#
# As root it installs by apt; else it prints the one command that would, and stops with status 1.
set -euo pipefail

# Everything one configured build tree needs, tests and benchmarks too: they are small, and one tree
# then serves `make`, `make test` and `make bench`.
build=(g++ cmake ninja-build pkg-config ccache libcli11-dev nlohmann-json3-dev libtomlplusplus-dev
       libsqlite3-dev libcurl4-openssl-dev libfmt-dev libexpected-dev libmd-dev libutf8proc-dev
       libhwy-dev libpugixml-dev zlib1g-dev libzstd-dev libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev tzdata)
run=(python3 python3-sklearn libcurl4)
# From python3-jsonschema on: what reads back the reports as JSON, LaTeX, PDF and HTML.
test=(python3 python3-numpy python3-pytest openssl procps systemd python3-jsonschema texlive-latex-base poppler-utils
      chromium-headless-shell bash-completion zsh fish man-db groff-base mandoc)
tidy=(python3 clang-19 clang-tidy-19 clang-format-19)
fuzz=(clang-19 libclang-rt-19-dev)
coverage=(gcovr)
clients=(python3 python3-venv openssl)
peers=(python3 python3-venv iproute2 util-linux)

declare -a wanted=()
for group in "$@"; do
  case $group in
    build | run | test | clients | tidy | fuzz | coverage | peers) ;;
    *) echo "setup: no group named '$group'; groups: build run test clients tidy fuzz coverage peers" >&2; exit 2 ;;
  esac
  declare -n packages=$group
  wanted+=("${packages[@]}")
done
[ "${#wanted[@]}" -gt 0 ] || { echo "usage: tools/setup.sh GROUP..." >&2; exit 2; }

# make_venv NAME REQUIREMENTS: once for each state of the requirements; says nothing when it is there.
make_venv() {
  local at=build/$1-venv want=$2
  cmp -s "$want" "$at/installed.txt" && return 0
  echo "setup: making $at"
  rm -rf "$at"
  /usr/bin/python3 -m venv "$at"
  "$at/bin/pip" install --quiet --disable-pip-version-check -r "$want"
  cp "$want" "$at/installed.txt"
}
make_venvs() {
  cd "$(dirname "${BASH_SOURCE[0]}")/.."
  case " $* " in *" peers "*) make_venv peers bench/peers/requirements.txt ;; esac
  case " $* " in *" clients "*) make_venv clients tests/grid/requirements.txt ;; esac
}

if ! command -v dpkg-query >/dev/null 2>&1; then
  # Another distribution: CMake will name what it does not find.
  make_venvs "$@"
  exit 0
fi

declare -a missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
    missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || { make_venvs "$@"; exit 0; }

readarray -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
install=(apt-get install -y --no-install-recommends "${missing[@]}")
if [ "$(id -u)" -ne 0 ]; then
  printf 'setup: packages are missing; install them and try again:\n  sudo %s\n' "${install[*]}" >&2
  exit 1
fi

echo "setup: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  "$@" >"$log" 2>&1 </dev/null || { tail -n 20 "$log" >&2; printf 'setup: failed: %s\n' "$*" >&2; exit 1; }
}
quietly apt-get update
quietly "${install[@]}"
make_venvs "$@"
