// What polkadot.js must be told about DPIN; copy this file into a dApp.
//
//   import { ApiPromise, WsProvider } from '@polkadot/api';
//   import { options } from './dpin-polkadot.mjs';
//   const api = await ApiPromise.create({ provider: new WsProvider(url), ...options });
//
// From then on api.rpc.compute, api.rpc.blob and api.rpc.economy are there. Everything else comes
// with the metadata: calls, events, storage, and the runtime APIs (api.call.computeApi,
// api.call.economyApi).
//
// Arguments are checked by their types. Answers are `Json` (camelCase, amounts as decimal strings;
// .toJSON() gives the plain value), an `Option<Json>` where there may be nothing; the supply is a
// struct of numbers.

const param = (name, type) => ({ name, type });
const optional = (name, type) => ({ name, type: `Option<${type}>`, isOptional: true });
const method = (description, params, type) => ({ description, params, type });
/** The node notifies of `nameChanged`; the methods are subscribeName and unsubscribeName. */
const subscription = (description, params, name) => {
  const Name = name[0].toUpperCase() + name.slice(1);
  return { description, params, pubsub: [`${name}Changed`, `subscribe${Name}`, `unsubscribe${Name}`], type: 'Json' };
};

export const types = {
  // What polkadot.js takes the asset of a fee for, unless it is told, is a location on Polkadot.
  TAssetConversion: 'Option<FrameSupportTokensFungibleUnionOfNativeOrWithId>',
  DpinTaskId: { job: 'u64', index: 'u32' },
  DpinAsset: { _enum: { dpn: 'Null', asset: 'u32' } },
  DpinSupply: {
    cap: 'u128',
    minted: 'u128',
    burned: 'u128',
    issuance: 'u128',
    circulating: 'u128',
    scheduled: 'u128',
    emitted: 'u128',
  },
};

export const rpc = {
  compute: {
    job: method('A job with its tasks, or how it ended', [param('id', 'u64')], 'Option<Json>'),
    jobs: method(
      'The jobs of a requester, the newest first',
      [param('requester', 'AccountId'), param('before', 'Option<u64>'), param('limit', 'u32')],
      'Json',
    ),
    task: method('A task', [param('task', 'DpinTaskId')], 'Option<Json>'),
    taskHistory: method('What happened to a task, in order', [param('task', 'DpinTaskId')], 'Vec<Json>'),
    kernel: method('A registered kernel', [param('id', 'H256')], 'Option<Json>'),
    kernels: method('The registered kernels', [param('after', 'Option<H256>'), param('limit', 'u32')], 'Json'),
    worker: method('A worker', [param('account', 'AccountId')], 'Option<Json>'),
    workers: method(
      'The workers of a class (gpu, cpu, accelerator), or all',
      [param('class', 'Option<Text>'), param('after', 'Option<u32>'), param('limit', 'u32')],
      'Json',
    ),
    quote: method(
      'What a job would cost, and how long it would take',
      [param('spec', 'Bytes'), optional('requester', 'AccountId')],
      'Json',
    ),
    network: method('The network at a glance', [], 'Json'),
    parameters: method('The numbers that govern jobs and audits', [], 'Json'),
    output: method(
      'A part of the output of a task, from the node of its worker',
      [param('task', 'DpinTaskId'), param('offset', 'u64'), param('length', 'u32')],
      'Json',
    ),
    log: method('A log, from the node of the worker that wrote it', [param('hash', 'H256')], 'Option<Bytes>'),
    taskReport: method(
      'What a worker says of its run of a task (JSON), from its node',
      [param('task', 'DpinTaskId')],
      'Option<Bytes>',
    ),
    encryptionKey: method(
      "The key that keys of jobs are sealed to for this node's worker, signed by it",
      [param('worker', 'AccountId')],
      'Json',
    ),
    putJobKey: method(
      "Bring the key of a job's inputs, sealed and signed by the requester",
      [param('job', 'u64'), param('worker', 'AccountId'), param('sealed', 'Bytes'), param('signature', 'Bytes')],
      'Null',
    ),
    jobKey: method(
      "The key of the inputs of a task's job, sealed to who checks it",
      [param('task', 'DpinTaskId'), param('checker', 'AccountId'), param('recipient', 'Text'), param('signature', 'Bytes')],
      'Bytes',
    ),
    subscribeJob: subscription('A job now and whenever it changes, until it has ended', [param('id', 'u64')], 'job'),
    subscribeWorkers: subscription('The workers that change', [optional('class', 'Text')], 'workers'),
  },
  blob: {
    get: method('The bytes of a blob', [param('hash', 'H256')], 'Option<Bytes>'),
    status: method('What the chain and the node have of a blob', [param('hash', 'H256')], 'Json'),
    put: method('Keep the bytes of a blob on the node; its operator only', [param('bytes', 'Bytes')], 'H256'),
  },
  economy: {
    supply: method('How many DPN there are', [], 'DpinSupply'),
    allocation: method('What the supply is set aside for', [], 'Vec<Json>'),
    vesting: method('The vestings of an account', [param('account', 'AccountId')], 'Vec<Json>'),
    era: method('An era, or the running one', [optional('era', 'u32')], 'Option<Json>'),
    reward: method(
      'What an account has earned in an era and not claimed',
      [param('era', 'u32'), param('account', 'AccountId')],
      'Option<Json>',
    ),
    pots: method("The chain's own accounts", [], 'Vec<Json>'),
    market: method('The pool of DPN and an asset, and its price', [param('asset', 'DpinAsset')], 'Option<Json>'),
    buybacks: method(
      'What was spent of an asset, bought and burned',
      [param('asset', 'DpinAsset'), param('first', 'u32')],
      'Json',
    ),
    bonds: method('The liquidity bonds', [], 'Json'),
  },
};

/** Extensions of transactions that polkadot.js does not know. AuthorizeCall lets workers report without a fee; it carries no data. */
export const signedExtensions = { AuthorizeCall: { extrinsic: {}, payload: {} } };

/** Of ApiPromise.create. With noInitWarn, polkadot.js does not list the methods that the node has and that are not declared here. */
export const options = { rpc, types, signedExtensions, noInitWarn: true };
