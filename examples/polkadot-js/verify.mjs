// Checks the answers of compute_output; copy this file into a dApp. Needs @polkadot/util and
// @polkadot/util-crypto.
//
//   import { verifyOutput } from './verify.mjs';
//   const ok = verifyOutput(api.genesisHash.toHex(), { job: 7, index: 0 }, commitment.root, answer);

import { blake2AsU8a } from '@polkadot/util-crypto';
import { bnToU8a, hexToU8a, u8aConcat, u8aEq } from '@polkadot/util';

const le = (number, bits) => bnToU8a(number, { bitLength: bits, isLe: true });
const hash = (...parts) => blake2AsU8a(u8aConcat(...parts), 256);
const node = (left, right) => hash([1], left, right);

/** The leaf of tile `index` of a task. */
function leaf(genesis, task, index, tile) {
  return hash([0], genesis, le(task.job, 64), le(task.index, 32), le(index, 32), tile);
}

/** Whether the answer of compute_output belongs to `root`, the one on chain. */
export function verifyOutput(genesis, task, root, { total, offset, data, tileBytes, proof }) {
  const bytes = hexToU8a(data);
  const first = offset / tileBytes;
  if (!Number.isInteger(first) || bytes.length === 0 || bytes.length % tileBytes || total % tileBytes) return false;
  if (offset + bytes.length > total) return false;
  const rest = proof.map((item) => hexToU8a(item));
  let known = new Map();
  for (let i = 0; i * tileBytes < bytes.length; i++) {
    known.set(first + i, leaf(hexToU8a(genesis), task, first + i, bytes.subarray(i * tileBytes, (i + 1) * tileBytes)));
  }
  for (let width = total / tileBytes; width > 1; width = Math.ceil(width / 2)) {
    const above = new Map();
    for (const [position, own] of known) {
      const parent = Math.floor(position / 2);
      const sibling = position ^ 1;
      if (above.has(parent)) continue;
      if (sibling >= width) {
        above.set(parent, own);
        continue;
      }
      const other = known.get(sibling) ?? rest.shift();
      if (other === undefined) return false;
      above.set(parent, position % 2 ? node(other, own) : node(own, other));
    }
    known = above;
  }
  return rest.length === 0 && u8aEq(known.get(0), hexToU8a(root));
}
