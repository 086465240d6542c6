#!/usr/bin/env bash
# Measure with $BIN/bench-weights, and write the results to runtime/src/weights with
# $BIN/finish-weights.
#
#   scripts/bench.sh                    everything, in the order in which one needs the other
#   scripts/bench.sh storage            what a read and a write of the database take
#   scripts/bench.sh pallet_jobs ...    these pallets' calls, steps of hooks and transaction extensions
#   scripts/bench.sh overhead           what an empty block takes, and an extrinsic besides its call and its extensions
#
# STEPS and REPEAT say how many points of each parameter are measured, and how often each; ACCOUNTS
# how many accounts the state has that the database is measured on.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

STEPS=${STEPS:-5}
REPEAT=${REPEAT:-10}
ACCOUNTS=${ACCOUNTS:-100000}
OUT=runtime/src/weights
BENCH=$BIN/bench-weights
FINISH=$BIN/finish-weights
SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT

# The development chain with many accounts. Their keys are random, as hashes are.
spec() {
    local account=26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9
    local info
    # nonce, consumers, providers, sufficients; free, reserved, frozen; flags
    info=$(printf '00000000%s' 00000000 01000000 00000000)$(printf '%032x' 0 0 0)00000000000000000000000000000080
    od -An -v -tx1 -w48 -N $((48 * ACCOUNTS)) /dev/urandom | tr -d ' ' |
        awk -v prefix="$account" -v info="$info" '{ print "\"0x" prefix $0 "\": \"0x" info "\"," }' > "$SCRATCH/accounts"
    "$BIN/dpin-node" export-chain-spec --chain dev --raw |
        awk -v accounts="$SCRATCH/accounts" '{ print } /"top": \{/ { while ((getline line < accounts) > 0) print line }'
}

# Writes go in batches of as many keys as a full block of transfers writes: they share the nodes
# above them, and one commitment.
storage() {
    spec > "$SCRATCH/spec.json"
    "$BENCH" storage --chain "$SCRATCH/spec.json" --base-path "$SCRATCH/chain" --database paritydb \
        --batch-size 10000 \
        --state-version 1 --disable-pov-recorder --template-path scripts/storage.hbs --weight-path "$OUT"
}

# From the weights of an empty extrinsic those of its extensions are subtracted: they were measured
# before.
overhead() {
    "$BENCH" overhead --chain dev --metric median --weight-path "$SCRATCH"
    "$FINISH" overhead "$SCRATCH" "$OUT"
}

# Medians, because what else the machine does moves a mean. Nobody records proofs of this chain's
# blocks.
pallets() {
    local pallet file
    for pallet in "$@"; do
        "$BENCH" pallet --genesis-builder runtime --pallet "$pallet" --extrinsic '*' --steps "$STEPS" --repeat "$REPEAT" \
            --disable-proof-recording \
            --min-duration 0 --output-analysis median-slopes --template scripts/weights.hbs --output "$OUT"
        for file in "$OUT/$pallet".rs "$OUT/${pallet}_"*_assets.rs; do
            if [ -e "$file" ]; then "$FINISH" raise "$file"; fi
        done
    done
}

if [ $# -eq 0 ]; then
    mapfile -t all < <("$BENCH" pallet --genesis-builder runtime --list=pallets --no-csv-header | grep -v '^frame_benchmarking$')
    set -- storage "${all[@]}" overhead
fi
for part in "$@"; do
    case $part in
    storage | overhead) "$part" ;;
    *) pallets "$part" ;;
    esac
done
