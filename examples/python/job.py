#!/usr/bin/env python3
"""Ask for the price of a job, follow a job, and check its output, over JSON-RPC by HTTP.

    python3 job.py REQUESTER [EXTRINSIC] [--url http://127.0.0.1:9944]

REQUESTER is an account (SS58). EXTRINSIC is a signed extrinsic of that account, in hex: the program
submits it, and follows the job that it posts. Without it the program follows the newest job of the
account, and waits until there is one. Nothing but the standard library is needed.
"""

import argparse
import hashlib
import json
import time
import urllib.request

PART_BYTES = 1 << 20
DPN = 10**12


def ask(url, method, *params):
    """The result of a method. An error of the node is an exception with its text."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    request = urllib.request.Request(url, body.encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = json.load(response)
    if "error" in answer:
        raise RuntimeError(f"{method}: {answer['error']}")
    return answer["result"]


def blake2(*parts):
    """The hash of everything that the chain commits to: BLAKE2b with 32 bytes."""
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def little(number, length):
    return number.to_bytes(length, "little")


def short(items):
    """A list of fewer than 64 encoded items, as SCALE encodes it."""
    return little(len(items) << 2, 1) + b"".join(items)


def specification(kernel):
    """The encoded job: 256 x 256 points of the Mandelbrot set, for 1 DPN, without auditors."""
    scalars = [(number % (1 << 32)).to_bytes(4, "little") for number in (-134217728, 0, 3145728, 500)]
    return b"".join([
        bytes.fromhex(kernel[2:]),
        b"".join(little(size, 4) for size in (256, 256, 1)),
        short([short([bytes([byte]) for byte in scalar]) for scalar in scalars]),
        short([]),                                            # inputs
        b"\0" + little(DPN, 16),                              # the asset DPN, and the reward of a task
        b"\0",                                                # the chain chooses the number of tasks
        little(0, 4) + b"\0" + little(32, 4) + little(0, 4),  # auditors, samples, challenge window
        little(20, 4),                                        # blocks for a task
        # No requirement: memory, fp64, class, region, fp32, reputation, certificate.
        little(0, 8) + b"\0\0" + short([]) + b"\0\0" + little(0, 4) + b"\0",
    ])


def root_of(genesis, job, index, output, tile_bytes):
    """The root of the tile tree over the output of a task."""
    head = b"\0" + genesis + little(job, 8) + little(index, 4)
    tiles = range(len(output) // tile_bytes)
    level = [blake2(head, little(tile, 4), output[tile * tile_bytes:(tile + 1) * tile_bytes]) for tile in tiles]
    while len(level) > 1:
        pairs = [level[at:at + 2] for at in range(0, len(level), 2)]
        level = [blake2(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


def newest_job(url, requester):
    """The number of the newest job of an account, or -1."""
    jobs = ask(url, "compute_jobs", requester, None, 1)["jobs"]
    return jobs[0]["id"] if jobs else -1


def follow(url, job):
    """Print the stages of the tasks of a job until it has ended, and return the job."""
    seen = None
    while True:
        view = ask(url, "compute_job", job)
        stages = [task["stage"]["name"] for task in view["tasks"]]
        if stages != seen:
            print(f"job {job}: {' '.join(stages)}", flush=True)
            seen = stages
        if view["ended"] is not None:
            return view
        time.sleep(1)


def checked_output(url, genesis, job, task):
    """The output of a task, from the node of its worker, checked against the root on chain."""
    if task["worker"] is None or task["commitment"] is None:
        raise RuntimeError(f"task {task['index']} failed")
    address = ask(url, "compute_worker", task["worker"])["address"].replace("ws", "http", 1)
    output = b""
    while True:
        part = ask(address, "compute_output", {"job": job, "index": task["index"]}, len(output), PART_BYTES)
        data = bytes.fromhex(part["data"][2:])
        if part["offset"] != len(output) or not data:
            raise RuntimeError(f"task {task['index']}: another part than the one that was asked for")
        output += data
        if len(output) >= part["total"]:
            break
    if root_of(genesis, job, task["index"], output, part["tileBytes"]).hex() != task["commitment"]["root"][2:]:
        raise RuntimeError(f"task {task['index']}: not what the worker committed to")
    return output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requester", metavar="REQUESTER")
    parser.add_argument("extrinsic", metavar="EXTRINSIC", nargs="?")
    parser.add_argument("--url", default="http://127.0.0.1:9944")
    options = parser.parse_args()
    url = options.url

    kernels = ask(url, "compute_kernels", None, 100)["kernels"]
    kernel = next(kernel["id"] for kernel in kernels if kernel["entry"] == "mandelbrot")
    quote = ask(url, "compute_quote", "0x" + specification(kernel).hex(), None)
    print(f"256 x 256 points cost {int(quote['total']) / DPN} DPN")

    # With an extrinsic, the job is the next one.
    last = newest_job(url, options.requester) if options.extrinsic else -1
    if options.extrinsic:
        print(f"submitted {ask(url, 'author_submitExtrinsic', options.extrinsic)}")
    while (job := newest_job(url, options.requester)) <= last:
        time.sleep(1)
    view = follow(url, job)
    genesis = bytes.fromhex(ask(url, "chain_getBlockHash", 0)[2:])
    for task in view["tasks"]:
        output = checked_output(url, genesis, job, task)
        print(f"task {task['index']}: {len(output)} bytes, as committed to")
    print(f"ok: job {job} is paid, its output verified")


if __name__ == "__main__":
    main()
