#!/usr/bin/env bash
# Drive a network of real nodes with stock polkadot.js. Needs the built programs, Node.js and `npm ci` in this directory
# (scripts/setup.sh test does both of the latter).

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${CARGO_TARGET_DIR:-$HOME/.cache/dpin/target}/release

command -v node >/dev/null || { echo "clients: failed: Node.js is not installed: run make setup" >&2; exit 1; }
[ -d "$here/node_modules" ] || (cd "$here" && npm ci)
[ -x "$bin/dpin-test-clients" ] || { echo "clients: failed: $bin/dpin-test-clients is not built: run make build" >&2; exit 1; }

exec "$bin/dpin-test-clients" node "$here/life.mjs"
