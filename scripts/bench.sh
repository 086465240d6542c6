#!/usr/bin/env bash
# Measure with $BIN/bench-weights and write the results to runtime/src/weights.
#
#   scripts/bench.sh                    everything, in the order in which one needs the other
#   scripts/bench.sh storage            what a read and a write of the database take
#   scripts/bench.sh pallet_jobs ...    these pallets' calls, steps of hooks and transaction extensions
#   scripts/bench.sh overhead           what an empty block takes, and an extrinsic besides its call and its extensions
#
# STEPS and REPEAT say how many points of each parameter are measured, and how often each; ACCOUNTS how many accounts the
# state has that the database is measured on.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

STEPS=${STEPS:-5}
REPEAT=${REPEAT:-10}
ACCOUNTS=${ACCOUNTS:-100000}
OUT=runtime/src/weights
BENCH=$BIN/bench-weights
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

# Writes go in batches of as many keys as a full block of transfers writes: they share the nodes above them, and one commitment.
storage() {
    spec > "$SCRATCH/spec.json"
    "$BENCH" storage --chain "$SCRATCH/spec.json" --base-path "$SCRATCH/chain" --database paritydb \
        --batch-size 10000 \
        --state-version 1 --disable-pov-recorder --template-path scripts/storage.hbs --weight-path "$OUT"
}

# The time of function $2 in the weights of pallet $1, without the database: nanoseconds.
measured() {
    awk -v name="$2" '$1 == "fn" && $2 ~ "^" name "\\(" { found = 1 }
        found && /Weight::from_parts/ { split($0, part, /[(,]/); gsub(/_/, "", part[2]); print int(part[2] / 1000); exit }' "$OUT/$1.rs"
}

overhead() {
    # An extension brings its own weight, but takes its time in every extrinsic too: it is not to be paid twice.
    local extensions=0 name file
    for name in check_genesis check_mortality_mortal_transaction check_non_zero_sender check_nonce check_spec_version \
        check_tx_version check_weight weight_reclaim; do
        extensions=$((extensions + $(measured frame_system_extensions "$name")))
    done
    extensions=$((extensions + $(measured pallet_asset_conversion_tx_payment charge_asset_tx_payment_native)))

    "$BENCH" overhead --chain dev --metric median --weight-path "$SCRATCH"
    for name in block extrinsic; do
        file=$SCRATCH/${name}_weights.rs
        awk -v name="$name" -v extensions="$extensions" '
            /CPU:/ { cpu = $0; sub(/.*CPU: `/, "", cpu); sub(/`.*/, "", cpu) }
            /WARMUPS:/ { split($0, part, /`/); warmup = part[2]; repeat = part[4] }
            /Min, Max:|Average:|Median:|99th:|95th:/ { sub(/^[ \t]*\/\/\/[ ]*/, ""); stats = stats (stats ? "; " : "") $0 }
            /saturating_mul/ { split($0, part, /saturating_mul\(/); split(part[2], number, /\)/); gsub(/_/, "", number[1]); time = number[1] }
            END {
                gsub(/ +/, " ", stats)
                if (name == "block") {
                    type = "BlockExecutionWeight"
                    doc = "The time that a block without transactions takes, with its hooks and its inherents."
                    note = ""
                } else {
                    type = "ExtrinsicBaseWeight"
                    doc = "The time that every extrinsic takes besides its call and its transaction extensions: to decode it and to check its\n\t/// signature."
                    note = "\n\t// Of " time " for a whole empty extrinsic, " extensions " are its extensions\x27, which have their own weights."
                    time -= extensions
                }
                printf "//! What %s costs, measured by `make bench` with %s warmups and %s repeats on: %s.\n\n", name == "block" ? "an empty block" : "an extrinsic in any case", warmup, repeat, cpu
                printf "#![cfg_attr(rustfmt, rustfmt_skip)]\n\nuse polkadot_sdk::frame_support::{\n\tparameter_types,\n\tweights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},\n};\n\n"
                printf "parameter_types! {\n\t/// %s\n\t// Nanoseconds: %s.%s\n\tpub const %s: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(%d), 0);\n}\n", doc, stats, note, type, time
            }' "$file" > "$OUT/${name}_weights.rs"
    done
}

# The line through the points of a component that reaches far says little about its beginning: where a function declares less for its
# smallest than that took, its base is raised. Of several components one at a time was small.
raise() {
    awk '
        function number(text) { gsub(/[^0-9]/, "", text); return text + 0 }
        function grouped(value, out) {
            for (out = ""; value >= 1000; value = int(value / 1000)) out = sprintf("_%03d", value % 1000) out
            return value out
        }
        # What is declared for the smallest of component `small` and the largest of all others.
        function declared(small, sum, name) {
            sum = base
            for (name in low) sum += slope[name] * (name == small ? low[name] : high[name])
            return sum
        }
        function lacking(name, most) {
            most = 0
            for (name in low) if (least - declared(name) > most) most = least - declared(name)
            return most
        }
        /The range of component/ { split($0, part, /[`\[,\]]/); low[part[2]] = number(part[5]); high[part[2]] = number(part[6]) }
        $1 == "fn" { inside = 1; least = 0; base = 0; based = 0; count = 0 }
        inside {
            lines[++count] = $0
            if (/Minimum execution time/) least = number($0)
            if (/^\t\tWeight::from_parts/ && !based) { split($0, part, /[(,]/); base = number(part[2]); at = count; was = part[2]; based = 1 }
            if (/from_parts\([0-9_]+, 0\).saturating_mul/) { split($0, part, /from_parts\(|, 0\)|saturating_mul\(|\.into/); slope[part[4]] = number(part[2]) }
            if (/^\t}/) {
                if (lacking() > 0) sub("from_parts\\(" was, "from_parts(" grouped(base + lacking()), lines[at])
                for (i = 1; i <= count; i++) print lines[i]
                inside = 0
                split("", low); split("", high); split("", slope)
            }
            next
        }
        { print }' "$1" > "$SCRATCH/raised"
    cat "$SCRATCH/raised" > "$1"
}

# Medians, because what else the machine does moves a mean. Nobody records proofs of this chain's blocks.
pallets() {
    local pallet file
    for pallet in "$@"; do
        "$BENCH" pallet --genesis-builder runtime --pallet "$pallet" --extrinsic '*' --steps "$STEPS" --repeat "$REPEAT" \
            --disable-proof-recording \
            --min-duration 0 --output-analysis median-slopes --template scripts/weights.hbs --output "$OUT"
        for file in "$OUT/$pallet".rs "$OUT/${pallet}_"*_assets.rs; do
            if [ -e "$file" ]; then raise "$file"; fi
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
