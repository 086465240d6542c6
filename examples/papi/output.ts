// The output of a task: fetch it from the node of its worker, and compute the root that the chain
// has of it.

import { blake2b256 } from '@polkadot-labs/hdkd-helpers';
import { fromHex, mergeUint8 } from 'polkadot-api/utils';

/** An answer of compute_output. */
interface OutputPart {
  total: number;
  offset: number;
  data: string;
  tileBytes: number;
}

/** An output and the length of its tiles. */
export interface Output {
  bytes: Uint8Array;
  tileBytes: number;
}

const PART_BYTES = 64 * 1024;

const little = (value: number | bigint, bytes: number) => {
  const all = new DataView(new ArrayBuffer(8));
  all.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(all.buffer.slice(0, bytes));
};

/** Ask a node by HTTP, which it serves at the same port as its WebSocket. */
const ask = async <T>(address: string, method: string, params: unknown[]) => {
  const response = await fetch(address.replace(/^ws/, 'http'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: T; error?: { message: string } };
  if (answer.result === undefined) throw new Error(`${method}: ${answer.error?.message}`);
  return answer.result;
};

/** The whole output of a task, from the node at `address`. */
export const fetchOutput = async (address: string, job: bigint, index: number): Promise<Output> => {
  const parts: Uint8Array[] = [];
  let [have, total, tileBytes] = [0, Infinity, 0];
  while (have < total) {
    const part = await ask<OutputPart>(address, 'compute_output', [{ job: Number(job), index }, have, PART_BYTES]);
    const bytes = fromHex(part.data);
    if (part.offset !== have || bytes.length === 0) throw new Error(`asked for byte ${have}, got byte ${part.offset}`);
    parts.push(bytes);
    have += bytes.length;
    ({ total, tileBytes } = part);
  }
  return { bytes: mergeUint8(parts), tileBytes };
};

/** The root of the tile tree over a task's output. */
export const rootOf = (genesis: Uint8Array, job: bigint, index: number, { bytes, tileBytes }: Output): Uint8Array => {
  let level: Uint8Array[] = [];
  for (let tile = 0; tile * tileBytes < bytes.length; tile += 1) {
    const head = [Uint8Array.of(0), genesis, little(job, 8), little(index, 4), little(tile, 4)];
    level.push(blake2b256(mergeUint8([...head, bytes.subarray(tile * tileBytes, (tile + 1) * tileBytes)])));
  }
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = level.slice(i, i + 2) as [Uint8Array, Uint8Array?];
      above.push(right ? blake2b256(mergeUint8([Uint8Array.of(1), left, right])) : left);
    }
    level = above;
  }
  if (!level[0]) throw new Error('the output is empty');
  return level[0];
};
