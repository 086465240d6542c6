#!/usr/bin/env bash
# Measure the weights of the pallets named as arguments with $BIN/dpin-node and write them to pallets/<name>/src/weights.rs.
#
# STEPS and REPEAT say how many points of each parameter are measured, and how often each.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for pallet in "$@"; do
    folder=${pallet#pallet_}
    folder=pallets/${folder//_/-}
    [ -d "$folder" ] || { echo "bench: there is no $folder" >&2; exit 1; }
    "$BIN/dpin-node" benchmark pallet --chain dev --pallet "$pallet" --extrinsic '*' \
        --steps "${STEPS:-20}" --repeat "${REPEAT:-5}" --template scripts/weights.hbs --output "$folder/src/weights.rs"
done
