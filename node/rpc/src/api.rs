//! The methods. One declaration gives the typed client, the server's trait and the description for
//! `rpc_discover`.

use crate::{Error, view::*};
use dpin_primitives::{
    AccountId, BlobHash, Hash, JobId, KernelId, TaskId,
    api::{NetworkInfo, ParametersInfo, TaskEvent, WorkerInfo},
    economy::{AllocationInfo, BondsInfo, EraIndex, MarketInfo, PotInfo, RewardInfo, Supply, VestingInfo},
    json::Asset,
    worker::DeviceClass,
};
use jsonrpsee::proc_macros::rpc;
use polkadot_sdk::sp_core::Bytes;
use serde_json::Value;

/// Methods that take the extensions of a call for its budget, although everybody may call them.
#[cfg(feature = "server")]
const BUDGETED: [&str; 2] = ["compute_output", "blob_get"];

/// Declares a trait of methods and subscriptions. Each has its example in
/// `examples/NAMESPACE_NAME.json`.
///
/// The flag `with_extensions` marks a method that only the node's operator may call, except the
/// methods in [`BUDGETED`]. Identifiers in the expansion of the attributes must come from the
/// declaration, `self` too, because the attributes mix their own names with them.
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
        pub(crate) fn $describe(description: &mut crate::description::Description) {
            use crate::description::{text, Method};

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
        /// `null`: no such job was posted, or it ended and this node has no record of its end. A
        /// node has no record if it was not running at that time, or was first started later.
        #[method(name = "job", blocking)]
        fn job(&self, id: JobId) -> Result<Option<JobView>, Error>;

        /// The jobs of a requester, the newest first: all of them, or those posted before the job
        /// `before`. Returns at most `limit` jobs, and at most 100.
        ///
        /// Ended jobs are listed as far as this node has a record of them. An ended job without a
        /// record hides the older ended jobs; open jobs are always listed. `next` is the value of
        /// `before` for the next page; `null` at the end. A `limit` of 0 is the error `EmptyPage`.
        #[method(name = "jobs", blocking)]
        fn jobs(&self, requester: AccountId, before: Option<JobId>, limit: u32) -> Result<JobsPage, Error>;

        /// A task; of an ended job too, if this node has a record of it. `null`: there is no such
        /// task, or its job ended and this node has no record of its end.
        ///
        /// While the task waits for a worker, `candidates` shows which workers could take it, and
        /// why none has taken it yet.
        #[method(name = "task", blocking)]
        fn task(&self, task: TaskId) -> Result<Option<TaskView>, Error>;

        /// The history of a task, in order, as far as this node was running at the time.
        ///
        /// For each attempt there is one entry for each kind of step: the last one. Blocks of forks
        /// may have left entries. Empty if this node has no entry.
        #[method(name = "taskHistory", blocking)]
        fn task_history(&self, task: TaskId) -> Result<Vec<TaskEvent>, Error>;

        /// A registered kernel, `null` if there is none.
        #[method(name = "kernel", blocking)]
        fn kernel(&self, id: KernelId) -> Result<Option<KernelView>, Error>;

        /// The registered kernels after the kernel `after`, or from the first on. Returns at most
        /// `limit` kernels, and at most 100.
        ///
        /// `next` is the value of `after` for the next page; `null` at the end. A `limit` of 0 is
        /// the error `EmptyPage`.
        #[method(name = "kernels", blocking)]
        fn kernels(&self, after: Option<KernelId>, limit: u32) -> Result<KernelsPage, Error>;

        /// A worker, `null` if there is none.
        #[method(name = "worker", blocking)]
        fn worker(&self, account: AccountId) -> Result<Option<WorkerInfo>, Error>;

        /// The workers of a class, or of all classes, after the worker with the number `after`, or
        /// from the first on. Returns at most `limit` workers, and at most 100.
        ///
        /// `next` is the value of `after` for the next page; `null` at the end. A page may hold
        /// fewer workers than the limit, or none, and still not be the last. A `limit` of 0 is the
        /// error `EmptyPage`.
        #[method(name = "workers", blocking)]
        fn workers(&self, class: Option<DeviceClass>, after: Option<u32>, limit: u32) -> Result<WorkersPage, Error>;

        /// The price of a job, the time it would take, and the workers that could take and audit
        /// its tasks.
        ///
        /// `spec` is a SCALE-encoded `JobSpec`, as `jobs.submit_job` takes it, and `requester` is
        /// the account that would post it. Without a requester, no worker counts as the requester's
        /// own. The kernel must be registered. polkadot.js makes the bytes with
        /// `api.createType('DpinPrimitivesJobJobSpec', spec).toHex()`; `dpin --json job quote`
        /// returns them in its field `spec`. Other bytes are the error `InvalidSpec`. A job that
        /// the chain would refuse is the error `SpecRefused`.
        #[method(name = "quote", blocking)]
        fn quote(&self, spec: Bytes, requester: Option<AccountId>) -> Result<QuoteView, Error>;

        /// The network at a glance: counts of jobs, tasks, kernels, workers and slashes.
        #[method(name = "network", blocking)]
        fn network(&self) -> Result<NetworkInfo, Error>;

        /// The current parameters of jobs and audits, as set by governance.
        #[method(name = "parameters", blocking)]
        fn parameters(&self) -> Result<ParametersInfo, Error>;

        /// A part of a task's output, with the proof that it belongs to the root the worker
        /// committed to.
        ///
        /// Call this on the node of the worker that computed the task. Returns at most 1 MiB from
        /// byte `offset` on, widened to whole tiles. Verify the answer against the root on the
        /// chain, not against its field `root`. A node whose executor does not keep the output
        /// returns the error `UnknownOutput`; a `length` of 0 is the error `EmptyRange`.
        ///
        /// Each connection may request 32 MiB a second and 128 MiB at once; all connections
        /// together may request four times as much. Beyond that the node returns the error
        /// `TooMuchAsked`, with the time in ms after which to try again.
        #[method(name = "output", blocking, with_extensions)]
        fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<OutputView, Error>;

        /// A log of this node's executor: the messages of the compiler or of a run. `null` if the
        /// executor does not have it.
        ///
        /// The blake2b-256 hash of the answer is the requested hash.
        #[method(name = "log", blocking)]
        fn log(&self, hash: Hash) -> Result<Option<Bytes>, Error>;

        /// The report of the last run of a task on this node's executor, successful or not. `null`
        /// if the executor does not have it.
        ///
        /// Call this on the node of the worker that computed the task. The report is text: outcome,
        /// device, time of each part, the reason why the run was killed, and the messages of the
        /// compiler. If a reason code names a log, that log is the report.
        #[method(name = "taskReport", blocking)]
        fn task_report(&self, task: TaskId) -> Result<Option<Bytes>, Error>;

        /// The age recipient of this node's executor, signed by the key of a worker of this node.
        /// The keys of confidential inputs are sealed to this recipient.
        ///
        /// The signed message is the SCALE encoding of
        /// `(b"dpin/encryption-key", genesis, recipient)`. Check the signature against the worker's
        /// key on the chain before you seal anything to the recipient. If this node's keystore does
        /// not hold the worker's key, it returns the error `NoWorkerKey`.
        #[method(name = "encryptionKey", blocking)]
        fn encryption_key(&self, worker: AccountId) -> Result<EncryptionKeyView, Error>;

        /// Uploads the key of a job's confidential inputs to this node's executor, sealed to its
        /// encryption key. `worker` is the worker of this node that has a task of the job.
        ///
        /// `signature` is a SCALE-encoded `MultiSignature` of the job's requester over the SCALE
        /// encoding of `(b"dpin/job-key", genesis, job, worker, blake2b-256 of sealed)`. A later
        /// key replaces an earlier one.
        ///
        /// Errors: `KeyTooLong` above 2 KiB; `UnknownJob` if the job is not open; `NotAssigned` if
        /// the worker has no task of it or is not this node's; `InvalidSignature`.
        #[method(name = "putJobKey", blocking)]
        fn put_job_key(&self, job: JobId, worker: AccountId, sealed: Bytes, signature: Bytes) -> Result<(), Error>;

        /// The key of the confidential inputs of a task's job, sealed to `recipient`. For an
        /// auditor or a juror of the task at the best block.
        ///
        /// Call this on the node of the task's worker. `recipient` and `signature` are those that
        /// `compute_encryptionKey` returns on the node of `checker`: the signature is by the worker
        /// key of `checker`, over the recipient.
        ///
        /// Errors: `KeyTooLong` for a recipient above 128 characters; `UnknownJob` if no open job
        /// has this task; `NotAssigned` if its worker is not this node's; `NotChecking` if
        /// `checker` does not check it now; `InvalidSignature`; `UnknownJobKey` if the executor
        /// lacks the key.
        #[method(name = "jobKey", blocking)]
        fn job_key(&self, task: TaskId, checker: AccountId, recipient: String, signature: Bytes) -> Result<Bytes, Error>;

        subscriptions {
            /// A job at the best block, and again whenever a new best block changes it, until it
            /// has ended.
            ///
            /// The last item shows the end of the job; no item follows it. An unknown job is the
            /// error `UnknownJob` at once. A connection may hold 64 subscriptions to jobs and
            /// workers, a node 1,024. Above that the errors are `ConnectionFull` and
            /// `TooManySubscriptions`.
            #[subscription(name = "subscribeJob" => "jobChanged", unsubscribe = "unsubscribeJob", item = JobItem)]
            async fn subscribe_job(&self, id: JobId);

            /// The workers of a class, or of all classes, that a new best block has changed. Also
            /// those that have left the registry or the class.
            ///
            /// For a block that changed no worker, nothing is sent. The limits are those of
            /// `compute_subscribeJob`.
            #[subscription(name = "subscribeWorkers" => "workersChanged", unsubscribe = "unsubscribeWorkers", item = WorkersItem)]
            async fn subscribe_workers(&self, class: Option<DeviceClass>);
        }
    }
}

api! {
    described by describe_blob in "blob":
    /// Blobs by their hash.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "blob"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "blob"))]
    pub trait BlobApi {
        /// The bytes of a blob, `null` if this node does not keep them.
        ///
        /// Their blake2b-256 hash is the requested hash. The limits of `compute_output` hold for
        /// both methods together.
        #[method(name = "get", blocking, with_extensions)]
        fn get(&self, hash: BlobHash) -> Result<Option<Bytes>, Error>;

        /// The state of a blob on the chain and on this node.
        #[method(name = "status", blocking)]
        fn status(&self, hash: BlobHash) -> Result<BlobStatusView, Error>;

        /// Stores the bytes of a blob that the chain knows, and returns its hash. The node can then
        /// serve the blob and give it to its executor, although it has pruned the block.
        ///
        /// A node stores at most 64 MiB and 4,096 blobs in this way; blobs that the chain no longer
        /// knows are removed when room is needed. If there is still no room, the error is
        /// `BlobQuota`. Bytes of a blob that the chain does not know are the error `UnknownBlob`.
        #[method(name = "put", blocking, with_extensions)]
        fn put(&self, bytes: Bytes) -> Result<BlobHash, Error>;
    }
}

api! {
    described by describe_economy in "economy":
    /// Supply, rewards, and the chain's own accounts and pools.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "economy"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "economy"))]
    pub trait EconomyApi {
        /// The supply of DPN, in planck.
        #[method(name = "supply", blocking)]
        fn supply(&self) -> Result<Supply, Error>;

        /// The parts of the supply, by category.
        #[method(name = "allocation", blocking)]
        fn allocation(&self) -> Result<Vec<AllocationInfo>, Error>;

        /// The vestings of an account.
        #[method(name = "vesting", blocking)]
        fn vesting(&self, account: AccountId) -> Result<Vec<VestingInfo>, Error>;

        /// An era, by default the running one. `null`: it is too long ago, or has not begun.
        #[method(name = "era", blocking)]
        fn era(&self, era: Option<EraIndex>) -> Result<Option<EraView>, Error>;

        /// The unclaimed reward of an account in an era; `null`: there is none.
        #[method(name = "reward", blocking)]
        fn reward(&self, era: EraIndex, account: AccountId) -> Result<Option<RewardInfo>, Error>;

        /// The chain's own accounts.
        #[method(name = "pots", blocking)]
        fn pots(&self) -> Result<Vec<PotInfo>, Error>;

        /// The pool of DPN and an asset, and its price; `null` if the buy-back does not watch the
        /// pool.
        #[method(name = "market", blocking)]
        fn market(&self, asset: Asset) -> Result<Option<MarketInfo>, Error>;

        /// The totals of buy-backs with an asset: amounts spent, DPN bought and DPN burned.
        ///
        /// Returns the totals of all time, and those of up to 100 eras from `first` on. Eras
        /// without a buy-back are left out.
        #[method(name = "buybacks", blocking)]
        fn buybacks(&self, asset: Asset, first: EraIndex) -> Result<BuybacksView, Error>;

        /// The liquidity bonds.
        #[method(name = "bonds", blocking)]
        fn bonds(&self) -> Result<BondsInfo, Error>;
    }
}

api! {
    described by describe_rpc in "rpc":
    /// The description of the methods.
    #[cfg_attr(feature = "server", rpc(client, server, namespace = "rpc"))]
    #[cfg_attr(not(feature = "server"), rpc(client, namespace = "rpc"))]
    pub trait RpcApi {
        /// These methods as an OpenRPC document. It leaves out the SDK's own methods; `rpc_methods`
        /// lists all names.
        #[method(name = "discover"; aliases = ["rpc.discover"])]
        fn discover(&self) -> Result<Value, Error>;
    }
}
