//! The methods. One declaration gives the typed client, the server's trait and the description for `rpc_discover`.

use crate::{view::*, Error};
use dpin_primitives::{economy::EraIndex, AccountId, BlobHash, Hash, JobId, KernelId, TaskId};
use jsonrpsee::proc_macros::rpc;
use polkadot_sdk::sp_core::Bytes;
use serde_json::Value;

/// Methods that take the extensions of a call because of its budget, and not because only the node's operator may call them.
#[cfg(feature = "server")]
const BUDGETED: [&str; 2] = ["compute_output", "blob_get"];

/// Declares a trait of methods and subscriptions. Each has its example in `examples/NAMESPACE_NAME.json`. The flag `with_extensions` marks a method that only the node's operator may
/// call, but for those of [`BUDGETED`]. What the attributes expand to must come from the declaration, `self` too: they mix their own names with it.
macro_rules! api {
    (
        described by $describe:ident in $namespace:tt:
        $(#[doc = $about:tt])*
        $(#[cfg_attr($($attribute:tt)*)])*
        pub trait $trait:ident {
            $(
                $(#[doc = $doc:tt])*
                #[method(name = $name:tt $(, $flag:ident)* $(; aliases = [$($alias:tt),*])?)]
                fn $method:ident(&$self:ident $(, $param:ident: $type:ident $(<$of:ident>)?)*) -> Result<$answer:ty, Error>;
            )*
            $(subscriptions {
                $(
                    $(#[doc = $sub_doc:tt])*
                    #[subscription(name = $sub:tt => $notification:tt, unsubscribe = $unsubscribe:tt, item = $item:ident)]
                    async fn $subscribe:ident(&$sub_self:ident $(, $sub_param:ident: $sub_type:ident $(<$sub_of:ident>)?)*);
                )*
            })?
        }
    ) => {
        $(#[doc = $about])*
        $(#[cfg_attr($($attribute)*)])*
        pub trait $trait {
            $(
                $(#[doc = $doc])*
                #[method(name = $name $(, $flag)* $(, aliases = [$($alias),*])?)]
                fn $method(&$self $(, $param: $type $(<$of>)?)*) -> Result<$answer, Error>;
            )*
            $($(
                $(#[doc = $sub_doc])*
                #[subscription(name = $sub => $notification, unsubscribe = $unsubscribe, item = $item)]
                async fn $subscribe(&$sub_self $(, $sub_param: $sub_type $(<$sub_of>)?)*)
                    -> jsonrpsee::core::server::SubscriptionCloseResponse;
            )*)?
        }

        #[cfg(feature = "server")]
        pub(crate) fn $describe(description: &mut crate::openrpc::Description) {
            use crate::openrpc::{text, Method};

            description.namespace($namespace, &[$($about),*]);
            $({
                let params = vec![$(description.param::<$type $(<$of>)?>(stringify!($param))),*];
                let name = concat!($namespace, "_", $name);
                let method = Method {
                    name: name.into(),
                    aliases: &[$($($alias),*)?],
                    about: text(&[$($doc),*]),
                    params,
                    answer: description.of_type::<$answer>(),
                    is_unsafe: [$(stringify!($flag)),*].contains(&"with_extensions") && !BUDGETED.contains(&name),
                    subscription: None,
                    example: include_str!(concat!("../examples/", $namespace, "_", $name, ".json")),
                };
                description.method(method);
            })*
            $($({
                let params = vec![$(description.param::<$sub_type $(<$sub_of>)?>(stringify!($sub_param))),*];
                let name = |name| format!("{}_{}", $namespace, name);
                let method = Method {
                    name: name($sub),
                    aliases: &[],
                    about: text(&[$($sub_doc),*]),
                    params,
                    answer: description.of_type::<$item>(),
                    is_unsafe: false,
                    subscription: Some((name($notification), name($unsubscribe))),
                    example: include_str!(concat!("../examples/", $namespace, "_", $sub, ".json")),
                };
                description.method(method);
            })*)?
        }
    };
}

api! {
    described by describe_compute in "compute":
    /// Jobs, tasks, kernels, workers, outputs and logs.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "compute"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "compute"))]
    pub trait ComputeApi {
        /// A job with its tasks at the best block, or how it ended.
        ///
        /// `null`: no such job was posted, or it ended and this node does not remember (it was not running, or began later).
        #[method(name = "job", blocking)]
        fn job(&self, id: JobId) -> Result<Option<JobView>, Error>;

        /// The jobs of a requester, the newest first: those posted before the job `before`, or all. At most `limit` of them, and
        /// at most 100.
        ///
        /// Ended jobs are told as far as this node remembers them. One that it does not hides the older ended ones; open jobs
        /// are always told. `next` is what to give as `before` for the next page; `null` at the end.
        #[method(name = "jobs", blocking)]
        fn jobs(&self, requester: AccountId, before: Option<JobId>, limit: u32) -> Result<JobsPage, Error>;

        /// A task, of an ended job too if this node remembers it. `null`: there is no such task.
        ///
        /// While the task waits for a worker, `candidates` says who could take it, and why nobody has yet.
        #[method(name = "task", blocking)]
        fn task(&self, task: TaskId) -> Result<Option<TaskView>, Error>;

        /// The history of a task, in order, as far as this node was there.
        ///
        /// Of each kind of step there is one entry for an attempt, the last. Blocks of forks may have left entries.
        #[method(name = "taskHistory", blocking)]
        fn task_history(&self, task: TaskId) -> Result<Vec<TaskEventView>, Error>;

        /// A registered kernel, `null` if there is none.
        #[method(name = "kernel", blocking)]
        fn kernel(&self, id: KernelId) -> Result<Option<KernelView>, Error>;

        /// The registered kernels after the kernel `after`, or from the first on. At most `limit` of them, and at most 100.
        ///
        /// `next` is what to give as `after` for the next page; `null` at the end.
        #[method(name = "kernels", blocking)]
        fn kernels(&self, after: Option<KernelId>, limit: u32) -> Result<KernelsPage, Error>;

        /// A worker, `null` if there is none.
        #[method(name = "worker", blocking)]
        fn worker(&self, account: AccountId) -> Result<Option<WorkerView>, Error>;

        /// The workers of a class, or all, after the worker with the number `after`, or from the first on. At most `limit` of
        /// them, and at most 100.
        ///
        /// `next` is what to give as `after` for the next page; `null` at the end. A page may have fewer workers than asked for,
        /// even none, and yet not be the last.
        #[method(name = "workers", blocking)]
        fn workers(&self, class: Option<DeviceClassView>, after: Option<u32>, limit: u32) -> Result<WorkersPage, Error>;

        /// The price of a job, the time it would take, and the workers that could take and audit its tasks: `spec` is a SCALE-encoded
        /// `JobSpec`, as `jobs.submit_job` takes it, and `requester` the account that would post it.
        ///
        /// Without a requester no worker counts as the requester's own. The kernel must be registered. polkadot.js makes the
        /// bytes with `api.createType('DpinPrimitivesJobJobSpec', spec).toHex()`; `dpin --json job quote` has them in its field `spec`.
        #[method(name = "quote", blocking)]
        fn quote(&self, spec: Bytes, requester: Option<AccountId>) -> Result<QuoteView, Error>;

        /// The network at a glance.
        #[method(name = "network", blocking)]
        fn network(&self) -> Result<NetworkView, Error>;

        /// The numbers that govern jobs and audits, as governance has set them.
        #[method(name = "parameters", blocking)]
        fn parameters(&self) -> Result<ParametersView, Error>;

        /// A part of the output of a task that this node's executor has computed: at most 1 MiB from byte `offset`, widened to
        /// whole tiles, with the proof that they belong to the root the worker committed to.
        ///
        /// Ask the node of the worker that computed it. The answer proves itself against the root on chain, not against `root`.
        ///
        /// A connection may ask for 32 MiB a second and 128 MiB at once, all together for four times as much; beyond that the error
        /// `TooMuchAsked` tells when to ask again.
        #[method(name = "output", blocking, with_extensions)]
        fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<OutputView, Error>;

        /// A log of this node's executor: what the compiler said, what a run wrote. `null` if it is not there.
        ///
        /// Its blake2b-256 hash is the one asked for.
        #[method(name = "log", blocking)]
        fn log(&self, hash: Hash) -> Result<Option<Bytes>, Error>;

        /// The report of the last time this node's executor has computed a task, well or not: outcome, device, how long each part
        /// took, what killed it, and what the compiler said. `null` if it is not there.
        ///
        /// Ask the node of the worker that computed it. Text; where a reason code names a log, that log is the report.
        #[method(name = "taskReport", blocking)]
        fn task_report(&self, task: TaskId) -> Result<Option<Bytes>, Error>;

        /// The age recipient of this node's executor, to which the keys of confidential inputs are sealed for a worker of the node, signed by
        /// the worker's key.
        ///
        /// What is signed is the SCALE encoding of `(b"dpin/encryption-key", genesis, recipient)`. Check it against the key of the
        /// worker on chain before anything is sealed.
        #[method(name = "encryptionKey", blocking)]
        fn encryption_key(&self, worker: AccountId) -> Result<EncryptionKeyView, Error>;

        /// Bring the key of a job's confidential inputs to this node's executor, sealed to its encryption key. `worker` is the worker
        /// of this node that has a task of the job.
        ///
        /// `signature` is a SCALE-encoded `MultiSignature` of the job's requester over the SCALE encoding of
        /// `(b"dpin/job-key", genesis, job, worker, blake2b-256 of sealed)`. A key that comes later takes the place of the one before.
        #[method(name = "putJobKey", blocking)]
        fn put_job_key(&self, job: JobId, worker: AccountId, sealed: Bytes, signature: Bytes) -> Result<(), Error>;

        /// The key of the confidential inputs of a task's job, sealed to `recipient`: for an auditor or a juror of the task at the
        /// best block.
        ///
        /// Ask the node of the worker of the task. `signature` is that of the worker key of `checker` over its `recipient`, as
        /// `compute_encryptionKey` gives both.
        #[method(name = "jobKey", blocking)]
        fn job_key(&self, task: TaskId, checker: AccountId, recipient: String, signature: Bytes) -> Result<Bytes, Error>;

        subscriptions {
            /// A job now, and again whenever it is another at a new best block, until it has ended.
            ///
            /// The last item tells the end; after it there is no more. A job that is not known is an error at once.
            #[subscription(name = "subscribeJob" => "jobChanged", unsubscribe = "unsubscribeJob", item = JobItem)]
            async fn subscribe_job(&self, id: JobId);

            /// The workers of a class, or all, that a new best block has changed, and those that are no longer there or no
            /// longer of the class.
            ///
            /// Nothing is told of blocks that changed no worker.
            #[subscription(name = "subscribeWorkers" => "workersChanged", unsubscribe = "unsubscribeWorkers", item = WorkersItem)]
            async fn subscribe_workers(&self, class: Option<DeviceClassView>);
        }
    }
}

api! {
    described by describe_blob in "blob":
    /// Blobs by their hash.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "blob"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "blob"))]
    pub trait BlobApi {
        /// The blob's bytes, `null` if this node does not keep it.
        ///
        /// Its blake2b-256 hash is the one asked for. The bounds of `compute_output` hold for both together.
        #[method(name = "get", blocking, with_extensions)]
        fn get(&self, hash: BlobHash) -> Result<Option<Bytes>, Error>;

        /// The state of a blob on the chain and on this node.
        #[method(name = "status", blocking)]
        fn status(&self, hash: BlobHash) -> Result<BlobStatusView, Error>;

        /// Keep the bytes of a blob that the chain knows, so that this node can serve it and feed its executor although it has
        /// pruned the block. Answers with the hash.
        ///
        /// A node keeps at most 64 MiB and 4,096 blobs in this way; blobs that the chain has forgotten make room.
        #[method(name = "put", blocking, with_extensions)]
        fn put(&self, bytes: Bytes) -> Result<BlobHash, Error>;
    }
}

api! {
    described by describe_economy in "economy":
    /// The money.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "economy"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "economy"))]
    pub trait EconomyApi {
        /// The supply of DPN, in planck.
        #[method(name = "supply", blocking)]
        fn supply(&self) -> Result<SupplyView, Error>;

        /// The parts of the supply, by what they are set aside for.
        #[method(name = "allocation", blocking)]
        fn allocation(&self) -> Result<Vec<AllocationView>, Error>;

        /// The vestings of an account.
        #[method(name = "vesting", blocking)]
        fn vesting(&self, account: AccountId) -> Result<Vec<VestingView>, Error>;

        /// An era, or the running one. `null`: it is too long ago, or yet to come.
        #[method(name = "era", blocking)]
        fn era(&self, era: Option<EraIndex>) -> Result<Option<EraView>, Error>;

        /// The reward of an account in an era, as far as it is not claimed; `null`: there is none.
        #[method(name = "reward", blocking)]
        fn reward(&self, era: EraIndex, account: AccountId) -> Result<Option<RewardInfoView>, Error>;

        /// The chain's own accounts.
        #[method(name = "pots", blocking)]
        fn pots(&self) -> Result<Vec<PotView>, Error>;

        /// The pool of DPN and an asset, and its price; `null` if the buy-back does not watch it.
        #[method(name = "market", blocking)]
        fn market(&self, asset: AssetView) -> Result<Option<MarketView>, Error>;

        /// The sums of an asset spent, and of DPN bought and burned: for ever, and in up to 100 eras from `first` on in which anything was.
        #[method(name = "buybacks", blocking)]
        fn buybacks(&self, asset: AssetView, first: EraIndex) -> Result<BuybacksView, Error>;

        /// The liquidity bonds.
        #[method(name = "bonds", blocking)]
        fn bonds(&self) -> Result<BondsView, Error>;
    }
}

api! {
    described by describe_rpc in "rpc":
    /// The description of the methods.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "rpc"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "rpc"))]
    pub trait RpcApi {
        /// These methods as an OpenRPC document. The SDK's own are not in it; `rpc_methods` names all.
        #[method(name = "discover"; aliases = ["rpc.discover"])]
        fn discover(&self) -> Result<Value, Error>;
    }
}
