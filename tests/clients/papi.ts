// The life of a job as a dApp in TypeScript sees it, with polkadot-api: read how much money there
// is, store a kernel's source, register the kernel (and pay the fee for that in BLC), ask what a
// job costs, post it, watch it until it is paid, fetch the output from the workers, recompute the
// root and compare the bytes.
//
//   node papi.js URL JOB
//
// URL is a node's WebSocket; JOB a file written by dpin-test-clients. papi.sh generates the types
// of everything on chain, and compiles.

import { readFile } from 'node:fs/promises';
import { dpin } from '@polkadot-api/descriptors';
import { sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { blake2b256, DEV_MINI_SECRET, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { createClient, Enum, type SS58String, type TxFinalizedPayload, type TypedApi } from 'polkadot-api';
import { getPolkadotSigner, type PolkadotSigner } from 'polkadot-api/signer';
import { fromHex, mergeUint8, toHex } from 'polkadot-api/utils';
import { getWsProvider } from 'polkadot-api/ws';
import { concatMap, filter, lastValueFrom, map, merge, scan, takeWhile, tap } from 'rxjs';
import { WebSocket } from 'ws';
import { fetchOutput, rootOf } from '../../examples/papi/output.js';

type Api = TypedApi<typeof dpin>;

/** The file JOB: what to post, and what must come out. */
interface Description {
  source: string;
  entry: string;
  scalarBytes: number[];
  localSize: [number, number, number];
  tileBytes: number;
  kernel: string;
  globalSize: [number, number, number];
  scalars: number[][];
  reference: string;
}

const DPN = 1_000_000_000_000n;
/** The asset a fee may be paid in instead of DPN. */
const BLC = Enum('WithId', 1);

const fail = (text: string): never => {
  throw new Error(text);
};

function check(condition: boolean, text: string): asserts condition {
  if (!condition) fail(text);
}

const json = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));

/** Browsers and Node.js from 22 on have a WebSocket of their own; then the URL is enough. */
const connect = (url: string) =>
  createClient(getWsProvider(url, { websocketClass: WebSocket as unknown as typeof globalThis.WebSocket }));

/** A transaction that is final, if its call succeeded. */
const succeeded = async (transaction: Promise<TxFinalizedPayload>) => {
  const final = await transaction;
  check(final.ok, `the call failed: ${json(final.dispatchError)}`);
  return final;
};

const equal = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;

/** How many DPN there are: what the economy tells must agree with the balances. */
const supply = async (api: Api, at: string) => {
  const [supply, allocation, total] = await Promise.all([
    api.apis.EconomyApi.supply({ at }),
    api.apis.EconomyApi.allocation({ at }),
    api.query.Balances.TotalIssuance.getValue({ at }),
  ]);
  check(supply.cap === 210_000_000n * DPN, `the cap is ${supply.cap}`);
  check(supply.minted <= supply.cap && supply.minted - supply.burned === supply.issuance, json(supply));
  check(total === supply.issuance, `${supply.issuance} are there by the economy, ${total} by the balances`);
  const allocated = allocation.reduce((sum, { amount }) => sum + amount, 0n);
  check(allocated === supply.cap, `${allocated} are allocated`);
  console.log(`${supply.issuance / DPN} of ${supply.cap / DPN} DPN are there`);
};

/** Store the source and register the kernel; answers with its id. */
const register = async (api: Api, signer: PolkadotSigner, description: Description) => {
  const source = new TextEncoder().encode(description.source);
  await succeeded(api.tx.Blobs.store({ lifetime: 10_000, data: source }).signAndSubmit(signer));
  const call = api.tx.Jobs.register_kernel({
    manifest: {
      source: toHex(blake2b256(source)),
      entry: new TextEncoder().encode(description.entry),
      params: [Enum('Output'), ...description.scalarBytes.map((bytes) => Enum('Scalar', { bytes }))],
      local_size: description.localSize,
      tiling: Enum('PerGroup', { bytes: description.tileBytes }),
      options: [],
      class: Enum('Raw'),
    },
  });
  const { events } = await succeeded(call.signAndSubmit(signer, { asset: BLC }));
  const [registered] = api.event.Jobs.KernelRegistered.filter(events);
  check(registered?.payload.kernel === description.kernel, `the kernel is ${json(registered?.payload)}`);
  const [paid] = api.event.AssetTxPayment.AssetTxFeePaid.filter(events);
  check(paid !== undefined && paid.payload.actual_fee > 0n, 'no fee is paid in BLC');
  console.log(`kernel ${description.kernel} is registered; a fee is paid in BLC: ${paid.payload.actual_fee} of its smallest unit`);
  return description.kernel;
};

/** Follow a job in the finalised chain until it has ended and all its tasks are closed: worker and root of each. */
const follow = (api: Api, job: bigint, tasks: number) => {
  const { Jobs, ProofOfCompute } = api.event;
  const committed = ProofOfCompute.TaskCommitted.watch().pipe(
    concatMap(({ block, events }) => events.map(({ payload }) => ({ block, name: 'committed' as const, ...payload }))),
  );
  const verified = ProofOfCompute.TaskVerified.watch().pipe(
    concatMap(({ block, events }) => events.map(({ payload }) => ({ block, name: 'verified' as const, ...payload }))),
  );
  const settled = Jobs.TaskSettled.watch().pipe(
    concatMap(({ block, events }) => events.map(({ payload }) => ({ block, name: 'settled' as const, ...payload }))),
  );
  const failed = Jobs.TaskFailed.watch().pipe(
    concatMap(({ block, events }) => events.map(({ payload }) => ({ block, name: 'failed' as const, ...payload }))),
  );
  const ended = Jobs.JobEnded.watch().pipe(
    concatMap(({ events }) => events.map(({ payload }) => payload)),
    filter((event) => event.job === job),
    map(() => ({ name: 'ended' as const })),
  );
  const results = new Map<number, { worker?: SS58String; root?: string }>();
  const step = merge(committed, verified, settled, failed).pipe(
    filter(({ task }) => task.job === job),
    tap(({ block, name, task }) => console.log(`block ${block.number}  task ${job}:${task.index}  ${name}`)),
  );
  return lastValueFrom(
    merge(step, ended).pipe(
      scan(
        (state, event) => {
          if (event.name === 'ended') return { ...state, ended: true };
          const result = results.get(event.task.index) ?? {};
          results.set(event.task.index, result);
          if (event.name === 'failed') fail(`task ${job}:${event.task.index} failed: ${json(event.reason)}`);
          if (event.name === 'verified') result.root = event.root;
          if (event.name === 'settled') result.worker = event.worker;
          return state;
        },
        { ended: false, results },
      ),
      takeWhile(({ ended, results }) => {
        const closed = [...results.values()].filter(({ worker, root }) => worker && root);
        return !(ended && closed.length === tasks);
      }, true),
      map(({ results }) => results),
    ),
  );
};

const life = async (api: Api, genesis: string, request: <T>(method: string, params: unknown[]) => Promise<T>, description: Description) => {
  // The well-known development account //Eve.
  const pair = sr25519CreateDerive(DEV_MINI_SECRET)('//Eve');
  const signer = getPolkadotSigner(pair.publicKey, 'Sr25519', pair.sign);
  const requester = ss58Address(pair.publicKey);

  const kernel = await register(api, signer, description);
  const spec = {
    kernel,
    global_size: description.globalSize,
    scalars: description.scalars.map((bytes) => Uint8Array.from(bytes)),
    inputs: [],
    reward: { asset: Enum('Native'), per_task: 10n * DPN },
    tasks: Enum('Exactly', 2),
    audit: { auditors: 2, samples: Enum('Count', 32), challenge_blocks: 1 },
    run_blocks: 20,
    requires: {
      memory: 0n,
      fp64: false,
      class: undefined,
      region: new Uint8Array(),
      fp32: { denormals: false, rounded_division: false },
      reputation: 0,
      certified: false,
    },
  };
  const [quote, wait] = await Promise.all([api.apis.ComputeApi.quote(spec), api.apis.ComputeApi.wait(spec, requester)]);
  check(quote.success && wait.success, `there is no quote: ${json([quote, wait])}`);
  // Two tasks of 10 DPN, with the reservation fee and the auditors' pay.
  check(quote.value.total === (2n * 10n * DPN * 10_525n) / 10_000n, `the quote is ${json(quote.value)}`);
  console.log(`it costs ${quote.value.total} planck; settled after at most ${wait.value.settled} blocks`);

  const submitted = await succeeded(api.tx.Jobs.submit_job({ spec }).signAndSubmit(signer));
  const job = api.event.Jobs.JobSubmitted.filter(submitted.events)[0]?.payload.job ?? fail('no job is posted');
  console.log(`job ${job} is posted`);
  const results = follow(api, job, 2);
  const open = await api.apis.ComputeApi.jobs_of(requester, undefined, 10, { at: submitted.block.hash });
  check(open.items.some(({ id }) => id === job), `the open jobs are ${json(open)}`);
  const record = await api.view.Jobs.job(job, { at: submitted.block.hash });
  check(record?.requester === requester, `the view function answers ${json(record)}`);
  const unknown = await api.tx.Jobs.submit_job({ spec: { ...spec, kernel: genesis } }).signAndSubmit(signer);
  const error = unknown.dispatchError?.value;
  check(!unknown.ok && json(error).includes('UnknownKernel'), `an unknown kernel gives ${json(unknown.dispatchError)}`);

  const outputs: Uint8Array[] = [];
  for (const [index, { worker, root }] of [...(await results)].sort(([left], [right]) => left - right)) {
    check(worker !== undefined && root !== undefined, `task ${job}:${index} is not settled`);
    const info = (await api.apis.ComputeApi.worker(worker)) ?? fail(`${worker} is no worker`);
    const output = await fetchOutput(new TextDecoder().decode(info.address), job, index);
    check(output.tileBytes === description.tileBytes, `the tiles have ${output.tileBytes} bytes`);
    const own = rootOf(fromHex(genesis), job, index, output);
    check(equal(own, fromHex(root)), `the output of task ${job}:${index} has another root than the chain's`);
    outputs.push(output.bytes);
  }
  check(equal(mergeUint8(outputs), await readFile(description.reference)), 'the output is not the reference');
  console.log(`${outputs.length} outputs have the roots of the chain and equal the reference`);

  const view = await request<{ ended: number | null }>('compute_job', [Number(job)]);
  check(typeof view.ended === 'number', `the job is ${json(view)}`);
  return job;
};

const [url, path] = process.argv.slice(2);
if (!url || !path) throw new Error('usage: node papi.js URL JOB');
const client = connect(url);
try {
  const api = client.getTypedApi(dpin);
  const { genesisHash } = await client.getChainSpecData();
  await supply(api, (await client.getFinalizedBlock()).hash);
  const description: Description = JSON.parse(await readFile(path, 'utf8'));
  const request = <T>(method: string, params: unknown[]) => client._request<T>(method, params);
  const job = await life(api, genesisHash, request, description);
  console.log(`ok: job ${job} is paid, its output verified`);
} catch (error) {
  console.error(`failed: ${error instanceof Error ? error.message : json(error)}`);
  process.exitCode = 1;
} finally {
  client.destroy();
  // A destroyed client may still try to follow the chain again, and throw because it is not
  // connected.
  process.exit();
}
