#!/usr/bin/env bash
# Let polkadot.js, polkadot-api, subxt (the program `dpin`) and every example each run the life of a
# job on one network of real nodes. With the argument first-use, run the code of the documentation
# instead; further arguments name its pages. Needs the built programs, Node.js, Python and `npm ci`
# in examples/ (scripts/setup.sh test does all but the first).

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
examples=$(cd "$here/../../examples" && pwd)
bin=${CARGO_TARGET_DIR:-$HOME/.cache/dpin/target}/release
# Set-up puts a newer Node.js there where the system's is too old.
newer=${XDG_CACHE_HOME:-$HOME/.cache}/dpin/node/node_modules/node/bin
if [ -x "$newer/node" ]; then
    PATH=$newer:$PATH
fi

what=${1:-clients}
program=$bin/dpin-test-$what
command -v node >/dev/null || { echo "$what: failed: Node.js is not installed: run make setup" >&2; exit 1; }
[ -d "$examples/node_modules" ] || (cd "$examples" && npm ci)
[ -e "$here/node_modules" ] || ln -s ../../examples/node_modules "$here/node_modules"
[ -x "$program" ] || { echo "$what: failed: $program is not built: run make build" >&2; exit 1; }

case "$what" in
    first-use) exec "$program" "${@:2}" ;;
    *) exec "$program" "$here" ;;
esac
