// The life of a job with polkadot.js. docs/requester.md explains it step by step.
//
//   node job.mjs [URL] [FILE]
//
// URL is a node's WebSocket [ws://127.0.0.1:9944], FILE the source of the kernel `mandelbrot`
// [mandelbrot.cl]. Writes the output of each task to task-N.bin.

import { readFile, writeFile } from 'node:fs/promises';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { u8aToHex } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';
import { verifyOutput } from './verify.mjs';

const [url = 'ws://127.0.0.1:9944', file = 'mandelbrot.cl'] = process.argv.slice(2);
const provider = new WsProvider(url);
const api = await ApiPromise.create({ provider, noInitWarn: true });
const bob = new Keyring({ type: 'sr25519' }).addFromUri('//Bob');

/** Submit a call, wait until it is in a block, and return its events; throw the error by its name. */
function send(call, account) {
  return new Promise((resolve, reject) => {
    call.signAndSend(account, ({ status, events, dispatchError }) => {
      if (dispatchError?.isModule) {
        const { section, name, docs } = api.registry.findMetaError(dispatchError.asModule);
        reject(new Error(`${section}.${name}: ${docs.join(' ')}`));
      } else if (dispatchError) {
        reject(new Error(dispatchError.toString()));
      } else if (status.isInBlock) {
        resolve(events.map(({ event }) => event));
      }
    }).catch(reject);
  });
}

// Store the source, if it is not there yet.
const source = await readFile(file);
const sourceHash = blake2AsHex(source, 256);
const LIFETIME = 28_800;    // blocks of 3 s: a day
if ((await api.query.blobs.blobs(sourceHash)).isNone) {
  await send(api.tx.blobs.store(LIFETIME, u8aToHex(source)), bob);
}

// Register the kernel, if it is not registered yet.
const manifest = {
  source: sourceHash,
  entry: 'mandelbrot',
  params: ['Output', { Scalar: { bytes: 4 } }, { Scalar: { bytes: 4 } }, { Scalar: { bytes: 4 } }, { Scalar: { bytes: 4 } }],
  localSize: [16, 16, 1],
  tiling: { PerGroup: { bytes: 512 } },
  options: [],
  class: 'Raw',
};
const register = api.tx.jobs.registerKernel(manifest);
const kernel = blake2AsHex(register.args[0].toU8a(), 256);
if ((await api.query.jobs.kernels(kernel)).isNone) await send(register, bob);

// Post the job.
const int = (value) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return u8aToHex(bytes);
};
const Q28 = 2 ** 28;
const DPN = 10n ** 12n;
const [width, height] = [512, 512];

const spec = {
  kernel,
  globalSize: [width, height, 1],                     // multiples of localSize
  scalars: [int(-0.5 * Q28), int(0), int((3 / width) * Q28), int(1000)],
  inputs: [],                                         // blob hashes, one for each Input
  reward: { asset: 'Native', perTask: DPN },          // BLC: { asset: { WithId: 1 }, … }
  tasks: { Exactly: 1 },                              // or 'Auto'
  audit: { auditors: 0, samples: { Count: 32 }, challengeBlocks: 0 },
  runBlocks: 20,
  requires: {
    memory: 0, fp64: false, class: null, region: '',
    fp32: { denormals: false, roundedDivision: false },
    reputation: 0,                                    // in billionths: 500_000_000 is 50 %
    certified: false,                                 // only workers that have locked 500 BLC
  },
};
const events = await send(api.tx.jobs.submitJob(spec), bob);
const { job } = events.find((event) => api.events.jobs.JobSubmitted.is(event)).data;
console.log(`job ${job}`);

// The price, of which the node says each part.
const fees = await api.call.economyApi.fees(spec);
if (fees.isErr) throw new Error(`the job would be refused: ${fees.asErr}`);
console.log(`held ${fees.asOk.total}, fee for the transaction ${fees.asOk.transaction} planck`);

// Follow it until it has ended.
let view;
do {
  await new Promise((resolve) => setTimeout(resolve, 1500));
  view = await provider.send('compute_job', [job.toNumber()]);
  console.log(view.tasks.map(({ stage }) => stage.name).join(' '));
} while (view.ended === null);

// Fetch the output of each task from its worker's node, and check it against the root on the chain.
for (const { index, worker, commitment } of view.tasks) {
  if (!commitment) throw new Error(`task ${index} failed`);
  const { address } = (await api.query.workers.workers(worker)).unwrap();
  const node = new WsProvider(address.toUtf8());
  await node.isReady;
  const task = { job: job.toNumber(), index };
  const parts = [];
  for (let offset = 0; offset < commitment.outputLen; ) {
    const part = await node.send('compute_output', [task, offset, 2 ** 20]);
    if (part.offset !== offset || !verifyOutput(api.genesisHash.toHex(), task, commitment.root, part)) {
      throw new Error(`task ${index}: not what the worker committed to`);
    }
    parts.push(Buffer.from(part.data.slice(2), 'hex'));
    offset += parts.at(-1).length;
  }
  await writeFile(`task-${index}.bin`, Buffer.concat(parts));
  await node.disconnect();
}
await api.disconnect();
console.log(`ok: job ${job} is paid, its output verified`);
