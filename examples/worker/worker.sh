#!/usr/bin/env bash
# From an empty folder to a worker that earns: make the keys, start a node, register, and compute a
# job that asks for this worker's region. docs/operator.md explains each step.
#
#   worker.sh [FOLDER]
#
# FOLDER is a new folder for keys and data [dpin-worker]. Needs dpin, dpin-node and dpin-executor on
# the PATH, and a node of a development network, which these variables name:

set -euo pipefail
: "${DPIN_URL:=ws://127.0.0.1:9944}"    # JSON-RPC of the node
: "${PEER_PORT:=30333}"                 # its port for other nodes
: "${CHAIN:=dev}"                       # `dev`, `local`, or the file of a network's specification
# The ports of the new node, which must not be those of the other one.
: "${PORTS:=--port 30334 --rpc-port 9945 --prometheus-port 9616}"
: "${ADDRESS:=ws://127.0.0.1:9945}"     # JSON-RPC of the new node, as requesters reach it
export DPIN_URL
kernel=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../kernels/mandelbrot" && pwd)/mandelbrot.cl

folder=${1:-dpin-worker}
mkdir "$folder"
cd "$folder"
DATA=$PWD/data

# 1. Make the keys, and give the owner the bond and some DPN for fees.
dpin key new owner.key        # the account that owns the worker; prints its address
dpin key new worker.key       # the worker key; prints its public key
dpin-node key insert --chain $CHAIN --base-path $DATA --key-type dpnw --scheme sr25519 --suri worker.key
OWNER=$(dpin --json key show owner.key | grep -o '"account": *"[^"]*"' | cut -d '"' -f 4)
dpin --dev alice token transfer $OWNER 300DPN

# 2. Start the node, and wait until it has the chain's blocks.
PEER=$(curl -s -H 'Content-Type: application/json' "${DPIN_URL/#ws/http}" \
    -d '{"jsonrpc": "2.0", "id": 1, "method": "system_localPeerId"}' | grep -o '12D3[A-Za-z0-9]*')
BOOTNODE=/ip4/127.0.0.1/tcp/$PEER_PORT/p2p/$PEER
dpin-node --chain $CHAIN --base-path $DATA --name my-worker --worker --bootnodes $BOOTNODE $PORTS >node.log 2>&1 &
node=$!
trap 'kill $node; wait $node || true' EXIT
until grep -qs 'Imported #' node.log; do
    kill -0 $node || { tail node.log; exit 1; }
    sleep 0.5
done

# 3. Register, in a region where no other worker is.
dpin --key-file owner.key worker register --worker-key worker.key \
    --address $ADDRESS --devices auto --region u33 --take 0.1DPN --take 0.1BLC --max-run-blocks 100
dpin --key-file owner.key worker status

# 4. Earn: Eve's stash posts a job for this region.
balance() { dpin --json token balance $OWNER | grep -o '"free": *"[0-9]*"' | head -n 1 | grep -o '[0-9]*'; }
before=$(balance)
dpin --dev eve job run "$kernel" --global 256x256 \
    --scalar -134217728 --scalar 0 --scalar 3145728 --scalar 500 \
    --reward 1DPN --tasks 1 --auditors 0 --region u33 --out counts.bin
earned=$(($(balance) - before))
[ $earned -gt 0 ] || { echo "the worker has earned nothing" >&2; exit 1; }

# 5. Stop: a worker that is silent is slashed, so take no more tasks, and finish those in flight.
dpin --key-file owner.key worker pause
until dpin --key-file owner.key worker status | grep -q '^slots *0 of'; do
    sleep 1
done
echo "ok: the worker has earned $earned planck"
