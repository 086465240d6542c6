#!/usr/bin/env bash
# Generate the types of the chain behind URL from its metadata, and compile papi.ts and the example
# job.ts against them, into .papi/js. A dApp generates them with `papi add dpin -w URL`; here the
# metadata is fetched first, so that Node.js 20, which has no WebSocket of its own, will do, and
# package.json stays as it is.
#
#   papi.sh URL

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mkdir -p .papi
node metadata.mjs "$1" .papi/dpin.scale
node_modules/.bin/papi generate --config polkadot-api.json >.papi/generate.log || { cat .papi/generate.log; exit 1; }
mkdir -p node_modules/@polkadot-api
ln -sfn ../../../tests/clients/.papi/descriptors node_modules/@polkadot-api/descriptors
node_modules/.bin/tsc --project .
