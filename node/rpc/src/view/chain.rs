//! Answers about kernels, quotes, the network, its parameters, and blobs.

use super::{Amount, AuditView, AvailableView, CandidatesView, CostView, Fixed};
use crate::schema;
use dpin_primitives::{
    api::{KernelInfo, NetworkInfo, ParametersInfo, Quarantine, Quote, Wait},
    economy::FeeQuote,
    job::{FeePolicy, JobShape},
    kernel::{KernelClass, Param, Tiling},
    reason::ReasonCode,
    worker::DeviceClass,
    AccountId, BlobHash, BlockNumber, KernelId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A parameter of a kernel: `{"kind": "input"}` and so on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum ParamView {
    /// A value passed by the job, little endian.
    Scalar {
        /// Width in bytes.
        bytes: u8,
    },
    /// A read-only buffer with the bytes of the job's next input blob.
    Input,
    /// The buffer of the task's tiles.
    Output,
    /// A `__local` buffer.
    Local {
        /// Size in bytes.
        bytes: u32,
    },
}

/// Tiling of a task's output: `{"kind": "perGroup", "bytes": n}` or
/// `{"kind": "whole", "bytes": n}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum TilingView {
    /// Every work-group writes its own tile.
    PerGroup {
        /// Bytes of one tile.
        bytes: u32,
    },
    /// The task's whole output is one tile.
    Whole {
        /// Bytes of a task's output.
        bytes: u32,
    },
}

/// A registered kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelView {
    /// Id of the kernel: the hash of its manifest.
    #[schemars(with = "schema::HexHash")]
    pub id: KernelId,
    /// The blob with the OpenCL C source.
    #[schemars(with = "schema::HexHash")]
    pub source: BlobHash,
    /// Name of the `__kernel` function.
    pub entry: String,
    /// The function's parameters.
    pub params: Vec<ParamView>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
    /// Tiling of a task's output.
    pub tiling: TilingView,
    /// Build options as the OpenCL compiler takes them.
    pub options: Vec<String>,
    /// Whether the checker of the deterministic subset has accepted the kernel.
    pub deterministic: bool,
    /// The account that registered the kernel.
    #[schemars(with = "schema::Account")]
    pub owner: AccountId,
    /// Deposit of the kernel, in planck.
    pub deposit: Amount,
    /// Jobs that use the kernel and have not ended.
    pub jobs: u32,
    /// Device classes for which no job of the kernel may be posted now, because it was found not to
    /// build there.
    pub quarantines: Vec<QuarantineView>,
}

/// A class of devices on which a kernel was found not to build. The quarantine ends at its last
/// block, by a checked result, or when the kernel's owner vouches for the kernel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuarantineView {
    /// The device class.
    #[schemars(with = "schema::Class")]
    pub class: DeviceClass,
    /// The last block in which no job of the kernel may be posted for the class.
    pub until: BlockNumber,
    /// The reason that the last worker reported.
    #[schemars(with = "schema::Reason")]
    pub reason: ReasonCode,
}

/// A page of registered kernels.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KernelsPage {
    /// The kernels.
    pub kernels: Vec<KernelView>,
    /// The value of `after` for the next page; `null` at the end.
    #[schemars(with = "Option<schema::HexHash>")]
    pub next: Option<KernelId>,
}

/// A job's grid and number of tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShapeView {
    /// Work-groups in each dimension.
    pub groups: [u32; 3],
    /// Total number of work-groups.
    pub total: u64,
    /// Number of tasks.
    pub tasks: u32,
}

/// All fees of a job, in its asset's smallest unit unless a field says otherwise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeesView {
    /// Rewards of all tasks.
    pub rewards: Amount,
    /// The requester's reservation fees.
    pub reservation: Amount,
    /// Surcharges for payment in another asset than DPN.
    pub surcharge: Amount,
    /// Pay of all auditors.
    pub auditors: Amount,
    /// Amount put on hold: the sum of the fields above.
    pub total: Amount,
    /// Reservation fees that workers pay out of their rewards.
    pub worker_fees: Amount,
    /// Fee of the transaction that posts the job, in planck, without a tip.
    pub transaction: Amount,
}

/// Duration of a job in which nothing goes wrong, in blocks after the one in which it is posted. An
/// estimate from the present queue, not a promise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaitView {
    /// Blocks until each of its tasks has a worker. If no worker is eligible, each task fails then.
    pub assigned: BlockNumber,
    /// Blocks until its outputs can be fetched, at the latest.
    pub output: BlockNumber,
    /// Blocks until it is paid, at the latest.
    pub settled: BlockNumber,
    /// Tasks ahead of it in the queue.
    pub ahead: u64,
    /// Workers that could take one of its tasks now. If there are very many workers, this is
    /// estimated from a sample.
    pub available: u32,
    /// Workers that could take and audit its tasks, and the conditions that exclude the others.
    pub candidates: CandidatesView,
}

/// Price and duration of a job.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuoteView {
    /// Grid and number of tasks of the job.
    pub shape: ShapeView,
    /// Cost of each task.
    pub per_task: CostView,
    /// Total amount put on hold.
    pub total: Amount,
    /// Audit policy of the job.
    pub audit: AuditView,
    /// All fees.
    pub fees: FeesView,
    /// Estimated duration.
    pub wait: WaitView,
}

/// The network at a glance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkView {
    /// Jobs ever posted.
    pub jobs: u64,
    /// Jobs that have not ended.
    pub open_jobs: u32,
    /// Tasks that wait for a worker.
    pub waiting_tasks: u64,
    /// Tasks ever settled.
    pub settled_tasks: u64,
    /// Tasks ever failed.
    pub failed_tasks: u64,
    /// Registered kernels.
    pub kernels: u32,
    /// Workers that are neither paused nor leaving.
    pub active_workers: u32,
    /// Workers that the lottery may draw now, by class.
    pub available_workers: Vec<AvailableView>,
    /// Slashes that are neither carried out nor cancelled.
    pub pending_slashes: u32,
}

/// The price rules of jobs; shares are in billionths.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeePolicyView {
    /// Reservation fee of the requester and of the worker each, as a share of the reward.
    pub reservation: u32,
    /// Surcharge on jobs paid in another asset than DPN, as a share of the reward.
    pub surcharge: u32,
    /// Pay of all auditors together, as a share of the reward.
    pub audit: u32,
    /// Least pay of one auditor, in the job's asset.
    pub audit_minimum: Amount,
}

/// Parameters of audits and bonds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditNumbersView {
    /// Blocks between a commitment and its sample.
    pub audit_blocks: u32,
    /// Blocks in which a draw that found too few workers is repeated.
    pub draw_blocks: BlockNumber,
    /// Blocks that auditors and jurors have for their seals.
    pub seal_blocks: BlockNumber,
    /// Blocks that a worker has to open the sample, and jurors to reveal.
    pub open_blocks: BlockNumber,
    /// Blocks that a task may wait for a worker before it fails.
    pub queue_blocks: BlockNumber,
    /// Number of attempts, by one worker after the other, after which a task fails.
    pub max_attempts: u8,
    /// Bond locked for a task, as a multiple of its reward.
    pub bond_factor: Fixed,
    /// Price of one unit of another asset in DPN, used to compute bonds.
    pub asset_price: Fixed,
    /// Least bond locked for a task, in planck.
    pub min_task_bond: Amount,
    /// Least bond locked for an auditor, in planck.
    pub audit_bond: Amount,
    /// Least bond of a challenger, in planck.
    pub challenge_bond: Amount,
    /// Share of a bond that is slashed for the first silence in a row, in billionths.
    pub silence_slash: u32,
    /// Blocks between a fault and its slash.
    pub slash_delay: BlockNumber,
}

/// Parameters of jobs and audits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParametersView {
    /// The price rules of jobs.
    pub fees: FeePolicyView,
    /// Least reward of one task, in the smallest unit of the job's asset.
    pub min_reward: Amount,
    /// Least bond of an available worker, in planck.
    pub min_bond: Amount,
    /// Blocks between leaving and the release of the bond.
    pub leave_blocks: BlockNumber,
    /// Longest deadline of a task, in blocks.
    pub max_run_blocks: BlockNumber,
    /// Parameters of audits and bonds.
    #[serde(flatten)]
    pub audit: AuditNumbersView,
}

/// State of a blob on the chain and on the called node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlobStatusView {
    /// Whether the chain knows the blob.
    pub on_chain: bool,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Whether the blob was announced: its bytes are in no block, and nodes fetch them from each
    /// other.
    pub announced: Option<bool>,
    /// The account that stored or announced the blob.
    #[schemars(with = "Option<schema::Account>")]
    pub owner: Option<AccountId>,
    /// The first block in which anybody may expire the blob, if no kernel and no open job uses it.
    /// The owner may remove an unused blob at any time.
    pub expires: Option<BlockNumber>,
    /// Kernels and open jobs that use the blob.
    pub pins: Option<u32>,
    /// Whether this node has the bytes of a blob that is in a block or was uploaded with
    /// `blob_put`.
    pub stored: bool,
    /// Bytes of a large blob on this node's disk. If they equal the size, the blob is whole.
    pub present: Option<u64>,
}

impl From<Param> for ParamView {
    fn from(param: Param) -> Self {
        match param {
            Param::Scalar { bytes } => Self::Scalar { bytes },
            Param::Input => Self::Input,
            Param::Output => Self::Output,
            Param::Local { bytes } => Self::Local { bytes },
        }
    }
}

impl From<Tiling> for TilingView {
    fn from(tiling: Tiling) -> Self {
        match tiling {
            Tiling::PerGroup { bytes } => Self::PerGroup { bytes },
            Tiling::Whole { bytes } => Self::Whole { bytes },
        }
    }
}

impl From<KernelInfo> for KernelView {
    fn from(kernel: KernelInfo) -> Self {
        let manifest = kernel.manifest;
        Self {
            id: kernel.id,
            source: manifest.source,
            entry: String::from_utf8_lossy(&manifest.entry).into_owned(),
            params: manifest.params.into_iter().map(Into::into).collect(),
            local_size: manifest.local_size,
            tiling: manifest.tiling.into(),
            options: manifest.options.iter().map(|option| option.flag().into()).collect(),
            deterministic: manifest.class == KernelClass::Deterministic,
            owner: kernel.owner,
            deposit: Amount(kernel.deposit),
            jobs: kernel.jobs,
            quarantines: kernel.quarantines.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Quarantine> for QuarantineView {
    fn from(Quarantine { class, until, reason }: Quarantine) -> Self {
        Self { class, until, reason }
    }
}

impl From<JobShape> for ShapeView {
    fn from(JobShape { groups, total, tasks }: JobShape) -> Self {
        Self { groups, total, tasks }
    }
}

impl From<FeeQuote> for FeesView {
    fn from(fees: FeeQuote) -> Self {
        Self {
            rewards: Amount(fees.rewards),
            reservation: Amount(fees.reservation),
            surcharge: Amount(fees.surcharge),
            auditors: Amount(fees.auditors),
            total: Amount(fees.total),
            worker_fees: Amount(fees.worker_fees),
            transaction: Amount(fees.transaction),
        }
    }
}

impl From<Wait> for WaitView {
    fn from(Wait { assigned, output, settled, ahead, available, candidates }: Wait) -> Self {
        Self { assigned, output, settled, ahead, available, candidates: candidates.into() }
    }
}

impl From<(Quote, FeeQuote, Wait)> for QuoteView {
    fn from((quote, fees, wait): (Quote, FeeQuote, Wait)) -> Self {
        Self {
            shape: quote.shape.into(),
            per_task: quote.per_task.into(),
            total: Amount(quote.total),
            audit: quote.audit.into(),
            fees: fees.into(),
            wait: wait.into(),
        }
    }
}

impl From<NetworkInfo> for NetworkView {
    fn from(network: NetworkInfo) -> Self {
        let available = |(class, workers)| AvailableView { class, workers };
        Self {
            jobs: network.jobs,
            open_jobs: network.open_jobs,
            waiting_tasks: network.waiting_tasks,
            settled_tasks: network.settled_tasks,
            failed_tasks: network.failed_tasks,
            kernels: network.kernels,
            active_workers: network.active_workers,
            available_workers: network.available_workers.into_iter().map(available).collect(),
            pending_slashes: network.pending_slashes,
        }
    }
}

impl From<FeePolicy> for FeePolicyView {
    fn from(fees: FeePolicy) -> Self {
        Self {
            reservation: fees.reservation.deconstruct(),
            surcharge: fees.surcharge.deconstruct(),
            audit: fees.audit.deconstruct(),
            audit_minimum: Amount(fees.audit_minimum),
        }
    }
}

impl From<ParametersInfo> for ParametersView {
    fn from(parameters: ParametersInfo) -> Self {
        Self {
            fees: parameters.fees.into(),
            min_reward: Amount(parameters.min_reward),
            min_bond: Amount(parameters.min_bond),
            leave_blocks: parameters.leave_blocks,
            max_run_blocks: parameters.max_run_blocks,
            audit: AuditNumbersView {
                audit_blocks: parameters.audit_blocks,
                draw_blocks: parameters.draw_blocks,
                seal_blocks: parameters.seal_blocks,
                open_blocks: parameters.open_blocks,
                queue_blocks: parameters.queue_blocks,
                max_attempts: parameters.max_attempts,
                bond_factor: Fixed(parameters.bond_factor),
                asset_price: Fixed(parameters.asset_price),
                min_task_bond: Amount(parameters.min_task_bond),
                audit_bond: Amount(parameters.audit_bond),
                challenge_bond: Amount(parameters.challenge_bond),
                silence_slash: parameters.silence_slash.deconstruct(),
                slash_delay: parameters.slash_delay,
            },
        }
    }
}
