#!/usr/bin/env bash
# Runs each fuzz target of a build folder for LOWTIDE_FUZZ_SECONDS (20) from its seeds in fuzz/seeds/NAME
# (NAME_fuzz.cc).
# Usage: tools/fuzz_smoke.sh build/fuzz
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${LOWTIDE_FUZZ_SECONDS:-20}
[ "$#" -eq 1 ] || { echo "usage: tools/fuzz_smoke.sh BUILD" >&2; exit 2; }

readarray -t targets < <(find "$1" -type f -executable -name '*_fuzz' | sort)
[ "${#targets[@]}" -gt 0 ] || { echo "fuzz: no target in $1" >&2; exit 1; }
for target in "${targets[@]}"; do
  name=$(basename "$target")
  corpus="$1/corpus/$name"
  mkdir -p "$corpus"
  seeds=fuzz/seeds/${name%_fuzz}
  log="$1/$name.log"
  printf '%-24s ' "$name"
  if "$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -artifact_prefix="$1/" \
      "$corpus" $([ ! -d "$seeds" ] || echo "$seeds") >"$log" 2>&1; then
    tail -n 1 "$log"
  else
    echo 'FAILED'
    tail -n 40 "$log" >&2
    exit 1
  fi
done
