// The life of a job with polkadot-api: find a kernel, ask for the price, post the job, wait until
// it is paid, fetch its output and check it. docs/dapp.md quotes this program.
//
//   node job.js [URL]
//
// URL is a node's WebSocket [ws://127.0.0.1:9944]. The kernel `mandelbrot` must be registered.

import { dpin } from '@polkadot-api/descriptors';
import { sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { DEV_MINI_SECRET, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { createClient, Enum } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { fromHex, toHex } from 'polkadot-api/utils';
import { getWsProvider } from 'polkadot-api/ws';
import { filter, firstValueFrom, mergeMap } from 'rxjs';
import { WebSocket } from 'ws';
import { fetchOutput, rootOf } from './output.js';

const [url = 'ws://127.0.0.1:9944'] = process.argv.slice(2);
// Browsers and Node.js from 22 on have a WebSocket of their own; then the URL is enough.
const websocketClass = WebSocket as unknown as typeof globalThis.WebSocket;
const client = createClient(getWsProvider(url, { websocketClass }));
const api = client.getTypedApi(dpin);

const pair = sr25519CreateDerive(DEV_MINI_SECRET)('//Dave');         // another phrase: mnemonicToMiniSecret(words)
const signer = getPolkadotSigner(pair.publicKey, 'Sr25519', pair.sign);
const requester = ss58Address(pair.publicKey);

const { items: kernels } = await api.apis.ComputeApi.kernels(undefined, 100);
const named = kernels.find(({ manifest }) => new TextDecoder().decode(manifest.entry) === 'mandelbrot');
if (!named) throw new Error('the kernel mandelbrot is not registered');

const int = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
const spec = {
  kernel: named.id,
  global_size: [512, 512, 1] as [number, number, number],
  scalars: [int(-134217728), int(0), int(1572864), int(1000)],
  inputs: [],                                                        // hashes of blobs
  reward: { asset: Enum('Native'), per_task: 1_000_000_000_000n },   // BLC: Enum('WithId', 1)
  tasks: Enum('Exactly', 1),                                         // or Enum('Auto')
  audit: { auditors: 0, samples: Enum('Count', 32), challenge_blocks: 0 },
  run_blocks: 20,
  requires: {
    memory: 0n, fp64: false, class: undefined, region: new Uint8Array(),   // class: Enum('Gpu')
    fp32: { denormals: false, rounded_division: false }, reputation: 0, certified: false,
  },
};

const quote = await api.apis.ComputeApi.quote(spec);                 // { success, value }: value.total, or the error
const wait = await api.apis.ComputeApi.wait(spec, requester);        // requester: whose own workers do not count, or undefined
if (!quote.success || !wait.success) throw new Error('the job would be refused');
console.log(`it costs ${quote.value.total} planck, and is settled after at most ${wait.value.settled} blocks`);

const { ok, events, dispatchError } = await api.tx.Jobs.submit_job({ spec }).signAndSubmit(signer);
if (!ok) throw new Error(`the job is refused: ${dispatchError.type}`);
const [submitted] = api.event.Jobs.JobSubmitted.filter(events);      // { original, payload }
const job = submitted!.payload.job;                                  // a bigint; original: the event with its phase and topics
console.log(`job ${job} is posted`);

const ended = api.event.Jobs.JobEnded.watch().pipe(                  // in final blocks
  mergeMap(({ events }) => events),
  filter(({ payload }) => payload.job === job),
);
const { payload } = await firstValueFrom(ended);
console.log(`${payload.settled} tasks are settled, ${payload.failed} have failed`);

/** The parts of an answer of compute_job that are wanted. */
interface Job {
  tasks: { index: number; worker: string | null; commitment: { root: string } | null }[];
}

const view = await client._request<Job>('compute_job', [Number(job)]);   // methods of DPIN's own
const { genesisHash } = await client.getChainSpecData();
for (const { index, worker, commitment } of view.tasks) {
  if (!worker || !commitment) throw new Error(`task ${index} failed`);
  const info = await api.apis.ComputeApi.worker(worker);
  const output = await fetchOutput(new TextDecoder().decode(info?.address), job, index);
  if (toHex(rootOf(fromHex(genesisHash), job, index, output)) !== commitment.root) {
    throw new Error(`task ${index}: not what the worker committed to`);
  }
}
console.log(`ok: job ${job} is paid, its output verified`);
client.destroy();
// A destroyed client may still try to follow the chain again, and throw because it is not
// connected.
process.exit();
