#!/usr/bin/env bash
# Let polkadot.js, polkadot-api and subxt (the program `dpin`) each run the whole life of a job on one network of real nodes. With the
# argument first-use, run the code of the documentation instead; further arguments name its pages. Needs the built programs, Node.js
# and `npm ci` in this directory (scripts/setup.sh test does both of the latter).

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${CARGO_TARGET_DIR:-$HOME/.cache/dpin/target}/release
# Set-up puts a newer Node.js there where the system's is too old.
newer=${XDG_CACHE_HOME:-$HOME/.cache}/dpin/node/node_modules/node/bin
if [ -x "$newer/node" ]; then
    PATH=$newer:$PATH
fi

what=${1:-clients}
program=$bin/dpin-test-$what
command -v node >/dev/null || { echo "$what: failed: Node.js is not installed: run make setup" >&2; exit 1; }
[ -d "$here/node_modules" ] || (cd "$here" && npm ci)
[ -x "$program" ] || { echo "$what: failed: $program is not built: run make build" >&2; exit 1; }

case "$what" in
    first-use) exec "$program" "${@:2}" ;;
    *) exec "$program" "$here" ;;
esac
