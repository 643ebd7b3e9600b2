#!/usr/bin/env bash
# Carries out every recipe of studies/ on the series below DATA and keeps what may be shipped of it: results.csv, the tables
# as Markdown and the manifest, in studies/results, or in studies/results-non-commercial where a series may not be
# used commercially. The whole of each (page, figures, cells) lies in OUT.
# Usage: tools/studies.sh BINARY DATA OUT
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$#" -eq 3 ] || { echo "usage: tools/studies.sh BINARY DATA OUT" >&2; exit 2; }
binary=$1 data=$2 out=$3
for recipe in studies/*.toml; do
  name=$(basename "$recipe" .toml)
  echo "== $name"
  SECONDS=0
  "$binary" study "$recipe" --data "$data" --out "$out/$name" >"$out.$name.log"
  echo "   $SECONDS s"
  kept=studies/results/$name
  if grep -q '"non_commercial": true' "$out/$name/manifest.json"; then kept=studies/results-non-commercial/$name; fi
  rm -rf "studies/results/$name" "studies/results-non-commercial/$name"
  mkdir -p "$kept"
  cp "$out/$name/manifest.json" "$kept/"
  [ ! -f "$out/$name/results.csv" ] || cp "$out/$name/results.csv" "$kept/"
  for table in "$out/$name"/tables/*.md; do [ ! -f "$table" ] || cp "$table" "$kept/"; done
done
