// The life of a job as a dApp sees it, with stock polkadot.js: read how much money there is, store
// a kernel's source, register the kernel (and pay the fee for that in BLC), ask what a job costs,
// post it by signed extrinsics, follow it until it is paid (by the node's subscription, and by the
// events of final blocks), fetch the output from the workers, recompute the root and compare the
// bytes.
//
//   node life.mjs URL JOB
//
// URL is a node's WebSocket; JOB a file written by dpin-test-clients.

import { readFile } from 'node:fs/promises';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { blake2AsHex, blake2AsU8a } from '@polkadot/util-crypto';
import { bnToU8a, hexToU8a, u8aConcat, u8aEq, u8aToHex } from '@polkadot/util';
import { options } from '../../examples/polkadot-js/dpin-polkadot.mjs';

const CHUNK_BYTES = 64 * 1024;
const DPN = 1_000_000_000_000n;
const BLC = { WithId: 1 };

const fail = (text) => {
  throw new Error(text);
};

const check = (condition, text) => {
  if (!condition) fail(text);
};

/** Sign and send a call; resolves to its events once it is in a block, rejects with the name of its error. */
const send = (api, signer, call, options = {}) =>
  new Promise((resolve, reject) => {
    call
      .signAndSend(signer, { nonce: -1, ...options }, ({ status, events, dispatchError }) => {
        if (dispatchError) {
          const error = dispatchError.isModule ? api.registry.findMetaError(dispatchError.asModule) : undefined;
          reject(new Error(error ? `${error.section}.${error.name}` : dispatchError.toString()));
        } else if (status.isInBlock) {
          resolve(events.map(({ event }) => event));
        } else if (status.isInvalid || status.isDropped || status.isUsurped) {
          reject(new Error(`the transaction is ${status.type}`));
        }
      })
      .catch(reject);
  });

/** Every event of the finalised chain after block `from`, block by block, none missed. */
async function* finalisedEvents(api, from) {
  for (let number = from + 1; ; number += 1) {
    for (;;) {
      const head = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
      if (head.number.toNumber() >= number) break;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const at = await api.at(await api.rpc.chain.getBlockHash(number));
    yield { number, events: (await at.query.system.events()).map(({ event }) => event) };
  }
}

const u32 = (value) => bnToU8a(value, { bitLength: 32, isLe: true });
const u64 = (value) => bnToU8a(value, { bitLength: 64, isLe: true });

/** The root of the tile tree over a task's output. */
const rootOf = (genesis, { job, index }, output, tileBytes) => {
  let level = [];
  for (let tile = 0; tile * tileBytes < output.length; tile += 1) {
    const bytes = output.subarray(tile * tileBytes, (tile + 1) * tileBytes);
    level.push(blake2AsU8a(u8aConcat([0], genesis, u64(job), u32(index), u32(tile), bytes)));
  }
  while (level.length > 1) {
    const above = [];
    for (let i = 0; i < level.length; i += 2) {
      above.push(i + 1 < level.length ? blake2AsU8a(u8aConcat([1], level[i], level[i + 1])) : level[i]);
    }
    level = above;
  }
  return level[0];
};

/** The whole output of a task, from the node of its worker. */
const fetchOutput = async (api, worker, task) => {
  const view = (await api.rpc.compute.worker(worker)).unwrapOr(null) ?? fail(`${worker} is no worker`);
  const provider = new WsProvider(view.toJSON().address);
  await provider.isReady;
  try {
    const parts = [];
    let [have, total] = [0, Infinity];
    while (have < total) {
      const chunk = await provider.send('compute_output', [task, have, CHUNK_BYTES]);
      check(chunk.offset === have, `asked for byte ${have}, got byte ${chunk.offset}`);
      const data = hexToU8a(chunk.data);
      check(data.length > 0, 'an empty chunk');
      parts.push(data);
      have += data.length;
      total = chunk.total;
    }
    return u8aConcat(...parts);
  } finally {
    await provider.disconnect();
  }
};

/** What the node tells of a job until it has ended. */
const subscribed = (api, job) =>
  new Promise((resolve, reject) => {
    const items = [];
    let unsubscribe = () => {};
    api.rpc.compute
      .subscribeJob(job, (item) => {
        items.push(item.toJSON());
        if (items.at(-1).job.ended === null) return;
        unsubscribe();
        resolve(items);
      })
      .then((stop) => {
        unsubscribe = stop;
      }, reject);
  });

/** The node has the methods that polkadot.js is told of, and no others of DPIN's. */
const methods = async (api) => {
  const all = (await api.rpc.rpc.methods()).methods.map((name) => name.toString());
  const own = all.filter((name) => /^(compute|blob|economy)_(?!unsubscribe)/.test(name)).sort();
  const told = Object.entries(options.rpc).flatMap(([section, of]) => Object.keys(of).map((name) => `${section}_${name}`));
  check(own.join() === told.sort().join(), `the node has ${own}; dpin-polkadot.mjs has ${told}`);
};

/** How many DPN there are: what the economy tells must agree with the balances. */
const supply = async (api) => {
  const at = await api.at(await api.rpc.chain.getFinalizedHead());
  const supply = await at.call.economyApi.supply();
  const [cap, minted, burned, issuance] = ['cap', 'minted', 'burned', 'issuance'].map((key) => supply[key].toBigInt());
  check(cap === 210_000_000n * DPN, `the cap is ${cap}`);
  check(minted <= cap && minted - burned === issuance, `${minted} minted, ${burned} burned, ${issuance} there`);
  const total = (await at.query.balances.totalIssuance()).toBigInt();
  check(total === issuance, `${issuance} are there by the economy, ${total} by the balances`);
  const told = await api.rpc.economy.supply();
  check(told.cap.toBigInt() === cap, `the cap is ${told.cap} by JSON-RPC`);
  check(told.minted.toBigInt() - told.burned.toBigInt() === told.issuance.toBigInt(), `by JSON-RPC, the supply is ${told}`);
  const allocation = await at.call.economyApi.allocation();
  const allocated = allocation.reduce((sum, { amount }) => sum + amount.toBigInt(), 0n);
  check(allocated === cap, `${allocated} are allocated`);
  console.log(`${issuance / DPN} of ${cap / DPN} DPN are there`);
};

/** Make a call whose fee is paid in BLC; resolves to its events. */
const sendForBlc = async (api, signer, call) => {
  const events = await send(api, signer, call, { assetId: BLC });
  const paid = events.find((event) => api.events.assetTxPayment.AssetTxFeePaid.is(event)) ?? fail('no fee is paid in BLC');
  check(!events.some((event) => api.events.transactionPayment.TransactionFeePaid.is(event)), 'a fee is paid in DPN, too');
  check(paid.data.who.eq(signer.address) && paid.data.actualFee.toBigInt() > 0n, `the fee is ${paid.data}`);
  console.log(`a fee is paid in BLC: ${paid.data.actualFee} of its smallest unit`);
  return events;
};

const life = async (api, description) => {
  await methods(api);
  await supply(api);
  const genesis = api.genesisHash.toU8a();
  const requester = new Keyring({ type: 'sr25519' }).addFromUri('//Ferdie');
  const { tx } = api;
  const start = (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber();

  const source = new TextEncoder().encode(description.source);
  const sourceHash = blake2AsHex(source);
  await send(api, requester, tx.blobs.store(10_000, u8aToHex(source)));
  const manifest = {
    source: sourceHash,
    entry: description.entry,
    params: ['Output', ...description.scalarBytes.map((bytes) => ({ Scalar: { bytes } }))],
    localSize: description.localSize,
    tiling: { PerGroup: { bytes: description.tileBytes } },
    options: [],
    class: 'Raw',
  };
  const registered = await sendForBlc(api, requester, tx.jobs.registerKernel(manifest));
  const kernel = registered.find((event) => api.events.jobs.KernelRegistered.is(event)).data.kernel.toHex();
  check(kernel === description.kernel, `the kernel's id is ${kernel}, expected ${description.kernel}`);
  console.log(`kernel ${kernel} is registered`);

  const spec = {
    kernel,
    globalSize: description.globalSize,
    scalars: description.scalars.map((bytes) => u8aToHex(new Uint8Array(bytes))),
    inputs: [],
    reward: { asset: 'Native', perTask: 10n * DPN },
    tasks: { Exactly: 2 },
    audit: { auditors: 2, samples: { Count: 32 }, challengeBlocks: 1 },
    runBlocks: 20,
    requires: {
      memory: 0,
      fp64: false,
      class: null,
      region: '',
      fp32: { denormals: false, roundedDivision: false },
      reputation: 0,
      certified: false,
    },
  };
  const quote = await api.call.economyApi.fees(spec);
  check(quote.isOk, `there is no quote: ${quote}`);
  const { total, transaction } = quote.asOk;
  // Two tasks of 10 DPN, with the reservation fee and the auditors' pay.
  check(total.toBigInt() === (2n * 10n * DPN * 10_525n) / 10_000n && transaction.toBigInt() > 0n, `the quote is ${quote}`);
  const expected = (await api.rpc.compute.quote(api.createType('DpinPrimitivesJobJobSpec', spec).toHex())).toJSON();
  check(expected.total === total.toString() && expected.wait.settled > 0, `by JSON-RPC, the quote is ${JSON.stringify(expected)}`);
  const submitted = await send(api, requester, tx.jobs.submitJob(spec));
  const job = submitted.find((event) => api.events.jobs.JobSubmitted.is(event)).data.job.toNumber();
  console.log(`job ${job} is posted`);
  const told = subscribed(api, job);
  // It is waited for later.
  told.catch(() => {});
  const failure = await send(api, requester, tx.jobs.submitJob({ ...spec, kernel: sourceHash })).catch((error) => error);
  check(failure.message === 'jobs.UnknownKernel', `an unknown kernel gives ${failure}`);

  const [roots, workers] = [new Map(), new Map()];
  for await (const { number, events } of finalisedEvents(api, start)) {
    const ofJob = events.filter(({ data }) => data.task?.job?.toNumber() === job);
    for (const { section, method, data } of ofJob) {
      const index = data.task.index.toNumber();
      console.log(`block ${number}  task ${job}:${index}  ${section}.${method}`);
      if (method === 'TaskVerified') roots.set(index, data.root.toU8a());
      if (method === 'TaskSettled') workers.set(index, data.worker.toString());
      check(method !== 'TaskFailed', `task ${job}:${index} failed: ${data.reason}`);
    }
    if (events.some((event) => api.events.jobs.JobEnded.is(event) && event.data.job.toNumber() === job)) break;
  }
  check(workers.size === 2 && roots.size === 2, `${workers.size} of 2 tasks are settled`);

  const outputs = [];
  for (const index of [0, 1]) {
    const task = { job, index };
    const output = await fetchOutput(api, workers.get(index), task);
    const root = rootOf(genesis, task, output, description.tileBytes);
    check(u8aEq(root, roots.get(index)), `the output of task ${job}:${index} has another root than the chain's`);
    outputs.push(output);
  }
  check(u8aEq(u8aConcat(...outputs), await readFile(description.reference)), 'the output is not the reference');
  console.log(`${outputs.length} outputs have the roots of the chain and equal the reference`);

  const items = await told;
  const last = items.at(-1).job;
  check(items.length > 2 && items.every((item) => item.job.id === job), 'the subscription told of something else');
  check(last.tasks.length === 2 && last.tasks.every(({ stage }) => stage.name === 'settled'), JSON.stringify(last));
  const history = await api.rpc.compute.taskHistory({ job, index: 0 });
  const steps = history.map((event) => event.toJSON().step.name);
  check(steps[0] === 'assigned' && steps.slice(-2).join() === 'verified,settled', `the history is ${steps}`);
  const { jobs } = (await api.rpc.compute.jobs(requester.address, null, 10)).toJSON();
  check(jobs.some(({ id, state }) => id === job && state === 'ended'), `the jobs are ${JSON.stringify(jobs)}`);
  console.log(`the node told of it ${items.length} times: ${steps.join(', ')}`);
  return job;
};

const [url, path] = process.argv.slice(2);
check(url && path, 'usage: node life.mjs URL JOB');
const api = await ApiPromise.create({ provider: new WsProvider(url), ...options });
try {
  const description = JSON.parse(await readFile(path, 'utf8'));
  const job = await life(api, description);
  console.log(`ok: job ${job} is paid, its output verified`);
} catch (error) {
  console.error(`failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  await api.disconnect();
}
