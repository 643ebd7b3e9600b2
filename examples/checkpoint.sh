#!/bin/bash
# A job in bash that can be paused: adds up squares, slowly.
#
#   examples/checkpoint.sh [STEPS [SECONDS-A-STEP [FILE]]]
#   lowtide run --finish-within 2x --pause checkpoint -- examples/checkpoint.sh 600 1
#
# On USR1 it finishes its step, saves to FILE and exits with 75. Started again with
# LOWTIDE_RESUME=1 it goes on from there. docs/pausing.md says what lowtide does with that.
set -eu

# First of all: without a trap the signal would mean the end, and lowtide sends nothing.
wish=
trap 'wish=1' USR1

steps=${1:-60}
seconds=${2:-1}
file=${3:-checkpoint.state}
step=0
sum=0
if [ "${LOWTIDE_RESUME:-}" = 1 ] && [ -e "$file" ]; then
  read -r step sum < "$file"
  echo "going on from step $step"
else
  rm -f "$file"  # of an earlier run: this one must never go on from it
fi

say_progress() {
  [ -z "${LOWTIDE_PROGRESS:-}" ] || echo "$step/$steps" > "$LOWTIDE_PROGRESS"
}

while [ "$step" -lt "$steps" ]; do
  say_progress
  if [ -n "$wish" ]; then
    trap '' USR1  # a second one would hit us on our way out
    echo "$step $sum" > "$file.new"
    mv "$file.new" "$file"  # whole or not at all
    echo "saved at step $step"
    exit 75
  fi
  sleep "$seconds"  # the work; bash runs the trap when it is done
  step=$((step + 1))
  sum=$((sum + step * step))
done

trap '' USR1  # done: from here on a wish to pause comes too late
echo "the squares of 1 to $steps add up to $sum"
say_progress
