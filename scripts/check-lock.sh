#!/usr/bin/env bash
# Check that everything that is compiled comes from one release train of the SDK: there is exactly
# one sp-runtime.
#
# The registry's newest version of an SDK crate is often of another train; one such dependency links
# a second copy of everything, whose types fit nothing.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/env.sh

found=$(cargo tree --locked --workspace --target all --edges normal,build,dev --prefix none --format '{p}' |
    sed -n 's/^\(sp-runtime v[^ ]*\).*/\1/p' | sort -u)
if [ "$(printf '%s\n' "$found" | wc -l)" -ne 1 ] || [ -z "$found" ]; then
    printf 'check-lock: expected one sp-runtime, found:\n%s\n' "${found:-none}" >&2
    exit 1
fi
