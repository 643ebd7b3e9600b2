#!/usr/bin/env bash
# clang-tidy-19 over C++ sources; every finding is an error. The compile database is build/tidy.
#   tools/tidy.sh --all              every .cc
#   tools/tidy.sh --changed [BASE]   those changed since BASE, in commits or not yet committed
#   tools/tidy.sh FILE...            those named
# Without BASE: where this branch left origin's, and on that branch itself the last LOWTIDE_TIDY_DEPTH
# (10) commits. At most LOWTIDE_TIDY_MAX (40) files of --changed are checked, the newest first, and
# what is left out is said; `make check-deep` checks everything.
set -euo pipefail
cd "$(dirname "$0")/.."
depth=${LOWTIDE_TIDY_DEPTH:-10}
max=${LOWTIDE_TIDY_MAX:-40}

find_base() {
  local upstream base
  upstream=$(git rev-parse -q --verify origin/HEAD || git rev-parse -q --verify origin/main || true)
  base=$([ -z "$upstream" ] || git merge-base HEAD "$upstream" 2>/dev/null || true)
  if [ -z "$base" ] || [ "$base" = "$(git rev-parse HEAD)" ]; then
    base=$(git rev-list --first-parent -n $((depth + 1)) HEAD | tail -n 1)
  fi
  printf '%s\n' "$base"
}

# The .cc files of the change, newest first; a changed header brings the .cc beside it.
changed_files() {
  local base=$1
  {
    git diff --name-only HEAD -- src rig bench fuzz
    git log --format= --name-only "$base..HEAD" -- src rig bench fuzz
    # The base itself counts when it is the very first commit: there is nothing before it.
    git rev-parse -q --verify "$base^" >/dev/null || git show --format= --name-only "$base" -- src rig bench fuzz
  } | sed -n 's/\.\(h\|cc\)$/.cc/p' | awk '!seen[$0]++' | while read -r file; do
    [ ! -f "$file" ] || printf '%s\n' "$file"
  done
}

declare -a files
case ${1:-} in
  --all) readarray -t files < <(git ls-files 'src/*.cc' 'rig/*.cc' 'bench/*.cc' 'fuzz/*.cc') ;;
  --changed) readarray -t files < <(changed_files "${2:-$(find_base)}") ;;
  '' | -*) echo "usage: tools/tidy.sh --all | --changed [BASE] | FILE..." >&2; exit 2 ;;
  *) files=("$@") ;;
esac
if [ "${1:-}" = --changed ] && [ "${#files[@]}" -gt "$max" ]; then
  echo "tidy: ${#files[@]} files changed; checking the newest $max (make check-deep checks all)"
  files=("${files[@]:0:$max}")
fi

[ "${#files[@]}" -gt 0 ] || { echo "tidy: no C++ file changed"; exit 0; }
[ -f build/tidy/compile_commands.json ] || cmake --preset tidy >/dev/null

# Only what the database knows: a file outside the build has no flags to be checked with.
declare -a known=()
for file in "${files[@]}"; do
  if grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json; then
    known+=("$file")
  else
    echo "tidy: $file is not part of the build" >&2
    exit 1
  fi
done

# GoogleTest's TEST() hides a `new` of its own in the test's file; our tests own nothing by hand.
check() {
  local file=$1 more=() status=0 output
  case $file in *_test.cc) more=(--checks=-cppcoreguidelines-owning-memory) ;; esac
  output=$(clang-tidy-19 --quiet -p build/tidy "${more[@]}" "$file" 2>&1) || status=$?
  grep -Ev '^[0-9]+ warnings?( and [0-9]+ errors?)? generated\.$|^$' <<<"$output" || true
  return "$status"
}
export -f check

echo "tidy: ${#known[@]} files"
printf '%s\0' "${known[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'check "$1"' _ {} ||
  { echo "tidy: findings above" >&2; exit 1; }
