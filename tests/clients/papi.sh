#!/usr/bin/env bash
# Generate the types of the chain behind URL from its metadata, check papi.ts and the TypeScript in docs/dapp.md against them, and run
# papi.ts. A dApp does the same with `papi add dpin -w URL`; here the metadata is fetched first, so that Node.js 20, which has no
# WebSocket of its own, will do, and package.json stays as it is.
#
#   papi.sh URL JOB

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mkdir -p .papi
node metadata.mjs "$1" .papi/dpin.scale
node_modules/.bin/papi generate --config polkadot-api.json >.papi/generate.log || { cat .papi/generate.log; exit 1; }
mkdir -p node_modules/@polkadot-api
ln -sfn ../../.papi/descriptors node_modules/@polkadot-api/descriptors
sed -n '/^```ts$/,/^```$/{/^```/!p}' ../../docs/dapp.md >.papi/page.ts
[ -s .papi/page.ts ] || { echo "docs/dapp.md has no TypeScript" >&2; exit 1; }
node_modules/.bin/tsc --project tsconfig.page.json
node_modules/.bin/tsc --project .
exec node .papi/js/papi.js "$@"
